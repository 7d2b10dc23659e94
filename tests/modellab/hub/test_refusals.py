"""What a person reads when the hub did not give something."""

from pathlib import Path

from modellab.hub import absent, first_line, is_unreachable


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


def test_that_no_way_to_the_hub_is_told_from_what_it_does_not_have():
    class ConnectError(Exception):
        """As the hub's client has it."""

    lost = OSError("not in the cache")
    lost.__cause__ = ConnectError("Name or service not known")
    assert is_unreachable(lost)
    assert is_unreachable(TimeoutError())
    refused = OSError("404")
    refused.__cause__ = refused
    assert not is_unreachable(refused)
