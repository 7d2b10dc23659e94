"""The theme's promises: legible in both palettes, light to import, complete, and at home with no font installed."""

import gc
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QFontInfo, QFontMetrics, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QCompleter, QLineEdit, QPlainTextEdit, QPushButton

from ui.theme import apply_theme, class_colour, contrast_ratio, font, series_colour, system_theme, theme
from ui.theme.assets import assets_folder
from ui.theme.colour_maps import COLOUR_MAP_NAMES, class_colours, colour_map
from ui.theme.icons import icon, icon_names, icon_pixmap, program_icon
from ui.theme.palette import PALETTES, relative_luminance
from ui.theme.stylesheet import stylesheet

REPOSITORY = Path(__file__).resolve().parents[2]
each_palette = pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)

TEXT_ROLES = ("text", "muted", "link", "good", "warn", "bad")
SURFACES = ("window", "panel", "raised", "input")
TEXT_PAIRS = [(text, surface) for text in TEXT_ROLES for surface in SURFACES] + [
    *((role, tint) for role in ("text", "link") for tint in ("good_tint", "warn_tint", "bad_tint", "info_tint")),
    *(("text", surface) for surface in ("hover", "pressed", "selection")),
    ("good", "good_tint"),
    ("warn", "warn_tint"),
    ("bad", "bad_tint"),
    ("muted", "hover"),
    ("on_accent", "accent_fill"),
    ("on_accent", "accent_hover"),
    ("on_accent", "accent_pressed"),
    ("tooltip_text", "tooltip"),
    ("tooltip_muted", "tooltip"),
]


@pytest.fixture
def dark_app(qapp):
    apply_theme(qapp, "dark")
    yield qapp
    theme().use("dark")


@each_palette
@pytest.mark.parametrize(("text", "surface"), TEXT_PAIRS)
def test_that_text_can_be_read_on_every_surface_it_stands_on(palette, text, surface):
    assert contrast_ratio(getattr(palette, text), getattr(palette, surface)) >= 4.5


@each_palette
@pytest.mark.parametrize("surface", SURFACES)
def test_that_the_focus_ring_is_seen_on_every_surface(palette, surface):
    assert contrast_ratio(palette.focus, getattr(palette, surface)) >= 3


@each_palette
@pytest.mark.parametrize("index", range(16))
def test_that_series_and_classes_are_seen_on_a_panel(palette, index):
    assert contrast_ratio(series_colour(index, palette=palette), palette.panel) >= 3
    assert contrast_ratio(class_colour(index, palette=palette), palette.panel) >= 3


@each_palette
def test_that_no_two_of_the_first_sixteen_series_share_a_colour(palette):
    assert len({series_colour(index, palette=palette) for index in range(16)}) == 16
    assert len({class_colour(index, palette=palette) for index in range(16)}) == 16


# Without the red, the green or the blue cones (Machado, Oliveira and Fernandes 2009, severity 1), on linear RGB.
EYES = {
    "all cones": np.eye(3),
    "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "no blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_CONES = [[0.412221, 0.536333, 0.051446], [0.211903, 0.680700, 0.107397], [0.088302, 0.281719, 0.629979]]
TO_OKLAB = [[0.210454, 0.793618, -0.004072], [1.977998, -2.428592, 0.450594], [0.025904, 0.782772, -0.808676]]


def oklab(colour, eye):
    """Lightness, green to red and blue to yellow, of what such an eye makes of a colour (Ottosson 2020)."""
    encoded = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(EYES[eye]) @ linear, 0, 1)
    return np.array(TO_OKLAB) @ np.cbrt(np.array(TO_CONES) @ seen)


@each_palette
@pytest.mark.parametrize("eye", EYES)
def test_that_no_two_series_look_alike_to_any_eye(palette, eye):
    seen = [oklab(series_colour(index, palette=palette), eye) for index in range(8)]
    nearest = min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2))
    assert nearest >= (0.12 if eye == "all cones" else 0.085)


