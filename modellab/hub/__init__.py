"""What is said of the Hugging Face hub when something is neither in a folder of ours nor to be had from it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_MOST_CHARACTERS = 160


def first_line(said: str | Exception) -> str:
    """The first line, cut, without its full stop; an error without words by its name."""
    text = str(said).strip() or (type(said).__name__ if isinstance(said, Exception) else "")
    line = next(iter(text.splitlines()), "")
    return line.rstrip(".: ") if len(line) <= _MOST_CHARACTERS else line[: _MOST_CHARACTERS - 1] + "…"


def is_unreachable(error: BaseException) -> bool:
    """Whether the hub's client failed because there is no way to the hub, not because of what was asked of it."""
    return any(
        type(found).__name__.startswith(("Connect", "Offline")) or "Timeout" in type(found).__name__
        for found in chain(error)
    )


def is_broken_off(error: BaseException) -> bool:
    """Whether the connection failed, before or while something came."""
    # By name, since which httpx the client has changes; its errors are no OSErrors.
    return any(kind.__name__ == "TransportError" for found in chain(error) for kind in type(found).__mro__)


def status_of(error: BaseException) -> int | None:
    """The status of the answer that an error is about; None where there was no answer."""
    for found in chain(error):
        status = getattr(getattr(found, "response", None), "status_code", None)
        if isinstance(status, int):
            return status
    return None


def refusal(error: BaseException, hub_id: str, *, kind: Literal["datasets", "models"]) -> tuple[str, str]:
    """Why the hub did not give something, and what to do about it."""
    status, names = status_of(error), {type(found).__name__ for found in chain(error)}
    own_folder = f"set the {kind} folder (MODELLAB_{kind.upper()}) or connect"
    if "GatedRepoError" in names and status == 403:
        return "the hub has not given you access to it yet", f"ask for it at {_page(hub_id, kind)}"
    if "GatedRepoError" in names:
        log_in = "set HF_TOKEN or log in with `hf auth login`"
        return "it is gated on the hub", f"ask for access at {_page(hub_id, kind)}, then {log_in}"
    if "RepositoryNotFoundError" in names:
        look = "check the spelling (owner/name), or set HF_TOKEN where it is private"
        return "the hub has nothing of that name that you may read", look
    if "HFValidationError" in names:
        return "it is no name on the hub", "give its owner and name, such as stanfordnlp/imdb"
    if status == 401:
        return "the hub does not know your token", "set another HF_TOKEN, or log in with `hf auth login`"
    if status == 403:
        return "the hub refuses it (403)", "set HF_TOKEN to a token that may read it"
    if status == 429:
        return "the hub has had too many questions from here (429)", "wait some minutes and try again, or set HF_TOKEN"
    if status is not None and status >= 500:
        return f"the hub is out of order ({status})", "try again later"
    if is_unreachable(error) or is_broken_off(error):
        return "the hub cannot be reached", own_folder
    return f"the hub did not give it ({first_line(_innermost(error))})", "try again, or put its files there"


def absent(what: str, *, kind: Literal["datasets", "models"], looked_in: Path, why: str, remedy: str = "") -> str:
    """The sentence for a data set or model that was not found in its folder, and why not on the hub either."""
    remedy = remedy or f"set the {kind} folder (MODELLAB_{kind.upper()}) or connect"
    return f"{what} is not in the {kind} folder (looked in {looked_in}) and {why}; {remedy}."


def _page(hub_id: str, kind: Literal["datasets", "models"]) -> str:
    from huggingface_hub import constants

    return f"{constants.ENDPOINT}/{'datasets/' if kind == 'datasets' else ''}{hub_id}"


def chain(error: BaseException) -> list[BaseException]:
    """An error, what it came from, and so on."""
    seen: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and all(found is not other for other in seen):
        seen.append(found)
        found = found.__cause__ or found.__context__
    return seen


def _innermost(error: BaseException) -> Exception:
    """What a library's general error came from."""
    causes = [found for found in chain(error) if isinstance(found, Exception) and (found is error or str(found))]
    while len(causes) > 1 and causes[0].__cause__ is causes[1]:
        causes.pop(0)
    return causes[0]
