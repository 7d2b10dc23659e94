"""The first page: presets to click, one's own data, and the ways in for those who know."""

import subprocess
import sys

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from modellab.data import datasets
from modellab.presets import cards, presets
from modellab.presets.times import agreed_seconds
from tests.ui.panel_pixels import is_blank
from ui.panels.gallery import Gallery
from ui.panels.gallery_pictures import picture_of
from ui.panels.gallery_tile import PresetTile, duration_hint, is_download_needed
from ui.theme import theme

pytestmark = pytest.mark.usefixtures("themed")


@pytest.fixture
def gallery(qtbot):
    gallery = Gallery()
    gallery.complete()  # as the window does once it has been painted
    qtbot.addWidget(gallery)
    gallery.resize(960, 600)
    gallery.show()
    QApplication.processEvents()
    return gallery


def test_that_its_first_picture_has_the_first_group_alone_and_the_others_follow_below(qtbot):
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.resize(1280, 700)
    gallery.show()
    first = list(gallery.findChildren(PresetTile))
    places = [tile.pos() for tile in first]
    assert 0 < len(first) < len(presets())
    gallery.complete()
    QApplication.processEvents()
    assert [tile.pos() for tile in first] == places
    assert len(gallery.tiles) == len(presets()) + 4


def first_of(gallery):
    return next(iter(gallery.tiles.items()))


def test_that_every_preset_has_a_tile(gallery):
    assert set(presets()) <= set(gallery.tiles)
    assert all(gallery.tiles[name].accessibleName() == preset.title for name, preset in presets().items())


def test_that_a_click_trains_a_preset(qtbot, gallery):
    name, tile = first_of(gallery)
    with qtbot.waitSignal(gallery.preset_chosen) as chosen:
        qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert chosen.args == [name]


def test_that_ctrl_click_and_the_small_button_only_load_it(qtbot, gallery):
    name, tile = first_of(gallery)
    assert isinstance(tile, PresetTile)
    for do in (
        lambda: qtbot.mouseClick(tile, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier),
        lambda: QTest.keyClick(tile, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier),
        tile._load.click,
    ):
        with qtbot.assertNotEmitted(gallery.preset_chosen), qtbot.waitSignal(gallery.preset_loaded) as loaded:
            do()
        assert loaded.args == [name]


def test_that_enter_trains_the_tile_with_the_focus(qtbot, gallery):
    gallery.setFocus()
    name, tile = first_of(gallery)
    qtbot.waitUntil(tile.hasFocus)
    with qtbot.waitSignal(gallery.preset_chosen) as chosen:
        QTest.keyClick(tile, Qt.Key.Key_Return)
    assert chosen.args == [name]


def test_that_the_arrows_go_from_tile_to_tile_and_across_groups(qtbot, gallery):
    tiles = list(gallery.tiles.values())
    tiles[0].setFocus()
    QTest.keyClick(tiles[0], Qt.Key.Key_Right)
    assert tiles[1].hasFocus()
    QTest.keyClick(tiles[1], Qt.Key.Key_Left)
    assert tiles[0].hasFocus()
    QTest.keyClick(tiles[0], Qt.Key.Key_Left)
    assert tiles[0].hasFocus()
    for _ in range(12):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Down)
    assert gallery.tiles["own-table"].hasFocus()
    assert not gallery.tiles["own-table"].visibleRegion().isEmpty()


@pytest.mark.parametrize(("width", "most"), [(700, 3), (960, 4), (1500, 7), (1900, 7)])
def test_that_the_tiles_reflow_with_the_width(qtbot, gallery, width, most):
    gallery.resize(width, 600)
    QApplication.processEvents()
    tops = [tile.mapTo(gallery, tile.rect().topLeft()).y() for tile in gallery.tiles.values()]
    lefts = {tile.mapTo(gallery, tile.rect().topLeft()).x() for tile in gallery.tiles.values()}
    assert 2 <= len(lefts) <= most
    assert len(set(tops)) >= 3
    for tile in gallery.tiles.values():
        right = tile.mapTo(gallery, tile.rect().topRight()).x()
        assert tile.width() >= 180
        assert right < width


