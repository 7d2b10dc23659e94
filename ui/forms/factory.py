"""Which editor a field gets."""

from __future__ import annotations

from modellab.config import FieldSpec
from ui.forms.bool_editor import BoolEditor
from ui.forms.choice_editor import ChoiceEditor, OpenChoiceEditor
from ui.forms.config_editor import ConfigEditor
from ui.forms.config_list_editor import ConfigListEditor
from ui.forms.editor import Editor, FormContext
from ui.forms.list_editor import ListEditor
from ui.forms.number_editor import NumberEditor, TextEditor
from ui.forms.optional_editor import OptionalEditor
from ui.forms.path_editor import PathEditor


def make_editor(spec: FieldSpec, context: FormContext) -> Editor:
    """The editor of any field, switch included where it may be off."""
    if spec.kind == "config":
        return ConfigEditor(spec, context)
    if spec.kind == "list" and spec.item is not None and spec.item.kind == "config":
        return ConfigListEditor(spec, context)
    editor = _leaf(spec, context)
    return OptionalEditor(editor) if spec.optional else editor


def _leaf(spec: FieldSpec, context: FormContext) -> Editor:
    match spec.kind:
        case "bool":
            return BoolEditor(spec)
        case "choice":
            return ChoiceEditor(spec)
        case "list":
            return ListEditor(spec, context.choices)
        case "text" if spec.choices_from:
            return OpenChoiceEditor(spec, context.choices)
        case "text" if spec.path:
            return PathEditor(spec)
        case "text":
            return TextEditor(spec)
        case _:
            return NumberEditor(spec)
