"""What is wrong is marked beside its field while one types."""

import pytest

from modellab.errors import UserError
from tests.ui.forms.toys import config, field, retype, sentences
from ui.forms import ConfigForm


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
