"""Every config there is, as a form."""

import pytest

from modellab.architectures import architectures
from modellab.config import Config, field_specs
from modellab.data import datasets
from modellab.errors import UserError
from modellab.training.options import TrainingOptions
from tests.ui.forms.toys import shown_form
from ui.forms import ConfigForm
from ui.forms.checks import examine
from ui.forms.values import default_values
from ui.theme import theme

ENTRIES = {
    "training": TrainingOptions,
    **{f"architecture-{name}": kind for name, kind in architectures().items()},
    **{f"dataset-{name}": kind for name, kind in datasets().items()},
}
each_entry = pytest.mark.parametrize("kind", ENTRIES.values(), ids=ENTRIES.keys())


@each_entry
def test_that_a_form_gives_back_the_values_it_was_given(qtbot, kind: type[Config]):
    values = default_values(kind)
    form = ConfigForm(kind, values=values)
    qtbot.addWidget(form)
    assert form.values() == values
    assert examine(kind, values).config == (form.config() if form.error() is None else None)


@each_entry
def test_that_every_field_is_wrong_with_nonsense_in_it_and_the_sentence_names_its_limits(qtbot, kind: type[Config]):
    form = ConfigForm(kind, at="part")
    qtbot.addWidget(form)
    for spec in field_specs(kind):
        if spec.kind not in ("int", "float") or spec.when is not None:
            continue
        form.set_value(spec.name, "nonsense")
        error = form.error()
        assert error is not None, spec.name
        assert error.field == f"part.{spec.name}"
        assert spec.limits() in error.message
        form.set_value(spec.name, default_values(kind)[spec.name])
        left = form.error()
        assert left is None or left.field != f"part.{spec.name}"


@each_entry
@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_a_form_opens_everything_and_draws_in_both_themes(qtbot, kind: type[Config], name):
    theme().use(name)
    form = shown_form(qtbot, kind)
    for spec in field_specs(kind):
        form.mark(UserError("Something is amiss.", field=spec.name))
    assert form.grab().toImage().size().width() == 300
    for widget in form.tab_widgets():
        assert widget.accessibleName(), f"{widget} has no name"


def test_that_a_form_makes_no_editor_of_a_section_that_is_shut_until_it_is_opened(qtbot):
    form = shown_form(qtbot, TrainingOptions)
    names = [spec.name for spec in field_specs(TrainingOptions)]
    made = [name for name in names if form.editor_of(name) is not None]
    assert 0 < len(made) < 0.6 * len(names)
