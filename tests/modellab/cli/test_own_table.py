"""A small table trains from a terminal as it does in the window."""

from pathlib import Path

from modellab.cli import main
from modellab.presets.size import options_for_size
from modellab.runs.folder import RunFolder


def test_that_a_small_table_gets_the_batches_and_epochs_that_the_window_gives_it(tmp_path: Path):
    file = tmp_path / "flats.csv"
    file.write_text("rooms,rent\n" + "".join(f"{rooms},{rooms * 400 + 100}\n" for rooms in range(1, 13)))
    table = ["train", "--architecture", "mlp", "--dataset", "table", "--set", f"dataset.file={file}"]
    assert main([*table, "--out", str(tmp_path / "run")]) == 0
    training = RunFolder(tmp_path / "run").recipe().training
    assert {"batch_size": training.batch_size, "epochs": training.epochs} == options_for_size(10)
    assert (training.batch_size, training.epochs) == (8, 200)
    assert main([*table, "--set", "training.epochs=3", "--out", str(tmp_path / "asked")]) == 0
    asked = RunFolder(tmp_path / "asked").recipe().training
    assert (asked.batch_size, asked.epochs) == (8, 3)
