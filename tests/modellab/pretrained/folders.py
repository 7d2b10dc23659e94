"""Small model folders of random weights, as `save_pretrained` writes them, with tokenizers made on the spot."""

from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "on", "mat", "a", "dog", "ran", ".", "home")


def word_tokenizer(words: tuple[str, ...] = WORDS) -> Any:
    inner = Tokenizer(models.WordLevel({word: k for k, word in enumerate(words)}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    named = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=inner, **named, model_max_length=32)


def save(model: Any, folder: Path, *, words: tuple[str, ...] = WORDS) -> Path:
    model.save_pretrained(folder)
    word_tokenizer(words).save_pretrained(folder)
    return folder


def bert(folder: Path, *, kind: str = "BertForMaskedLM", **options: Any) -> Path:
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=32,
        initializer_range=0.4,
        **options,
    )
    return save(getattr(transformers, kind)(config), folder)


def bart(folder: Path) -> Path:
    torch.manual_seed(0)
    sizes = {
        f"{part}_{what}": number
        for part in ("encoder", "decoder")
        for what, number in (("layers", 2), ("attention_heads", 2), ("ffn_dim", 24))
    }
    tokens = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 3}
    config = transformers.BartConfig(
        vocab_size=len(WORDS), d_model=16, max_position_embeddings=32, init_std=0.4, forced_eos_token_id=None, **sizes,
        **tokens,
    )  # fmt: skip
    return save(transformers.BartForConditionalGeneration(config), folder)
