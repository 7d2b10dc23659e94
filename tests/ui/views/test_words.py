"""One word for one thing, wherever a person reads it."""

import ast
import re
from pathlib import Path

import ui

# What is done to a model that is looked into is told as: hold, held, let go.
_OTHER_WORDS = re.compile(r"\b(clamp|interven|forc(e|ed|ing)\b|released?\b|freez)", re.IGNORECASE)
_PARTS = ("views", "lab", "panels")
_MODULES = sorted(path for part in _PARTS for path in (Path(ui.__file__).parent / part).glob("*.py"))


def words_shown(source: str) -> list[str]:
    """Every text that a module hands to tr()."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [call for call in calls if getattr(call.func, "attr", getattr(call.func, "id", "")) in ("tr", "_tr")]
    texts = [node for call in named for argument in call.args for node in ast.walk(argument)]
    return [node.value for node in texts if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_that_words_shown_are_found():
    found = words_shown('self.tr("1 clamp active").format(_tr(name or "intervene"), "clamp")')
    assert set(found) == {"1 clamp active", "intervene"}


def test_that_what_is_held_is_called_so_everywhere():
    shown = [(path.stem, text) for path in _MODULES for text in words_shown(path.read_text(encoding="utf-8"))]
    assert len(shown) > 500
    assert [one for one in shown if _OTHER_WORDS.search(re.sub(r"{\w*}", "", one[1]))] == []
