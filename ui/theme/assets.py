"""Where the bundled files lie: fonts, icons, the pictures of controls."""

import sys
from pathlib import Path


def assets_folder() -> Path:
    """The ``assets`` folder: beside the packages in a checkout, in a frozen program's bundle otherwise."""
    bundle = getattr(sys, "_MEIPASS", None)
    root = Path(bundle) if bundle else Path(__file__).resolve().parents[2]
    return root / "assets"
