"""What a window asks its inspector."""

from __future__ import annotations

from typing import Any

import msgspec

from modellab.inspection.clamps import Clamp as Clamp
from modellab.inspection.clamps import HeadScale as HeadScale
from modellab.inspection.clamps import HiddenToken as HiddenToken
from modellab.inspection.clamps import Intervention as Intervention


class Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """A question. Of the questions waiting in one `slot` only the newest is answered: latest wins."""

    id: int = 0
    slot: str = ""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """Which weights: a run folder and a step; step None is the newest there is (published or checkpoint).

    pretrained: a folder, a name below the models folder, or a hub id, in place of a run.
    """

    run: str = ""
    step: int | None = None
    pretrained: str = ""


class ImageInput(msgspec.Struct, frozen=True, kw_only=True, tag="image"):
    """Pixels of any size, uint8 [H, W], [H, W, 3] or [H, W, 4], in the request's array "image"; or a file to open.

    drawn: white on black ink from the drawing pad; centred and scaled as the dataset's own digits are.
    """

    path: str = ""
    drawn: bool = False


class RowInput(msgspec.Struct, frozen=True, kw_only=True, tag="row"):
    """One number a column, in the unit of the data; also a point."""

    values: tuple[float, ...]


class TextInput(msgspec.Struct, frozen=True, kw_only=True, tag="text"):
    """A text, cut by the run's own tokenizer; longer than the model reads it is cut short, and a note says so.

    pair: a second text, of which a BERT says whether it follows. num_beams: of a translation; 1 is greedy.
    """

    text: str
    pair: str = ""
    num_beams: int = 1


AnyInput = ImageInput | RowInput | TextInput


class Predict(Request, frozen=True, kw_only=True):
    """Answer: Prediction, and array "seen", the input as the model sees it (image: uint8 [H, W, C]; text: int32
    ids [T]).

    A language model answers with the likeliest next tokens as classes. clamps: signals of a recurrent model, heads and
    tokens of a transformer.
    """

    model: Model
    input: AnyInput
    clamps: tuple[Intervention, ...] = ()


class DescribeModel(Request, frozen=True, kw_only=True):
    """Answer: ModelDescription. The recipe as builtins; nothing is trained or allocated (meta device).

    is_timed: take a few real steps as well, for at most about 0.3 s and only while nothing else is asked, to know
    `seconds`. Without it `seconds` is given when it is known from before. Ask without first, then with.
    """

    recipe: dict[str, Any]
    is_timed: bool = False


class DescribePretrained(Request, frozen=True, kw_only=True):
    """Answer: PretrainedDescription; what the model in a folder reads and says, with its layers where those are
    wanted."""

    name: str
    wants_layers: bool = False


class DescribeDataset(Request, frozen=True, kw_only=True):
    """Answer: DatasetDescription. Loads the dataset (kept for the next question), as the architecture reads it where
    one is given that brings its own tokenizer."""

    dataset: dict[str, Any]
    architecture: dict[str, Any] | None = None


class ShowSamples(Request, frozen=True, kw_only=True):
    """Answer: SamplePage, and arrays "inputs" (uint8 [N, H, W, C] or float32 [N, D]) and "targets" [N].

    Text instead of "inputs": "tokens" int32, all texts end to end as the model reads them, text i is
    tokens[offsets[i]:offsets[i + 1]]; "offsets" int64 [N + 1]; "lengths" int64 [N], in tokens before they were cut. To
    predict the next token, "targets" has one for each of "tokens", and "starts" int64 [N] says at which token of the
    split each text begins.

    as_model_sees: the first batch of epoch `epoch`, augmented and normalised, instead of rows start.. of the split;
    images are mapped back to uint8 for the eye.
    Windows of a stream have then the index of the window they begin in, pairs of pieces that of their first piece, and
    "lengths" counts both pieces and the special tokens.
    of_class: only examples of this class index.
    """

    recipe: dict[str, Any]
    split: str = "train"
    start: int = 0
    count: int = 64
    of_class: int | None = None
    as_model_sees: bool = False
    epoch: int = 0


class ShowSurface(Request, frozen=True, kw_only=True):
    """Answer: SurfaceHeader, arrays as a "surface" capture (see modellab.inspection.surface)."""

    model: Model
    resolution: int = 64


class ShowFilters(Request, frozen=True, kw_only=True):
    """Answer: Done, and arrays: the first convolution's kernels "kernels" float32 [K, C, H, W]."""

    model: Model


class ShowGates(Request, frozen=True, kw_only=True):
    """Answers: GatesHeader, and arrays "<layer>/<direction>/<signal>" float16 [T, units] (exact float32 if `exact`).

    Of a long text there are two: of `layer` first, as soon as it has been read, and then of the other layers.
    ids: the very tokens that a language model wrote, in place of a text that would be cut anew.
    """

    model: Model
    text: str
    ids: tuple[int, ...] = ()
    clamps: tuple[Clamp, ...] = ()
    exact: bool = False
    layer: int = 0


