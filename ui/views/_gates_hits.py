"""From a search to a place it found and back: which text is shown, and which of its tokens are marked."""

from __future__ import annotations

from ui.views._gates_data import Gates, tokens_of_letters
from ui.views._gates_order import Span
from workers.protocol import GateMatch


class HitTrail:
    """Knows the place that is looked at, and where the search was asked from."""

    def __init__(self) -> None:
        self._hit: GateMatch | None = None
        self._home: tuple[str, str, Span | None] | None = None  # text of the focus, text that it stood for, span
        self._is_due = False  # the span of a text that is still awaited
        self._is_going_home = False

    def forget(self) -> None:
        """What is marked from now on is a person's own."""
        self._hit, self._home, self._is_due, self._is_going_home = None, None, False, False

    def go(self, hit: GateMatch, *, focus_text: str, gates: Gates, span: Span | None) -> str:
        """Look at this place; the text that it is in."""
        if not self.is_hit(gates):
            self._home = (focus_text, gates.text, span)
        self._hit, self._is_due, self._is_going_home = hit, True, False
        return _text_of(hit)

    def go_home(self) -> str | None:
        """Look at what was searched for again: the text for the focus; None: nobody knows."""
        if self._home is None:
            return None
        self._is_due = self._is_going_home = True
        return self._home[0]

    def is_hit(self, gates: Gates) -> bool:
        """Whether these are of the place."""
        return self._hit is not None and not self._is_going_home and gates.text == _text_of(self._hit)

    def due_span(self, gates: Gates) -> Span | None:
        """What is to be marked in a text that was awaited, once; None: nothing, or it is another text."""
        if not self._is_due or self._hit is None or self._home is None:
            return None
        if self._is_going_home:
            _, text, span = self._home
            if gates.text != text:
                return None
            self.forget()
            return span
        if not self.is_hit(gates):
            return None
        first = len(self._hit.before)
        span = tokens_of_letters(gates, first, first + len(self._hit.match))
        self._is_due = span is None
        return span


def _text_of(hit: GateMatch) -> str:
    return hit.before + hit.match + hit.after
