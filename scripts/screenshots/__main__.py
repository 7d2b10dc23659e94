"""Takes the pictures in docs/screenshots/ of the program as it is now: real runs, driven by clicks, in both themes.

`python -m scripts.screenshots [spiral|images|gates|attention|transformers|lens ...]`: all of them, or these. Those of
the gates and of our own transformers need runs that take minutes: each is trained once, into build/screenshots/, and
trained anew only when its preset changes.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_NEIGHBOURING_DATA = _ROOT.parent / "shared" / "data" / "hub"

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["MODELLAB_HOME"] = tempfile.mkdtemp(prefix="modellab-screenshots-")
if _NEIGHBOURING_DATA.is_dir():
    os.environ.setdefault("MODELLAB_DATASETS", str(_NEIGHBOURING_DATA))

from PySide6.QtWidgets import QApplication  # noqa: E402

from scripts.screenshots.attention import take_attention  # noqa: E402
from scripts.screenshots.gates import take_gates  # noqa: E402
from scripts.screenshots.hands import FOLDER, SIZES, picture, settle  # noqa: E402
from scripts.screenshots.images import take_images  # noqa: E402
from scripts.screenshots.lens import take_lens  # noqa: E402
from scripts.screenshots.spiral import take_spiral  # noqa: E402
from scripts.screenshots.transformers import take_transformers  # noqa: E402
from ui.app import open_window  # noqa: E402

TAKES = {
    "spiral": take_spiral,
    "images": take_images,
    "gates": take_gates,
    "attention": take_attention,
    "transformers": take_transformers,
    "lens": take_lens,
}


def main() -> int:
    """Take the pictures that are asked for; 0 when all are there, as they should be."""
    wanted = sys.argv[1:]
    if unknown := set(wanted) - set(TAKES):
        print(f"There are no pictures of {', '.join(sorted(unknown))}; there are {', '.join(TAKES)}.")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    opened = open_window(app, [])
    window = opened.window
    window.resize(*SIZES[""])
    settle(1500)
    if not wanted:
        picture(window, "gallery")
    for take in wanted or TAKES:
        TAKES[take](window)
    window.close()
    opened.shut_down()
    log = Path(os.environ["MODELLAB_HOME"], "window.log")
    told = log.read_text() if log.is_file() else ""
    shutil.rmtree(os.environ["MODELLAB_HOME"], ignore_errors=True)
    if "Traceback" in told:  # what went wrong stands in the pictures
        print(told)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
