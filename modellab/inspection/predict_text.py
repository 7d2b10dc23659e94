"""What a model says of a text: classes, a value, the likeliest next or hidden tokens, or translations."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.inspection.clamps import Clamp
from modellab.inspection.fill_mask import decoded as filled
from modellab.inspection.fill_mask import fill_mask
from modellab.inspection.load import LoadedModel, recurrent_of
from modellab.inspection.predict import predict, predict_tokens
from modellab.inspection.translate import decoded as translations
from modellab.inspection.translate import translate
from modellab.nets.bert import BERT
from modellab.nets.recurrent import Recurrent
from modellab.nets.translator import Translator
from modellab.tasks.base import Decoded
from modellab.tasks.encode_text import encode_text, tokenizer_for
from modellab.text.tokenizer import Tokenizer

_NUM_BEAMS = 4


class TextPrediction(msgspec.Struct, frozen=True, kw_only=True):
    """decoded: tokens by how they read. ids: int32 [T], what the model read. milliseconds: of running it."""

    decoded: Decoded
    ids: NDArray[np.int32]
    milliseconds: float
    notes: tuple[str, ...] = ()


def predict_text(loaded: LoadedModel, text: str, *, clamps: Sequence[Clamp] = ()) -> TextPrediction:
    """Read a text as the model's own were; clamps: signals of a recurrent model that are held meanwhile.

    Raises:
        UserError: the model reads no text, there is none, it asks a BERT nothing, or what is held is not there.
    """
    if clamps:
        recurrent_of(loaded, "held")
    tokenizer = tokenizer_for(loaded.sample, loaded.tokenizer)
    if isinstance(loaded.model, BERT):
        began = time.perf_counter()
        found = fill_mask(loaded.model, loaded.sample, tokenizer, text)
        decoded, ids, notes = filled(found, tokenizer), np.array(found.ids, dtype=np.int32), found.notes
    else:
        encoded = encode_text(text, loaded.sample, tokenizer, context=loaded.context)
        ids, notes = np.array(encoded.ids, dtype=np.int32), encoded.notes
        began = time.perf_counter()
        decoded = _said(loaded, tokenizer, ids, clamps)
    milliseconds = (time.perf_counter() - began) * 1000
    if decoded.task == "language_modelling":
        decoded = msgspec.structs.replace(decoded, classes=tuple(tokenizer.token(int(one)) for one in decoded.classes))
    return TextPrediction(decoded=decoded, ids=ids, milliseconds=milliseconds, notes=notes)


def _said(loaded: LoadedModel, tokenizer: Tokenizer, ids: NDArray[np.int32], clamps: Sequence[Clamp]) -> Decoded:
    """Of token ids [T]."""
    if isinstance(loaded.model, Translator):
        return translations(translate(loaded.model, ids.tolist(), num_beams=_NUM_BEAMS), tokenizer)
    if isinstance(loaded.model, Recurrent):
        return predict_tokens(loaded.model, loaded.sample, ids, clamps=clamps)
    return predict(loaded.model, loaded.sample, ids)
