"""Trying the model out: draw, drop, click or type an input and see the answer change as the network learns."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from modellab.data.base import InputKind, Sample
from ui.lab.clamps import Clamps
from ui.lab.focus import Focus
from ui.lab.reading_words import reading_words
from ui.lab.run_model import RunModel
from ui.lab.tokens import added_text
from ui.panels.inference_asking import Asking
from ui.panels.inference_attribution import AttributionPanel
from ui.panels.inference_candidates import Candidates
from ui.panels.inference_following import Following
from ui.panels.inference_image import ImageEditor, let_paste
from ui.panels.inference_input import Given, InputEditor
from ui.panels.inference_kept import KeptTexts
from ui.panels.inference_opened import OpenedModel
from ui.panels.inference_point import PointEditor
from ui.panels.inference_result import ResultView
from ui.panels.inference_row import RowEditor
from ui.panels.inference_text import TextEditor
from ui.panels.inference_text_clamps import ClampLine
from ui.panels.inference_text_writing import WritingPanel
from ui.panels.inference_words import State, caption_of, how_to, step_words, text_of, truth_of
from ui.views._look_source import SENTENCE
from ui.views.base import Lab
from ui.widgets.panel_scroll import FittingColumn, seen_height, show_whole
from workers.protocol import ImageInput, Prediction, SamplePage

_BAR_HEIGHT, _ROOM_BESIDE_BARS = 24, 76
_ROOM_TO_WRITE = 420  # px for all but the bars of a language model, whatever is typed and unfolded: rows stay as many


class InferencePanel(QWidget):
    """Input above, answer below; usable while the network trains and at any step of any run."""

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._run: RunModel | None = None
        self._sample: Sample | None = None
        self._focused_sample: int | None = None
        self._kept = KeptTexts()
        self._had_weights, self._is_sampling = False, False
        self.editors: dict[InputKind, InputEditor] = {
            "image": ImageEditor(), "point": PointEditor(), "row": RowEditor(), "text": (text := TextEditor())
        }  # fmt: skip
        self.text = text
        let_paste(self, self.editors["image"])
        self._kind: InputKind = "image"
        self.result = ResultView()
        self.asking = Asking(lab.inspector, given=self._given, clamps=self._clamps, parent=self)
        self.opened = OpenedModel(lab.inspector, self)
        self.clamps = ClampLine()
        self.attribution = AttributionPanel(lab)
        self.attribution.hide()
        self._of_class = ""
        self.writing = WritingPanel(lab.inspector)
        self.writing.hide()
        self._following = Following(self.writing, lab.focus, self)
        column = FittingColumn(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(12)
        for kind, editor in self.editors.items():
            column.addWidget(editor, 100 if kind == "row" else 0)
            editor.setVisible(kind == self._kind)
            editor.changed.connect(self._on_changed)
            editor.sample_asked.connect(self.take_sample)
            editor.problem_found.connect(self.result.refuse)
        for widget, stretch in ((self.clamps, 0), (self.result, 0), (self.attribution, 100), (self.writing, 100)):
            column.addWidget(widget, stretch)
        column.addStretch(1)
        self._connect()
        self._on_current_changed(lab.session.current)

    @property
    def kind(self) -> InputKind:
        """Which kind of input is asked for."""
        return self._kind

    def take_sample(self) -> None:
        """Try any example of the validation split; every view looks at the same one."""
        if self._run is None or self._sample is None:
            self.result.show_problem(self.tr("Samples are there once a run starts; press Start."))
            return
        self.result.refuse("")
        self.asking.ask_for_sample(None)

    def _connect(self) -> None:
        self._lab.session.current_changed.connect(self._on_current_changed)
        self._lab.session.current_status_changed.connect(self._say_step)
        self._lab.session.current_status_changed.connect(lambda _: self._say_how())
        self._lab.session.draft_changed.connect(lambda _: self._suit())
        self._lab.focus.changed.connect(self._on_focus_changed)
        self.opened.changed.connect(self._on_opened)
        self.asking.answered.connect(self._on_answered)
        self.asking.freed.connect(self.result.set_free)
        self.asking.failed.connect(self.result.show_problem)
        self.asking.sampled.connect(self._on_sampled)
        self.asking.examples_came.connect(self._on_examples_came)
        self.text.typed.connect(self._on_text_typed)
        self.text.entered.connect(self.writing.toggle)
        self.text.search.chosen.connect(lambda _: self._lab.focus.lock(target=""))
        self.result.token_chosen.connect(self._on_token_chosen)
        self.result.class_chosen.connect(self._on_class_chosen)
        self.writing.asked.connect(self._on_writing_asked)
        self.writing.kept.connect(self.text.append)
        self.writing.output_wanted.connect(self._on_output_wanted)
        self.writing.candidates_shown.connect(self._on_candidates_shown)
        self.writing.failed.connect(self.result.show_problem)
        self._lab.clamps.changed.connect(self._on_clamps_changed)
        self.clamps.removal_asked.connect(self._on_removal_asked)

    def _given(self) -> Given | None:
        return self.editors[self._kind].given()

    def _clamps(self) -> Clamps:
        return self._lab.clamps.value

    def _suit(self) -> None:
        """The input that the current run takes, before any run the one that the setup's dataset takes."""
        draft = self._lab.session.draft
        recipe = self._run.recipe if self._run is not None else draft
        kind: InputKind = type(recipe.dataset).kind if recipe is not None else self._kind
        sample = self._run.sample if self._run is not None else None
        if self.opened.name:
            sample, kind = self.opened.sample, self._kind
        if sample is not None:
            kind = sample.kind
        self._following.set_model(self._run, sample, is_opened=bool(self.opened.name))
        is_other = kind != self._kind or sample is not self._sample
        self._kind, self._sample = kind, sample
        for name, editor in self.editors.items():
            editor.setVisible(name == kind and not (self.opened.name and kind in ("point", "row")))
        looks_into = type(recipe.architecture).shows if recipe is not None and not self.opened.name else ()
        self.text.set_carries_state("gates" in looks_into)
        if is_other:
            self.editors[kind].set_sample(sample)
            if sample is not None and kind == "point" and self.isVisible():
                self.asking.ask_for_examples()
        self.writing.setVisible(kind == "text" and self.text.writes_on())
        is_told = kind == "text" and sample is not None and sample.task == "classification"
        self.attribution.setVisible(is_told)
        self._show_chosen()
        self._on_clamps_changed(self._lab.clamps.value)
        self._say_how()

    def _say_how(self) -> None:
        """Where there is no answer, how to get one."""
        has_weights, is_given = self.asking.has_weights(), self._given() is not None
        self.writing.set_can_write(self.text.writes_on() and has_weights)
        if is_given and has_weights:
            self.result.say_coming(self.tr("The answer is on its way…"))
            return
        state: State = "none"
        if self._run is not None:
            is_over = not self._run.is_alive and self._run.status != "new"  # or its events are still being read
            state = "ready" if has_weights else "over" if is_over else "early"
        sentence = how_to(
            self.opened,
            state=state,
            reading=reading_words(self._run),
            kind=self._kind,
            sample=self._sample,
            is_given=is_given,
            can_write=self.writing.isVisibleTo(self),
        )
        self.result.show_hint(sentence)

    def _say_step(self, *_: object) -> None:
        answer = self.result.answer
        if answer is not None:
            self.result.set_step_text(self._step_text(answer.step))

    def _step_text(self, step: int) -> str:
        if self.opened.name:
            return self.opened.title
        is_alive = self._run is not None and self._run.is_alive
        return step_words(step, is_chosen=self._lab.focus.value.step is not None, is_alive=is_alive)

    def _on_current_changed(self, run: RunModel | None) -> None:
        before = self._run
        if before is not None:
            before.published.disconnect(self._on_published)
            before.advanced.disconnect(self._on_advanced)
            self._keep_text()
        self._run = run
        self._renew()
        self._focused_sample, self._had_weights = None, False
        if run is not None:
            run.published.connect(self._on_published)
            run.advanced.connect(self._on_advanced)
        self._suit()
        if run is not None and before is not None and self._kind == "text":
            self._put_text_of(run, before)
        self._take_text(self._lab.focus.value)
        self.asking.set_step(self._lab.focus.value.step)
        self.asking.set_run(run)

    def _keep_text(self) -> None:
        """What is tried with this run, for when it is shown again."""
        if self._run is not None and self._kind == "text" and not self.opened.name:
            self._kept.keep(self._run, (self.text.text(), self.text.pair()))

    def _put_text_of(self, run: RunModel, before: RunModel) -> None:
        text, pair = self._kept.texts_of(run, before=before, now=(self.text.text(), self.text.pair()))
        self._lab.focus.lock(text=text, pair=pair)
        self.text.set_text(text, pair=pair)

    def _renew(self) -> None:
        """Another model: nothing is left of what the one before said."""
        self.writing.reset()
        self.attribution.forget()
        self._of_class = ""
        self._lab.focus.lock(written=(), target="")
        self.result.set_truth("")
        self.result.show_hint("")

    def _on_advanced(self) -> None:
        assert self._run is not None
        if self._run.sample is not self._sample and not self.opened.name:
            self._suit()
        if not self._had_weights and self.asking.has_weights():
            self._had_weights = True
            self._say_how()
            self.asking.ask_soon()

    def _on_published(self, _step: int) -> None:
        self.asking.note_newer_weights()

    def _on_text_typed(self, text: str) -> None:
        self._lab.focus.lock(text=text, pair=self.text.pair(), sample=None)

    def _on_token_chosen(self, token: str) -> None:
        self.text.append(added_text(self.text.text(), token, tokenizer=self._tokenizer()))

    def _on_class_chosen(self, name: str) -> None:
        """What the tokens add to the score of that class; chosen again, to that of the likeliest. Of translations, the
        one that the views look at."""
        if self._sample is not None and self._sample.task == "translation":
            target = self._lab.focus.value.target
            self._lab.focus.lock(target="" if name == target else name, token=None)
            return
        self._of_class = "" if name == self._of_class else name
        self._show_chosen()
        if self.result.answer is not None:
            self._attribute(self.result.answer)

    def _show_chosen(self) -> None:
        task = self._sample.task if self._sample is not None and self._kind == "text" else ""
        chosen = self._lab.focus.value.target if task == "translation" else self._of_class
        self.result.let_choose_classes(task in ("classification", "translation"), chosen=chosen)

    def _attribute(self, answer: Prediction) -> None:
        model = self.asking.model()
        if model is not None and self.attribution.isVisibleTo(self):
            self.attribution.follow(
                model,
                self.text.text(),
                clamps=self._clamps(),
                of_class=self._of_class or None,
                newest=answer.step,
                tokenizer=self._tokenizer(),
            )

    def _tokenizer(self) -> str:
        """As the dataset names it; "" where the model brings its own."""
        if self.opened.name or self._run is None or "tokenizer" in self._run.recipe.architecture.brings:
            return ""
        return str(getattr(self._run.recipe.dataset, "tokenizer", ""))

    def _on_writing_asked(self) -> None:
        model = self.asking.model()
        if model is not None:
            self.writing.write(model, self.text.text(), clamps=self._clamps())

    def _on_candidates_shown(self, candidates: Candidates | None) -> None:
        if candidates is None:
            answer = self.result.answer
            self.result.end_candidates(step_text=self._step_text(answer.step) if answer is not None else "")
        else:
            self.result.show_candidates(candidates)

    def _on_clamps_changed(self, _clamps: Clamps) -> None:
        self.clamps.show_clamps(self._clamps())
        self.result.set_clamps(self._clamps())
        self.asking.ask_soon()

    def _on_removal_asked(self) -> None:
        told = self.tr("removal of all interventions")
        self._lab.clamps.change((), text=told, undo_stack=self._lab.session.undo_stack)

    def _on_output_wanted(self) -> None:
        show_whole(self.writing.button)
        show_whole(self.writing.output)

    def _on_changed(self) -> None:
        self._following.set_text(self.text.text())
        self.writing.output.choose(-1)
        self._on_candidates_shown(None)
        self.result.set_truth("")
        self.result.refuse("")
        if self._given() is None:
            self.result.show_hint("")
            self.attribution.forget()
        self._say_how()
        self._share_image()
        self.asking.ask_soon()

    def _share_image(self) -> None:
        """The views look at an image of a person's own; at examples of the data as at those that they know."""
        given = self._given()
        if given is not None and isinstance(given.input, ImageInput) and not self._is_sampling:
            self._lab.image.set(given.input, given.arrays)
        else:
            self._lab.image.set(None)

    def _on_answered(self, answer: Prediction, arrays: dict[str, Any]) -> None:
        editor = self.editors[self._kind]
        beside = _ROOM_TO_WRITE if self.text.writes_on() else editor.sizeHint().height() + _ROOM_BESIDE_BARS
        room = seen_height(self) - beside - self.result.standing.height_of(answer)
        self.result.suggest_rows(room // _BAR_HEIGHT, most=max(2, len(answer.classes)))
        self.result.show_answer(answer, step_text=self._step_text(answer.step))
        if "seen" in arrays:
            editor.show_seen(np.asarray(arrays["seen"]))
        self.text.show_num_tokens(answer.num_tokens)
        classes = self._sample.classes if self._sample is not None else ()
        likeliest = answer.classes[0] if answer.classes else ""
        editor.show_answer(classes.index(likeliest) if likeliest in classes else None)
        self._attribute(answer)

    def _on_sampled(self, page: SamplePage, arrays: dict[str, Any]) -> None:
        truth = truth_of(page, np.asarray(arrays["targets"])[0], self._sample)
        index = page.indices[0] if page.indices else page.start
        caption, text = caption_of(page, truth=truth), ""
        if self._kind == "text":
            text, hidden = text_of(page, arrays["tokens"], self._sample, tokenizer=self._tokenizer())
            if hidden:
                truth, caption = hidden, caption_of(page, hidden=hidden)
            self.text.set_text(text, caption=caption)
        else:
            self._is_sampling = True
            self.editors[self._kind].show_example(np.asarray(arrays["inputs"])[0], caption=caption)
            self._is_sampling = False
        self.result.set_truth(truth)
        if index != self._focused_sample or text:
            self._focused_sample = index
            self._lab.focus.lock(sample=index, split=self._lab.focus.value.split, text=text)

    def _on_examples_came(self, arrays: dict[str, Any]) -> None:
        inputs, targets = np.asarray(arrays["inputs"]), np.asarray(arrays["targets"])
        self.editors[self._kind].show_examples(inputs, targets)

    def _take_text(self, focus: Focus) -> None:
        """What others look at is tried here too; no text in the focus leaves the one that stands here."""
        if self._kind == "text" and focus.text and (focus.text, focus.pair) != (self.text.text(), self.text.pair()):
            self.text.set_text(focus.text, pair=focus.pair)

    def _on_opened(self) -> None:
        """Another pretrained model is looked into, or none any more."""
        self.asking.set_pretrained(self.opened.name, is_ready=self.opened.sample is not None)
        self._renew()
        self._suit()
        if self.opened.sample is not None and self._kind == "text":  # what it reads first, in every view and here
            self._lab.focus.lock(text=self._lab.focus.value.text or SENTENCE)
            self._take_text(self._lab.focus.value)
        elif not self.opened.name and self._run is not None and self._kind == "text":
            self._put_text_of(self._run, self._run)
        self._share_image()
        self.asking.ask_soon()

    def _on_focus_changed(self, focus: Focus) -> None:
        if focus.pretrained:
            self._keep_text()  # before the folder's comes
        self.opened.open(focus.pretrained)
        self.asking.set_step(focus.step)
        self._say_step()
        self._take_text(self._lab.focus.value)  # the text of the run is back when a folder is closed
        self._show_chosen()
        if focus.sample is not None and focus.sample != self._focused_sample:
            self.asking.ask_for_sample(focus.sample, split=focus.split)
        self._focused_sample = focus.sample

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.asking.set_watched(True)
        if self._kind == "point" and self._sample is not None:
            self.asking.ask_for_examples()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.asking.set_watched(False)
