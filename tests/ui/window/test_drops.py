"""What is dropped anywhere on the window."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from tests.ui.window.bench_hands import BenchHands


def drop(hands: BenchHands, path: Path) -> bool:
    """Whether the window took it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(300, 300), action, data, button, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    hands.window.dropEvent(event)
    return event.isAccepted()


def test_that_a_table_dropped_on_the_window_is_what_is_learnt_from_next(hands: BenchHands, tmp_path: Path) -> None:
    file = tmp_path / "flats.csv"
    file.write_text("rooms,rent\n1,500\n2,900\n")
    assert drop(hands, file)
    assert hands.session.draft is not None
    assert getattr(hands.session.draft.dataset, "file", "") == str(file)


def test_that_a_folder_of_folders_is_data_and_an_empty_one_is_not(hands: BenchHands, tmp_path: Path) -> None:
    (tmp_path / "images" / "cats").mkdir(parents=True)
    assert drop(hands, tmp_path / "images")
    assert hands.session.draft is not None
    assert getattr(hands.session.draft.dataset, "folder", "") == str(tmp_path / "images")
    assert not drop(hands, tmp_path / "images" / "cats")
