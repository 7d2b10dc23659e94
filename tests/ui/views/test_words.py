"""One word for one thing, wherever a person reads it."""

import ast
import re
from pathlib import Path

import ui

# What is done to a model that is looked into is an intervention: a signal is held and let go of, a head switched off or
# scaled, a token hidden.
_OTHER_WORDS = re.compile(r"\b(clamp|forc(e|ed|ing)\b|released?\b|freez)", re.IGNORECASE)
_OF_SIGNALS = re.compile(r"\b(hold|held|let( it)? go|pin(ned)?)\b", re.IGNORECASE)
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


def test_that_heads_are_switched_off_or_scaled_and_never_held():
    shared = ("_clamp_bar", "clamp_words", "inference_text_clamps")
    modules = [path for path in _MODULES if path.stem.startswith("_attention") or path.stem in ("attention", *shared)]
    assert len(modules) > 20
    shown = [(path.stem, text) for path in modules for text in words_shown(path.read_text(encoding="utf-8"))]
    assert [one for one in shown if _OF_SIGNALS.search(re.sub(r"{\w*}", "", one[1]))] == []
