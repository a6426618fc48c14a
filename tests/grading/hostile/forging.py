"""Talking to the grader past the code that is meant to talk: forged, broken, endless and late frames."""

from tests.grading.hostile.bank import Hostile

# How each of them gets at the socket.
CHANNEL = """
def channel():
    import socket, stat, os
    for fd in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=os.dup(fd))
        except OSError:
            pass

def frame(text, body=b""):
    return len(text).to_bytes(4, "big") + text.encode() + body

def nonce():
    import sys
    caller = sys._getframe()
    while caller is not None:
        for value in caller.f_locals.values():
            if type(value).__name__ == "Frame" and "nonce" in value.message:
                return value.message["nonce"]
        caller = caller.f_back
"""


def forging(name: str, tries: str, code: str, *status: str) -> Hostile:
    """Return a submission that has the functions above."""
    return Hostile(name, tries, CHANNEL + code, status or ("protocol",))


BANK = (
    forging(
        "forged_grade",
        "send a message that says that all is right",
        """
def laplacian5(u, h=1.0):
    channel().sendall(frame('{"message": {"passed": true, "points": 10, "status": "ran"}, "values": [], "sizes": []}'))
    return 0 * u
""",
    ),
    forging(
        "forged_answers",
        "answer all cases at once, with the right nonce",
        """
def laplacian5(u, h=1.0):
    import json
    message = {"nonce": nonce(), "error": None, "memory": False, "changed": [], "output": ""}
    text = json.dumps({"message": message, "values": [{"kind": "none"}], "sizes": []})
    channel().sendall(frame(text) * 50)
    return 0 * u
""",
    ),
    forging(
        "forged_refusal",
        "make the grader believe that its sandbox is broken",
        """
def laplacian5(u, h=1.0):
    channel().sendall(frame('{"message": {"failed": "no sandbox"}, "values": [], "sizes": []}'))
    channel().sendall(b'{"failed": "no sandbox"}')
    return 0 * u
""",
    ),
    forging(
        "endless_cells",
        "report progress without end while the cell is run",
        """
def forever():
    text = frame('{"message": {"at": 0}, "values": [], "sizes": []}')
    for _ in range(10_000):
        channel().sendall(text)
    return 1.0
SCALE = forever()
def laplacian5(u, h=1.0):
    return SCALE * u
""",
    ),
    forging(
        "long_header",
        "announce a header of four gigabytes",
        """
def laplacian5(u, h=1.0):
    channel().sendall(b"\\xff\\xff\\xff\\xff" + b"[" * 1000)
    return 0 * u
""",
    ),
    forging(
        "deep_header",
        "send JSON nested half a million times",
        """
def laplacian5(u, h=1.0):
    channel().sendall(frame("[" * 500_000))
    return 0 * u
""",
    ),
    forging(
        "long_numbers",
        "send numbers of a million digits, and NaN",
        """
def laplacian5(u, h=1.0):
    channel().sendall(frame('{"message": {"at": ' + "9" * 1_000_000 + '}, "values": [NaN], "sizes": []}'))
    return 0 * u
""",
    ),
    forging(
        "announced_bodies",
        "announce more numbers than ever come, and arrays that are larger than their bytes",
        """
def laplacian5(u, h=1.0):
    import json
    node = {"kind": "array", "dtype": "<f8", "shape": [1 << 40, 1 << 40], "buffer": 0}
    message = {"nonce": nonce(), "error": None, "memory": False, "changed": [], "output": ""}
    channel().sendall(frame(json.dumps({"message": message, "values": [node], "sizes": [8]}), bytes(8)))
    return 0 * u
""",
    ),
    forging(
        "forbidden_types",
        "send an array of objects, whose bytes would be pointers",
        """
def laplacian5(u, h=1.0):
    import json
    node = {"kind": "array", "dtype": "|O", "shape": [1], "buffer": 0}
    message = {"nonce": nonce(), "error": None, "memory": False, "changed": [], "output": ""}
    channel().sendall(frame(json.dumps({"message": message, "values": [node], "sizes": [8]}), bytes(8)))
    return 0 * u
""",
    ),
    forging(
        "trickle",
        "send one byte at a time, so that no single read is late",
        """
def laplacian5(u, h=1.0):
    import time
    line = channel()
    for byte in frame(" " * 5000):
        line.sendall(bytes([byte]))
        time.sleep(0.05)
    return 0 * u
""",
        "timed out",
    ),
    forging(
        "silence",
        "close every file and go on",
        """
def laplacian5(u, h=1.0):
    import os, time
    os.closerange(3, 64)
    time.sleep(20)
    return 0 * u
""",
    ),
    forging(
        "files_by_socket",
        "send the grader open files to swallow",
        """
def laplacian5(u, h=1.0):
    import os, socket
    line = channel()
    for _ in range(20):
        socket.send_fds(line, [b"x"], [os.open("/dev/null", os.O_RDONLY)] * 20)
    return 0 * u
""",
    ),
    forging(
        "afterwards",
        "leave a thread that answers later cases",
        """
def laplacian5(u, h=1.0):
    import threading, time
    def later():
        for _ in range(100):
            time.sleep(0.001)
            channel().sendall(frame('{"message": {}, "values": [], "sizes": []}'))
    threading.Thread(target=later, daemon=True).start()
    time.sleep(0.05)
    return 0 * u
""",
    ),
    forging(
        "too_much",
        "return a gigabyte",
        """
def laplacian5(u, h=1.0):
    return np.broadcast_to(0.0, (1 << 14, 1 << 13))
""",
        "ran",
        "out of memory",
    ),
)
