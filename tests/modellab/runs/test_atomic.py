"""Files that replace another."""

import threading
from pathlib import Path

from modellab.runs.atomic import replacing, write_bytes


def test_that_two_threads_may_write_the_same_file_at_once(tmp_path: Path):
    file = tmp_path / "tokenizer.json"
    with replacing(file) as beside:
        beside.write_bytes(b"one")
        other = threading.Thread(target=write_bytes, args=(file, b"two"))
        other.start()
        other.join()
        assert file.read_bytes() == b"two"
    assert file.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [file]
