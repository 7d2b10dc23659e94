"""How the numbers of a table of samples are written."""

import numpy as np
import pytest

from ui.views._samples_table import _decimals


@pytest.mark.parametrize(
    ("column", "decimals"),
    [([1.0, 20.0], 0), ([0.5, 0.25], 2), ([1234.5678], 0), ([0.123456], 4), ([np.nan, 2.5], 1), ([], 0)],
)
def test_that_a_column_has_the_decimals_that_tell_its_largest_value(column: list[float], decimals: int) -> None:
    assert _decimals(np.array(column, dtype=np.float32)[:, None]) == (decimals,)
