"""What is wrong is marked beside its field while one types."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtTest import QTest

from modellab.errors import UserError
from tests.ui.forms.toys import config, field, retype, sentences
from ui.forms import ConfigForm
from ui.forms.checks import short_sentence
from ui.widgets.buttons import QuietButton


def test_that_a_bad_number_is_marked_while_one_types_and_the_rest_stays(qtbot, form: ConfigForm):
    with qtbot.waitSignal(form.validity_changed) as blocker:
        retype(field(form, "rate"), "200")
    assert blocker.args == [False]
    assert field(form, "rate").property("invalid") is True
    assert sentences(form) == ["A number above 0 and at most 100."]
    retype(field(form, "count"), "20")
    assert form.values()["count"] == 20
    assert field(form, "rate").text() == "200"
    with pytest.raises(UserError) as raised:
        form.config()
    assert raised.value.field == "rate"
    with qtbot.waitSignal(form.validity_changed):
        retype(field(form, "rate"), "1e-2")
    assert config(form).rate == 0.01
    assert sentences(form) == []


def test_that_several_mistakes_are_all_marked(form: ConfigForm):
    retype(field(form, "rate"), "x")
    retype(field(form, "count"), "0")
    assert len(sentences(form)) == 2


def test_that_a_mistake_in_a_field_not_asked_for_does_not_stand_in_the_way(form: ConfigForm):
    form.set_value("colour", "blue")
    form.set_value("blue_only", 0)
    assert not form.is_valid()
    form.set_value("colour", "red")
    assert form.is_valid()
    assert config(form).blue_only == 1


def test_that_a_mistake_found_elsewhere_is_shown_beside_its_field_until_the_next_edit(form: ConfigForm):
    form.mark(UserError("Too much for this machine.", field="secret"))
    assert sentences(form) == ["Too much for this machine."]
    assert form.error() is not None
    form.set_value("count", 11)
    assert form.error() is None
    assert sentences(form) == []


def test_that_a_mistake_about_no_field_is_shown_too(form: ConfigForm):
    form.mark(UserError("Nothing fits."))
    assert sentences(form) == ["Nothing fits."]


def test_that_what_would_help_is_offered_beside_a_mistake_and_done_by_a_click(form: ConfigForm, stack: QUndoStack):
    form.mark(UserError("Row 3 is bad; mend it, or paint it.", field="toy.file", remedy={"toy.colour": "red"}))
    assert offers(form) == []  # of another form
    form.clear_marks()
    form.set_value("colour", "blue")
    form.mark(UserError("Row 3 is bad; mend it, or paint it.", field="file", remedy={"colour": "red"}))
    (offer,) = offers(form)
    assert offer.text() == "Colour: Deep red"
    QTest.mouseClick(offer, Qt.MouseButton.LeftButton)
    assert form.values()["colour"] == "red"
    assert sentences(form) == []
    assert offers(form) == []
    stack.undo()
    assert form.values()["colour"] == "blue"


def offers(form: ConfigForm) -> list[QuietButton]:
    return [button for button in form.findChildren(QuietButton) if button.isVisible()]


def test_that_only_what_is_said_of_every_field_is_shortened_and_no_name_is_capitalised():
    range_of = UserError("Noise (dataset.noise) must be from 0 to 1; it is 7.", field="dataset.noise")
    assert short_sentence(range_of) == "From 0 to 1."
    own = "en.txt has 3 lines and de.txt has 2; they must be as many, each the translation of the other."
    assert short_sentence(UserError(own, field="dataset.target_file")) == own
    assert short_sentence(UserError("dataset.noise: no number", field="dataset.noise")) == "No number"
