"""Patterns that a unit may follow: what they are called, and the regular expression that finds them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What it finds, in a few words, and the regular expression."""

    name: str
    regex: str

    @property
    def title(self) -> str:
        """The name in the language of the window."""
        return QCoreApplication.translate("GatesView", self.name)


PATTERNS = (
    Pattern(name=str(QT_TRANSLATE_NOOP("GatesView", "inside double quotes")), regex=r'"[^"\n]*"'),
    Pattern(name=str(QT_TRANSLATE_NOOP("GatesView", "inside single quotes")), regex=r"'[^'\n]*'"),
    Pattern(name=str(QT_TRANSLATE_NOOP("GatesView", "inside brackets")), regex=r"\([^()]*\)"),
    Pattern(name=str(QT_TRANSLATE_NOOP("GatesView", "indented lines")), regex=r"^ {3,}\S.*$"),
    Pattern(name=str(QT_TRANSLATE_NOOP("GatesView", "digits")), regex=r"\d"),
    Pattern(name=str(QT_TRANSLATE_NOOP("GatesView", "capital letters")), regex=r"\p{Lu}"),
    Pattern(name=str(QT_TRANSLATE_NOOP("GatesView", "vowels")), regex=r"[aeiouAEIOU]"),
    Pattern(name=str(QT_TRANSLATE_NOOP("GatesView", "punctuation")), regex=r"[^\w\s]"),
    Pattern(name=str(QT_TRANSLATE_NOOP("GatesView", "spaces")), regex=r"[ \t]"),
    Pattern(name=str(QT_TRANSLATE_NOOP("GatesView", "beginnings of words")), regex=r"\b\w"),
    Pattern(name=str(QT_TRANSLATE_NOOP("GatesView", "line ends")), regex=r"\n|.$"),
)
