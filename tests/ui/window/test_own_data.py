"""Data of a person's own: chosen, dropped anywhere on the window, put into the form."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu, QScrollArea

from modellab.config import to_builtins
from modellab.data.base import Sample
from modellab.presets import presets
from modellab.presets.own import recipe_for
from modellab.runs.folder import create_run
from tests.ui.lab.written_run import WrittenRun
from tests.ui.window.bench_hands import BenchHands
from ui.window.drop_sign import DropSign
from workers.protocol import DatasetDescription, DescribeDataset

_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
_ROOMS = Sample(kind="row", task="regression", shape=(1,), features=("rooms",), target="rent")


def drop(hands: BenchHands, path: Path) -> bool:
    """Whether the window took it."""
    return drop_url(hands, QUrl.fromLocalFile(str(path)))


def drop_url(hands: BenchHands, url: QUrl) -> bool:
    if not enter(hands, url):
        return False
    data = held(url)  # an event does not keep it
    event = QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, data, _LEFT, _NONE)
    QApplication.sendEvent(hands.window, event)
    return event.isAccepted()


def drag_over(hands: BenchHands, path: Path) -> str:
    """What the sign over the window says meanwhile; empty when there is none."""
    enter(hands, QUrl.fromLocalFile(str(path)))
    sign = hands.window.findChild(DropSign)
    assert isinstance(sign, DropSign)
    return sign.sentence if sign.isVisible() else ""


def enter(hands: BenchHands, url: QUrl) -> bool:
    data = held(url)
    event = QDragEnterEvent(QPoint(300, 300), Qt.DropAction.CopyAction, data, _LEFT, _NONE)
    QApplication.sendEvent(hands.window, event)
    return event.isAccepted()


def held(url: QUrl) -> QMimeData:
    data = QMimeData()
    data.setUrls([url])
    return data


def test_that_a_table_dropped_on_the_window_is_what_is_learnt_from_next(hands: BenchHands, tmp_path: Path) -> None:
    file = tmp_path / "flats.csv"
    file.write_text("rooms,rent\n1,500\n2,900\n")
    assert drop(hands, file)
    hands.wait(lambda: getattr(hands.session.draft and hands.session.draft.dataset, "file", "") == str(file))


def test_that_a_folder_is_data_and_a_run_is_opened(hands: BenchHands, tmp_path: Path) -> None:
    (tmp_path / "images" / "cats").mkdir(parents=True)
    assert drop(hands, tmp_path / "images")
    images = str(tmp_path / "images")
    hands.wait(lambda: getattr(hands.session.draft and hands.session.draft.dataset, "folder", "") == images)
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


def test_that_a_sign_says_what_dropping_will_do_until_it_is_dropped_or_taken_away(
    hands: BenchHands, tmp_path: Path
) -> None:
    file, picture, model = tmp_path / "flats.csv", tmp_path / "cat.png", tmp_path / "bert"
    file.write_text("rooms,rent\n1,500\n2,900\n")
    picture.write_bytes(b"")
    model.mkdir()
    (model / "config.json").write_text('{"model_type": "bert"}')
    (model / "model.safetensors").write_bytes(b"")
    assert drag_over(hands, picture) == ""
    assert drag_over(hands, file) == "Learns from flats.csv: it goes into the setup"
    QApplication.sendEvent(hands.window, QDragLeaveEvent())
    assert drag_over(hands, picture) == ""
    assert drag_over(hands, model) == "Opens the pretrained model bert"
    run = create_run(presets()["xor"].recipe, path=tmp_path / "run")
    assert drag_over(hands, run.path) == "Opens the run run"
    assert drop(hands, run.path)
    assert drag_over(hands, picture) == ""


def test_that_a_dropped_model_that_cannot_be_opened_is_told_of(hands: BenchHands, tmp_path: Path) -> None:
    (tmp_path / "bert").mkdir()
    (tmp_path / "bert" / "config.json").write_text('{"architectures": ["BertModel"]}')
    (tmp_path / "bert" / "model.safetensors").write_bytes(b"")
    assert drop(hands, tmp_path / "bert")
    hands.wait(lambda: any("has no model_type" in sentence for sentence in hands.window.messages.sentences()))


@pytest.mark.parametrize("config", ["{}", '{"model_type": "cat"}', "no JSON"])
def test_that_data_beside_a_config_json_of_another_program_is_data(
    hands: BenchHands, tmp_path: Path, config: str
) -> None:
    for name in ("images/train/cats/one.png", "texts/good/one.txt", "flats/flats.csv"):
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text("rooms,rent\n1,500\n")
        (tmp_path / name.split("/")[0] / "config.json").write_text(config)
    for name, kind in (("images", "image_folder"), ("texts", "text_folder"), ("flats", "table")):
        assert drag_over(hands, tmp_path / name).startswith("Learns from")
        assert drop(hands, tmp_path / name)
        hands.wait(partial(learns_from, hands, kind))


def learns_from(hands: BenchHands, kind: str) -> bool:
    return hands.session.draft is not None and hands.session.draft.dataset.name() == kind


def test_that_a_folder_of_settings_alone_is_told_to_be_neither_model_nor_data(
    hands: BenchHands, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    assert drag_over(hands, tmp_path) == f"{tmp_path.name} holds neither a model nor data"
    before = hands.session.draft
    assert drop(hands, tmp_path)
    said = hands.window.messages.sentences()
    assert len(said) == 1
    assert said[0].startswith(f"{tmp_path} holds neither a model nor data: a model's folder has a config.json")
    assert hands.session.draft == before


def test_that_the_setup_begins_at_its_top_when_the_data_is_another(hands: BenchHands, tmp_path: Path) -> None:
    scroll = hands.panel.findChild(QScrollArea)
    assert isinstance(scroll, QScrollArea)
    bar = scroll.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    hands.panel.set_recipe(recipe_for(tmp_path / "flats.csv"))
    assert bar.value() == 0


def test_that_a_table_of_ones_own_goes_into_the_setup(hands: BenchHands, tmp_path: Path) -> None:
    file = tmp_path / "flats.csv"
    file.write_text("rooms,rent\n1,500\n2,900\n")
    hands.window.show_gallery().own_chosen.emit(file)
    hands.wait(lambda: getattr(hands.session.draft and hands.session.draft.dataset, "file", "") == str(file))
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
    of_samples = "samples-dataset"  # though a run is shown
    hands.wait(lambda: any(one.slot == of_samples and str(file) in str(one) for one, _, _ in hands.inspector.asked))
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


def test_that_what_the_samples_say_of_the_data_is_not_said_twice(hands: BenchHands, tmp_path: Path) -> None:
    said: list[str] = []
    hands.session.said.connect(lambda level, sentence: said.append(sentence))
    notes = ("The last column is learnt.",)
    answer = DatasetDescription(sample=to_builtins(_ROOMS), sizes={"train": 9}, balance={}, notes=notes)
    hands.session.load_draft(recipe_for(tmp_path / "flats.csv"))
    hands.wait(lambda: "flats" in str(hands.inspector.newest(DescribeDataset)))
    samples = hands.bench.views_area.view("samples")
    hands.bench.views_area.show_draft("samples")
    hands.wait(samples.is_seen)
    hands.inspector.answer(DescribeDataset, answer)
    QApplication.processEvents()
    assert said == []


def test_that_the_file_menu_asks_which_kind_of_data_it_is(hands: BenchHands) -> None:
    hands.bench.show()
    hands.window.actions_by_key["own_data"].trigger()
    QApplication.processEvents()
    gallery = hands.window.gallery
    assert gallery.isVisible()
    menus = [menu for menu in gallery.findChildren(QMenu) if menu.isVisible()]
    assert next(action.text() for action in menus[0].actions()).startswith("A table")
    menus[0].close()
