"""Where the tests run: no display, no network, and nothing of the person's own read or written."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

# Read before anything is redirected: the only thing the tests take from the person's own environment.
_DATASETS_NAMED = os.environ.get("MODELLAB_DATASETS")


def _settle_environment() -> None:
    """Sets what libraries read once, on import: it has to be done before the first of them is imported."""
    session_home = Path(tempfile.mkdtemp(prefix="modellab-tests-"))
    atexit.register(shutil.rmtree, session_home, ignore_errors=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # threads of the many processes here do not wait in a loop
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # the processes side by side have the cores already
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HOME"] = str(session_home / "huggingface")
    os.environ["MODELLAB_HOME"] = str(session_home / "home")
    os.environ["MODELLAB_MODELS"] = str(session_home / "models")
    os.environ.pop("MODELLAB_DATASETS", None)


_settle_environment()


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives each test a home, a model folder and settings of its own, which its child processes inherit."""
    from PySide6.QtCore import QSettings

    for name, folder in (("MODELLAB_HOME", "home"), ("MODELLAB_MODELS", "models"), ("HF_HOME", "huggingface")):
        monkeypatch.setenv(name, str(tmp_path / "own" / folder))
    monkeypatch.delenv("MODELLAB_DATASETS", raising=False)

    settings = str(tmp_path / "own" / "settings")
    monkeypatch.setenv("XDG_CONFIG_HOME", settings)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)  # the only format that can be moved on every system
    for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
        QSettings.setPath(QSettings.Format.IniFormat, scope, settings)


@pytest.fixture(scope="session")
def real_datasets() -> Path:
    """The folder of real public datasets, `<owner>/<name>/`; a test that asks for it is skipped without one."""
    named = [Path(_DATASETS_NAMED)] if _DATASETS_NAMED else []
    neighbouring = REPOSITORY.parent / "shared" / "data" / "hub"
    for folder in (*named, neighbouring):
        if folder.is_dir():
            return folder
    pytest.skip("There is no folder of real datasets: name one in MODELLAB_DATASETS to run this test.")
