"""A gates view, shown a run."""

import pytest

from tests.ui.views.gates_fakes import flow, shown_view
from workers.protocol import ShowGradientFlow


@pytest.fixture
def lab_view(qtbot, tmp_path):
    view, run, lab, inspector = shown_view(qtbot, tmp_path)
    inspector.replies[ShowGradientFlow] = flow
    return view, run, lab, inspector
