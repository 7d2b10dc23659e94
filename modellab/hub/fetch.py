"""Fetches files of the hub into its client's own cache: taken up again where it broke off, checked, told, stoppable.

The client itself begins anew after an interruption and compares no checksums. What lies in its cache it takes.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from filelock import FileLock, Timeout

from modellab.errors import UserError
from modellab.hub import is_broken_off, status_of
from modellab.hub.telling import Fetching, FetchingStoppedError, tell
from modellab.runs.full_disk import is_disk_full, megabytes

Kind = Literal["dataset", "model"]

_WAITS_SECONDS = (0.5, 1.0, 2.0)  # before each new attempt in a row that brought nothing
_LOOK_SECONDS = 0.2
_CHUNK_BYTES = 1 << 20
_SPARE_BYTES = 64 * 2**20
_PATHS_A_QUESTION = 500
_ETAG = re.compile(r"[0-9A-Za-z_-]{8,128}")


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a repository. url: where its bytes are. etag: its SHA-256, of a small file git's SHA-1."""

    path: str
    url: str
    etag: str
    size: int
    headers: dict[str, str]


class _Tally:
    """How much of what has to be fetched is here."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total = what, total
        self.before = 0  # bytes of the files that are whole
        self._told_at = 0.0

    def tell(self, of_this: int, *, at_once: bool = False) -> None:
        """So many bytes of the file under way are here; said a few times a second."""
        if at_once or time.monotonic() - self._told_at > _LOOK_SECONDS:
            self._told_at = time.monotonic()
            tell(Fetching(what=self.what, done=min(self.total, self.before + of_this), total=self.total))

    def amount(self, of_this: int) -> str:
        """How much is here, for a sentence."""
        return Fetching(what=self.what, done=min(self.total, self.before + of_this), total=self.total).amount()


def fetch(repository: str, *, kind: Kind, commit: str, paths: Sequence[str]) -> None:
    """Have these files of a commit in the cache of the hub's client.

    Raises:
        UserError: the connection broke off, a file came damaged, the disk is full, or who listens has stopped it.
        Exception: whatever else the hub's client raises.
    """
    import huggingface_hub as hub

    found = [
        info
        for start in range(0, len(paths), _PATHS_A_QUESTION)
        for info in hub.HfApi().get_paths_info(
            repository, list(paths[start : start + _PATHS_A_QUESTION]), revision=commit, repo_type=kind
        )
        if isinstance(info, hub.hf_api.RepoFile) and not _is_here(repository, info.path, kind=kind, commit=commit)
    ]
    tally = _Tally(repository, sum(info.size for info in found))
    _check_room(tally)
    for info in found:
        _fetch_one(repository, info.path, size=info.size, kind=kind, commit=commit, tally=tally)
        # It finds the bytes in their place, and puts the file's name to them.
        hub.hf_hub_download(repository, info.path, revision=commit, repo_type=kind)
        tally.before += info.size
        tally.tell(0, at_once=True)


def cache_of(repository: str, *, kind: Kind) -> Path:
    """The folder of a repository in the cache of the hub's client."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / "--".join([f"{kind}s", *repository.split("/")])


def _is_here(repository: str, path: str, *, kind: Kind, commit: str) -> bool:
    import huggingface_hub as hub

    return isinstance(hub.try_to_load_from_cache(repository, path, revision=commit, repo_type=kind), str)


def _check_room(tally: _Tally) -> None:
    from huggingface_hub import constants

    cache = Path(constants.HF_HUB_CACHE)
    cache.mkdir(parents=True, exist_ok=True)
    free = max(0, shutil.disk_usage(cache).free - _SPARE_BYTES)
    if tally.total > free:
        raise UserError(
            f"{tally.what} has {megabytes(tally.total)} to be fetched from the hub, and the disk of {cache} has room "
            f"for {megabytes(free)}; free some space, or set HF_HOME to another disk."
        )


def _fetch_one(repository: str, path: str, *, size: int, kind: Kind, commit: str, tally: _Tally) -> None:
    """Have the bytes of a file in their place."""

    def look() -> _File:
        return _look(repository, path, size=size, kind=kind, commit=commit)

    file = look()
    place = cache_of(repository, kind=kind) / "blobs" / file.etag
    part = place.with_name(f"{file.etag}.modellab-part")
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _held(part, tally):
            if not place.exists():
                _receive_whole(file, look, part, tally)
                part.replace(place)
    except FetchingStoppedError:
        raise UserError(
            f"Fetching {repository} was stopped at {tally.amount(_size(part))}; what is here is kept, and it goes on "
            "from there when it is asked for again."
        ) from None
    except OSError as error:
        if is_disk_full(error):
            raise UserError(
                f"The disk of {place.parent} is full at {tally.amount(_size(part))} of {repository}; free some space "
                "and try again, and it goes on from there, or set HF_HOME to another disk."
            ) from error
        raise


