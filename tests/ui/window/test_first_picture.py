from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.window.first_picture import FirstPicture


class Page(QWidget):
    def __init__(self, happened: list[str]) -> None:
        super().__init__()
        self.happened = happened

    def paintEvent(self, event: QPaintEvent) -> None:
        self.happened.append("painted")


def test_that_what_is_slow_comes_once_and_after_the_picture(qtbot: QtBot):
    happened: list[str] = []
    page = Page(happened)
    qtbot.addWidget(page)
    FirstPicture(page, lambda: happened.append("slow"))
    page.show()
    qtbot.waitUntil(lambda: "slow" in happened)
    assert happened.index("painted") < happened.index("slow")
    happened.clear()
    page.update()
    qtbot.waitUntil(lambda: "painted" in happened)
    assert "slow" not in happened


def test_that_a_window_that_is_never_painted_is_not_waited_for_forever(qtbot: QtBot):
    happened: list[str] = []
    page = Page(happened)
    qtbot.addWidget(page)
    FirstPicture(page, lambda: happened.append("slow"))
    qtbot.waitUntil(lambda: "slow" in happened, timeout=3000)
    assert happened == ["slow"]
