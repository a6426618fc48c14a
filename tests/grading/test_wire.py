"""Frames: what goes in comes out, and nothing that is not a frame does more than raise WireError."""

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from coursekit.grading import wire
from coursekit.grading.values import DTYPES, Foreign, harmless_name, harmless_text
from coursekit.grading.wire import Incoming, WireError, pack, receive, send, unpack

VALUES = [
    0,
    -(10**30),
    True,
    1.5,
    float("inf"),
    -0.0,
    2 - 3j,
    None,
    "ball",
    "é\n" * 300,
    (1, (2.5, "a")),
    [],
    [1, 2, 3],
    [1.5, float("inf")],
    [True, False],
    [1, 2.5],
    [[1.0, 2.0], [3.0, 4.0]],
    (),
]


def same(a: object, b: object) -> bool:
    """Compare with types; arrays by dtype, shape and bytes."""
    if isinstance(a, np.ndarray | np.generic):
        return type(a) is type(b) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, tuple | list):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and repr(a) == repr(b)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
def test_pack_and_unpack_are_inverse_for_plain_values(value: object):
    assert same(unpack(pack({"a": 1}, [value])).values[0], value)


@pytest.mark.parametrize("name", sorted(DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 5, 3), (0, 7)], ids=str)
def test_pack_and_unpack_are_inverse_for_arrays(name: str, shape: tuple[int, ...]):
    rng = np.random.default_rng(3)
    array = np.asarray(rng.uniform(0, 100, size=shape)).astype(name)
    got = unpack(pack({}, [array])).values[0]
    assert same(got, array)
    assert got.flags.writeable
    assert not np.shares_memory(got, array)


def test_pack_keeps_nan_bits_and_numpy_scalars():
    nan = np.array([np.nan, -np.nan, np.inf])
    assert same(unpack(pack({}, [nan])).values[0], nan)
    for scalar in (np.float32(1.5), np.int64(3), np.bool_(True), np.complex128(2j)):
        assert same(unpack(pack({}, [scalar])).values[0], scalar)


def test_pack_turns_other_byte_orders_and_layouts_into_the_plain_one():
    u = np.arange(12.0).reshape(3, 4)
    for other in (u.astype(">f8"), np.asfortranarray(u), u[::-1][::-1], np.broadcast_to(u[0], (3, 4))):
        np.testing.assert_array_equal(unpack(pack({}, [other])).values[0], other)
    long = u.astype(np.longdouble)
    assert unpack(pack({}, [long])).values[0].dtype == np.float64


def test_pack_refuses_what_is_not_transported_unless_told():
    for value in ({"a": 1}, object(), np.array([object()]), np.array(["text"]), np.zeros((1,) * 9)):
        with pytest.raises(TypeError, match="must"):
            pack({}, [value])
    names = [unpack(pack({}, [value], strict=False)).values[0] for value in ({"a": 1}, np.array(["a"]), object())]
    assert names == [Foreign("dict"), Foreign("array of dtype <U1"), Foreign("object")]
    with pytest.raises(WireError, match="at most 67108864"):
        pack({}, [np.broadcast_to(0.0, 1 << 24)])
    with pytest.raises(WireError, match="too large"):
        pack({}, [np.zeros(5 << 20), np.zeros(5 << 20)])


def test_pack_takes_what_the_self_check_takes_for_an_array():
    class Tensor:
        def detach(self):
            return self

        cpu = detach

        def numpy(self):
            return np.arange(3.0)

    np.testing.assert_array_equal(unpack(pack({}, [Tensor()], strict=False)).values[0], np.arange(3.0))
    np.testing.assert_array_equal(unpack(pack({}, [range(4)], strict=False)).values[0], np.arange(4))


def frame(head: object, body: bytes = b"") -> bytes:
    """Return a frame around any header."""
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack(">I", len(text)) + text + body


def holding(node: object, body: bytes = bytes(8)) -> bytes:
    """Return a frame with one value."""
    return frame({"message": {}, "values": [node], "sizes": [len(body)]}, body)