def test_that_contrast_is_computed_as_the_guideline_says():
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@each_palette
@pytest.mark.parametrize("name", COLOUR_MAP_NAMES)
def test_that_a_colour_map_is_a_table_of_256_opaque_colours(palette, name):
    table = colour_map(name, palette=palette)
    assert table.shape == (256, 4)
    assert table.dtype == np.uint8
    assert (table[:, 3] == 255).all()
    steps = np.abs(np.diff(table[:, :3].astype(int), axis=0)).max()
    assert steps <= 8, "neighbouring values should look alike"


@each_palette
@pytest.mark.parametrize("name", ["viridis", "attention"])
def test_that_a_sequential_map_only_ever_grows_lighter_or_darker(palette, name):
    table = colour_map(name, palette=palette)
    luminance = np.array([relative_luminance("#" + bytes(row[:3]).hex()) for row in table])
    changes = np.diff(luminance) * np.sign(luminance[-1] - luminance[0])
    assert changes.min() > -0.004  # rounding to 8 bits
    assert abs(luminance[-1] - luminance[0]) > 0.5


@each_palette
def test_that_the_diverging_map_is_neutral_in_the_middle_and_even_at_its_ends(palette):
    table = colour_map("diverging", palette=palette)
    neutral = [*bytes.fromhex(palette.panel[1:])]
    assert table[127, :3].tolist() == table[128, :3].tolist() == neutral
    low, high = ("#" + bytes(table[place, :3]).hex() for place in (0, 255))
    assert contrast_ratio(low, high) < 1.25
    assert contrast_ratio(low, palette.panel) > 3


def test_that_viridis_is_the_viridis_everyone_knows():
    table = colour_map("viridis")
    assert table[0, :3].tolist() == [0x44, 0x01, 0x54]
    assert table[255, :3].tolist() == [0xFD, 0xE7, 0x25]


def test_that_each_class_has_a_row_of_the_table():
    assert class_colours(3).tolist() == [[*bytes.fromhex(class_colour(i)[1:]), 255] for i in range(3)]
    assert class_colours(0).shape == (0, 4)


@each_palette
def test_that_the_stylesheet_names_only_files_that_exist_and_leaves_no_hole(palette):
    sheet = stylesheet(palette)
    urls = re.findall(r'url\("([^"]+)"\)', sheet)
    assert urls
    assert all(Path(url).is_file() for url in urls)
    assert "$" not in sheet
    assert stylesheet(palette) is sheet, "it is built once"


def test_that_applying_a_theme_restyles_the_application_and_tells_the_painters(dark_app, qtbot):
    assert dark_app.palette().color(QPalette.ColorRole.Window).name() == PALETTES["dark"].window
    with qtbot.waitSignal(theme().changed):
        theme().toggle()
    assert theme().name == "light"
    assert dark_app.palette().color(QPalette.ColorRole.Window).name() == PALETTES["light"].window
    assert dark_app.styleSheet() == stylesheet(PALETTES["light"])


def test_that_using_the_theme_in_force_tells_nobody(dark_app, qtbot):
    with qtbot.assertNotEmitted(theme().changed):
        theme().use("dark")


def test_that_using_the_theme_in_force_takes_no_font_back(dark_app, qtbot):
    field = QPlainTextEdit()
    qtbot.addWidget(field)
    large = font("body")
    large.setPixelSize(31)
    field.setFont(large)
    field.show()
    theme().use("dark")
    assert field.font().pixelSize() == 31


def test_that_an_unknown_desktop_means_dark(qapp):
    assert system_theme() in PALETTES


def test_that_a_button_is_really_painted_in_the_palette(dark_app, qtbot):
    button = QPushButton("Start")
    button.setProperty("variant", "primary")
    qtbot.addWidget(button)
    button.resize(96, 32)
    image = button.grab().toImage()
    assert image.pixelColor(12, 16).name() == theme().palette.accent_fill


