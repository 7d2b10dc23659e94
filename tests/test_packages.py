"""The arrows between the packages, and what importing them really loads."""

import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
MODEL_LIBRARIES = ("torch", "transformers", "torchmetrics", "captum", "lightning")
QT_LIBRARIES = ("PySide6", "shiboken6", "pyqtgraph")

# What may be imported with no torch: each of these, with every module in it. `ui` is the window's whole process.
# (The rest of modellab, its nets and its training, may import torch, so `import modellab` is looked at alone.)
LIGHT = (
    "modellab.architectures",
    "modellab.cli",
    "modellab.commands",
    "modellab.config",
    "modellab.data",
    "modellab.errors",
    "modellab.events",
    "modellab.recipe",
    "modellab.registry",
    "modellab.runs",
    "ui",
)

# Imports the modules named as JSON on stdin one by one; prints, for each banned library, the first that brought it in.
IMPORTER = """
import importlib, json, sys
names, banned = json.load(sys.stdin)
found = {}
for name in names:
    importlib.import_module(name)
    for library in banned:
        if library in sys.modules:
            found.setdefault(library, name)
json.dump(found, sys.stdout)
"""


def modules_of(dotted: str) -> list[str]:
    """The module or package of that name and every module in it, outermost first; empty when there is none."""
    path = REPOSITORY.joinpath(*dotted.split("."))
    files = [path.with_suffix(".py"), *path.rglob("*.py")]
    relative = [file.relative_to(REPOSITORY).with_suffix("") for file in files if file.is_file()]
    return sorted(".".join(file.parts).removesuffix(".__init__") for file in relative if file.name != "__main__")


def loaded_by(names: list[str], *, banned: tuple[str, ...]) -> dict[str, str]:
    """Imports the modules in a fresh process; gives each banned library that got loaded and the module that did it."""
    child = subprocess.run(
        [sys.executable, "-c", IMPORTER],
        input=json.dumps([names, banned]),
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert child.returncode == 0, child.stderr
    return dict(json.loads(child.stdout))


def test_that_importing_the_core_loads_no_model_library():
    assert loaded_by(["modellab"], banned=MODEL_LIBRARIES) == {}


def test_that_importing_all_of_what_is_light_loads_no_model_library():
    assert all(modules_of(package) for package in LIGHT)
    names = [name for package in LIGHT for name in modules_of(package)]
    assert loaded_by(names, banned=MODEL_LIBRARIES) == {}


def test_that_importing_the_core_and_the_workers_loads_no_qt():
    names = [name for package in ("modellab", "workers") for name in modules_of(package)]
    assert loaded_by(names, banned=QT_LIBRARIES) == {}


def test_that_the_window_s_first_picture_waits_for_no_library_but_qt():
    needed = ["ui.app", "ui.panels.gallery", "ui.window.main_window"]
    assert loaded_by(needed, banned=("numpy", "msgspec", "platformdirs", "babel", "PIL", "safetensors")) == {}


def test_that_a_library_loaded_on_import_is_seen():
    assert loaded_by(["json", "torch"], banned=MODEL_LIBRARIES) == {"torch": "torch"}


def test_that_the_imports_keep_to_the_contracts():
    child = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-cache"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert child.returncode == 0, child.stdout + child.stderr
