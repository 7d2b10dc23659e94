"""How large the window is at first."""

from PySide6.QtCore import QSize

from ui.app import first_size


def test_that_the_first_window_fits_on_a_small_screen_with_its_frame() -> None:
    size = first_size(QSize(1280, 800))
    assert size.width() <= 1272
    assert size.height() <= 760


def test_that_the_first_window_is_no_larger_for_a_large_screen() -> None:
    assert first_size(QSize(3840, 2160)) == QSize(1280, 800)
