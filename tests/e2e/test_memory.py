"""Memory that really runs out: the system refuses the trainer what its batch needs."""

import resource
import sys
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QPushButton

from modellab.recipe import recipe_from_builtins, recipe_to_json
from tests.e2e.hands import Hands
from ui.widgets.banner import Banner

_WIDTH, _BATCH = 2048, 40_000  # 328 MB for what one layer says, and as much for what its activation makes of it
_ROOM = 600_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux limits the memory of another process.")
def test_that_memory_that_ran_out_says_how_much_was_needed_and_one_click_trains_what_fits(
    lab: Hands, tmp_path: Path
) -> None:
    file = tmp_path / "wide.json"
    values = {
        "architecture": {"name": "mlp", "hidden_layers": [_WIDTH]},
        "dataset": {"name": "points", "count": 60_000},
        "training": {"max_steps": 4, "batch_size": _BATCH, "device": "cpu"},
    }
    file.write_bytes(recipe_to_json(recipe_from_builtins(values)))
    assert lab.drop(file)
    lab.wait(lambda: lab.session.draft is not None and lab.session.draft.training.batch_size == _BATCH)
    limit_spare(lab)
    lab.click(lab.window.bar.main_button)
    run = lab.wait_for_run("failed")
    lab.wait(lambda: bool(lab.sentences()))
    sentence = lab.sentences()[0]
    assert "MB more were needed for a batch of 40000. A batch of" in sentence, sentence
    banner = lab.window.messages.findChildren(Banner)[-1]
    retry = next(button for button in banner.findChildren(QPushButton) if button.text().startswith("Start again"))
    limit_spare(lab)
    lab.click(retry)
    lab.wait(lambda: lab.session.current is not run)
    again = lab.wait_for_run("finished")
    assert again.recipe.training.batch_size < _BATCH
    assert f"A batch of {again.recipe.training.batch_size} should fit." in sentence
    assert again.step == 4


def limit_spare(lab: Hands) -> None:
    """Let the trainer that waits have this much more than it has; the system keeps it to that."""
    lab.wait(lambda: lab.opened.spare.wait_until_warm(timeout=0))
    spare = next(child for child in psutil.Process().children() if child.cmdline()[-1] == "--spare")
    limit = spare.memory_info().vms + _ROOM
    resource.prlimit(spare.pid, resource.RLIMIT_AS, (limit, limit))
