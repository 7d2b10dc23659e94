"""A fine-tuned model as a Hugging Face folder: all its tensors, adapters added to what they stand beside."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from modellab.errors import UserError
from modellab.nets.pretrained import Pretrained, PretrainedImages
from modellab.pretrained.opening import open_tokenizer, quiet
from modellab.pretrained.tuning import merged_weights

_PIXELS = "preprocessor_config.json"


def write_fine_tuned(model: Pretrained, folder: Path) -> str:
    """Write config.json, model.safetensors and the tokenizer or the preprocessor's options into a folder that is there;
    gives the class that opens them.

    Raises:
        OSError: it cannot be written.
        UserError: the folder it was trained from has lost its tokenizer.
    """
    inner: Any = model.model
    with quiet():
        if isinstance(model, PretrainedImages):
            if (model.folder.path / _PIXELS).is_file():
                shutil.copyfile(model.folder.path / _PIXELS, folder / _PIXELS)
        else:
            open_tokenizer(model.folder).save_pretrained(folder)
        inner.save_pretrained(folder, state_dict=merged_weights(inner))
    if not (folder / "config.json").is_file():
        raise UserError(f"{folder} was not written whole; export once more.", field="--to")
    return type(inner).__name__
