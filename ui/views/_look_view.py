"""What views of one text have in common: they follow run, step, text, pretrained model, and what is held."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from modellab.recipe import Recipe
from ui.lab.clamps import Clamps
from ui.lab.focus import Focus
from ui.lab.run_model import RunModel
from ui.theme import theme
from ui.views._clamp_bar import ClampBar, ClampEdits
from ui.views._frame import PagedFrame
from ui.views._look_source import LookSource, Texts, pair_told, told
from ui.views._shared_text import SharedText
from ui.views.base import View
from ui.widgets.buttons import IconButton
from ui.widgets.labels import ElidedLabel
from ui.widgets.missing_letters import advice
from ui.widgets.numbers import whole


class TextBar(QWidget):
    """Over the picture: of a pretrained model its name and the text it reads."""

    def __init__(self, view: QWidget) -> None:
        super().__init__()
        self.name = ElidedLabel(style="strong", elide=Qt.TextElideMode.ElideLeft)
        self.name.setMaximumWidth(220)
        self.close_model = IconButton("close", view.tr("Back to the run"))
        self.field = SharedText()
        self.field.setPlaceholderText(view.tr("Type a text that the model reads"))
        self.field.setAccessibleName(view.tr("Text"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.name)
        row.addWidget(self.close_model)
        row.addWidget(self.field, 1)
        self.hide()


class WhoseText(ElidedLabel):
    """Beside "Next text": whether what is looked at is what Try it has."""

    def __init__(self) -> None:
        super().__init__(style="small", role="muted")
        self.hide()

    def tell(self, focus: Focus, *, has_room: bool = True) -> None:
        """A pretrained model reads what is typed, and nothing else."""
        told = self.tr("validation text")
        if focus.written:
            told = self.tr("written in Try it")
        elif focus.text.strip():
            told = self.tr("text in Try it")
        self.setText(told)
        self.setMaximumWidth(self.sizeHint().width())
        self.setVisible(has_room and not focus.pretrained)


class LookView(View):
    """Subclasses make their parts, call `begin`, and override `take`, `draw`, `forget` and `empty_sentence`."""

    kinds = frozenset({"text"})
    opens_folders = True

    def begin(self, source: LookSource, frame: PagedFrame, next_text: IconButton) -> None:
        """Follow the lab from now on."""
        self.text_bar = TextBar(self)
        self.clamps = ClampBar()
        self.whose = WhoseText()
        self._edits = ClampEdits(self.lab, self.clamps, self)
        self._source, self._frame, self._next_text = source, frame, next_text
        self._probe = 0
        self._is_shown = False
        self._looked_at = _of_the_model(self.lab.focus.value)
        source.arrived.connect(self._on_arrived)
        source.failed.connect(self._on_failed)
        source.waiting_changed.connect(frame.show_waiting)
        next_text.clicked.connect(self._on_next_text_clicked)
        self.text_bar.field.paused.connect(lambda text: self.lab.focus.lock(text=text))
        self.text_bar.close_model.clicked.connect(lambda: self.lab.focus.lock(pretrained="", token=None))
        self.lab.focus.changed.connect(self._on_focus_changed)
        self.lab.clamps.changed.connect(self._on_clamps_changed)
        theme().changed.connect(self.touch)

    # What subclasses say

    def take(self, found: Any) -> None:
        """A newer answer."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw the newest answer, as the focus has it; only once there is one."""
        raise NotImplementedError

    def forget(self) -> None:
        """Another model: nothing of the one before is shown."""
        raise NotImplementedError

    def empty_sentence(self) -> str:
        """What will appear here, and how to get it."""
        raise NotImplementedError

    def more(self) -> tuple[object, ...]:
        """What of the view's own the question depends on."""
        return ()

    @classmethod
    def suits(cls, recipe: Recipe | None, focus: Focus) -> bool:
        return bool(focus.pretrained) or super().suits(recipe, focus)

    def show_run(self, run: RunModel | None, before: RunModel | None) -> None:
        if before is not None:
            before.published.disconnect(self._on_published)
        if run is not None:
            run.published.connect(self._on_published)
        self._forget()

    def redraw(self) -> None:
        focus = self.lab.focus.value
        self.text_bar.field.follow(focus.text)
        self._source.follow(
            self.run,
            pretrained=focus.pretrained,
            step=focus.step,
            texts=Texts(text=told(focus.text), pair=pair_told(focus), target=focus.target, ids=focus.written),
            probe=self._probe,
            clamps=self.lab.clamps.value,
            more=self.more(),
        )
        self._source.refresh()
        self._draw()

    def _draw(self) -> None:
        if self._is_shown:
            self.clamps.set_clamps(self.lab.clamps.value)
            self._next_text.setVisible(not self.lab.focus.value.pretrained)
            self.whose.tell(self.lab.focus.value)
            self.draw()

    def say_model(self, *, title: str, step: int, notes: tuple[str, ...], tokens: Iterable[str]) -> None:
        """Whose answer is shown, of these tokens."""
        self.text_bar.setVisible(bool(title))
        self.text_bar.name.setText(title)
        self._frame.step.setText("" if title else self.tr("step {step}").format(step=whole(step)))
        self._frame.say_notes("  ".join(filter(None, (*notes, advice(tokens)))))

    def _on_published(self, _step: int) -> None:
        focus = self.lab.focus.value
        if focus.step is None and not focus.pretrained:
            self.touch()

    def _on_arrived(self, found: Any) -> None:
        self._is_shown = True
        self.take(found)
        self._frame.show_content()
        self._draw()

    def _on_failed(self, problem: str) -> None:
        if self._is_shown:
            self._frame.say_notes(problem, is_problem=True)
        else:
            self._frame.show_empty(problem)

    def _forget(self) -> None:
        self._is_shown, self._probe = False, 0
        self._source.forget()
        self.text_bar.field.forget()
        self.forget()
        pretrained = self.lab.focus.value.pretrained
        if pretrained:
            self._frame.show_empty(self.tr("Opening the pretrained model…"))
        else:
            self._frame.show_empty(self.empty_sentence(), run=self.run)

    def _on_next_text_clicked(self) -> None:
        if not self.lab.focus.value.text:
            self._probe += 1
        self.lab.focus.lock(text="", pair="", token=None, sample=None)
        self.touch()

    def _on_clamps_changed(self, _clamps: Clamps) -> None:
        self.touch()

    def _on_focus_changed(self, focus: Focus) -> None:
        before, self._looked_at = self._looked_at, _of_the_model(focus)
        if self._looked_at[0] != before[0]:
            self._forget()
        if self._looked_at != before or not self.is_seen():
            self.touch()
        else:
            self.on_looked_elsewhere()

    def on_looked_elsewhere(self) -> None:
        """Another token or layer of the same answer."""
        self._draw()


def next_text_button() -> IconButton:
    """The button that goes on to another text, with its word."""
    button = IconButton("arrow-right", "")
    name_next(button)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def name_next(button: IconButton, *, is_image: bool = False) -> None:
    """What it goes on to."""
    word, told = (
        "Next text",
        "Look at the next of the run's own validation texts; after a text of yours, back to those.",
    )
    if is_image:
        word = "Next image"
        told = "Look at the next of the run's own validation images; after an image of yours, back to those."
    button.setText(f" {QCoreApplication.translate('LookView', word)}")
    button.setAccessibleName(QCoreApplication.translate("LookView", word))
    button.setToolTip(QCoreApplication.translate("LookView", told))


def _of_the_model(focus: Focus) -> tuple[object, ...]:
    """What the answer of a model depends on; the model first."""
    return focus.pretrained, focus.step, focus.text, focus.pair, focus.target, focus.written