def test_that_what_is_proposed_while_one_types_is_painted_in_the_palette_too(dark_app, qtbot):
    field = QLineEdit()
    qtbot.addWidget(field)
    field.setCompleter(QCompleter(["models", "more"], field))
    field.show()
    qtbot.keyClicks(field, "mo")
    popup = field.completer().popup()
    assert popup is not None
    qtbot.waitUntil(popup.isVisible)
    for name in ("light", "dark"):
        theme().use(name)
        image = popup.grab().toImage()
        assert image.pixelColor(image.width() - 8, image.height() // 4).name() == PALETTES[name].raised


def test_that_figures_are_equally_wide(dark_app):
    for style in ("title", "strong", "body", "small", "mono"):
        metrics = QFontMetrics(font(style))
        assert len({metrics.horizontalAdvance(figure * 20) for figure in "0123456789"}) == 1, style


def test_that_the_bundled_fonts_are_the_ones_used(dark_app):
    assert QFontInfo(font("body")).family() == "Inter"
    assert QFontInfo(font("strong")).family() == "Inter"
    assert QFontInfo(font("strong")).weight() == QFont.Weight.DemiBold
    assert QFontInfo(font("mono")).family() == "JetBrains Mono"
    assert QApplication.font().family() == "Inter"


@pytest.mark.skipif(sys.platform != "linux", reason="fontconfig names the installed fonts on Linux")
def test_that_text_is_drawn_with_no_font_installed_at_all(tmp_path):
    empty = tmp_path / "fonts.conf"
    empty.write_text(f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>")
    program = """
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication, QLabel
from ui.theme import apply_theme
app = QApplication([])
apply_theme(app, "dark")
label = QLabel("Model Lab")
image = label.grab().toImage()
inked = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
print(len(inked), QFontInfo(label.font()).family())
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"FONTCONFIG_FILE": str(empty), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    num_colours, family = done.stdout.split(" ", 1)
    assert int(num_colours) > 8, "antialiased letters have many shades"
    assert family.strip() == "Inter"


def test_that_importing_the_theme_loads_neither_numpy_nor_pyqtgraph():
    program = "import sys, ui.theme, ui.theme.icons; print({'numpy', 'pyqtgraph', 'torch'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("name", sorted(icon_names()))
def test_that_an_icon_is_drawn_in_the_colour_asked_for(dark_app, name):
    image = icon_pixmap(name, "bad", size=24, ratio=2).toImage()
    opaque = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert opaque, "it is not blank"
    assert {colour.name() for colour in opaque} == {theme().palette.bad}


def test_that_an_icon_made_once_follows_the_theme(dark_app):
    made_in_the_dark = icon("play")
    dark = made_in_the_dark.pixmap(24, 24).toImage().pixelColor(12, 12).name()
    theme().toggle()
    light = made_in_the_dark.pixmap(24, 24).toImage().pixelColor(12, 12).name()
    assert (dark, light) == (PALETTES["dark"].text, PALETTES["light"].text)


def test_that_icons_live_through_copying_adding_and_collecting(dark_app):
    gc.freeze()  # what other tests left is not looked through twenty times
    try:
        for name in sorted(icon_names())[:20]:
            first = icon(name)
            second = QIcon(first)
            second.addPixmap(QPixmap(4, 4))
            del first
            gc.collect()
            assert not second.pixmap(24, 24).isNull()
    finally:
        gc.unfreeze()


def test_that_an_icon_is_sharp_on_a_fine_screen(dark_app):
    pixmap = icon("settings").pixmap(QSize(16, 16), 2.0)
    assert pixmap.width() == 32
    assert pixmap.devicePixelRatio() == 2


def test_that_the_program_icon_is_there_at_every_size(dark_app):
    for size in (16, 32, 64, 256):
        assert not program_icon().pixmap(size, size).isNull()


def test_that_the_assets_are_small_and_carry_their_licences():
    files = [path for path in assets_folder().rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 2.5e6
    assert "SIL Open Font License" in (assets_folder() / "fonts" / "LICENSE.txt").read_text(encoding="utf-8")
    assert "ISC License" in (assets_folder() / "icons" / "LICENSE.txt").read_text(encoding="utf-8")


def test_that_an_icon_asked_for_in_no_room_is_nothing_and_no_warning(qapp):
    assert icon("search").pixmap(QSize(0, 16)).isNull()
