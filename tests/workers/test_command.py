"""The command line as the window uses it: what it says, or its sentence as an error."""

import pytest

from modellab.errors import UserError
from workers.command import run_command


def test_that_what_a_command_says_comes_back():
    assert "spiral-mlp" in run_command("list", "presets")


def test_that_what_a_command_cannot_do_is_its_sentence():
    with pytest.raises(UserError, match=r"^no-such-run: there is no run named so") as caught:
        run_command("export", "no-such-run", "--to", "nowhere")
    assert "modellab: " not in caught.value.message
