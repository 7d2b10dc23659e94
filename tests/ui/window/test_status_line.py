"""How times and amounts read."""

import pytest

from ui.window.status_line import amount, clock


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (6.4, "0:06"), (754, "12:34"), (3723, "1:02:03")])
def test_that_a_time_reads_as_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("num_bytes", "text"), [(12, "12 B"), (1500, "1.5 kB"), (2_340_000, "2.3 MB"), (7.8e10, "78.0 GB")]
)
def test_that_an_amount_reads_with_its_unit(num_bytes: float, text: str) -> None:
    assert amount(num_bytes) == text
