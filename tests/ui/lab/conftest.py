"""A run folder whose events a test writes by hand."""

from pathlib import Path

import pytest

from modellab.recipe import Recipe, recipe_from_builtins
from modellab.runs.folder import create_run
from tests.ui.lab.written_run import WrittenRun


@pytest.fixture
def recipe() -> Recipe:
    return recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": {"name": "points"}, "training": {}})


@pytest.fixture
def written(recipe: Recipe, tmp_path: Path) -> WrittenRun:
    return WrittenRun(create_run(recipe, path=tmp_path / "run"))
