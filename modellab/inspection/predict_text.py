"""What a model says of a text: classes, a value, the likeliest next or hidden tokens, or translations."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.inspection.clamps import Intervention, in_force
from modellab.inspection.fill_mask import decoded as filled
from modellab.inspection.fill_mask import fill_mask
from modellab.inspection.interventions import intervening, signals_held
from modellab.inspection.load import LoadedModel
from modellab.inspection.predict import predict, predict_tokens
from modellab.inspection.translate import decoded as translations
from modellab.inspection.translate import translate
from modellab.nets.bert import BERT
from modellab.nets.pretrained import PretrainedMasked, PretrainedText, PretrainedTranslator
from modellab.nets.recurrent import Recurrent
from modellab.nets.translator import Translator
from modellab.tasks.base import Decoded
from modellab.tasks.encode_text import encode_text, tokenizer_for
from modellab.text.tokenizer import Tokenizer

_NUM_BEAMS = 4


class TextPrediction(msgspec.Struct, frozen=True, kw_only=True):
    """decoded: tokens by how they read. ids: int32 [T], what the model read. milliseconds: of running it.

    num_tokens: of the whole text, more than ids where it was cut.
    """

    decoded: Decoded
    ids: NDArray[np.int32]
    milliseconds: float
    num_tokens: int
    notes: tuple[str, ...] = ()


def predict_text(
    loaded: LoadedModel,
    text: str,
    *,
    pair: str = "",
    num_beams: int = _NUM_BEAMS,
    clamps: Sequence[Intervention] = (),
) -> TextPrediction:
    """Read a text as the model's own were; clamps: what is held, scaled or hidden meanwhile.

    pair: a second text, of which a BERT says whether it follows. num_beams: of a translation; 1 is greedy.

    Raises:
        UserError: the model reads no text, there is none, it asks a BERT nothing, or what is held is not there.
    """
    tokenizer = tokenizer_for(loaded.sample, loaded.tokenizer)
    if isinstance(loaded.model, BERT | PretrainedMasked):
        began = time.perf_counter()
        found = fill_mask(loaded.model, loaded.sample, tokenizer, text, second=pair, interventions=clamps)
        decoded, ids, notes = filled(found, tokenizer), np.array(found.ids, dtype=np.int32), found.notes
        num_tokens = len(ids)
    else:
        encoded = encode_text(text, loaded.sample, tokenizer, context=loaded.context)
        tokens, num_tokens = encoded.tokens, encoded.num_tokens
        if isinstance(loaded.model, PretrainedText):  # it puts tokens of its own around a text
            tokens = loaded.model.framed_names(tokens)
        held, unhidden = in_force(clamps, tokens)
        ids, notes = np.array(encoded.ids, dtype=np.int32), (*encoded.notes, *unhidden)
        began = time.perf_counter()
        decoded = _said(loaded, tokenizer, ids, held, num_beams)
    milliseconds = (time.perf_counter() - began) * 1000
    if decoded.task == "language_modelling":
        decoded = msgspec.structs.replace(decoded, classes=tuple(tokenizer.token(int(one)) for one in decoded.classes))
    return TextPrediction(decoded=decoded, ids=ids, milliseconds=milliseconds, num_tokens=num_tokens, notes=notes)


def _said(
    loaded: LoadedModel, tokenizer: Tokenizer, ids: NDArray[np.int32], held: Sequence[Intervention], num_beams: int
) -> Decoded:
    """Of token ids [T]."""
    if isinstance(loaded.model, Recurrent):
        return predict_tokens(loaded.model, loaded.sample, ids, clamps=signals_held(held))
    if isinstance(loaded.model, Translator | PretrainedTranslator):
        with intervening(loaded.model, held):
            return translations(translate(loaded.model, ids.tolist(), num_beams=num_beams), tokenizer)
    return predict(loaded.model, loaded.sample, ids, interventions=held)
