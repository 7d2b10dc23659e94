"""What a window and its inspector say to each other: a msgspec header and raw arrays."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from modellab.inspection.layers import Layer as Layer


class Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """A question. Of the questions waiting in one `slot` only the newest is answered: latest wins."""

    id: int = 0
    slot: str = ""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """Which weights: a run folder and a step; step None is the newest there is (published or checkpoint)."""

    run: str
    step: int | None = None


class ImageInput(msgspec.Struct, frozen=True, kw_only=True, tag="image"):
    """Pixels of any size, uint8 [H, W], [H, W, 3] or [H, W, 4], in the request's array "image"; or a file to open.

    drawn: white on black ink from the drawing pad; centred and scaled as the dataset's own digits are.
    """

    path: str = ""
    drawn: bool = False


class RowInput(msgspec.Struct, frozen=True, kw_only=True, tag="row"):
    """One number a column, in the unit of the data; also a point."""

    values: tuple[float, ...]


AnyInput = ImageInput | RowInput


class Predict(Request, frozen=True, kw_only=True):
    """Answer: Prediction, and array "seen", the input as the model sees it (image: uint8 [H, W, C])."""

    model: Model
    input: AnyInput


class DescribeModel(Request, frozen=True, kw_only=True):
    """Answer: ModelDescription. The recipe as builtins; nothing is trained or allocated (meta device).

    is_timed: take a few real steps as well, for at most about 0.3 s and only while nothing else is asked, to know
    `seconds`. Without it `seconds` is given when it is known from before. Ask without first, then with.
    """

    recipe: dict[str, Any]
    is_timed: bool = False


class DescribeDataset(Request, frozen=True, kw_only=True):
    """Answer: DatasetDescription. Loads the dataset (kept for the next question)."""

    dataset: dict[str, Any]


class ShowSamples(Request, frozen=True, kw_only=True):
    """Answer: SamplePage, and arrays "inputs" (uint8 [N, H, W, C] or float32 [N, D]) and "targets" [N].

    as_model_sees: the first batch of epoch `epoch`, augmented and normalised, instead of rows start.. of the split;
    images are mapped back to uint8 for the eye.
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


class ListDevices(Request, frozen=True, kw_only=True):
    """Answer: Devices."""


class ListColumns(Request, frozen=True, kw_only=True):
    """Answer: Columns of the table file at `path`."""

    path: str


AnyRequest = (
    Predict | DescribeModel | DescribeDataset | ShowSamples | ShowSurface | ShowFilters | ListDevices | ListColumns
)


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """The answer to the question of that id."""

    id: int = 0


class Problem(Answer, frozen=True, kw_only=True):
    """The question could not be answered: one sentence for a person, and the option it is about."""

    message: str
    field: str = ""


class Ready(Answer, frozen=True, kw_only=True):
    """Sent once, unasked: the inspector has loaded what it needs; questions may come before."""

    seconds: float


class Done(Answer, frozen=True, kw_only=True):
    """All there is to say is in the arrays."""

    step: int = 0


class Prediction(Answer, frozen=True, kw_only=True):
    """Classes by falling probability, or a value with the name of the target.

    milliseconds: of the forward pass. notes: what was done to the input to get it into the dataset's form.
    """

    step: int
    task: Literal["classification", "regression"]
    classes: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    value: float = 0.0
    target: str = ""
    milliseconds: float = 0.0
    notes: tuple[str, ...] = ()


class ModelDescription(Answer, frozen=True, kw_only=True):
    """Layers, and what training the recipe will need.

    memory_bytes: weights, gradients, optimiser state, activations of one batch and the dataset if it is kept on the
    device. seconds: measured from a few timed steps on this machine, None before they are; steps: of the whole run.
    """

    layers: tuple[Layer, ...]
    parameters: int
    flops: int
    memory_bytes: int
    memory_parts: dict[str, int]
    steps: int
    seconds: float | None = None


class DatasetDescription(Answer, frozen=True, kw_only=True):
    """sizes: examples a split; balance: examples of each class a split (empty for regression)."""

    sample: dict[str, Any]
    sizes: dict[str, int]
    balance: dict[str, tuple[int, ...]]
    notes: tuple[str, ...] = ()
    num_bytes: int = 0


class SamplePage(Answer, frozen=True, kw_only=True):
    """What the arrays show; `sources` names each example's file or row where it has one; total: how many there are."""

    sample: dict[str, Any]
    start: int
    total: int
    indices: tuple[int, ...]
    sources: tuple[str, ...] = ()


class SurfaceHeader(Answer, frozen=True, kw_only=True):
    """Which weights the surface is of."""

    step: int
    layers: tuple[str, ...] = ()


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device by the name recipes use ("cpu", "cuda:0", "mps") and the maker's name."""

    name: str
    title: str
    memory_bytes: int = 0


class Devices(Answer, frozen=True, kw_only=True):
    """Every device found, the one that "auto" takes first."""

    devices: tuple[Device, ...]


class Columns(Answer, frozen=True, kw_only=True):
    """The columns of a table and whether every value is a number; suggested: the likeliest target."""

    names: tuple[str, ...]
    numeric: tuple[bool, ...]
    suggested: str = ""
    num_rows: int = 0


AnyAnswer = (
    Problem
    | Ready
    | Done
    | Prediction
    | ModelDescription
    | DatasetDescription
    | SamplePage
    | SurfaceHeader
    | Devices
    | Columns
)
