"""An inspector that answers about texts, and how tests type into the panel."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.panel_fakes import FakeInspector, write_run
from workers.protocol import (
    AttributionHeader,
    DescribePretrained,
    Generate,
    Generated,
    Prediction,
    PretrainedDescription,
    SamplePage,
    ShowAttribution,
    ShowSamples,
)

WORDS = {"architecture": {"name": "lstm"}, "dataset": {"name": "words"}}
DOCS = {"architecture": {"name": "lstm"}, "dataset": {"name": "python_docs"}}
LANGUAGES = ("German", "Dutch", "Danish")
DATES = {"architecture": {"name": "translator"}, "dataset": {"name": "dates"}}
BERT_DOCS = {"architecture": {"name": "bert"}, "dataset": {"name": "wikitext2", "tokenizer": "bpe"}}
GPT_DOCS = DOCS | {"architecture": {"name": "gpt"}}
SAMPLES = {
    "words": {"kind": "text", "task": "classification", "shape": (24,), "classes": LANGUAGES, "num_tokens": 60},
    "python_docs": {"kind": "text", "task": "language_modelling", "shape": (128,), "num_tokens": 99},
    "wikitext2": {"kind": "text", "task": "masked_language_modelling", "shape": (128, 2), "num_tokens": 99},
    "dates": {"kind": "text", "task": "translation", "shape": (48, 2), "num_tokens": 60},
}
SHOWN = {2: "h", 3: "a", 4: "u", 5: "s", 6: "␣", 7: "⏎"}
NEXT = ("␣", "e", "⏎", "\ufffd")


class TextInspector(FakeInspector):
    """Answers as a small classifier, or a language model that writes "abc…" when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.task: Any = "classification"
        self.notes: tuple[str, ...] = ()
        self.on_generated: Any = None
        self.attribute: Any = None
        self.opened: Any = None  # what a pretrained folder reads, or why it cannot be tried
        self.on_opened: Any = None
        self.attributes_at_once = True

    def ask(self, request, on_answer, *, arrays=None, on_problem=None, owner=None) -> None:
        if isinstance(request, Generate) and not self.problem:
            self.asked.append(request)
            if request.num_tokens:
                self.on_generated = on_answer
        elif isinstance(request, DescribePretrained):
            self.asked.append(request)
            self.on_opened = on_answer
            if isinstance(self.opened, str):
                on_answer(PretrainedDescription(title="any", problem=self.opened), {})
            elif self.opened is not None:
                on_answer(PretrainedDescription(title="any", sample=self.opened), {})
        elif isinstance(request, ShowAttribution) and not self.problem:
            self.asked.append(request)
            self.attribute = lambda: on_answer(*self._attributed(request))
            if self.attributes_at_once:
                self.attribute()
        else:
            super().ask(request, on_answer, arrays=arrays, on_problem=on_problem, owner=owner)

    def write(self, *tokens: str, is_last: bool = False, before: str = "") -> None:
        """Tokens come; the one drawn is the second of its candidates."""
        for place, token in enumerate(tokens):
            before += token.replace("␣", " ").replace("⏎", "\n")
            answer = Generated(
                text=before,
                token=token,
                candidates=("x", token, "z"),
                probabilities=(0.5, 0.3, 0.2),
                is_last=is_last and place == len(tokens) - 1,
                step=40,
            )
            self.on_generated(answer, {})

    def written(self) -> list[Generate]:
        return [request for request in self.asked if isinstance(request, Generate)]

    def attributions(self) -> list[ShowAttribution]:
        return [request for request in self.asked if isinstance(request, ShowAttribution)]

    def _attributed(self, request: ShowAttribution):
        """Letters from the first on add 0.5, 0, -0.5, ... between two tokens of the model's own."""
        letters = tuple(request.text)
        values = 0.5 - 0.5 * np.arange(len(letters), dtype=np.float32)
        header = AttributionHeader(
            step=40,
            of_class=request.of_class or LANGUAGES[0],
            tokens=("[CLS]", *letters, "[SEP]"),
            special=(0, len(letters) + 1),
            score=2.5,
            baseline=2.5 - float(values.sum()),
            residual=0.0,
            num_points=16,
        )
        return header, {"contributions": np.concatenate([[0], values, [0]]).astype(np.float32)}

    def _predict(self, request):
        names = LANGUAGES if self.task == "classification" else NEXT
        shares = (0.6, 0.3, 0.1) if self.task == "classification" else (0.5, 0.3, 0.15, 0.05)
        step = request.model.step or 40
        answer = Prediction(step=step, task=self.task, classes=names, probabilities=shares, notes=self.notes)
        return answer, {"seen": np.full(len(request.input.text), 5, np.int32)}

    def _samples(self, request: ShowSamples):
        ids = np.array([2, 3, 4, 5, 6, 2, 7], np.int32)
        count = request.count
        page = SamplePage(
            sample={}, start=request.start, total=200, tokens=SHOWN,
            indices=tuple(range(request.start, request.start + count)),
            written=tuple(f"day {row}" for row in range(count)) if self.task == "translation" else (),
        )  # fmt: skip
        arrays = {"tokens": np.tile(ids, count), "offsets": np.arange(count + 1) * len(ids)}
        is_class = self.task != "language_modelling"
        targets = np.ones(count, np.int64) if is_class else np.tile(np.roll(ids, -1), count)
        return page, arrays | {"targets": targets, "lengths": np.full(count, len(ids))}


def train(qtbot, lab, values, *, end="completed"):
    lab.inspector.task = SAMPLES[values["dataset"]["name"]]["task"]
    run = lab.session.open_run(write_run(values, end=end).path)
    qtbot.waitUntil(lambda: run.sample is not None and bool(run.checkpoint_steps))
    return run


def type_into(qtbot, panel, text):
    QTest.keyClicks(panel.text.field, text)
    qtbot.waitUntil(lambda: panel.result.answer is not None)


def begin(qtbot, panel, lab, text="if", *, recipe=None):
    train(qtbot, lab, recipe or DOCS)
    type_into(qtbot, panel, text)


def generate(qtbot, panel):
    QTest.mouseClick(panel.writing.button, Qt.MouseButton.LeftButton)


def texts_asked(lab):
    return [request.input.text for request in lab.inspector.predictions()]
