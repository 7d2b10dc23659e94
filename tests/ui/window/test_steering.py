"""What the bar and the title say of the run in view."""

from pathlib import Path

from modellab.presets import presets
from modellab.runs.folder import Details, create_run
from tests.ui.lab.written_run import WrittenRun
from tests.ui.window.bench_hands import BenchHands


def test_that_another_name_stands_in_the_bar_and_the_title_at_once(hands: BenchHands, tmp_path: Path) -> None:
    written = WrittenRun(create_run(presets()["xor"].recipe, path=tmp_path / "run"))
    run = hands.session.open_run(written.folder.path)
    assert run is not None
    run.set_details(Details(name="prices of flats"))
    assert hands.window.bar._run_name.text() == "prices of flats"
    assert hands.window.windowTitle() == "prices of flats – Model Lab"
