"""A config with every kind of field, and how tests reach into its form."""

from enum import Enum
from typing import Annotated, Any, Literal

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from modellab.config import Config, meta
from ui.forms import ConfigForm
from ui.forms.line_field import LineField


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Part(Config, frozen=True, kw_only=True):
    size: Annotated[int, meta(title="Size", ge=1, le=9, unit="px")] = 3
    kind: Annotated[Literal["max", "mean"], meta(title="Kind")] = "max"


class Toy(Config, frozen=True, kw_only=True):
    rate: Annotated[float, meta(title="Rate", help="How fast.", gt=0, le=100, log=True, live=True)] = 0.001
    count: Annotated[int, meta(title="Count", ge=1, le=1000, unit="examples")] = 10
    is_on: Annotated[bool, meta(title="Is on")] = False
    text: Annotated[str, meta(title="Text", max_length=5)] = "abc"
    file: Annotated[str, meta(title="File", path="file")] = ""
    colour: Annotated[Colour, meta(title="Colour", labels={"red": "Deep red"})] = Colour.RED
    column: Annotated[str, meta(title="Column", choices_from="columns")] = ""
    limit: Annotated[int, meta(title="Limit", ge=1, le=50)] | None = None
    layers: Annotated[
        tuple[Annotated[int, meta(title="Units", ge=1, le=512)], ...], meta(title="Layers", max_length=4)
    ] = (64, 32)
    parts: Annotated[tuple[Part, ...], meta(title="Parts", min_length=1, max_length=3)] = (Part(),)
    group: Annotated[Part, meta(title="Group")] = Part()
    maybe: Annotated[Part, meta(title="Maybe")] | None = None
    blue_only: Annotated[int, meta(title="Blue only", ge=1, when=("colour", ("blue",)))] = 1
    secret: Annotated[float, meta(title="Secret", advanced=True, ge=0, le=1)] = 0.5


def shown_form(qtbot, kind: type[Config], **arguments) -> ConfigForm:
    made = ConfigForm(kind, **arguments)
    qtbot.addWidget(made)
    made.resize(300, 900)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def editor(form: ConfigForm, name: str) -> Any:
    return form.editor_of(name)


def config(form: ConfigForm) -> Any:
    return form.config()


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def field(form: ConfigForm, name: str) -> LineField:
    found = form.editor_of(name)
    assert isinstance(found, LineField)
    return found


def retype(line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def sentences(form: ConfigForm) -> list[str]:
    return [
        label.text() for label in form.findChildren(QLabel) if label.property("role") == "bad" and label.isVisible()
    ]


def child(form: QWidget, name: str) -> Any:
    """The visible widget with this accessible name."""
    found = [widget for widget in form.findChildren(QWidget) if widget.accessibleName() == name and widget.isVisible()]
    assert found, f"{name!r} is not in sight"
    return found[0]
