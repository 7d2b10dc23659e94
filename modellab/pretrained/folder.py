"""What a pretrained model's folder holds, told from its files alone: imports no torch."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any, Literal

import msgspec

from modellab.errors import UserError
from modellab.paths import home, models_folder

Use = Literal["sequence_classification", "causal", "masked", "seq2seq", "image_classification", "base"]

_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".h5", ".msgpack")
_TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "tokenizer.model", "source.spm")
_ENDS: tuple[tuple[str, Use], ...] = (
    ("ForSequenceClassification", "sequence_classification"),
    ("ForImageClassification", "image_classification"),
    ("ForMaskedLM", "masked"),
    ("ForPreTraining", "masked"),
    ("ForConditionalGeneration", "seq2seq"),
    ("MTModel", "seq2seq"),
    ("ForCausalLM", "causal"),
    ("LMHeadModel", "causal"),
)
# All that is read of a folder, and fetched for one.
_READ = ("*.json", "*.safetensors", "*.txt", "*.model", "*.spm")
_MOST_JSON = 64_000_000


class PretrainedFolder(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that can be opened. use: what its head is for, "base" where it has none. config: its config.json."""

    path: Path
    use: Use
    config: dict[str, Any]
    weights: tuple[Path, ...]
    has_tokenizer: bool

    @property
    def title(self) -> str:
        """As `folder_title`."""
        return folder_title(self.path)

    @property
    def class_name(self) -> str:
        """What it was saved as, such as BertForMaskedLM."""
        named = self.config.get("architectures") or [self.config.get("model_type", "")]
        return str(named[0])


def folder_title(path: Path) -> str:
    """The folder's name; of a folder that only says "model", the one around it."""
    return path.name if path.name not in ("model", "checkpoint", "snapshot") else f"{path.parent.name}/{path.name}"


def in_words(folder: PretrainedFolder) -> str:
    """What a folder's model is, from its config.json: "bert, 6 layers"."""
    names = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers")
    layers = next((folder.config[name] for name in names if isinstance(folder.config.get(name), int)), 0)
    return f"{folder.config['model_type']}{f', {layers} layer' if layers else ''}{'s' if layers > 1 else ''}"


def find_pretrained(name: str) -> PretrainedFolder:
    """A folder by its path, by its name below the models folder, or a hub id, which is fetched; then checked.

    Raises:
        UserError: there is none, or it is none that can be opened; says what and where.
    """
    return check_folder(local_folder(name) or fetched_folder(name))


def local_folder(name: str) -> Path | None:
    """The folder of that path, or of that name below the models folder; None: it can only be a hub id.

    Raises:
        UserError: nothing is named, or a path where there is no folder.
    """
    name = name.strip()
    if not name:
        raise UserError("Name a model folder or a hub id such as google/vit-base-patch16-224.")
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_absolute() or name.startswith((".", "~")):
        raise UserError(f"There is no folder {name}.")
    known = models_folder()
    return known / name if known is not None and (known / name).is_dir() else None


def fetched_folder(hub_id: str) -> Path:
    """The folder of a hub id in the hub's own cache; only JSON, vocabularies and safetensors are fetched.

    Raises:
        UserError: the hub did not give it, or it is no model that can be opened.
    """
    from modellab.hub.models import hub_model

    hub_id = hub_id.strip()
    looked_in = (models_folder() or home() / "models") / hub_id
    return hub_model(hub_id, reads=_READ, pickles=_PICKLES, check=check_description, looked_in=looked_in)


def state_of(folder: Path) -> tuple[object, ...]:
    """Changes with any file that a model or its tokenizer is opened from; opens none of them.

    Raises:
        UserError: a file is gone or cannot be looked at.
    """
    files = sorted(file for pattern in _READ for file in folder.glob(pattern))
    try:
        found = [(file, file.stat()) for file in files]
    except OSError as error:
        raise UserError(f"{error.filename} cannot be read: {error.strerror or error}.") from None
    return (str(folder), *((file.name, stat.st_ino, stat.st_mtime_ns, stat.st_size) for file, stat in found))


def copy_description(folder: PretrainedFolder, place: Path) -> None:
    """Copy all that is read of a folder but its weights.

    Raises:
        OSError: it cannot be written.
    """
    place.mkdir(parents=True, exist_ok=True)
    for pattern in _READ:
        for file in folder.path.glob(pattern):
            if file.suffix != ".safetensors" and not file.name.endswith(".safetensors.index.json"):
                shutil.copyfile(file, place / file.name)


