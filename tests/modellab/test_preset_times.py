"""How long presets take: measured once for the gallery's cards and the setup, and kept."""

import json

import pytest

from modellab.paths import home
from modellab.presets import presets
from modellab.presets import times as preset_times
from modellab.presets.times import agreed_seconds, kept_seconds
from modellab.recipe import with_values

MOONS, XOR = presets()["moons"].recipe, presets()["xor"].recipe


def test_that_one_number_stays_until_a_measurement_says_quite_another():
    assert agreed_seconds(MOONS, None) is None
    assert [agreed_seconds(MOONS, seconds) for seconds in (4.0, 4.6, None, 3.3)] == [4.0] * 4
    assert agreed_seconds(XOR, 1.0) == 1.0
    assert agreed_seconds(MOONS, 9.0) == 9.0
    assert kept_seconds() == {"moons": 9.0, "xor": 1.0}


def test_that_what_was_changed_in_a_preset_is_told_as_measured_and_not_kept():
    changed = with_values(MOONS, {"training.epochs": 7})
    assert agreed_seconds(changed, 4.0) == 4.0
    assert agreed_seconds(changed, None) is None
    assert kept_seconds() == {}


def test_that_times_of_another_machine_or_of_a_preset_as_it_was_say_nothing(monkeypatch: pytest.MonkeyPatch):
    agreed_seconds(MOONS, 4.0)
    agreed_seconds(XOR, 1.0)
    file = home() / "preset_times.json"
    found = json.loads(file.read_bytes())
    found["presets"]["xor"]["recipe"] += 1
    file.write_text(json.dumps(found))
    assert kept_seconds() == {"moons": 4.0}
    monkeypatch.setattr(preset_times, "_machine", lambda: ["another", 64])
    assert kept_seconds() == {}
    file.write_text("{")
    assert kept_seconds() == {}