def test_that_one_may_start_blank_or_open_something(qtbot, gallery):
    buttons = {button.text(): button for button in gallery.findChildren(QPushButton)}
    with qtbot.waitSignal(gallery.blank_asked):
        buttons["Start from a blank setup"].click()
    with qtbot.waitSignal(gallery.open_asked):
        buttons["Open a recipe or run…"].click()


def test_that_it_is_painted_before_any_recipe_is_read_and_without_numpy():
    program = """
import sys
from PySide6.QtWidgets import QApplication
from ui.theme import apply_theme
from ui.panels.gallery import Gallery
app = QApplication([])
apply_theme(app, "dark")
gallery = Gallery()
gallery.show()
gallery.complete()
print(len(gallery.tiles), sorted(sys.modules.keys() & {"numpy", "torch", "modellab.recipe"}))
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    count, heavy = told.stdout.split(maxsplit=1)
    assert int(count) > len(presets())
    assert heavy.strip() == "[]"


def test_that_presets_of_the_same_words_have_pictures_of_their_own():
    pictures = []
    for name in ("words-lstm", "words-gru", "words-rnn"):
        image = QImage(QSize(240, 120), QImage.Format.Format_RGB32)
        image.fill(theme().colour("input"))
        painter = QPainter(image)
        picture_of(presets()[name])(painter, image.rect().toRectF())
        painter.end()
        pictures.append(bytes(image.constBits()))
    assert len(set(pictures)) == 3


def test_that_a_public_set_that_is_not_there_needs_a_download(monkeypatch, tmp_path):
    card = cards()["mnist-cnn"]
    assert is_download_needed(card)
    (tmp_path / datasets()["mnist"].hub_id).mkdir(parents=True)  # type: ignore[attr-defined]
    monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path))
    assert not is_download_needed(card)
    assert not is_download_needed(next(iter(cards().values())))


def test_that_a_pretrained_model_that_is_not_there_needs_a_download(monkeypatch, tmp_path):
    card = cards()["imdb-minilm"]
    (tmp_path / card.hub_id).mkdir(parents=True)
    monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path))
    assert is_download_needed(card)
    (tmp_path / "models" / card.model_id).mkdir(parents=True)
    monkeypatch.setenv("MODELLAB_MODELS", str(tmp_path / "models"))
    assert not is_download_needed(card)


def test_that_a_time_that_nobody_measured_here_is_told_without_a_number():
    assert not any(char.isdigit() for card in cards().values() for char in duration_hint(card, None))
    assert duration_hint(cards()["xor"], None) == "a few seconds"
    assert duration_hint(cards()["docs-gpt"], 133.2) == "about 2 min"


def test_that_a_card_tells_what_was_measured_since_it_was_shown_last(qtbot):
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.show()
    tile = gallery.tiles["moons"]
    assert tile.accessibleDescription().endswith("a few seconds")
    assert agreed_seconds(presets()["moons"].recipe, 3.2) == 3.2
    gallery.hide()
    gallery.show()
    assert tile.accessibleDescription().endswith("about 3 s")
    another = Gallery()
    qtbot.addWidget(another)
    assert another.tiles["moons"].accessibleDescription() == tile.accessibleDescription()


@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_every_preset_has_a_picture_in_both_themes(qtbot, name):
    before = theme().name
    theme().use(name)
    try:
        for preset_name, preset in presets().items():
            image = QImage(QSize(240, 120), QImage.Format.Format_RGB32)
            image.fill(theme().colour("input"))
            painter = QPainter(image)
            picture_of(preset)(painter, image.rect().toRectF())
            painter.end()
            seen = {image.pixel(x, y) for x in range(0, 240, 2) for y in range(0, 120, 2)}
            assert len(seen) > 4, preset_name
    finally:
        theme().use(before)


@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_it_is_painted_in_both_themes(gallery, name):
    before = theme().name
    theme().use(name)
    try:
        assert not is_blank(gallery)
    finally:
        theme().use(before)


def test_that_importing_it_brings_no_heavy_library():
    code = (
        "import sys, ui.panels.gallery, ui.panels.inference, ui.panels.runs, ui.panels.log;"
        "print([n for n in ('torch', 'sklearn', 'pandas', 'pyarrow', 'PIL', 'datasets') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert found.stdout.strip() == "[]"
