"""Opens a pretrained model's folder: checked first, then read by the inspector, then shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from modellab.pretrained.folder import check_folder
from ui.inspector import Inspector
from ui.lab.background import in_background
from ui.window.messages import Messages
from workers.protocol import AnyAnswer, DescribePretrained, PretrainedDescription


class FolderOpening(QObject):
    """show: is given the folder once its model is known to open. The folder asked for last is the one that counts."""

    def __init__(
        self, inspector: Inspector, messages: Messages, show: Callable[[str], object], *, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self._messages = messages
        self._show = show
        self._said = ""  # that a folder is being opened, why it could not be, or what is odd about it

    def open(self, folder: str) -> None:
        """Show it, or say why not."""
        self._messages.withdraw(self._said)  # of the folder before
        opening = self._said = self.tr("Opening {0}…").format(folder)

        def show(answer: AnyAnswer, _arrays: object) -> None:
            if self._said == opening:
                self._messages.withdraw(opening)
                self._show(folder)
                if isinstance(answer, PretrainedDescription) and answer.notes:
                    self._said = "  ".join(answer.notes)
                    self._messages.say("warning", self._said)

        def refuse(sentence: str) -> None:
            if self._said == opening:
                self._messages.withdraw(opening)
                self._said = sentence
                self._messages.say("error", sentence)

        def ask(_found: object) -> None:
            question = DescribePretrained(slot="open-pretrained", name=folder)
            self._inspector.ask(question, show, on_problem=lambda problem: refuse(problem.message), owner=self)

        self._messages.say("info", opening, stays=True)
        in_background(lambda: check_folder(Path(folder)), ask, on_problem=lambda error: refuse(error.message))
