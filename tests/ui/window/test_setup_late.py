"""What is told of data that was chosen before says nothing of what was chosen since."""

from modellab.config import to_builtins
from modellab.data.base import Sample
from tests.ui.window.bench_hands import BenchHands
from workers.protocol import DatasetDescription, DescribeDataset

_POINTS = Sample(kind="point", task="classification", shape=(2,), classes=("0", "1"))


def test_that_an_answer_that_comes_late_marks_no_network_of_the_data_chosen_since(hands: BenchHands) -> None:
    hands.session.load_blank_draft()
    hands.wait(lambda: any(isinstance(asked, DescribeDataset) for asked, _, _ in hands.inspector.asked))
    hands.panel.dataset_part().choose("digits")
    late = DatasetDescription(sample=to_builtins(_POINTS), sizes={"train": 9}, balance={})
    hands.inspector.answer(DescribeDataset, late)  # before the form has told of the digits
    hands.panel.architecture_part().choose("cnn")
    hands.wait(lambda: not hands.panel._settle.isActive())
    assert hands.panel.problem() == ""
    assert hands.session.draft is not None
    assert hands.session.draft.architecture.name() == "cnn"
