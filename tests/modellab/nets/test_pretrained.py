"""Fine-tuned models: what they say is what `transformers` says, and only what is asked to learn does."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from modellab.architectures.pretrained import PretrainedConfig
from modellab.config import from_builtins
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.generate import Sampling, generate
from modellab.inspection.translate import translate
from modellab.inspection.weights import load_weights
from modellab.nets.pretrained import Pretrained, PretrainedTranslator, PretrainedWriter
from modellab.text.tokenizer import load_tokenizer
from modellab.training.checkpointing import save_tensors
from modellab.training.learner import Learner
from modellab.training.options import TrainingOptions
from tests.modellab.pretrained.folders import WORDS, bart, bert, gpt2, save, vit

CLASSES = ("no", "yes", "maybe")
TEXTS = Sample(kind="text", task="classification", shape=(9,), classes=CLASSES, num_tokens=len(WORDS))
STREAM = Sample(kind="text", task="language_modelling", shape=(9,), num_tokens=len(WORDS))
PAIRS = Sample(kind="text", task="translation", shape=(9, 2), num_tokens=len(WORDS) + 2, specials=("[BEGIN]", "[END]"))
PIECES = Sample(
    kind="text",
    task="masked_language_modelling",
    shape=(9, 2),
    num_tokens=len(WORDS) + 3,
    specials=("[CLS]", "[SEP]", "[MASK]"),
)
IMAGES = Sample(
    kind="image", task="classification", shape=(1, 8, 8), classes=CLASSES, scale=1 / 255, mean=(0.2,), std=(0.3,)
)
IDS = torch.tensor([[5, 6, 7, 8, 5], [9, 6, 13, 0, 0]])


def config(folder: Path, **options: Any) -> PretrainedConfig:
    return from_builtins(PretrainedConfig, {"name": "pretrained", "folder": str(folder), **options})


def built(folder: Path, sample: Sample = TEXTS, **options: Any) -> Any:
    torch.manual_seed(3)
    found = config(folder, **options).build(sample)
    assert isinstance(found, Pretrained)
    return found


def learning(model: Pretrained) -> set[str]:
    return {name.removeprefix("model.") for name, weight in model.named_parameters() if weight.requires_grad}


def stepped(model: Pretrained, **options: Any) -> None:
    """A few steps of training as the program takes them."""
    model.train()
    learner = Learner(model, torch.nn.functional.cross_entropy, TrainingOptions(**options), device=torch.device("cpu"))
    learner.set_rate(0.05)
    for _ in range(3):
        learner.step([(IDS, torch.tensor([0, 2]))])


def test_that_a_classifier_says_what_transformers_says_of_each_text_alone(tmp_path: Path):
    model = built(bert(tmp_path, kind="BertForSequenceClassification", num_labels=3)).eval()
    theirs: Any = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    for row, text in enumerate(("the cat sat on the", "mat cat .")):
        read = tokenizer(text, return_tensors="pt")
        framed, mask = model.framed(IDS[row : row + 1])
        assert framed[mask].tolist() == read["input_ids"][0].tolist()
        with torch.no_grad():
            torch.testing.assert_close(model(IDS)[row : row + 1], theirs(**read).logits)


def test_that_a_writer_says_what_transformers_says_and_goes_on_from_what_it_kept(tmp_path: Path):
    model = built(gpt2(tmp_path), STREAM).eval()
    assert isinstance(model, PretrainedWriter)
    theirs: Any = transformers.AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    ids = IDS[:1]
    with torch.no_grad():
        said = model(ids)
        torch.testing.assert_close(said[..., 1:], theirs(ids).logits[..., 1:])
        assert (said[..., 0] < -9000).all(), "padding is never said"
        cache = model.new_cache()
        parts = [model(ids[:, :2], cache=cache), model(ids[:, 2:], cache=cache)]
    torch.testing.assert_close(torch.cat(parts, 1), said)


def test_that_a_writer_writes_beyond_its_context(tmp_path: Path):
    model = built(gpt2(tmp_path), STREAM)
    tokenizer = load_tokenizer(tmp_path / "tokenizer.json")
    written = list(generate(model, tokenizer, [5, 6], Sampling(num_tokens=40, temperature=0.0)))
    assert len(written) == 40
    assert written[-1].is_last


def test_that_hidden_tokens_and_following_texts_are_guessed_as_transformers_does(tmp_path: Path):
    model = built(bert(tmp_path, kind="BertForPreTraining"), PIECES).eval()
    theirs: Any = transformers.BertForPreTraining.from_pretrained(tmp_path).eval()
    cls, sep, mask = (PIECES.special(name) for name in PIECES.specials)
    ids = torch.tensor([[cls, 5, mask, 7, sep, 8, 9, sep]])
    segments = torch.tensor([[0, 0, 0, 0, 0, 1, 1, 1]])
    with torch.no_grad():
        said = model(torch.stack([ids, segments], 2))
        wanted = theirs(torch.tensor([[2, 5, 4, 7, 3, 8, 9, 3]]), token_type_ids=segments)
    torch.testing.assert_close(said.follows, wanted.seq_relationship_logits)
    torch.testing.assert_close(said.tokens[..., 5 : len(WORDS)], wanted.prediction_logits[..., 5:])
    torch.testing.assert_close(said.tokens[..., mask], wanted.prediction_logits[..., 4])
    assert (said.tokens[..., 4] < -9000).all(), "of two tokens for one of the model's only one is said"


def test_that_translations_are_written_as_transformers_writes_them(tmp_path: Path):
    model = built(bart(tmp_path), PAIRS)
    assert isinstance(model, PretrainedTranslator)
    theirs: Any = transformers.BartForConditionalGeneration.from_pretrained(tmp_path).eval()
    source = [5, 6, 7]
    options = {"max_new_tokens": 8, "do_sample": False, "suppress_tokens": [0, 1], "use_cache": True}
    with torch.no_grad():
        model.eval()
        pairs = torch.tensor([[[5, model.begin], [6, 8], [7, 9]]])
        wanted = theirs(torch.tensor([[2, 5, 6, 7, 3]]), decoder_input_ids=torch.tensor([[3, 8, 9]])).logits
        torch.testing.assert_close(model(pairs)[..., 5 : len(WORDS)], wanted[..., 5:])
        torch.testing.assert_close(model(pairs)[..., model.end], wanted[..., 3])
    written = theirs.generate(torch.tensor([[2, *source, 3]]), num_beams=1, **options)[0, 1:].tolist()
    (greedy,) = translate(model, source)
    assert list(greedy.ids)[:8] == [token for token in written if token != 3]
    found = translate(model, source, num_beams=3)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert found[0].score >= greedy.score - 1e-5


def test_that_images_are_read_in_the_models_own_size_and_colours(tmp_path: Path):
    model = built(vit(tmp_path), IMAGES).eval()
    (tmp_path / "preprocessor_config.json").write_text('{"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.25, 0.5]}')
    other = built(tmp_path, IMAGES).eval()
    theirs: Any = transformers.AutoModelForImageClassification.from_pretrained(tmp_path).eval()
    stored = torch.rand(2, 1, 8, 8)
    resized = torch.nn.functional.interpolate(stored.expand(-1, 3, -1, -1), (12, 12), mode="bilinear", antialias=True)
    for made, mean, std in ((model, [0.5] * 3, [0.5] * 3), (other, [0.5, 0.4, 0.3], [0.2, 0.25, 0.5])):
        pixels = (resized - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
        with torch.no_grad():
            said = made((stored - 0.2) / 0.3)
            torch.testing.assert_close(said, theirs(pixel_values=pixels).logits, atol=1e-4, rtol=0)
    assert model.grid == (3, 3)


def test_that_head_only_leaves_the_body_as_it_was_bit_for_bit(tmp_path: Path):
    model = built(bert(tmp_path), train="head")
    assert learning(model) == {"classifier.weight", "classifier.bias", *pooler()}
    before = {name: weight.clone() for name, weight in model.model.state_dict().items()}
    stepped(model, optimizer="adamw", weight_decay=0.1)
    after = model.model.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"classifier.weight", "classifier.bias", *pooler()}
    assert not model.model.bert.encoder.training, "what does not learn drops nothing out"
    assert model.model.dropout.training


def test_that_the_last_layers_are_those_that_learn(tmp_path: Path):
    model = built(bert(tmp_path, num_layers=3), train="last", last_layers=2)
    above = {name for name, _ in model.model.named_parameters() if "layer.1." in name or "layer.2." in name}
    assert len(above) == 32
    assert learning(model) == above | {"classifier.weight", "classifier.bias", *pooler()}
    gpt = built(gpt2(tmp_path / "gpt"), STREAM, train="last", last_layers=1)
    blocks = {name for name in learning(gpt) if name.startswith("transformer.h.1.")}
    assert learning(gpt) == blocks | {"transformer.ln_f.weight", "transformer.ln_f.bias"}
    body = {id(weight) for name, weight in gpt.named_parameters() if name.removeprefix("model.") in learning(gpt)}
    assert [scale for weights, scale in gpt.rates() if {id(weight) for weight in weights} == body] == [0.05]


def test_that_the_body_learns_at_its_own_rate(tmp_path: Path):
    model = built(bert(tmp_path), body_rate=0.25)
    learner = Learner(model, torch.nn.functional.cross_entropy, TrainingOptions(), device=torch.device("cpu"))
    learner.set_rate(0.4)
    rates = {id(weight): group["lr"] for group in learner.optimizer.param_groups for weight in group["params"]}
    named = {name: rates[id(weight)] for name, weight in model.model.named_parameters()}
    assert {name for name, rate in named.items() if rate == 0.4} == {"classifier.weight", "classifier.bias", *pooler()}
    assert set(named.values()) == {0.4, 0.1}


def test_that_what_does_not_learn_costs_no_state_and_no_gradient(tmp_path: Path):
    model = built(bert(tmp_path), train="head")
    learner = Learner(model, torch.nn.functional.cross_entropy, TrainingOptions(), device=torch.device("cpu"))
    learner.step([(IDS, torch.tensor([0, 2]))])
    assert len(learner.optimizer.state) == 4
    assert all(weight.grad is None for weight in model.model.bert.encoder.parameters())
    seen = []
    model.model.bert.encoder.layer[0].register_forward_hook(lambda *found: seen.append(found[-1]))
    model(IDS)
    assert not any(part.requires_grad for part in seen if isinstance(part, torch.Tensor))


def test_that_lora_trains_its_matrices_and_the_head_alone(tmp_path: Path):
    pytest.importorskip("peft", reason="LoRA needs the package peft")
    model = built(bert(tmp_path), train="lora", lora_rank=3)
    assert {name for name in learning(model) if "lora_" not in name} == {
        "classifier.weight",
        "classifier.bias",
        *pooler(),
    }
    assert len([name for name in learning(model) if "lora_" in name]) == 2 * 2 * 2
    before = {name: weight.clone() for name, weight in model.model.state_dict().items()}
    plain = built(tmp_path)
    with torch.no_grad():
        torch.testing.assert_close(model.eval()(IDS), plain.eval()(IDS), msg="adapters begin with nothing")
    stepped(model)
    changed = {name for name, weight in model.model.state_dict().items() if not torch.equal(before[name], weight)}
    assert changed == learning(model)
    assert all(name in model.state_dict() for name in (f"model.{one}" for one in changed))


@pytest.mark.parametrize("train", ["all", "last", "head", "lora"])
def test_that_what_learnt_is_saved_and_opens_with_equal_logits(tmp_path: Path, train: str):
    if train == "lora":
        pytest.importorskip("peft", reason="LoRA needs the package peft")
    folder = bert(tmp_path / "model")
    options: dict[str, Any] = {"train": train, "last_layers": 1}
    model = built(folder, **options)
    stepped(model)
    save_tensors(model.state_dict(), tmp_path / "w.safetensors")
    torch.manual_seed(77)
    again: Any = config(folder, **options).build(TEXTS)
    load_weights(tmp_path / "w.safetensors", again)
    with torch.no_grad():
        assert torch.equal(again.eval()(IDS), model.eval()(IDS))
    if train == "head":
        assert set(model.state_dict()) == {
            "frozen_digest",
            "model.classifier.weight",
            "model.classifier.bias",
            *(f"model.{name}" for name in pooler()),
        }


def test_that_a_head_is_not_put_on_another_body(tmp_path: Path):
    folder = bert(tmp_path / "model")
    model = built(folder, train="head")
    save_tensors(model.state_dict(), tmp_path / "w.safetensors")
    shutil.rmtree(folder)
    torch.manual_seed(1)
    bert(folder, kind="BertForSequenceClassification", num_labels=3)
    with pytest.raises(UserError, match="has other weights than those this run was trained beside"):
        load_weights(tmp_path / "w.safetensors", built(folder, train="head"))


def pooler() -> tuple[str, str]:
    return "bert.pooler.dense.weight", "bert.pooler.dense.bias"


def test_that_more_layers_than_there_are_are_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"architecture\.last_layers\) is 5, and .* has 2; choose fewer") as caught:
        built(bert(tmp_path), train="last", last_layers=5)
    assert caught.value.field == "architecture.last_layers"


def test_that_a_head_that_is_tied_cannot_be_trained_alone(tmp_path: Path):
    with pytest.raises(UserError, match="no head of its own that could be trained alone") as caught:
        built(gpt2(tmp_path), STREAM, train="head")
    assert caught.value.field == "architecture.train"


def test_that_lora_without_peft_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *_: None)
    with pytest.raises(UserError, match=r"LoRA needs the package peft.*-m pip install peft$") as caught:
        built(bert(tmp_path), train="lora")
    assert caught.value.field == "architecture.train"


@pytest.mark.parametrize(
    ("make", "sample", "words"),
    [
        (bert, STREAM, "cannot predict the next token; it can classify texts or guess hidden tokens"),
        (bert, PAIRS, "cannot write one text from another; it can classify texts or guess hidden tokens"),
        (gpt2, PIECES, "cannot guess hidden tokens; it can classify texts or predict the next token"),
        (bart, STREAM, "cannot predict the next token; it can"),
        (vit, TEXTS, "cannot classify texts; it can classify images"),
        (bert, IMAGES, "cannot classify images; it can classify texts or guess hidden tokens"),
    ],
)
def test_that_a_task_that_it_cannot_do_is_said_beside_the_folder(tmp_path: Path, make: Any, sample: Sample, words: str):
    with pytest.raises(UserError, match=words) as caught:
        built(make(tmp_path), sample)
    assert caught.value.field == "architecture.folder"


def test_that_texts_longer_than_it_reads_are_refused_beside_their_field(tmp_path: Path):
    sample = Sample(kind="text", task="classification", shape=(31,), classes=CLASSES, num_tokens=len(WORDS))
    with pytest.raises(
        UserError, match=r"reads at most 32 tokens, 2 of them its own, and .* is 31; make it at most 30"
    ) as caught:
        built(bert(tmp_path), sample)
    assert caught.value.remedy == {"dataset.max_length": 30}


def test_that_texts_cut_by_another_tokenizer_are_refused(tmp_path: Path):
    sample = Sample(kind="text", task="classification", shape=(9,), classes=CLASSES, num_tokens=99)
    with pytest.raises(UserError, match=r"has 15 tokens, and these texts were cut by one of 99") as caught:
        built(bert(tmp_path), sample)
    assert caught.value.field == "architecture.folder"


def test_that_a_wrong_folder_marks_its_field(tmp_path: Path):
    for folder, words in (("", "No model folder is chosen"), (str(tmp_path), "it has no config.json")):
        with pytest.raises(UserError, match=words) as caught:
            PretrainedConfig(folder=folder).build(TEXTS)
        assert caught.value.field == "architecture.folder"


def test_that_a_model_that_must_be_run_to_be_measured_is_said_to_be_one(tmp_path: Path):
    options = transformers.OPTConfig(
        vocab_size=len(WORDS), hidden_size=16, word_embed_proj_dim=16, num_hidden_layers=1, num_attention_heads=2,
        ffn_dim=24, max_position_embeddings=40, pad_token_id=0,
    )  # fmt: skip
    model = built(save(transformers.OPTForCausalLM(options), tmp_path))
    with torch.no_grad():
        assert model(IDS).shape == (2, 3)
    with torch.device("meta"), pytest.raises(UserError, match="cannot be told without running it") as caught:
        config(tmp_path).build(TEXTS)(torch.ones(1, 9, dtype=torch.int64))
    assert not caught.value.field, "it can be trained all the same"


def test_that_it_is_put_together_on_the_meta_device_without_its_weights(tmp_path: Path):
    for make, sample in ((bert, TEXTS), (gpt2, TEXTS), (gpt2, STREAM), (bert, PIECES), (bart, PAIRS), (vit, IMAGES)):
        folder = make(tmp_path / f"{make.__name__}-{sample.task}")
        with torch.device("meta"):
            model = config(folder).build(sample)
            shape = (2, *sample.shape)
            inputs = torch.ones(shape, dtype=torch.int64) if sample.kind == "text" else torch.zeros(shape)
            said = model(inputs)
        said = said[0] if isinstance(said, tuple) else said
        assert said.device.type == "meta"
        assert said.shape[-1] == sample.num_outputs
