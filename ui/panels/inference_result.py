"""What the model answers: the likeliest classes as bars, or one value; of which step, and how fast."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from modellab.text.direction import isolated
from ui.lab.clamps import Clamps
from ui.panels.inference_candidates import Candidates, before_temperature, drawn_words
from ui.panels.inference_parts import PartPicker, StandingPart
from ui.panels.inference_text_bars import ChoiceBars
from ui.theme import font
from ui.widgets.buttons import IconButton
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.numbers import fixed, number
from workers.protocol import Part, Prediction

_TOPS = (3, 5, 10)
_VALUE_PX = 32
_PROBLEM_PAGE = 3


class ResultView(QWidget):
    """Shows the newest answer until the next; a problem stands in its place until there is one."""

    token_chosen = Signal(str)  # of the next tokens that a language model thinks likely
    class_chosen = Signal(str)  # where `let_choose_classes` says so

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: Prediction | None = None
        self._free: Prediction | None = None  # with nothing held, where something is
        self._clamps: Clamps = ()
        self._truth = ""
        self._num_rows, self._is_top_chosen = 5, False
        self._are_classes_choosable, self._chosen_class = False, ""
        self._hint = TextLabel(role="muted")
        self._hint.setWordWrap(True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._value = TextLabel(style="title")
        big = font("title")
        big.setPixelSize(_VALUE_PX)
        self._value.setFont(big)
        self._value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._target = ElidedLabel(role="muted")
        self._refused = ""  # why what was given last cannot be read
        self._problem = TextLabel(role="bad", style="small")
        self._problem.setWordWrap(True)
        self._problem.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._notes = TextLabel(role="warn", style="small")
        self._notes.setWordWrap(True)
        self._notes.hide()
        self._candidates: Candidates | None = None  # shown in place of the answer
        self._told_free = TextLabel(role="muted", style="small")
        self._told_free.setWordWrap(True)
        self._told_free.hide()
        self._order: tuple[str, ...] = ()  # of the rows, which stays while somebody points at them
        self._is_other_input = False  # than the answer in sight is of: another order is no surprise
        self._bars = ChoiceBars(num_rows=self._num_rows)
        self._bars.chosen.connect(self._on_row_chosen)
        self._bars.left.connect(self._on_bars_left)
        self._about = ElidedLabel(style="small", role="muted")
        self._about.hide()
        self.parts = PartPicker()
        self.parts.moved.connect(self._on_part_moved)
        self.standing = StandingPart()
        self._body = QStackedLayout()
        self._shown_page = 0
        for page in (
            self._page(self._hint),
            self._page(self._bars),
            self._page(self._value, self._target),
            self._page(self._problem),
        ):
            self._body.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._head())
        column.addWidget(self._about)
        column.addWidget(self.parts)
        column.addLayout(self._body)
        column.addWidget(self.standing)
        column.addWidget(self._told_free)
        column.addWidget(self._notes)
        # Not Maximum: that is the height without its notes' further lines.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    @property
    def answer(self) -> Prediction | None:
        """The newest answer; None while there is none."""
        return self._answer

    def num_rows(self) -> int:
        """How many of the likeliest classes are shown."""
        return self._num_rows

    def suggest_rows(self, room: int, *, most: int = 10) -> None:
        """Show ten rows where there is room for them (in rows), until a person chooses; never more than `most`."""
        if not self._is_top_chosen:
            self._set_num_rows(min(most, 10 if room >= 10 else 5))

    def let_choose_classes(self, is_on: bool, *, chosen: str = "") -> None:
        """Whether a click on a class chooses it, and which one is; empty: none."""
        if (is_on, chosen) != (self._are_classes_choosable, self._chosen_class):
            self._are_classes_choosable, self._chosen_class = is_on, chosen
            if self._answer is not None and self._can_choose(self._answer):
                self._show_bars(self._answer)

    def show_hint(self, sentence: str) -> None:
        """There is no answer yet: say how to get one."""
        self._answer = self._candidates = self._free = None
        self._tell_free()
        self._order = ()
        self._bars.clear()
        self._about.hide()
        self.parts.offer(None)
        self.standing.show_answer(None, None)
        self._hint.setText(sentence)
        self._show_page(0)
        self._step.setText("")
        self._time.setText("")
        self._copy.setEnabled(False)
        self._top.hide()
        self.refuse("")
        self._notes.hide()

    def say_coming(self, sentence: str) -> None:
        """The first answer is awaited; while an older one or a problem stands there, nothing is said."""
        if self._answer is None and not self._problem.text():
            self._hint.setText(sentence)

    def show_answer(self, answer: Prediction, *, step_text: str) -> None:
        """Bars for classes, a number for a value; later, while candidates stand there."""
        if answer is not self._answer and self._is_other_input:
            self._order, self._is_other_input = (), False
        self._answer = answer
        if self._candidates is not None:
            return
        self._step.setText(step_text)
        self._time.setText(_milliseconds(answer.milliseconds))
        self._copy.setEnabled(True)
        self.show_problem(self._refused)
        notes = "\n".join(getattr(answer, "notes", ()))
        self._notes.setText(notes)
        self._notes.setVisible(bool(notes))
        is_classes = answer.task != "regression"
        self.parts.offer(answer)
        self.standing.show_answer(answer, self._free)
        longest = max(len(part.classes) for part in answer.parts or (answer,))
        self._top.setVisible(is_classes and longest > _TOPS[0])
        is_beam = answer.task == "translation" and self._can_choose(answer)
        self._about.setVisible(answer.task == "language_modelling" or is_beam)
        self._about.setText(self.tr("click one to look at its attention") if is_beam else before_temperature())
        self._tell_free()
        self._give_bars_room()
        if is_classes:
            self._show_bars(answer)
            self._show_page(1)
        else:
            self._value.setText(number(answer.value))
            known = self.tr("{0} · true value {1}").format(answer.target, self._truth)
            self._target.setText(known if self._truth else answer.target)
            self._show_page(2)

    def show_candidates(self, candidates: Candidates) -> None:
        """Show in place of the answer what one token of a written text was drawn from, until `end_candidates`."""
        if self._answer is not None and self._answer.task == "language_modelling":
            self._candidates = candidates
            names, shares, written = candidates.rows(self._num_rows)
            self._bars.set_choosable(False)
            self._bars.set_before({})
            self._bars.set_candidates(names, shares, marked=written)
            self._step.setText(candidates.caption)
            self._about.setText(candidates.about)
            self._time.setText("")
            self._tell_free()

    def end_candidates(self, *, step_text: str) -> None:
        """Back to the answer."""
        if self._answer is not None and self._candidates is not None:
            self._candidates = None
            self._tell_free()
            self.show_answer(self._answer, step_text=step_text)

    def _tell_free(self) -> None:
        """What the bars show of interventions; a token that is written already was drawn from what was said then, and
        beside a text that was not written without them there is nothing to compare."""
        free, answer = self._free, self._answer
        if self._candidates is not None:
            told = drawn_words(self._candidates.clamps, self._clamps)
            self._told_free.setText(told)
            self._told_free.setVisible(bool(told))
            return
        if free is None or answer is None or answer.task == "regression":
            self._told_free.hide()
            return
        told = self.tr("± what interventions change; the line in a bar is where it was")
        (now, _), (names, shares) = self.parts.rows_of(answer), self.parts.rows_of(free)
        if names and not set(now) & set(names):
            told = self.tr("Without interventions: {text}, {share}").format(
                text=isolated(names[0]) or self.tr("(end of text)"), share=fixed(shares[0], decimals=3)
            )
        self._told_free.setText(told)
        self._told_free.show()

    def set_clamps(self, clamps: Clamps) -> None:
        """What is held now."""
        self._clamps = clamps
        self._tell_free()

    def set_free(self, free: Prediction | None) -> None:
        """What the model says of the same with nothing held, to compare with; None: nothing is held."""
        if free is not self._free:
            self._free = free
            self._tell_free()
            self.standing.show_answer(self._answer, free)
            if self._answer is not None and self._candidates is None and self._answer.task != "regression":
                self._show_bars(self._answer)

    def set_step_text(self, text: str) -> None:
        """Of which step the answer is, in words that may change while it stays."""
        if self._answer is not None and self._candidates is None:
            self._step.setText(text)

    def set_truth(self, truth: str) -> None:
        """What the data says of this input; empty where nobody knows."""
        self._truth, self._is_other_input = truth, True
        if self._answer is not None:
            self.show_answer(self._answer, step_text=self._step.text())

    def refuse(self, sentence: str) -> None:
        """Why what was given cannot be read: it stands over answers to what was given before; empty: all is well."""
        self._refused = sentence
        self.show_problem(sentence)

    def show_problem(self, sentence: str) -> None:
        """Why the newest question has no answer, in its place: nothing moves for it; empty: it has one."""
        self._problem.setText(sentence)
        self._body.setCurrentIndex(_PROBLEM_PAGE if sentence else self._shown_page)
        if sentence and self._answer is None:
            self._hint.setText("")

    def _show_page(self, index: int) -> None:
        """The hint, the bars or the value, unless a problem stands there."""
        self._shown_page = index
        self.show_problem(self._problem.text())

    def text(self) -> str:
        """The answer as lines of text, tab-separated."""
        answer = self._answer
        if answer is None:
            return ""
        if answer.task == "regression":
            return f"{answer.target}\t{answer.value:.8g}"
        lines: list[str] = []
        for part in answer.parts or (answer,):
            lines += [part.title] if isinstance(part, Part) else []
            pairs = zip(part.classes, part.probabilities, strict=True)
            lines += [f"{name}\t{probability:.6g}" for name, probability in pairs]
        return "\n".join(lines)

    def _head(self) -> QHBoxLayout:
        self._step = ElidedLabel(style="small", role="muted")
        self._time = TextLabel(style="small", role="muted")
        self._time.setToolTip(self.tr("Time of one forward pass of the network"))
        self._top = IconButton("list", self.tr("How many of the likeliest classes are shown"))
        self._top.setMenu(self._top_menu())
        self._top.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._top.hide()
        self._copy = IconButton("copy", self.tr("Copy the answer"))
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        self._copy.setEnabled(False)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._step, 1)
        row.addWidget(self._time)
        row.addSpacing(4)
        row.addWidget(self._top)
        row.addWidget(self._copy)
        return row

    def _page(self, *parts: QWidget) -> QWidget:
        page = QWidget(self)  # a stack shows its first page at once: without a parent as a window of its own
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        return page

    def _show_bars(self, answer: Prediction) -> None:
        classes, shares = self._still(answer)
        classes, shares = classes[: self._num_rows], shares[: self._num_rows]
        free = self._free
        self._bars.set_before({} if free is None else dict(zip(*self.parts.rows_of(free), strict=True)))
        if answer.task == "language_modelling":
            self._bars.set_choosable(True)
            self._bars.set_candidates(classes, shares)
            return
        truth = classes.index(self._truth) if self._truth in classes else None
        names = [name or self.tr("(end of text)") for name in classes]  # a translation that ends at once
        is_choosable = self._can_choose(answer)
        self._bars.set_choosable(is_choosable)
        if is_choosable:
            marked = classes.index(self._chosen_class) if self._chosen_class in classes else None
            self._bars.set_candidates(names, shares, marked=marked, truth=truth)
        else:
            self._bars.set_candidates(names, shares, truth=truth)  # a row that was marked is so no more
            self._bars.set_indent(0)

    def _can_choose(self, answer: Prediction) -> bool:
        """Whether a click on a class, or on one of several translations, chooses it."""
        is_one_of_many = answer.task == "classification" or (answer.task == "translation" and len(answer.classes) > 1)
        return self._are_classes_choosable and is_one_of_many

    def _still(self, answer: Prediction) -> tuple[tuple[str, ...], tuple[float, ...]]:
        """Classes and probabilities, the likeliest first; while somebody points at the rows, in the order they have."""
        classes, probabilities = self.parts.rows_of(answer)
        of = dict(zip(classes, probabilities, strict=True))
        if self._bars.is_in_hand() and self._order and all(name in of for name in self._order):
            return self._order, tuple(of[name] for name in self._order)
        self._order = classes[: self._num_rows]
        return classes, probabilities

    def _on_part_moved(self) -> None:
        self._order = ()
        if self._answer is not None:
            self._tell_free()
            self._show_bars(self._answer)

    def _on_bars_left(self) -> None:
        if self._answer is not None and self._candidates is None and self._answer.task != "regression":
            self._show_bars(self._answer)

    def _give_bars_room(self) -> None:
        """For their rows; of a language model for one more: a written token may be none of the likeliest."""
        is_writer = self._answer is not None and self._answer.task == "language_modelling"
        self._bars.set_num_rows(self._num_rows + is_writer)

    def _on_row_chosen(self, row: int) -> None:
        name = self._bars.rows()[row][0]
        answer = self._answer
        if answer is not None and answer.task == "language_modelling":
            self.token_chosen.emit(name)
        elif answer is not None and name in answer.classes:  # not a translation that ends at once
            self.class_chosen.emit(name)

    def _top_menu(self) -> QMenu:
        menu, group = QMenu(self), QActionGroup(self)
        for count in _TOPS:
            action = menu.addAction(self.tr("The {0} likeliest").format(count))
            action.setCheckable(True)
            action.setChecked(count == self._num_rows)
            action.triggered.connect(lambda _=False, count=count: self._choose_top(count))
            group.addAction(action)
        return menu

    def _choose_top(self, count: int) -> None:
        self._is_top_chosen = True
        self._set_num_rows(count)

    def _set_num_rows(self, count: int) -> None:
        if count == self._num_rows:
            return
        self._num_rows = count
        for place, action in enumerate(self._top.menu().actions()):
            action.setChecked(_TOPS[place] == count)
        self._give_bars_room()
        if self._candidates is not None:
            self.show_candidates(self._candidates)
        elif self._answer is not None and self._answer.task != "regression":
            self._show_bars(self._answer)


def _milliseconds(value: float) -> str:
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"