def is_model(folder: Path) -> bool:
    """Whether a folder's files are those of a model, though perhaps of one that cannot be opened: a config.json that
    says which model it is, and weights. Other programs call their settings config.json too."""
    file = folder / "config.json"
    try:
        config = _read_json(file) if file.is_file() else {}
        names = [found.name for found in folder.iterdir()]
    except (UserError, OSError):
        return False
    says = config.get("model_type") or config.get("architectures")
    return bool(says) and any(name.endswith((".safetensors", *_PICKLES)) for name in names)


def check_folder(folder: Path) -> PretrainedFolder:
    """What the folder holds.

    Raises:
        UserError: it is no model, has or names weights in pickles, names code of its own, or a file is damaged.
    """
    found = check_description(folder)
    weights = tuple(sorted(folder.glob("*.safetensors")))
    if not weights:
        pickles = sorted(file.name for file in folder.iterdir() if file.suffix in _PICKLES)
        if pickles:
            raise UserError(
                f"{folder} has its weights only as {pickles[0]}, which would have to be unpickled and could run code; "
                "convert it to model.safetensors."
            )
        raise UserError(f"{folder} has no weights: there is no .safetensors file in it.")
    for path in weights:
        _check_header(path)
    _check_names(folder, found.config, [path.name for path in weights])
    return msgspec.structs.replace(found, weights=weights)


def check_description(folder: Path) -> PretrainedFolder:
    """What a folder describes, without looking for its weights.

    Raises:
        UserError: it describes no model, or names code of its own.
    """
    config_file = folder / "config.json"
    if not config_file.is_file():
        run = " It is a run: open it with Open run folder." if (folder / "recipe.json").is_file() else ""
        raise UserError(f"{folder} holds no pretrained model: it has no config.json.{run}")
    config = _read_json(config_file)
    for file in ("config.json", "tokenizer_config.json", "preprocessor_config.json"):
        named = _read_json(folder / file).get("auto_map") if (folder / file).is_file() else None
        if named:
            code = next(iter(named.values())) if isinstance(named, dict) else named
            raise UserError(
                f"{folder / file} names code of its own ({code}), which is never run; "
                "choose a model that transformers knows by itself."
            )
    if not config.get("model_type"):
        raise UserError(f"{config_file} has no model_type, so what it describes is not known; choose another folder.")
    return PretrainedFolder(
        path=folder,
        use=_use_of(config),
        config=config,
        weights=(),
        has_tokenizer=any((folder / name).is_file() for name in _TOKENIZERS),
    )


def _use_of(config: dict[str, Any]) -> Use:
    named = str((config.get("architectures") or [""])[0])
    return next((use for end, use in _ENDS if named.endswith(end)), "base")


def _read_json(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MOST_JSON:
            raise UserError(f"{file} is too large to be a model's configuration.")
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror or error}.") from None
    except (ValueError, RecursionError):
        raise UserError(f"{file} is not JSON; copy the model there again.") from None
    if not isinstance(found, dict):
        raise UserError(f"{file} describes no model; copy the model there again.")
    return found


def _check_names(folder: Path, config: dict[str, Any], weights: list[str]) -> None:
    """Whether all that names a file of weights names one of those that were checked: `transformers` goes by the names
    alone, and would unpickle a file that is called anything else."""
    indices = sorted(folder.glob("*.safetensors.index.json"))
    for index in indices:
        names = _read_json(index).get("weight_map")
        if not isinstance(names, dict):
            raise UserError(f"{index} has no weight_map, so where the tensors are is not known; copy it there again.")
        for name in names.values():
            if name not in weights:
                raise UserError(
                    f"{index} names {name} for a tensor's file, which is none of the .safetensors files beside it; "
                    "copy the whole model there again."
                )
    explicit = config.get("transformers_weights")
    if explicit is not None and explicit not in [*weights, *(index.name for index in indices)]:
        raise UserError(
            f"{folder / 'config.json'} names {explicit} for its weights (transformers_weights), which is no "
            ".safetensors file in the folder; copy the whole model there again."
        )


def _check_header(file: Path) -> None:
    """Whether the file is as long as its header says: a download that broke off is told before it is read."""
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            start = opened.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            header = json.loads(opened.read(length)) if 0 < length <= min(size, _MOST_JSON) else None
        if not isinstance(header, dict):
            raise ValueError
        end = max((spec["data_offsets"][1] for name, spec in header.items() if name != "__metadata__"), default=0)
        if 8 + length + end != size:
            raise ValueError
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror or error}.") from None
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise UserError(f"{file} is damaged or cut short; copy it there again.") from None
