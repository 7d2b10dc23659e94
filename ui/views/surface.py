"""The decision surface of points and two-column tables: what the network and each hidden unit say over the plane."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from modellab.data.base import Sample
from modellab.recipe import recipe_to_builtins
from ui.lab.focus import Focus
from ui.lab.run_model import RunModel
from ui.theme import theme
from ui.theme.colour_maps import class_colours
from ui.views import _surface_colours as colours
from ui.views import _surface_readout as words
from ui.views._export import ExportButton, Table
from ui.views._subject import Subject
from ui.views._surface_data import Surface, unit_reaches
from ui.views._surface_examples import ExampleSource
from ui.views._surface_legend import SurfaceLegend
from ui.views._surface_network import NetworkTiles
from ui.views._surface_picture import Picture, axes_of, input_names, point_icon
from ui.views._surface_plot import Pointed, SurfacePlot
from ui.views._surface_points import Points
from ui.views._surface_source import SurfaceSource
from ui.views.base import Lab, View
from ui.widgets.empty_state import EmptyState
from ui.widgets.flow_row import FlowRow
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.numbers import whole
from ui.widgets.segmented import Segmented


class SurfaceView(View):
    """See the module. Without a run it shows the data alone, so that a changed dataset is seen at once."""

    name = "surface"
    title = "Decision surface"
    icon = "scatter"
    order = 20
    kinds = frozenset({"point", "row"})

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(lab, parent)
        self._surface: Surface | None = None
        self._failure = ""  # why the newest question about the surface has no answer
        self._sample: Sample | None = None
        self._points: dict[str, Points] = {}
        self._pointed: Pointed | None = None
        self._subject = Subject(lab.session, of=lambda recipe: recipe.dataset, parent=self)
        self._source = SurfaceSource(lab.inspector, self)
        self._examples = ExampleSource(lab.inspector, self)
        self._build()
        self._subject.changed.connect(self._on_subject_changed)
        self._examples.arrived.connect(self._on_examples_arrived)
        self._examples.failed.connect(self._on_examples_failed)
        self._source.arrived.connect(self._on_surface_arrived)
        self._source.failed.connect(self._on_surface_failed)
        lab.focus.changed.connect(self._on_focus_changed)
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self._subject.set_run(None)

    def show_run(self, run: RunModel | None, before: RunModel | None) -> None:
        if before is not None:
            before.captured.disconnect(self._on_captured)
            before.published.disconnect(self._on_published)
        if run is not None:
            run.captured.connect(self._on_captured)
            run.published.connect(self._on_published)
        self._subject.set_run(run)

    def redraw(self) -> None:
        if not self._may_have_plane():
            return
        self._source.follow(self._subject.run, step=self.lab.focus.value.step)
        self._source.refresh()
        self._draw()

    # Building

    def _build(self) -> None:
        self._style = Segmented(
            [("smooth", self.tr("Smooth")), ("flat", self.tr("Discrete"))], accessible_name=self.tr("Surface:")
        )
        self._style.set_tooltip("smooth", self.tr("The surer the network, the stronger the colour"))
        self._style.set_tooltip("flat", self.tr("Only the likeliest class, or a few bands of values"))
        self._style.chosen.connect(lambda _: self.touch())
        self._toggles = {"train": QCheckBox(self.tr("Training")), "validation": QCheckBox(self.tr("Validation"))}
        for toggle in self._toggles.values():
            toggle.setChecked(True)
            toggle.toggled.connect(lambda _: self._show_points())
        self._step_label = ElidedLabel(style="small", role="muted")
        self._plot = SurfacePlot()
        self._plot.pointed.connect(self._on_pointed)
        self._tiles = NetworkTiles()
        self._tiles.unit_pointed.connect(lambda layer, unit: self.lab.focus.preview(layer=layer, unit=unit))
        self._tiles.pointing_ended.connect(self.lab.focus.end_preview)
        self._tiles.unit_chosen.connect(self._on_unit_chosen)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._tiles)
        self._tiles.walked.connect(
            lambda tile: self._scroll.ensureVisible(tile.center().x(), tile.center().y(), 60, 60)
        )
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._readout = ElidedLabel(style="small")
        self._legend = SurfaceLegend()
        self._note = TextLabel(style="small", role="muted")
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._picture = Picture(self._scroll, self._plot, below=(self._readout, self._legend, self._note))
        self._empty = EmptyState("scatter", "", title=self.tr("No decision surface yet"), parent=self)
        export = ExportButton(
            picture=self._picture, table=self._table, file_name=self._file_name, say=self.lab.session.say
        )
        top = FlowRow()
        top.addWidget(self._style)
        top.addWidget(self._subject.switch)
        top.add_stretching(self._step_label)
        for toggle in self._toggles.values():
            top.addWidget(toggle)
        top.add_pinned(export)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._picture, 1)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 8, 12, 8)
        outer.addLayout(self._stack)

    # The data

    def _on_subject_changed(self) -> None:
        recipe, run = self._subject.recipe, self._subject.run
        self._source.follow(run, step=self.lab.focus.value.step)
        self._surface, self._failure = None, ""
        if recipe is None or recipe.dataset.kind not in self.kinds:
            self._examples.stop()
            self._on_examples_failed(self._subject.problem)
            return
        if run is not None and run.sample is not None and not run.sample.is_plane:
            self._say_no_plane(run.sample)
            return
        if self._sample is None:
            self._empty.set_sentence(self.tr("The points are being read…"))
        self._examples.fetch(recipe_to_builtins(recipe))
        self.touch()

    def _on_examples_arrived(self, sample: Sample, points: dict[str, Points]) -> None:
        if not sample.is_plane:
            self._say_no_plane(sample)
            return
        self._sample, self._points = sample, points
        self._show_points()
        self.touch()

    def _on_examples_failed(self, sentence: str) -> None:
        self._sample, self._points = None, {}
        self._say_empty(sentence)

    def _say_no_plane(self, sample: Sample) -> None:
        """Of a table with other inputs than two columns of numbers."""
        self._examples.stop()
        sentence = self.tr(
            "A decision surface lies over two columns of numbers, and this table gives the network {0} inputs. To see "
            "one, leave out columns in the setup until two of numbers are left."
        )
        self._on_examples_failed(sentence.format(whole(sample.shape[0])))

    def _may_have_plane(self) -> bool:
        run = self._subject.run
        return run is None or run.sample is None or run.sample.is_plane

    def _say_empty(self, problem: str) -> None:
        usual = self.tr(
            "Choose a dataset of 2-D points, or a table of two columns of numbers: its data appears here, and once "
            "training starts what the network and each of its units make of the plane."
        )
        self._empty.set_sentence(problem or usual)
        self._stack.setCurrentIndex(0)

    def _show_points(self) -> None:
        sample = self._sample
        if sample is None:
            return
        shown = {}
        for split, points in self._points.items():
            if not self._toggles[split].isChecked():
                continue
            if sample.task == "regression":
                middle, reach = self._scale()
                rgba = colours.target_colours(points.targets, middle=middle, reach=reach)
            else:
                rgba = class_colours(len(sample.classes))[points.targets.astype(int)]
            shown[split] = (points, rgba)
        rim = "muted" if sample.task == "regression" else "panel"  # targets near the middle have the panel's own colour
        self._plot.set_points(shown, rim=rim)
        for split, toggle in self._toggles.items():
            colour = theme().colour("accent" if sample.task == "regression" else "text")
            toggle.setIcon(point_icon(colour, is_ring=split == "validation", rim=theme().colour(rim)))
        cut = [points for points in self._points.values() if points.total > len(points)]
        first, total = sum(len(points) for points in self._points.values()), sum(p.total for p in self._points.values())
        text = self.tr("first {first} of {total} points") if cut else self.tr("{total} points")
        self._note.setText(text.format(first=whole(first), total=whole(total)))

    # The surface

    def _on_captured(self, captured: Any) -> None:
        if captured.kind == "surface" and self.lab.focus.value.step is None:
            self.touch()

    def _on_published(self, _step: int) -> None:
        if self._surface is None:
            self.touch()

    def _on_surface_arrived(self, surface: Surface) -> None:
        self._surface, self._failure = surface, ""
        self._draw()

    def _on_surface_failed(self, sentence: str) -> None:
        self._failure = sentence
        self._say_step()

    def _say_step(self) -> None:
        """Of which step the surface is, or why there is none; each failed step says so until another is shown."""
        run = self._subject.run
        if self._failure:
            text = self._failure
        elif self._surface is not None:
            text = self.tr("step {step}").format(step=whole(self._surface.step))
        elif run is not None and run.is_alive:
            text = self.tr("Surface after the first steps")
        elif run is not None and run.checkpoint_steps:
            text = self.tr("The surface is being computed…")
        else:
            text = self.tr("Press Start to train.")
        self._step_label.set_role("bad" if self._failure else "muted")
        self._step_label.setText(text)

    def _draw(self) -> None:
        sample, surface = self._sample, self._surface
        if sample is None:
            return
        self._stack.setCurrentIndex(1)
        self._plot.set_axes(axes_of(sample, surface))
        self._tiles.set_surface(surface)
        self._picture.set_network_shown(surface is not None and bool(surface.units))
        self._style.setEnabled(surface is not None)
        if surface is None:
            self._plot.set_image(None)
            self._legend.set_entries("", ())
        else:
            self._draw_surface(surface, sample)
        self._say_step()
        self._write_readout()

    def _draw_surface(self, surface: Surface, sample: Sample) -> None:
        is_flat = self._style.value() == "flat"
        unit = self._unit()
        if unit is not None:
            maps = surface.unit(*unit)
            assert maps is not None
            reach = float(unit_reaches(surface.units[unit[0]])[unit[1]])
            image = colours.sign_image(maps) if is_flat else colours.value_image(maps, middle=0, reach=reach)
            title = self.tr("Hidden {layer} · unit {unit}").format(layer=unit[0] + 1, unit=unit[1] + 1)
            self._legend.set_entries(*words.unit_entries(reach))
        else:
            scale = self._scale()
            if sample.task == "classification":
                image = (colours.class_image if is_flat else colours.probability_image)(surface.output)
            else:
                draw = colours.banded_image if is_flat else colours.value_image
                image = draw(surface.output[0], middle=scale[0], reach=scale[1])
            title = ""
            self._legend.set_entries(*words.legend_entries(sample, is_flat=is_flat, scale=scale))
        self._plot.set_image(image, is_smooth=not is_flat, title=title)

    def _unit(self) -> tuple[int, int] | None:
        """The (layer, unit) that the focus shows, if this network has it."""
        focus = self.lab.focus.value
        if self._surface is None or focus.layer is None or focus.unit is None:
            return None
        return (focus.layer, focus.unit) if self._surface.unit(focus.layer, focus.unit) is not None else None

    def _scale(self) -> tuple[float, float]:
        assert self._sample is not None
        return words.value_scale(self._surface, self._points, self._sample)

    # Pointing

    def _on_focus_changed(self, _focus: Focus) -> None:
        self._tiles.set_held(self._unit())
        self.touch()

    def _on_unit_chosen(self, layer: int, unit: int) -> None:
        self.lab.focus.lock(layer=layer, unit=unit)

    def _on_walked(self, tile: QRect) -> None:
        self._scroll.ensureVisible(tile.center().x(), tile.center().y(), 60, 60)

    def _on_pointed(self, pointed: Pointed | None) -> None:
        self._pointed = pointed
        self._write_readout()

    def _write_readout(self) -> None:
        self._readout.setText(self._readout_text())

    def _readout_text(self) -> str:
        sample, surface, pointed, unit = self._sample, self._surface, self._pointed, self._unit()
        if sample is None:
            return ""
        names = input_names(sample)
        if pointed is None:
            return words.unit_range_text(surface, unit) if surface is not None and unit is not None else ""
        if surface is None:
            axes = axes_of(sample, None)
            text = words.place_text(names, pointed.x, pointed.y, low=axes.low, high=axes.high)
        elif unit is not None:
            text = words.unit_text(surface, pointed, unit=unit, names=names)
        else:
            text = words.output_text(surface, pointed, sample=sample, names=names)
        if pointed.split in self._points:
            points = self._points[pointed.split]
            example = words.example_text(points, pointed.index, split=pointed.split, sample=sample)
            text = f"{text}   ·   {example}"
        return text

    # Taking it out

    def _table(self) -> Table | None:
        if self._sample is None:
            return None
        names = input_names(self._sample)
        if self._surface is None:
            return words.points_table(self._points, sample=self._sample, names=names)
        return words.surface_table(self._surface, sample=self._sample, names=names, unit=self._unit())

    def _file_name(self) -> str:
        run = self._subject.run
        return f"{run.title if run else 'points'}-surface" + (f"-step-{self._surface.step}" if self._surface else "")

    def _on_theme_changed(self) -> None:
        self._show_points()
        self.touch()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.lab.focus.let_go()
        else:
            super().keyPressEvent(event)
