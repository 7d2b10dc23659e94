"""Under the classes of a text: what each of its tokens adds to the score of one of them, exact on hover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.forms.fold import FoldHeading
from ui.lab.clamps import Clamps
from ui.lab.tokens import reading_on, token_number
from ui.panels.inference_attribution_words import signed, strongest_words, together_help, together_words, token_words
from ui.theme import theme
from ui.views._attention_data import running
from ui.views._coloured_text import ColouredText, behind_text
from ui.views._export import ExportButton, Table
from ui.views._patience import Patience
from ui.views._text_scroll import TextScroll
from ui.views.base import Lab
from ui.widgets.colour_legend import ColourLegend
from ui.widgets.help_dot import wrapped_tooltip
from ui.widgets.labels import FewLines, TextLabel
from ui.widgets.spinner import Spinner
from workers.protocol import AttributionHeader, Model, Problem, ShowAttribution

_LEAST_LINES = 4  # of a longer text, where room is short
_LIVE_MS = 500  # at the least between two questions that differ in the newest weights alone
_FAR_OFF = 0.05  # of all that is added and taken away, left unexplained


class AttributionPanel(QWidget):
    """Asks by itself for what it is told to `follow`, while it is in sight and not folded away."""

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inspector = lab.inspector
        self._wanted: ShowAttribution | None = None
        self._newest = 0
        self._asked: tuple[ShowAttribution, int] | None = None
        self._is_under_way = False
        self._shown: ShowAttribution | None = None  # what the tokens in sight are the answer to
        self._header: AttributionHeader | None = None
        self._tokens: tuple[str, ...] = ()
        self._values: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._tokenizer = ""
        self._live = QTimer(self, singleShot=True, interval=_LIVE_MS)
        self._live.timeout.connect(self._ask)
        self._make_parts(lab)
        self.heading.folded.connect(lambda _is_folded: self._on_folded())
        self.text.pointed.connect(self._on_pointed)
        theme().changed.connect(self._colour)

    def follow(
        self, model: Model, text: str, *, clamps: Clamps, of_class: str | None, newest: int, tokenizer: str
    ) -> None:
        """Show this from now on; newest: of which step the newest weights are."""
        self._tokenizer = tokenizer
        before = self._wanted
        self._wanted = ShowAttribution(slot="attribution", model=model, text=text, clamps=clamps, of_class=of_class)
        self._newest = newest
        if before != self._wanted:
            self._live.stop()
            self._asked, self._is_under_way = None, False  # the newer question takes its place
            self._ask()
        elif not self._live.isActive():
            self._ask()

    def forget(self) -> None:
        """Nothing is given, or by another model."""
        self._wanted = self._asked = self._header = None
        self._is_under_way = False
        self._live.stop()
        self._patience.end()
        self._say("")
        self._show_nothing()

    def table(self) -> list[tuple[str, float]]:
        """What is shown: tokens and their contributions."""
        return list(zip(self._tokens, map(float, self._values), strict=True))

    def _make_parts(self, lab: Lab) -> None:
        self.heading = FoldHeading(self.tr("Attribution"), key="attribution", is_quiet=True)
        self.heading.setToolTip(
            wrapped_tooltip(
                self.tr(
                    "What each token adds to the score (the logit) of a class: integrated gradients over the "
                    "embeddings (Sundararajan et al. 2017), from as many padding tokens to the text. Click a class "
                    "above for its own."
                )
            )
        )
        self.text = ColouredText()
        self._scroll = TextScroll(self.text, most_lines=_LEAST_LINES)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.readout = FewLines(most=2, keeps_room=True)
        self.complete = TextLabel(style="small", role="muted")
        self.complete.setWordWrap(True)
        self._hint = TextLabel(
            self.tr("Here the text appears, each token coloured by what it adds to the score of a class."),
            style="small",
            role="muted",
        )
        self._hint.setWordWrap(True)
        self._problem = TextLabel(style="small", role="warn")
        self._problem.setWordWrap(True)
        self.legend = ColourLegend("diverging", low="−1", high="+1", caption=self.tr("adds"), strip_width=72)
        self._spinner = Spinner()
        self._spinner.hide()
        self._patience = Patience(self)
        self._patience.changed.connect(self._on_patience_changed)
        self._picture = QWidget()
        self.export = ExportButton(
            picture=self._picture, table=self._exported, file_name=self._file_name, say=lab.session.say
        )
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.heading, 1)
        head.addWidget(self._spinner)
        head.addWidget(self.export)
        foot.addWidget(self.legend)
        foot.addStretch(1)
        picture = QVBoxLayout(self._picture)
        picture.addWidget(self._scroll, 1000)
        picture.addWidget(self.readout)
        picture.addWidget(self.complete)
        picture.addLayout(foot)
        picture.addStretch(1)
        column = QVBoxLayout(self)
        for one in (picture, column):
            one.setContentsMargins(0, 0, 0, 0)
            one.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._picture, 1000)
        column.addWidget(self._hint)
        column.addWidget(self._problem)
        column.addStretch(1)
        self._show_nothing()
        self._say("")

    # Asking

    def _ask(self) -> None:
        wanted = self._wanted
        if wanted is None or self._is_under_way or not self.heading.is_open() or not self.isVisible():
            return
        if self._asked == (wanted, self._newest):
            return
        asked = (wanted, self._newest)
        self._asked, self._is_under_way = asked, True
        self._patience.begin()

        def take(answer: Any, arrays: dict[str, Any]) -> None:
            if asked is self._asked and isinstance(answer, AttributionHeader):
                self._done()
                self._shown = wanted
                self._take(answer, np.asarray(arrays["contributions"], dtype=np.float32))
                self._live.start()

        def fail(problem: Problem) -> None:
            if asked is self._asked:
                self._done()
                self._show_nothing()
                self._say(problem.message)

        self._inspector.ask(wanted, take, on_problem=fail, owner=self)

    def _done(self) -> None:
        self._is_under_way = False
        self._patience.end()
        self._say("")

    def _take(self, header: AttributionHeader, contributions: NDArray[np.float32]) -> None:
        own = [place for place in range(len(header.tokens)) if place not in header.special]
        written = _written(header, tokenizer=self._tokenizer)
        self._header = header
        self._tokens = tuple(header.unknown.get(place) or header.tokens[place] for place in own)
        self._values = contributions[own]
        self.text.set_tokens([written[place] for place in own])
        self.text.set_faint(frozenset(k for k, place in enumerate(own) if place in header.unknown))
        self._fit()
        self._show_parts()
        self._colour()
        self._on_pointed(None)
        self.complete.setText(together_words(header))
        self.complete.setToolTip(together_help(header, total=float(contributions.sum())))
        size = float(np.abs(self._values).sum())
        if abs(header.residual) > _FAR_OFF * size:
            self._say(
                self.tr("{0} of the score is left unexplained: along the way from padding it jumps.").format(
                    signed(header.residual)
                )
            )

    # Showing

    def _fit(self) -> None:
        """All lines of the text where there is room: a layout would hold a scroll area to its own hint."""
        least, most = self._scroll.heightForWidth(self.width()), self._scroll.whole_height(self.width())
        if (least, most) != (self._scroll.minimumHeight(), self._scroll.maximumHeight()):
            self._scroll.setMinimumHeight(least)
            self._scroll.setMaximumHeight(most)

    def _on_patience_changed(self, is_overdue: bool) -> None:
        """What is of another text does not stand there as if it were of this one."""
        self._spinner.setVisible(is_overdue)
        if is_overdue and self._shown != self._wanted:
            self._show_nothing()

    def _show_nothing(self) -> None:
        self._shown = None
        self._tokens, self._values = (), np.zeros(0, dtype=np.float32)
        self._show_parts()

    def _show_parts(self) -> None:
        is_open, has_answer = self.heading.is_open(), len(self._values) > 0
        self._picture.setVisible(is_open and has_answer)
        self._hint.setVisible(is_open and not has_answer and not self._problem.text())
        self.export.setVisible(is_open and has_answer)
        self._problem.setVisible(is_open and bool(self._problem.text()))

    def _say(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._show_parts()

    def _colour(self) -> None:
        reach = float(np.abs(self._values).max(initial=0)) or 1.0
        self.text.set_colours(behind_text(self._values, reach=reach))
        self.legend.set_range(signed(-reach), signed(reach))

    def _on_pointed(self, token: int | None) -> None:
        header = self._header
        self.text.set_held(token)
        if header is None or not self._tokens:
            return
        if token is not None and token < len(self._values):
            self.readout.setText(token_words(self._tokens, self._values, token, of_class=header.of_class))
        else:
            self.readout.setText(strongest_words(self._tokens, self._values, of_class=header.of_class))

    def _on_folded(self) -> None:
        self._show_parts()
        self._ask()

    def _exported(self) -> Table | None:
        """A row a token."""
        header = self._header
        if header is None or not self._tokens:
            return None
        rows = [
            (token_number(k), token, round(value, 7), header.of_class) for k, (token, value) in enumerate(self.table())
        ]
        return Table(columns=("place", "token", "contribution", "class"), rows=rows)

    def _file_name(self) -> str:
        return f"attribution-{self._header.of_class}" if self._header is not None else "attribution"

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()


def _written(header: AttributionHeader, *, tokenizer: str) -> Sequence[str]:
    """Each token with what stands behind it in a running text; tokenizer: "" where the model brings its own."""
    tokens = tuple(header.unknown.get(place) or token for place, token in enumerate(header.tokens))
    return reading_on(tokens, tokenizer=tokenizer) if tokenizer else running(tokens)
