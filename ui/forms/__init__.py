"""Forms made from the annotations of a config class."""

from ui.forms.form import ConfigForm
from ui.forms.rows import Section, default_section

__all__ = ["ConfigForm", "Section", "default_section"]