def _look(repository: str, path: str, *, size: int, kind: Kind, commit: str) -> _File:
    """Where the bytes of a file are now; such an address is good for an hour."""
    import huggingface_hub as hub

    asked = hub.hf_hub_url(repository, path, repo_type=kind, revision=commit)
    found = hub.get_hf_file_metadata(asked)
    is_own = found.location == asked or found.location.startswith(f"{hub.constants.ENDPOINT}/")
    # Another host, where large files lie, is told no token.
    token = hub.get_token() if is_own else None
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    etag = found.etag or ""
    if not _ETAG.fullmatch(etag):  # it names the file in the cache
        raise UserError(f"The hub tells no checksum of {path} of {repository} that can be used; try again later.")
    return _File(path=path, url=found.location, etag=etag, size=size, headers=headers)


@contextlib.contextmanager
def _held(part: Path, tally: _Tally) -> Iterator[None]:
    """One process fetches a file; another that needs it waits, and tells how far that one is."""
    folder = part.parents[2] / ".locks" / part.parents[1].name  # where the client has its own
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{part.name}.lock")
    while not lock.is_locked:
        try:
            lock.acquire(timeout=_LOOK_SECONDS)
        except Timeout:
            tally.tell(_size(part))
    try:
        yield
    finally:
        lock.release()


def _receive_whole(file: _File, look: Callable[[], _File], part: Path, tally: _Tally) -> None:
    """Receive until all is here and is what it should be."""
    num_empty, is_second = 0, False
    while True:
        before = _size(part)
        try:
            if before < file.size or not part.exists():
                _receive(file, part, tally)
        except Exception as error:
            status = status_of(error) or 0
            is_refused = status == 429 or status >= 500
            if not (is_broken_off(error) or is_refused):
                raise
            num_empty = 0 if _size(part) > before else num_empty + 1
            if num_empty > len(_WAITS_SECONDS):
                if is_refused:
                    raise
                raise UserError(
                    f"The connection to the hub broke off at {tally.amount(_size(part))} of {tally.what} "
                    f"({file.path}); what is here is kept: try again, and it goes on from there."
                ) from error
            _wait(_WAITS_SECONDS[num_empty - 1] if num_empty else 0, part, tally)
            with contextlib.suppress(Exception):  # the old address may do; if not, that is said
                file = look()
            continue
        if _size(part) == file.size and _is_right(part, file.etag):
            return
        if _size(part) >= file.size:
            part.unlink()
            if is_second:
                raise UserError(
                    f"{file.path} of {tally.what} came damaged from the hub twice: it is not what its checksum says; "
                    "try again later."
                )
            is_second = True


def _receive(file: _File, part: Path, tally: _Tally) -> None:
    """Receive from where the part ends."""
    import huggingface_hub as hub

    start = _size(part)
    # Compressed on the way, its size and place would be another's.
    headers = file.headers | {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    timeout = hub.constants.HF_HUB_DOWNLOAD_TIMEOUT
    tally.tell(start, at_once=True)
    with hub.get_session().stream("GET", file.url, headers=headers, timeout=timeout, follow_redirects=True) as answer:
        if answer.status_code == 416:  # longer than the file
            part.unlink(missing_ok=True)
            return
        answer.raise_for_status()
        is_rest = answer.status_code == 206
        with part.open("ab" if is_rest else "wb") as opened:
            for chunk in answer.iter_raw():
                opened.write(chunk)
                tally.tell(opened.tell())


def _is_right(part: Path, etag: str) -> bool:
    """Whether the bytes are those the hub's checksum is of; true where it is of a kind that is not known."""
    kinds: dict[int, Any] = {64: hashlib.sha256(), 40: hashlib.sha1(b"blob %d\0" % _size(part), usedforsecurity=False)}
    found = kinds.get(len(etag))
    if found is None:
        return True
    with part.open("rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            found.update(chunk)
    return bool(found.hexdigest() == etag)


def _wait(seconds: float, part: Path, tally: _Tally) -> None:
    """Wait, unless who listens wants no more."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        tally.tell(_size(part))
        time.sleep(min(left, _LOOK_SECONDS))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # not begun, or it has just become the whole file
        return 0