ARRAY = {"kind": "array", "dtype": "<f8", "shape": [1], "buffer": 0}
BROKEN = {
    "nothing": b"",
    "three bytes": b"abc",
    "a long header": b"\xff\xff\xff\xff",
    "a header that is cut off": struct.pack(">I", 100) + b"{}",
    "not JSON": frame(b"hello"),
    "not ASCII": frame("{}".encode("utf-16")),
    "a list": frame([]),
    "no message": frame({"values": [], "sizes": []}),
    "a message that is a list": frame({"message": [], "values": [], "sizes": []}),
    "NaN": frame(b'{"message": NaN, "values": [], "sizes": []}'),
    "deep": frame(b"[" * 100_000),
    "deep value": frame(
        b'{"message":{},"sizes":[],"values":[' + b'{"kind":"list","items":[' * 900 + b"]}" * 900 + b"]}"
    ),
    "digits": frame(b'{"message": {}, "sizes": [], "values": [' + b"9" * 10_000 + b"]}"),
    "a negative size": frame({"message": {}, "values": [], "sizes": [-1]}),
    "a truth value as size": frame({"message": {}, "values": [], "sizes": [True]}, b"a"),
    "too large together": frame({"message": {}, "values": [], "sizes": [1 << 26, 1]}),
    "missing numbers": frame({"message": {}, "values": [], "sizes": [8]}, bytes(7)),
    "too many numbers": frame({"message": {}, "values": [], "sizes": [8]}, bytes(9)),
    "unknown kind": holding({"kind": "code"}),
    "no kind": holding({}),
    "a text as value": holding("1"),
    "object": holding(ARRAY | {"dtype": "|O"}),
    "record": holding(ARRAY | {"dtype": "f8,f8"}),
    "dtype as list": holding(ARRAY | {"dtype": [["a", "f8"]]}),
    "big endian": holding(ARRAY | {"dtype": ">f8"}),
    "another shape": holding(ARRAY | {"shape": [2]}),
    "negative shape": holding(ARRAY | {"shape": [-1]}),
    "negative product": holding(ARRAY | {"shape": [-1, -1]}),
    "fraction": holding(ARRAY | {"shape": [1.0]}),
    "overflow": holding(ARRAY | {"shape": [1 << 32, 1 << 32, 0]}, b""),
    "nine axes": holding(ARRAY | {"shape": [1] * 9}),
    "no such buffer": holding(ARRAY | {"buffer": 1}),
    "buffer from behind": holding(ARRAY | {"buffer": -1}),
    "neither true nor false": holding(ARRAY | {"dtype": "|b1"}, b"\x02"),
    "number with axes": holding(ARRAY | {"kind": "scalar"}),
    "number as text": holding({"kind": "float", "value": 1.0}),
    "no number": holding({"kind": "float", "value": "one"}),
    "a long number": holding({"kind": "float", "value": "0x" + "1" * 10_000}),
    "half a complex": holding({"kind": "complex", "value": ["0x1p0"]}),
    "int that is bool": holding({"kind": "int", "value": True}),
    "text that is not UTF-8": holding({"kind": "text", "buffer": 0}, b"\xff"),
    "tuple of an int": holding({"kind": "tuple", "items": 3}),
    "long list": holding({"kind": "numbers", "array": ARRAY | {"shape": [200_000]}}, bytes(1_600_000)),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_unpack_refuses_a_broken_frame(data: bytes):
    with pytest.raises(WireError):
        unpack(data)


def mutated(good: list[bytes], rng: np.random.Generator) -> bytes:
    """Return a good frame with a few bytes changed, removed, doubled or put in, or bytes without any sense."""
    data = bytearray(good[rng.integers(len(good))])
    if rng.random() < 0.1:
        return rng.bytes(int(rng.integers(0, 200)))
    for _ in range(rng.integers(1, 4)):
        at, n = int(rng.integers(len(data) + 1)), int(rng.integers(1, 9))
        match rng.integers(9):
            case 0:
                data[at : at + n] = rng.bytes(n)
            case 1:
                del data[at : at + n]
            case 2:
                data[at:at] = data[at : at + n]
            case 3:
                data[at:at] = rng.bytes(n)
            case _:  # a digit or a sign for another, which keeps more of the headers readable
                data[at : at + 1] = b'0123456789-[]{},:"eE.'[int(rng.integers(21)) :][:1]
    if rng.random() < 0.7 and len(data) > 4:  # with the right length again, so that the header is read
        end = data.rfind(b"]}") + 2
        data[:4] = struct.pack(">I", max(end - 4, 0))
    return bytes(data)


def test_unpack_of_20000_random_frames_raises_nothing_else():
    rng = np.random.default_rng(20_000)
    good = [pack({"nonce": "ab", "error": ["E", "m"], "changed": ["u"]}, [value], strict=False) for value in VALUES]
    good += [pack({"at": 3}, [np.arange(6.0).reshape(2, 3), (np.int32(3), [True, False]), {}], strict=False)]
    outcomes = {"frame": 0, "refused": 0}
    for _ in range(20_000):
        try:
            frame = unpack(mutated(good, rng))
        except WireError:
            outcomes["refused"] += 1
        else:
            assert type(frame.message) is dict
            outcomes["frame"] += 1
    # Both happen often, or the fuzzing would not reach far: about 1 in 15 still is a frame.
    assert min(outcomes.values()) > 1000


def test_receive_gives_what_was_sent(ends: tuple[socket.socket, socket.socket]):
    data = pack({"case": 4}, [np.arange(100_000.0)])
    thread = threading.Thread(target=send, args=(ends[0], data, time.monotonic() + 10))
    thread.start()
    got = receive(Incoming(ends[1]), time.monotonic() + 10)
    thread.join()
    assert got.message == {"case": 4}
    assert got.n_bytes == len(data)
    np.testing.assert_array_equal(got.values[0], np.arange(100_000.0))


def test_receive_of_a_trickle_ends_at_the_deadline(ends: tuple[socket.socket, socket.socket]):
    done = threading.Event()

    def trickle() -> None:
        for byte in pack({"a": "b" * 500}):
            if done.wait(0.01):
                break
            ends[0].sendall(bytes([byte]))

    thread = threading.Thread(target=trickle)
    thread.start()
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        receive(Incoming(ends[1]), start + 0.2)
    took = time.monotonic() - start
    done.set()
    thread.join()
    assert 0.2 <= took < 2  # the trickle alone would last 5 s


def test_receive_refuses_more_than_the_caller_accepts(ends: tuple[socket.socket, socket.socket]):
    send(ends[0], pack({}, [np.zeros(100)]))
    with pytest.raises(WireError, match="800 bytes of numbers where 799"):
        receive(Incoming(ends[1]), time.monotonic() + 5, max_body=799)


@pytest.mark.parametrize("n", [0, 2, 20])
def test_receive_says_when_the_other_side_is_gone(ends: tuple[socket.socket, socket.socket], n: int):
    ends[0].sendall(pack({"a": "b" * 100})[:n])
    ends[0].close()
    with pytest.raises(EOFError):
        receive(Incoming(ends[1]), time.monotonic() + 5)


def test_send_to_one_that_does_not_read_ends_at_the_deadline(ends: tuple[socket.socket, socket.socket]):
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        send(ends[0], bytes(wire.MAX_BODY), start + 0.2)
    assert time.monotonic() - start < 2


def test_harmless_text_and_name_hold_nothing_that_acts():
    assert harmless_name("ValueError") == "ValueError"
    for name in ("<b>", "a b", "", "class", "x" * 300, 3, None, "a\0"):
        assert harmless_name(name) == "object"
    assert harmless_text("a\x1b[2J\u202eb\ud800", 20) == "a [2J b "
    assert harmless_text("abc", 2) == "ab"
