"""Frames: there and back, in any pieces, and broken."""

import io
import os
import random
import struct
import sys

import msgspec
import numpy as np
import pytest

from workers.protocol import AnyRequest, ImageInput, Model, Predict, Problem
from workers.wire import (
    MAGIC,
    MAX_ARRAY_BYTES,
    Arrays,
    Frame,
    FrameReader,
    WireError,
    encode_frame,
    read_frame,
    widened,
    write_frame,
)

REQUEST = Predict(id=7, slot="a", model=Model(run="r", step=3), input=ImageInput(drawn=True))
ARRAYS: Arrays = {
    "image": np.arange(12, dtype=np.uint8).reshape(3, 4),
    "half": np.linspace(0, 1, 5, dtype=np.float16),
    "wide": np.arange(3, dtype=np.float64),
    "empty": np.zeros((0, 3), np.float32),
    "number": np.array(5, dtype=np.int32),
    "flags": np.array([True, False]),
}


def encoded(message: msgspec.Struct, arrays: dict | None = None) -> bytes:
    return b"".join(encode_frame(message, arrays))


def assert_is_whole(frame: Frame | None) -> None:
    assert frame is not None
    assert msgspec.msgpack.decode(frame.message, type=AnyRequest) == REQUEST
    assert list(frame.arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert frame.arrays[name].dtype == array.dtype
        assert np.array_equal(frame.arrays[name], array)
        assert frame.arrays[name].shape == array.shape


def test_that_a_frame_comes_back_whole_from_a_stream():
    stream = io.BytesIO()
    write_frame(stream, REQUEST, ARRAYS)
    write_frame(stream, Problem(message="x"))
    stream.seek(0)
    assert_is_whole(read_frame(stream))
    second = read_frame(stream)
    assert second is not None
    assert second.arrays == {}
    assert read_frame(stream) is None


@pytest.mark.parametrize("size", [1, 2, 7, 64, 10_000])
def test_that_frames_come_whole_in_whatever_pieces(size: int):
    data = encoded(REQUEST, ARRAYS) * 3
    reader, frames = FrameReader(), []
    for start in range(0, len(data), size):
        frames += reader.feed(data[start : start + size])
    assert len(frames) == 3
    for frame in frames:
        assert_is_whole(frame)
    assert reader.is_between_frames


def test_that_views_and_big_endian_arrays_arrive_as_plain_ones():
    arrays = {"turned": np.arange(6).reshape(2, 3).T[::-1], "big": np.arange(3, dtype=">f4")}
    frame = read_frame(io.BytesIO(encoded(REQUEST, arrays)))
    assert frame is not None
    for name, array in arrays.items():
        assert np.array_equal(frame.arrays[name], array)
        frame.arrays[name][0] = 1  # they may be written to


@pytest.mark.parametrize("array", [np.array(["text"]), np.array([object()]), np.array([1j])])
def test_that_only_plain_numbers_are_sent(array: np.ndarray):
    with pytest.raises(WireError, match="plain numbers"):
        encode_frame(REQUEST, {"a": array})


def test_that_what_is_too_large_is_not_sent():
    with pytest.raises(WireError, match="at most"):
        encode_frame(Problem(message="x" * (1 << 21)))
    with pytest.raises(WireError, match="at most"):
        encode_frame(REQUEST, {"a": np.broadcast_to(np.uint8(0), (MAX_ARRAY_BYTES + 1,))})


def framed(header: bytes) -> bytes:
    return struct.pack("<4sI", MAGIC, len(header)) + header


@pytest.mark.parametrize(
    "data",
    [
        b"garbage, garbage",
        struct.pack("<4sI", MAGIC, 1 << 31),
        struct.pack("<4sI", MAGIC, 0),
        framed(b"\xc1\xc1\xc1"),
        framed(msgspec.msgpack.encode([{}, [["a", "|O", [1]]]])),
        framed(msgspec.msgpack.encode([{}, [["a", "<f4", [-1]]]])),
        framed(msgspec.msgpack.encode([{}, [["a", "<f4", [1 << 40]]]])),
        framed(msgspec.msgpack.encode([{}, [["a", "<f4", [0, 1 << 62]]]])),
        framed(msgspec.msgpack.encode([{}, [["a", "<f8", [1 << 13, 1 << 13]]]])),
        framed(msgspec.msgpack.encode([{}, [["a", "|u1", [1]], ["a", "|u1", [1]]]])) + b"xx",
        framed(msgspec.msgpack.encode([{}, [["a", "|u1", [1] * 60]]])) + b"x",
        framed(b"\x91" * 100_000),
    ],
)
def test_that_a_broken_frame_is_one_clean_error_before_memory_is_spent(data: bytes):
    with pytest.raises(WireError):
        read_frame(io.BytesIO(data))


def test_that_a_torn_frame_is_an_error_wherever_it_is_torn():
    data = encoded(REQUEST, ARRAYS)
    for length in range(1, len(data)):
        with pytest.raises(WireError, match="middle"):
            read_frame(io.BytesIO(data[:length]))


def test_that_random_damage_gives_a_frame_or_a_clean_error():
    data, rng = encoded(REQUEST, ARRAYS), random.Random(0)
    num_errors = 0
    for _ in range(3000):
        damaged = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            read_frame(io.BytesIO(damaged))
        except WireError:
            num_errors += 1
    assert num_errors > 1000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a pipe be widened")
def test_that_a_widened_pipe_takes_half_a_megabyte_before_anyone_reads():
    read, write = os.pipe()
    with os.fdopen(read, "rb"), widened(os.fdopen(write, "wb", buffering=0)) as stream:
        os.set_blocking(write, False)
        assert stream.write(bytes(1 << 19)) == 1 << 19
