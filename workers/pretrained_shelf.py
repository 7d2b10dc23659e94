"""Pretrained models that are kept between questions."""

from __future__ import annotations

from collections import OrderedDict

from modellab.inspection.load import LoadedModel
from modellab.inspection.load_pretrained import load_pretrained
from modellab.pretrained.folder import check_folder, fetched_folder, local_folder, state_of
from modellab.pretrained.opening import PretrainedModel, open_pretrained

_NUM_PRETRAINED = 2


class PretrainedShelf:
    """The pretrained models asked for last; one whose files changed is opened anew."""

    def __init__(self) -> None:
        self._models: OrderedDict[tuple[object, ...], PretrainedModel] = OrderedDict()
        self._loaded: dict[tuple[object, ...], LoadedModel] = {}

    def get(self, name: str) -> PretrainedModel:
        """The model, opened.

        Raises:
            UserError: as `find_pretrained` and `open_pretrained`.
        """
        return self._models[self._opened(name)]

    def loaded(self, name: str) -> LoadedModel:
        """The same model, in the form of a run's.

        Raises:
            UserError: as `get` and `load_pretrained`.
        """
        state = self._opened(name)
        if state not in self._loaded:
            self._loaded[state] = load_pretrained(self._models[state])
        return self._loaded[state]

    def _opened(self, name: str) -> tuple[object, ...]:
        folder = local_folder(name) or fetched_folder(name)
        state = state_of(folder)
        if state not in self._models:
            self._models[state] = open_pretrained(check_folder(folder))
        self._models.move_to_end(state)
        while len(self._models) > _NUM_PRETRAINED:
            gone, _ = self._models.popitem(last=False)
            self._loaded.pop(gone, None)
        return state
