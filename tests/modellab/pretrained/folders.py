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


def bert(
    folder: Path, *, kind: str = "BertForMaskedLM", words: tuple[str, ...] = WORDS, num_layers: int = 2, **options: Any
) -> Path:
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=num_layers,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=32,
        initializer_range=0.4,
        **options,
    )
    return save(getattr(transformers, kind)(config), folder, words=words)


def bart(
    folder: Path, *, kind: str = "BartForConditionalGeneration", words: tuple[str, ...] = WORDS, **options: Any
) -> Path:
    torch.manual_seed(0)
    sizes = {
        f"{part}_{what}": number
        for part in ("encoder", "decoder")
        for what, number in (("layers", 2), ("attention_heads", 2), ("ffn_dim", 24))
    }
    tokens = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 3}
    config = transformers.BartConfig(
        vocab_size=len(words), d_model=16, max_position_embeddings=32, init_std=0.4, forced_eos_token_id=None, **sizes,
        **tokens, **options,
    )  # fmt: skip
    return save(getattr(transformers, kind)(config), folder, words=words)


def t5(folder: Path, *, kind: str = "T5ForConditionalGeneration", **options: Any) -> Path:
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=len(WORDS), d_model=16, d_kv=8, d_ff=24, num_layers=2, num_heads=2, pad_token_id=0, eos_token_id=3,
        decoder_start_token_id=0, **options,
    )  # fmt: skip
    return save(getattr(transformers, kind)(config), folder)


def gpt2(folder: Path, *, kind: str = "GPT2LMHeadModel", words: tuple[str, ...] = WORDS) -> Path:
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=len(words), n_positions=32, n_embd=16, n_layer=2, n_head=2, initializer_range=0.4, pad_token_id=0,
        bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    return save(getattr(transformers, kind)(config), folder, words=words)


def vit(folder: Path, *, kind: str = "ViTForImageClassification", num_classes: int = 3) -> Path:
    torch.manual_seed(0)
    config = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, image_size=12, patch_size=4,
        initializer_range=0.4, num_labels=num_classes,
    )  # fmt: skip
    getattr(transformers, kind)(config).save_pretrained(folder)
    return folder


def many_words(count: int) -> tuple[str, ...]:
    """A vocabulary of so many tokens."""
    return (*WORDS, *(f"word{number}" for number in range(count)))[:count]