class Look(Request, frozen=True, kw_only=True):
    """A question about what goes on in a model while it reads one text; no question by itself.

    Of a run's model, or of the pretrained model `pretrained` (a folder, a name below the models folder, or a hub id).
    pair: a second text, read with the first as one. target: what a translator writes; empty, it writes itself.
    ids: the very tokens that a run's language model wrote, in place of a text that would be cut anew.
    Without a text a run's model reads the pinned text number `probe`, of those it is validated with; a model of images
    the image of that row.
    """

    model: Model | None = None
    pretrained: str = ""
    text: str = ""
    pair: str = ""
    target: str = ""
    ids: tuple[int, ...] = ()
    probe: int = 0
    clamps: tuple[Intervention, ...] = ()


class ShowAttention(Look, frozen=True, kw_only=True):
    """Answer: AttentionHeader, and arrays "<number of the block>/<name>" as of modellab.inspection.attention_blocks.

    image: one of a person's own, as Predict takes it, in place of a row of the validation split.
    since: a step; the heads then have the statistic "change", how far their shares are from those at that step. While
    anything is held they have "effect" too, how far their shares are from those of the model as it was trained; not
    of a text so long that this would take another second.
    """

    image: ImageInput | None = None
    since: int | None = None


class ShowLens(Look, frozen=True, kw_only=True):
    """Answer: LensHeader, and arrays as of modellab.inspection.logit_lens.Lens: "best", "probabilities", "entropy",
    "final"."""


class ShowAttribution(Look, frozen=True, kw_only=True):
    """Answer: AttributionHeader, and array "contributions" float32 [N], of each token to the logit of a class; see
    modellab.inspection.attribution.

    of_class: None is the likeliest.
    """

    of_class: str | None = None


class ShowNeighbours(Look, frozen=True, kw_only=True):
    """Answer: NeighboursHeader: the tokens whose embeddings are nearest to that of the token at `place` of the text, of
    the first token of `word`, or of the token of that number."""

    place: int | None = None
    word: str = ""
    token: int | None = None
    most: int = 30


class ShowGradientFlow(Request, frozen=True, kw_only=True):
    """Answer: GradientFlow; arrays "norms" float32 [layers, T] (of the loss at the end with respect to the hidden
    state of each time step) and "connectivity" float32 [T, T] (norm of
    d h_t / d x_s of the last layer; 0 where s > t, one way). ids: as of ShowGates."""

    model: Model
    text: str
    ids: tuple[int, ...] = ()
    target: str = ""
    clamps: tuple[Clamp, ...] = ()


class SearchGates(Request, frozen=True, kw_only=True):
    """Find the places of the validation corpus where units behave as over a brushed span. Answer: GateMatches.

    units: (layer, direction, signal, unit) whose value must be above `threshold` (below -threshold for negative lobes,
    sign -1) on `length` tokens in a row, and, if `whiskers`, not just before and after.
    """

    model: Model
    units: tuple[tuple[int, int, str, int], ...]
    signs: tuple[int, ...] = ()
    threshold: float = 0.3
    length: int = 1
    whiskers: bool = False
    most: int = 50


class RankUnits(Request, frozen=True, kw_only=True):
    """How well each unit tells characters matched by a regular expression from the others. Answer: UnitRanks."""

    model: Model
    pattern: str
    signal: str = "c"
    most: int = 50


class TellUnits(Request, frozen=True, kw_only=True):
    """How well every unit tells each of these patterns. Answer: UnitsTold, and of the last one an array "auc" float32
    [patterns, layers, directions, units], NaN where a pattern matches no token or every one.

    most_tokens: of the validation texts that are read for it.
    """

    model: Model
    patterns: tuple[str, ...]
    signal: str = "c"
    most_tokens: int = 50_000


class Generate(Request, frozen=True, kw_only=True):
    """Continue a text token by token. Answer: one Generated for each token as it comes, the last with is_last.

    A newer request of the same slot ends it. top_k 0, top_p 1 and a repetition penalty of 1 are off; seed None draws a
    fresh one.
    """

    model: Model
    text: str
    num_tokens: int = 200
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int | None = None
    stop: str = ""
    clamps: tuple[Intervention, ...] = ()


class ListDevices(Request, frozen=True, kw_only=True):
    """Answer: Devices."""


class SteerFetching(Request, frozen=True, kw_only=True):
    """Answer: Done. Fetch no more of what is being fetched from the hub, and refuse questions that need it, until one
    with `go_on`."""

    go_on: bool = False


class ListColumns(Request, frozen=True, kw_only=True):
    """Answer: Columns of the table file at `path`, or of a dataset of the hub by its name and subset."""

    path: str = ""
    hub_id: str = ""
    subset: str = ""


AnyRequest = (
    Predict
    | DescribeModel
    | DescribePretrained
    | DescribeDataset
    | ShowSamples
    | ShowSurface
    | ShowFilters
    | ShowGates
    | ShowGradientFlow
    | ShowAttention
    | ShowLens
    | ShowAttribution
    | ShowNeighbours
    | SearchGates
    | RankUnits
    | TellUnits
    | Generate
    | ListDevices
    | ListColumns
    | SteerFetching
)
