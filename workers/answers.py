"""What an inspector answers its window."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from modellab.data.base import TaskName
from modellab.hub.telling import Fetching
from modellab.inspection.layers import Layer as Layer
from modellab.inspection.texts import TextFacts as TextFacts
from modellab.tasks.base import Part as Part


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """An answer to the question of that id; unless it is the last, others to the same question follow."""

    id: int = 0
    is_last: bool = True


class Problem(Answer, frozen=True, kw_only=True):
    """The question could not be answered: a sentence for a person, the option it is about, values that would do."""

    message: str
    field: str = ""
    remedy: dict[str, Any] = {}


class Ready(Answer, frozen=True, kw_only=True):
    """Sent once, unasked: the inspector has loaded what it needs; questions may come before."""

    seconds: float


class FetchingTold(Answer, frozen=True, kw_only=True):
    """Before an answer about data or a model of the hub: how far fetching it is."""

    fetching: Fetching


class Done(Answer, frozen=True, kw_only=True):
    """All there is to say is in the arrays."""

    step: int = 0


class Prediction(Answer, frozen=True, kw_only=True):
    """Classes by falling probability, or a value with the name of the target.

    milliseconds: of the forward pass. num_tokens: of a text, read or not. notes: what was done to the input. parts: as
    `Decoded` has them.
    """

    step: int
    task: TaskName
    classes: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    value: float = 0.0
    target: str = ""
    milliseconds: float = 0.0
    num_tokens: int = 0
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


class ModelDescription(Answer, frozen=True, kw_only=True):
    """Layers, and what training the recipe will need.

    memory_bytes: weights, gradients, optimiser state, activations of one batch and the dataset if it is kept on the
    device. seconds: measured from a few timed steps on this machine, None before they are; steps: of the whole run.
    trained: how many of the parameters learn. about: what a pretrained model is, in words.
    """

    layers: tuple[Layer, ...]
    parameters: int
    trained: int
    flops: int
    memory_bytes: int
    memory_parts: dict[str, int]
    steps: int
    seconds: float | None = None
    about: str = ""


class PretrainedDescription(Answer, frozen=True, kw_only=True):
    """sample: of one input, as `Sample` has it. title: for a person. problem: why the model can be looked into but
    says nothing by itself; then there is no sample. Where asked for, layers: in the order they run while it reads
    `read`, so many tokens or channels, height and width; parameters: of the model. notes: what is odd."""

    title: str
    notes: tuple[str, ...] = ()
    sample: dict[str, Any] = {}
    problem: str = ""
    layers: tuple[Layer, ...] = ()
    read: tuple[int, ...] = ()
    parameters: int = 0


class DatasetDescription(Answer, frozen=True, kw_only=True):
    """sizes: examples a split (of a text to go on with: windows); balance: of each class. text: of datasets of text."""

    sample: dict[str, Any]
    sizes: dict[str, int]
    balance: dict[str, tuple[int, ...]]
    notes: tuple[str, ...] = ()
    num_bytes: int = 0
    text: TextFacts | None = None


class SamplePage(Answer, frozen=True, kw_only=True):
    """What the arrays show; `sources` names each example's file or row where it has one; total: how many there are.

    tokens: how each token of a page of text reads, by its number; unknown: how what stands for an unknown one reads, by
    its place among them. written: of texts that are to be translated, what is to be written of each.
    """

    sample: dict[str, Any]
    start: int
    total: int
    indices: tuple[int, ...]
    sources: tuple[str, ...] = ()
    tokens: dict[int, str] = {}
    unknown: dict[int, str] = {}
    written: tuple[str, ...] = ()


class SurfaceHeader(Answer, frozen=True, kw_only=True):
    """Which weights the surface is of."""

    step: int
    layers: tuple[str, ...] = ()


class GatesHeader(Answer, frozen=True, kw_only=True):
    """Whose gates the arrays are. cell: "lstm", "gru" or "rnn"; tokens as they read; spans in characters.

    unknown: how what stands in the text for a token that the model does not know reads, by its place.
    """

    step: int
    cell: str
    num_layers: int
    num_directions: int
    hidden_size: int
    signals: tuple[str, ...]
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    unknown: dict[int, str] = {}
    notes: tuple[str, ...] = ()


class AttentionBlock(msgspec.Struct, frozen=True, kw_only=True):
    """Layers of one kind; see modellab.inspection.attention_blocks.Block.

    queries, keys: tokens as they read. special: keys that stand for nothing in the text, such as [CLS].
    """

    kind: Literal["encoder", "decoder", "cross"]
    names: tuple[str, ...]
    num_heads: int
    queries: tuple[str, ...]
    keys: tuple[str, ...]
    special: tuple[int, ...]
    scales: tuple[float, ...]
    softcap: float | None = None
    pooled: int = 1
    mask_of: tuple[int, ...] = ()
    bias_of: tuple[int, ...] = ()
    statistics: dict[str, tuple[tuple[float | None, ...], ...]] = {}


class AttentionHeader(Answer, frozen=True, kw_only=True):
    """Whose attention the arrays are. title: of a pretrained model. takes_target: it reads one text, writes another.

    grid: patches down and across of an image, which is an array "image" uint8 [H, W, C] of the last block.
    image_of: its row in the validation split, -1 of a person's own. Special keys in front of the patches are none.
    since: the step that the statistic "change" is counted from, where it was asked for.
    """

    step: int
    blocks: tuple[AttentionBlock, ...]
    title: str = ""
    takes_pair: bool = False
    takes_target: bool = False
    grid: tuple[int, int] | None = None
    image_of: int = 0
    since: int | None = None
    milliseconds: float = 0.0
    notes: tuple[str, ...] = ()


class LensHeader(Answer, frozen=True, kw_only=True):
    """What the arrays are of. Row 0 is what the first layer reads, row r what layer r - 1 gives.

    columns: tokens as they read, behind `num_front` columns that stand for the whole text. says: "next" (the token
    after each), "hidden" (the token itself) or "class". truth: a column, what the text has there; "" where it ends.
    names: how each token or class of "best" reads, by its number. title: of a pretrained model.
    """

    step: int
    num_layers: int
    columns: tuple[str, ...]
    says: Literal["next", "hidden", "class"]
    num_choices: int
    names: dict[int, str]
    num_front: int = 0
    truth: tuple[str, ...] = ()
    title: str = ""
    takes_pair: bool = False
    takes_target: bool = False
    milliseconds: float = 0.0
    notes: tuple[str, ...] = ()


class AttributionHeader(Answer, frozen=True, kw_only=True):
    """Whose contributions the array holds: of each token, as it reads, to the logit of class `of_class`.

    special: places of tokens that the model puts around a text. score: the logit; baseline: that of as many padding
    tokens. residual: what the contributions leave of the difference; num_points: of the sum that stands for the
    integral. unknown: what stands in the text in place of each token that the model does not know, by its place.
    """

    step: int
    of_class: str
    tokens: tuple[str, ...]
    special: tuple[int, ...]
    score: float
    baseline: float
    residual: float
    num_points: int
    unknown: dict[int, str] = {}
    milliseconds: float = 0.0
    notes: tuple[str, ...] = ()


class NeighboursHeader(Answer, frozen=True, kw_only=True):
    """The nearest tokens by falling cosine, as they read and by their numbers.

    tokens: of the text, as they read; token: the one asked for, and its place in the text where it was asked for by
    that. norm, mean_norm: lengths of its embedding and of all on average.
    """

    step: int
    tokens: tuple[str, ...]
    token: str
    place: int | None
    names: tuple[str, ...]
    ids: tuple[int, ...]
    cosines: tuple[float, ...]
    norm: float
    mean_norm: float
    num_tokens: int
    width: int
    title: str = ""
    notes: tuple[str, ...] = ()


class GradientFlow(Answer, frozen=True, kw_only=True):
    """Whose gradient the arrays are.

    weights_norm: of the gradient of all weights together; clip_norm: what the run clips that to, if it does. target:
    the class, or the next token, that the loss is of; empty of a regression. unknown: as `GatesHeader` has it.
    """

    step: int
    tokens: tuple[str, ...]
    loss: float
    target: str = ""
    is_next_token: bool = False
    weights_norm: float = 0.0
    clip_norm: float | None = None
    unknown: dict[int, str] = {}
    notes: tuple[str, ...] = ()


class GateMatch(msgspec.Struct, frozen=True, kw_only=True):
    """One place: the text before, the matched part, the text after, which example and token, and how strong.

    label: the example's class, where it has one.
    """

    before: str
    match: str
    after: str
    example: int
    token: int
    score: float
    label: str = ""


class GateMatches(Answer, frozen=True, kw_only=True):
    """The strongest places first; searched: tokens looked at so far, of `total`. Until the last, more is to come.

    num_places: all that were found, of which `matches` are the strongest. step: of the weights that read them.
    """

    matches: tuple[GateMatch, ...]
    num_places: int = 0
    searched: int
    seconds: float
    total: int = 0
    step: int = 0


class UnitRank(msgspec.Struct, frozen=True, kw_only=True):
    """A unit and its area under the ROC curve for the pattern; below 0.5 it is off where the pattern is."""

    layer: int
    direction: int
    unit: int
    auc: float


class UnitRanks(Answer, frozen=True, kw_only=True):
    """The most selective units first (farthest from 0.5); searched, total, step: as of GateMatches."""

    ranks: tuple[UnitRank, ...]
    num_matched: int
    searched: int
    total: int = 0
    step: int = 0


class UnitsTold(Answer, frozen=True, kw_only=True):
    """How many tokens each pattern matches; searched, total: as of GateMatches."""

    step: int
    num_matched: tuple[int, ...]
    searched: int
    total: int = 0


class Generated(Answer, frozen=True, kw_only=True):
    """One more token of a generated text, and the likeliest candidates it was drawn from.

    text: all that was written so far, without the prompt. number: the token's in the vocabulary. prompt: of the first
    answer, the numbers of the tokens that it goes on from. Probabilities are those after temperature and cuts, at
    temperature 0 those before.
    """

    text: str
    token: str
    probability: float = 0.0
    number: int = -1
    prompt: tuple[int, ...] = ()
    candidates: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    is_last: bool = False
    step: int = 0


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device by the name recipes use ("cpu", "cuda:0", "mps") and the maker's name."""

    name: str
    title: str
    memory_bytes: int = 0


class Devices(Answer, frozen=True, kw_only=True):
    """Every device found, the one that "auto" takes first."""

    devices: tuple[Device, ...]


class Columns(Answer, frozen=True, kw_only=True):
    """The columns of a table, of a file also whether every value is a number, and the likeliest target (suggested)."""

    names: tuple[str, ...]
    numeric: tuple[bool, ...] = ()
    suggested: str = ""
    num_rows: int = 0


AnyAnswer = (
    Problem
    | Ready
    | FetchingTold
    | Done
    | Prediction
    | ModelDescription
    | PretrainedDescription
    | DatasetDescription
    | SamplePage
    | SurfaceHeader
    | Devices
    | Columns
    | GatesHeader
    | GradientFlow
    | AttentionHeader
    | LensHeader
    | AttributionHeader
    | NeighboursHeader
    | GateMatches
    | UnitRanks
    | UnitsTold
    | Generated
)
