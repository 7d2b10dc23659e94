from pathlib import Path

import pytest

from modellab.preferences import Preferences, load_preferences, save_preferences


def test_that_preferences_are_kept(tmp_path: Path):
    chosen = Preferences(datasets_folder="/data/sets", models_folder="models", theme="light")
    save_preferences(chosen, tmp_path)
    assert load_preferences(tmp_path) == chosen


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b"\xff\xfe", b'{"theme": "purple"}', b'{"theme": ["dark"]}', b'{"models_folder": 3}'],
)
def test_that_broken_preferences_are_the_defaults(content: bytes, tmp_path: Path):
    (tmp_path / "preferences.json").write_bytes(content)
    assert load_preferences(tmp_path) == Preferences()


def test_that_a_preference_of_a_later_version_does_not_cost_the_others(tmp_path: Path):
    (tmp_path / "preferences.json").write_bytes(b'{"theme": "dark", "font": "large"}')
    assert load_preferences(tmp_path).theme == "dark"
