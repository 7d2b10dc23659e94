"""Says whether Qt can load here: `qt_libraries.py offscreen|xcb|wayland`; prints what is missing and exits 1."""

import ctypes
import importlib
import importlib.util
import sys
from pathlib import Path

MODULES = ("QtCore", "QtGui", "QtWidgets", "QtSvg", "QtOpenGL", "QtOpenGLWidgets")


def what_is_missing(part: str) -> str | None:
    """Returns the loader's own words about the first library that cannot be loaded, or None when all can."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or spec.origin is None:
        return "PySide6 is not installed"
    try:
        for module in MODULES:
            importlib.import_module(f"PySide6.{module}")
        ctypes.CDLL(str(Path(spec.origin).parent / "Qt" / "plugins" / "platforms" / f"libq{part}.so"))
    except (ImportError, OSError) as error:
        return str(error)
    return None


if __name__ == "__main__":
    missing = what_is_missing(sys.argv[1])
    if missing is not None:
        print(missing)
        sys.exit(1)
