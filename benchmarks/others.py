"""The other trainers, each with the logging it comes with, on the small MLP."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import Dataset, IterableDataset

from modellab.training.setup import Setup

Batches = Iterator[tuple[Tensor, Tensor]]


class _Stream(IterableDataset[Any]):
    """Ready-made batches, so that no trainer pays for collating."""

    def __init__(self, batches: Batches, *, steps: int) -> None:
        self._batches = batches
        self._steps = steps

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for _ in range(self._steps):
            yield next(self._batches)

    def __len__(self) -> int:
        return self._steps


def lightning(setup: Setup, model: nn.Module, batches: Batches) -> float:
    """Lightning with its CSV logger and progress bar, logging the loss of every step."""
    import logging
    import warnings

    import lightning as L
    from lightning.pytorch.loggers import CSVLogger

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")

    class Module(L.LightningModule):
        start = 0.0

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
            if index == 1:
                Module.start = time.perf_counter()
            outputs = self.model(batch[0])
            loss = F.cross_entropy(outputs, batch[1])
            self.log("loss", loss, prog_bar=True)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.AdamW(self.parameters(), lr=0.001, fused=True)

    steps = setup.total_steps
    loader = torch.utils.data.DataLoader(_Stream(batches, steps=steps), batch_size=None)
    with tempfile.TemporaryDirectory() as place, open(os.devnull, "w") as nothing:
        import contextlib

        with contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
            trainer = L.Trainer(
                max_steps=steps,
                max_epochs=1,
                accelerator="cpu",
                logger=CSVLogger(place),
                enable_checkpointing=False,
                enable_model_summary=False,
                log_every_n_steps=50,
            )
            trainer.fit(Module(), loader)
            return (steps - 1) / (time.perf_counter() - Module.start)


def hugging_face(setup: Setup, model: nn.Module, batches: Batches) -> float:
    """The Trainer of transformers, logging every 50 steps."""
    from transformers import Trainer, TrainerCallback, TrainingArguments

    class Wrapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, inputs: Tensor, labels: Tensor) -> dict[str, Tensor]:
            outputs = self.model(inputs)
            return {"loss": F.cross_entropy(outputs, labels), "logits": outputs}

    class Clock(TrainerCallback):
        start = 0.0

        def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            if state.global_step == 1:
                Clock.start = time.perf_counter()

    class Examples(Dataset[Any]):
        """One index a batch; the collator gives the batch."""

        def __len__(self) -> int:
            return setup.total_steps

        def __getitem__(self, index: int) -> int:
            return index

    def collate(indices: list[int]) -> dict[str, Tensor]:
        inputs, labels = next(batches)
        return {"inputs": inputs, "labels": labels}

    with tempfile.TemporaryDirectory() as place:
        arguments = TrainingArguments(
            output_dir=place,
            max_steps=setup.total_steps,
            per_device_train_batch_size=1,
            learning_rate=0.001,
            optim="adamw_torch_fused",
            lr_scheduler_type="constant",
            logging_steps=50,
            save_strategy="no",
            report_to=[],
            use_cpu=True,
            disable_tqdm=True,
        )
        trainer = Trainer(
            model=Wrapped(), args=arguments, train_dataset=Examples(), data_collator=collate, callbacks=[Clock()]
        )
        trainer.remove_callback(
            next(type(c) for c in trainer.callback_handler.callbacks if "Printer" in type(c).__name__)
        )
        trainer.train()
        return (setup.total_steps - 1) / (time.perf_counter() - Clock.start)


def keras(setup: Setup, model: nn.Module, batches: Batches) -> float:
    """Keras 3 on torch: `fit` over the same batches, the same layers."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras as K

    widths = [layer.out_features for layer in model if isinstance(layer, nn.Linear)]
    layers = [K.layers.Dense(width, activation="relu") for width in widths[:-1]]
    network = K.Sequential([K.Input((setup.data.sample.shape[0],)), *layers, K.layers.Dense(widths[-1])])
    loss = K.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer=K.optimizers.AdamW(0.001), loss=loss)
    loader = torch.utils.data.DataLoader(_Stream(batches, steps=setup.total_steps), batch_size=None)

    class Clock(K.callbacks.Callback):
        start = 0.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 0:
                Clock.start = time.perf_counter()

    network.fit(loader, epochs=1, verbose=0, callbacks=[Clock()], steps_per_epoch=setup.total_steps)
    return (setup.total_steps - 1) / (time.perf_counter() - Clock.start)


TRAINERS: dict[str, tuple[str, Callable[[Setup, nn.Module, Batches], float]]] = {
    "Lightning": ("lightning", lightning),
    "Hugging Face Trainer": ("accelerate", hugging_face),
    "Keras": ("keras", keras),
}
