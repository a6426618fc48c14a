"""Frames between the grader and the sandbox: a JSON header, then raw little-endian buffers.

Used on both sides of the wall; what comes out of the sandbox is never evaluated, unpickled or trusted. A frame
is 4 bytes (the header's length, big-endian), the header, and the buffers one after the other. The header is
`{"message": {...}, "values": [description, ...], "sizes": [bytes of each buffer]}`.
"""

import json
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .values import MAX_BODY, WireError, describe, rebuild

__all__ = ["MAX_BODY", "MAX_HEADER", "Frame", "Incoming", "WireError", "pack", "receive", "send", "unpack"]

MAX_HEADER = 1 << 20
# A frame is read in pieces: most are smaller than one, and come with one system call.
PIECE, CHUNK = 1 << 13, 1 << 18
ENCODER = json.JSONEncoder(allow_nan=False)


@dataclass(frozen=True)
class Frame:
    """A decoded frame: the message (a dict of plain JSON), the values, and the bytes that it took."""

    message: dict[str, Any]
    values: tuple[Any, ...]
    n_bytes: int


def pack(message: dict[str, Any], values: Sequence[Any] = (), *, strict: bool = True) -> bytes:
    """Return a frame.

    Parameters
    ----------
    message : dict           plain JSON
    values : sequence        numbers, strings, None, arrays, and tuples and lists of them
    strict : bool            refuse other kinds; otherwise they travel as their kind's name alone

    Returns
    -------
    bytes                    the whole frame

    Raises
    ------
    TypeError                a value of another kind, if `strict`
    WireError                too large for one frame

    Examples
    --------
    >>> frame = pack({"case": 1}, [2.5, "ball"])
    >>> unpack(frame).message, unpack(frame).values
    ({'case': 1}, (2.5, 'ball'))
    """
    buffers: list[bytes] = []
    nodes = [describe(value, buffers, strict=strict) for value in values]
    sizes = [len(buffer) for buffer in buffers]
    text = ENCODER.encode({"message": message, "values": nodes, "sizes": sizes}).encode("ascii")
    if len(text) > MAX_HEADER or sum(sizes) > MAX_BODY:
        raise WireError(f"too large to be transported: {len(text)} bytes of header, {sum(sizes)} bytes of numbers")
    return b"".join([struct.pack(">I", len(text)), text, *buffers])


def unpack(data: bytes | bytearray) -> Frame:
    """Return what a whole frame holds.

    Parameters
    ----------
    data : bytes             untrusted

    Returns
    -------
    Frame                    message, values, n_bytes

    Raises
    ------
    WireError                anything that is not one well-formed frame
    """
    if len(data) < 4:
        raise WireError("a frame that is cut off")
    length = _length(data[:4])
    if length > len(data) - 4:
        raise WireError("a frame that is cut off")
    return _frame(_header(data[4 : 4 + length]), data[4 + length :], len(data))


def _length(four: bytes | bytearray) -> int:
    """Return the header's length."""
    length = int(struct.unpack(">I", four)[0])
    if length > MAX_HEADER:
        raise WireError("a header that is too long")
    return length


def _header(text: bytes | bytearray) -> tuple[dict[str, Any], list[Any], list[int]]:
    """Return message, descriptions and sizes from an untrusted header."""
    try:
        head = DECODER.decode(text.decode("ascii"))
        message, nodes, sizes = head["message"], head["values"], head["sizes"]
    except Exception as error:  # the decoder has many ways to fail, deep recursion among them
        raise WireError(f"a header that cannot be read ({type(error).__name__})") from None
    if type(message) is not dict or type(nodes) is not list or type(sizes) is not list:
        raise WireError("a header of the wrong form")
    if not all(type(size) is int and size >= 0 for size in sizes) or sum(sizes) > MAX_BODY:
        raise WireError("buffers of an impossible size")
    return message, nodes, sizes


def _refuse(text: str) -> Any:
    """Refuse NaN and Infinity, which Python's decoder would take."""
    raise ValueError(text)


DECODER = json.JSONDecoder(parse_constant=_refuse)


def _frame(header: tuple[dict[str, Any], list[Any], list[int]], body: bytes | bytearray, n_bytes: int) -> Frame:
    """Return the frame of a checked header and its body."""
    message, nodes, sizes = header
    if len(body) != sum(sizes):
        raise WireError(f"{len(body)} bytes of numbers where {sum(sizes)} are announced")
    view, buffers, start = memoryview(body), [], 0
    for size in sizes:
        buffers.append(view[start : start + size])
        start += size
    try:
        return Frame(message, tuple(rebuild(node, buffers) for node in nodes), n_bytes)
    except WireError:
        raise
    except Exception as error:  # every other way in which a description can contradict itself
        raise WireError(f"a value that cannot be read ({type(error).__name__})") from None


def send(channel: socket.socket, frame: bytes, deadline: float | None = None) -> None:
    """Send a frame.

    Parameters
    ----------
    channel : socket         a stream
    frame : bytes            as `pack` makes it
    deadline : float         of time.monotonic(); None waits

    Raises
    ------
    TimeoutError             the other side does not read in time
    OSError                  the other side is gone
    """
    _hurry(channel, deadline)
    channel.sendall(frame)


class Incoming:
    """What comes from a socket; the beginning of the next frame, read with the last one, is kept."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.kept = b""

    def exactly(self, n: int, deadline: float | None) -> bytearray:
        """Return the next n bytes; memory grows with what has come, not with what was announced."""
        data = bytearray(self.kept[:n])
        self.kept = self.kept[n:]
        while (missing := n - len(data)) > 0:
            _hurry(self.channel, deadline)
            try:
                part = self.channel.recv(max(PIECE, min(missing, CHUNK)))
            except ConnectionError:
                part = b""
            if not part:
                raise EOFError("the other side is gone")
            data += part[:missing]
            self.kept = part[missing:]
        return data


def receive(incoming: Incoming, deadline: float | None = None, *, max_body: int = MAX_BODY) -> Frame:
    """Receive one frame, whole before the deadline however slowly it trickles in.

    Parameters
    ----------
    incoming : Incoming      from a stream socket, all of whose frames are read through it
    deadline : float         of time.monotonic(); None waits
    max_body : int           bytes of numbers accepted

    Returns
    -------
    Frame                    message, values, n_bytes

    Raises
    ------
    EOFError                 the other side is gone
    TimeoutError             not whole in time
    WireError                not a well-formed frame, or too large
    """
    length = _length(incoming.exactly(4, deadline))
    header = _header(incoming.exactly(length, deadline))
    n_body = sum(header[2])
    if n_body > max_body:
        raise WireError(f"{n_body} bytes of numbers where {max_body} are accepted")
    return _frame(header, incoming.exactly(n_body, deadline), 4 + length + n_body)


def _hurry(channel: socket.socket, deadline: float | None) -> None:
    """Let the next call wait only as long as is left; without a deadline nothing is set (the sandbox forbids it)."""
    if deadline is not None:
        left = deadline - time.monotonic()
        if left <= 0:  # which as a socket's time-out would mean something else
            raise TimeoutError("the deadline has passed")
        channel.settimeout(left)
