"""What a person reads when the hub did not give something."""

from pathlib import Path

from modellab.hub import absent, first_line


def test_that_an_error_is_told_in_one_line_without_its_full_stop():
    assert first_line(OSError("no route to host.\nTraceback ...")) == "no route to host"
    assert first_line(TimeoutError()) == "TimeoutError"
    assert first_line("  ") == ""


def test_that_a_long_line_is_cut():
    assert first_line("word " * 100) == ("word " * 100)[:159] + "…"


def test_that_what_is_absent_is_said_with_where_and_what_to_do():
    said = absent("us/none", kind="models", looked_in=Path("/m/us/none"), why="the hub cannot be reached")
    assert said == (
        "us/none is not in the models folder (looked in /m/us/none) and the hub cannot be reached; "
        "set the models folder (MODELLAB_MODELS) or connect."
    )
