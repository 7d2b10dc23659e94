"""The command line: its contract of outputs and exit codes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modellab.cli import main
from modellab.events import Finished, Progress, decode_event
from modellab.recipe import recipe_to_json
from modellab.runs.folder import RunFolder, create_run, tail_events
from modellab.training.devices import FoundDevice
from tests.modellab.training.helpers import recipe

REPOSITORY = Path(__file__).resolve().parents[3]


def run_cli(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "modellab", *arguments],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_that_a_recipe_trains_to_exit_code_0_and_predicts(tmp_path: Path):
    file, out = tmp_path / "recipe.json", tmp_path / "out"
    file.write_bytes(recipe_to_json(recipe(epochs=1)))
    child = run_cli("train", str(file), "--out", str(out), "--set", "training.epochs=3", "--json")
    assert child.returncode == 0, child.stderr
    events = [decode_event(line.encode()) for line in child.stdout.splitlines()]
    assert isinstance(events[-1], Finished)
    assert events[-1].step == 15
    assert events == tail_events(RunFolder(out).events_file)
    predicted = run_cli("predict", str(out), "--point", "0.5,0.2", "--json")
    answer = json.loads(predicted.stdout)
    assert sum(answer["probabilities"]) == pytest.approx(1.0)
    assert (answer["step"], sorted(answer["classes"])) == (15, ["0", "1"])


def test_that_what_was_odd_about_the_data_is_told(tmp_path: Path):
    file = tmp_path / "mixed.txt"
    file.write_bytes("caf\u00e9 ".encode() * 300 + "caf\u00e9 ".encode("latin-1") * 300)
    dataset = ["--architecture", "rnn", "--dataset", "text_file", "--set", f"dataset.file={file}"]
    child = run_cli("train", *dataset, "--set", "training.max_steps=1", "--set", "training.device=cpu")
    assert child.returncode == 0, child.stderr
    assert "mixed.txt mixes encodings: 300 bytes that are not UTF-8 (the first in line 1)" in child.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "missing.json"], "missing.json"),
        (["train"], "--preset"),
        (["train", "--preset", "nope"], "nope"),
        (["train", "--architecture", "mpl", "--dataset", "points"], "did you mean mlp"),
        (["train", "--preset", "xor", "--set", "training.epochs=0"], "training.epochs"),
        (["train", "--preset", "xor", "--set", "training.epoch=3"], "epochs"),
        (["train", "--preset", "xor", "--set", "training"], "OPTION=VALUE"),
        (["train", "nope", "--resume"], "no run"),
        (["predict", "nope", "--point", "1,2"], "no run"),
        (["runs", "stop", "nope"], "no run"),
        (["runs", "stop"], "Name a run"),
    ],
)
def test_that_a_bad_request_is_one_sentence_and_exit_code_2(arguments: list[str], says: str, capfd):
    assert main(arguments) == 2
    told = capfd.readouterr().err
    assert says in told
    assert told.count("\n") == 1
    assert "Traceback" not in told


def test_that_a_device_that_is_not_there_is_a_bad_request(capfd):
    child = run_cli("train", "--preset", "xor", "--set", "training.device=cuda:9")
    assert child.returncode == 2
    assert "cuda:9" in child.stderr
    assert "Traceback" not in child.stderr


def test_that_what_cannot_read_the_data_is_said_before_there_is_a_run(tmp_path: Path, capfd):
    width = ["--set", "architecture.width=9", "--set", "architecture.num_heads=4"]
    command = ["train", "--architecture", "vit", "--dataset", "digits", "--out", str(tmp_path / "run"), *width]
    assert main(command) == 2
    assert "which 4 heads cannot share" in capfd.readouterr().err
    assert not (tmp_path / "run").exists()


def test_that_what_does_not_fit_in_memory_is_said_before_there_is_a_run(tmp_path: Path, capfd, monkeypatch):
    small = FoundDevice(name="cpu", title="a small machine", memory_bytes=10**8)
    monkeypatch.setattr("modellab.inspection.memory_fit.resolve", lambda _device: small)
    options = ["dataset.window=1024", "training.max_steps=1"]
    sets = [word for option in options for word in ("--set", option)]
    assert main(["train", "--preset", "docs-gpt", "--out", str(tmp_path / "run"), *sets]) == 2
    told = capfd.readouterr().err
    assert told.startswith("modellab: Training needs about")
    assert "texts of 1,024 tokens, and there are 0.1 GB; make Batch size (training.batch_size) at most" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_that_a_loss_that_is_no_number_fails_with_exit_code_1_and_a_checkpoint(tmp_path: Path):
    out = tmp_path / "out"
    child = run_cli("train", "--preset", "plane-regression", "--set", "training.learning_rate=100", "--out", str(out))
    assert child.returncode == 1
    assert "not a finite number" in child.stderr
    assert "Traceback" not in child.stderr
    assert list((out / "checkpoints").glob("step-*/MANIFEST.json"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one child.")
def test_that_ctrl_c_stops_with_a_checkpoint_and_exit_code_130_and_resume_goes_on(tmp_path: Path):
    run = RunFolder(tmp_path / "out")
    child = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "modellab",
            "train",
            "--preset",
            "xor",
            "--set",
            "training.epochs=100000",
            "--out",
            run.path,
        ],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while not any(isinstance(event, Progress) for event in tail_events(run.events_file)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=60)
    assert child.returncode == 130
    assert b"Traceback" not in told
    stopped_at = tail_events(run.events_file)[-1].step
    assert (run.checkpoints / f"step-{stopped_at:08d}" / "MANIFEST.json").is_file()
    resumed = run_cli("train", str(run.path), "--resume", "--set", f"training.max_steps={stopped_at + 50}")
    assert resumed.returncode == 0, resumed.stderr
    assert tail_events(run.events_file)[-1].step == stopped_at + 50


@pytest.mark.parametrize("what", ["architectures", "datasets", "presets"])
def test_that_a_list_is_json_with_names_titles_and_sentences(what: str, capfd):
    assert main(["list", what, "--json"]) == 0
    entries = json.loads(capfd.readouterr().out)
    assert entries
    assert all(entry["name"] and entry["title"] and entry["summary"].endswith(".") for entry in entries)


def test_that_runs_are_listed_as_json_with_id_folder_and_status(capfd):
    run = create_run(recipe())
    assert main(["runs", "--json"]) == 0
    (row,) = json.loads(capfd.readouterr().out)
    assert (row["id"], row["folder"], row["status"]) == (run.id, str(run.path), "new")
    assert main(["list", "runs"]) == 0
    assert run.id in capfd.readouterr().out


def test_that_a_run_that_nothing_trains_cannot_be_steered(capfd):
    run = create_run(recipe())
    assert main(["runs", "pause", run.id]) == 2
    assert "Nothing trains" in capfd.readouterr().err


def test_that_options_are_sent_to_a_run_that_trains_and_what_it_cannot_take_is_refused(capfd):
    run = create_run(recipe())
    with run.lock():
        assert main(["runs", "set", run.id, "training.learning_rate=0.5", "training.clip_norm=1"]) == 0
        for change, says in (
            ("training.learning_rate=-4", "training.learning_rate"),
            ("training.learning_rte=4", "did you mean learning_rate"),
            ("training.batch_size=4", "training.batch_size cannot be changed while a run trains"),
        ):
            assert main(["runs", "set", run.id, "--set", change]) == 2
            assert says in capfd.readouterr().err
    asked = [json.loads(line) for line in run.commands_file.read_text().splitlines()]
    assert [(command["name"], command["value"]) for command in asked] == [
        ("training.learning_rate", 0.5),
        ("training.clip_norm", 1),
    ]


@pytest.mark.parametrize("change", ["architecture.hidden_layers=[4]", "dataset.shape=xor", "training.optimizer=sgd"])
def test_that_a_run_does_not_go_on_with_what_it_has_not_learnt(change: str, capfd):
    run = create_run(recipe())
    assert main(["train", str(run.path), "--resume", "--set", change]) == 2
    told = capfd.readouterr().err
    assert change.partition(".")[0] in told
    assert "start a new run" in told


def test_that_a_home_that_cannot_be_made_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MODELLAB_HOME", str(tmp_path / "file" / "home"))
    assert main(["runs"]) == 1
    told = capfd.readouterr().err
    assert str(tmp_path / "file" / "home") in told
    assert "Traceback" not in told


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes.")
def test_that_a_training_whose_output_nobody_reads_any_more_stops_with_a_checkpoint(tmp_path: Path):
    run = RunFolder(tmp_path / "out")
    words = ["train", "--preset", "xor", "--set", "training.epochs=100000", "--out", str(run.path), "--json"]
    child = subprocess.Popen(
        [sys.executable, "-m", "modellab", *words],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stdout.readline()
    child.stdout.close()
    assert child.stderr is not None
    assert b"Traceback" not in child.stderr.read()
    assert child.wait(timeout=60) == 130
    assert run.status() == "stopped"
    assert list(run.checkpoints.glob("step-*/MANIFEST.json"))


def test_that_the_list_of_runs_needs_no_torch():
    script = "import sys; from modellab.cli import main; main(['runs']); sys.exit('torch' in sys.modules)"
    child = subprocess.run([sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": str(REPOSITORY)})
    assert child.returncode == 0
