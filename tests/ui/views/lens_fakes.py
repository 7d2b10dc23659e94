"""What each layer would say, and which tokens are near, made by hand as an inspector answers them."""

from typing import Any

import msgspec
import numpy as np

from modellab.data.base import Sample
from modellab.events import Published
from tests.ui.views.fake_lab import make_lab, make_run, recipe_of
from ui.views.base import View
from workers.protocol import LensHeader, NeighboursHeader, Problem, ShowLens, ShowNeighbours

SAMPLE = Sample(kind="text", task="language_modelling", shape=(64,), num_tokens=90)
Arrays = dict[str, np.ndarray]
NEAR = ("kitten", "dog", "car")


def lens(request: ShowLens) -> tuple[Any, Arrays]:
    """Three layers over the letters of a text; the layer l finds letter (place + l) of the alphabet likeliest."""
    if request.text == "!":
        return Problem(message="It cannot be read."), {}
    letters = tuple(request.text or "abcdef")
    rows, columns = 4, len(letters)
    best = (np.arange(rows)[:, None, None] + np.arange(columns)[:, None] + np.arange(5)) % 26
    shares = np.array([0.5, 0.2, 0.1, 0.05, 0.01], dtype=np.float32)
    probabilities = np.broadcast_to(shares, (rows, columns, 5)) * (1 + np.arange(rows)[:, None, None]) / rows
    header = LensHeader(
        step=(request.model.step if request.model is not None else 0) or 7,
        num_layers=3,
        columns=letters,
        says="next",
        num_choices=90,
        names={k: chr(97 + k) for k in range(26)},
        truth=(*letters[1:], ""),
        title=request.pretrained,
    )
    arrays = {
        "best": best.astype(np.int32),
        "probabilities": np.ascontiguousarray(probabilities, dtype=np.float32),
        "entropy": np.full((rows, columns), 1.5, dtype=np.float32),
        "final": np.full((rows, columns), 0.25, dtype=np.float32),
    }
    return header, arrays


def classes(request: ShowLens) -> tuple[Any, Arrays]:
    """A classifier: the whole text in front of its letters."""
    header, arrays = lens(request)
    wide = {name: np.concatenate([array[:, :1], array], axis=1) for name, array in arrays.items()}
    header = LensHeader(
        step=7,
        num_layers=3,
        columns=("", *header.columns),
        says="class",
        num_choices=26,
        names=header.names,
        num_front=1,
    )
    return header, wide


def masked(request: ShowLens) -> tuple[Any, Arrays]:
    """A BERT that reads a text of eight tokens, of which the fourth and the sixth are hidden."""
    header, arrays = lens(msgspec.structs.replace(request, text="abcdefgh"))
    columns = ("[CLS]", "a", "b", "[MASK]", "d", "[MASK]", "f", "[SEP]")
    return msgspec.structs.replace(header, columns=columns, says="hidden", truth=columns), arrays


def near(request: ShowNeighbours) -> tuple[Any, Arrays]:
    """Of a letter of the text, of a word, or of a number."""
    letters = tuple(request.text or "abcdef")
    place = None if request.word or request.token is not None else min(request.place or 0, len(letters) - 1)
    token = request.word or (f"#{request.token}" if request.token is not None else letters[place or 0])
    header = NeighboursHeader(
        step=7,
        tokens=letters,
        token=token,
        place=place,
        names=NEAR,
        ids=(11, 12, 13),
        cosines=(0.8, 0.4, -0.1),
        norm=1.5,
        mean_norm=1.0,
        num_tokens=90,
        width=16,
        title=request.pretrained,
    )
    return header, {}


def shown(qtbot, tmp_path, kind: type[View], replies: dict[type, Any], *, size=(640, 480)):
    """A view of a run; its lab and the inspector that answers it."""
    lab, inspector = make_lab()
    inspector.replies |= replies
    view = kind(lab)
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    run = make_run(tmp_path / "run", recipe_of({"name": "words"}, architecture={"name": "gpt"}), SAMPLE)
    run.take([Published(step=7)])
    view.set_run(run)
    return view, lab, inspector, run
