"""Data of a person's own: chosen, dropped anywhere on the window, put into the form."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from modellab.config import to_builtins
from modellab.data.base import Sample
from modellab.presets import presets
from modellab.presets.own import recipe_for
from modellab.runs.folder import create_run
from tests.ui.lab.written_run import WrittenRun
from tests.ui.window.bench_hands import BenchHands
from workers.protocol import DatasetDescription, DescribeDataset

_ROOMS = Sample(kind="row", task="regression", shape=(1,), features=("rooms",), target="rent")


def drop(hands: BenchHands, path: Path) -> bool:
    """Whether the window took it."""
    return drop_url(hands, QUrl.fromLocalFile(str(path)))


def drop_url(hands: BenchHands, url: QUrl) -> bool:
    data = QMimeData()
    data.setUrls([url])
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


def test_that_a_folder_is_data_and_a_run_is_opened(hands: BenchHands, tmp_path: Path) -> None:
    (tmp_path / "images" / "cats").mkdir(parents=True)
    assert drop(hands, tmp_path / "images")
    assert hands.session.draft is not None
    assert getattr(hands.session.draft.dataset, "folder", "") == str(tmp_path / "images")
    run = create_run(presets()["xor"].recipe, path=tmp_path / "run")
    assert drop(hands, run.path)
    assert hands.session.current is not None
    assert hands.session.current.path == run.path


def test_that_nothing_is_made_of_what_is_no_data(hands: BenchHands, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"")
    before = hands.session.draft
    assert not drop(hands, picture)
    assert not drop(hands, tmp_path / "there is none.csv")
    assert not drop_url(hands, QUrl("https://example.org/flats.csv"))
    assert hands.session.draft == before


def test_that_a_table_of_ones_own_goes_into_the_setup(hands: BenchHands, tmp_path: Path) -> None:
    file = tmp_path / "flats.csv"
    file.write_text("rooms,rent\n1,500\n2,900\n")
    hands.window.show_gallery().own_chosen.emit(file)
    assert hands.session.draft is not None
    assert getattr(hands.session.draft.dataset, "file", "") == str(file)
    assert hands.bench.isVisible()


def test_that_data_of_ones_own_is_shown_until_it_is_trained_on(hands: BenchHands, tmp_path: Path) -> None:
    written = WrittenRun(create_run(presets()["xor"].recipe, path=tmp_path / "xor"))
    written.start()
    hands.session.open_run(written.folder.path)
    file = tmp_path / "flats.csv"
    file.write_text("rooms,rent\n1,500\n2,900\n")
    hands.window.show_gallery().own_chosen.emit(file)
    views = hands.bench.views_area
    hands.wait(lambda: views.view("samples").is_seen())
    hands.wait(lambda: str(file) in str(hands.inspector.newest(DescribeDataset)))
    samples = [request for request, _, _ in hands.inspector.asked if request.slot == "samples-dataset"]
    assert str(file) in str(samples[-1])  # though a run is shown
    assert hands.session.draft is not None
    trained = WrittenRun(create_run(hands.session.draft, path=tmp_path / "flats"))
    trained.start()
    hands.session.open_run(trained.folder.path)
    hands.wait(lambda: views.view("curves").is_seen())


def test_that_a_file_put_into_the_form_is_shown_as_soon_as_it_can_be_read(hands: BenchHands, tmp_path: Path) -> None:
    hands.session.load_draft(recipe_for(tmp_path / "flats.csv"))
    hands.wait(lambda: hands.bench.isVisible())
    table = DatasetDescription(sample=to_builtins(_ROOMS), sizes={"train": 4}, balance={}, num_bytes=9, notes=())
    hands.inspector.answer(DescribeDataset, table)
    views = hands.bench.views_area
    assert views.view("curves").is_seen()  # nobody chose it just now
    form = hands.panel.dataset_part().form()
    form.set_value("validation_share", 0.3)
    hands.wait(lambda: "0.3" in str(hands.inspector.newest(DescribeDataset)))
    hands.inspector.answer(DescribeDataset, table)
    assert views.view("curves").is_seen()
    form.set_value("file", str(tmp_path / "houses.csv"))
    hands.wait(lambda: "houses" in str(hands.inspector.newest(DescribeDataset)))
    assert views.view("curves").is_seen()
    hands.inspector.answer(DescribeDataset, table)
    hands.wait(lambda: views.view("samples").is_seen())
