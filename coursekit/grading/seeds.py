"""The course's secret, and the inputs that follow from it: the same for a regrade, unknowable before.

The file has one line for each secret, `id hex date`, the newest last; it belongs to one user (mode 0600). Old
secrets stay in it, so that an old grade can be reproduced. To keep a copy elsewhere, copy the file.
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

__all__ = ["Secret", "current_secret", "default_path", "read_secrets", "restore_secret", "rotate_secret"]

N_BYTES = 32
LINE = re.compile(r"^([0-9a-f]{12}) ([0-9a-f]{64}) (\S+)$")


@dataclass(frozen=True)
class Secret:
    """One secret. It is not printed: `identity`, part of its digest, is what reports name."""

    value: bytes

    @property
    def identity(self) -> str:
        """Twelve hexadecimal digits that tell secrets apart and do not give them away."""
        return hashlib.sha256(b"coursekit secret " + self.value).hexdigest()[:12]

    def __repr__(self) -> str:
        """Name it without showing it."""
        return f"Secret({self.identity})"

    def seed(self, student: str, exercise: str, attempt: int) -> int:
        """Return what one student's inputs for one exercise are drawn from.

        Parameters
        ----------
        student : str            the folder's name
        exercise : str           with its topic, `laplacian.laplacian5`
        attempt : int            1, 2, ...

        Returns
        -------
        int                      HMAC-SHA256 of the three; says nothing about the secret or another seed
        """
        # The length makes ("a/b", "c") and ("a", "b/c") differ.
        text = f"{len(student)}:{student}/{exercise}/{attempt}"
        digest = hmac.digest(self.value, text.encode("utf-8", "surrogatepass"), "sha256")
        return int.from_bytes(digest, "big")

    def rng(self, student: str, exercise: str, attempt: int) -> np.random.Generator:
        """Return a generator with this seed; the parameters are those of `seed`."""
        return np.random.default_rng(self.seed(student, exercise, attempt))


def default_path() -> Path:
    """Return where the secret is kept unless told otherwise.

    Returns
    -------
    Path                         `coursekit/secret` in the user's configuration folder
    """
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "coursekit" / "secret"


def read_secrets(path: Path) -> list[Secret]:
    """Read all secrets, the newest last.

    Parameters
    ----------
    path : Path                  the file

    Returns
    -------
    list of Secret               empty if there is no file

    Raises
    ------
    ValueError                   others may read it, or it is damaged
    """
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            mode = os.fstat(file.fileno()).st_mode
            lines = file.read().splitlines()
    except FileNotFoundError:
        return []
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ValueError(f"{path}: others than you may read the secret: chmod 600 it, then make a new one (--rotate)")
    found = []
    for number, line in enumerate(lines, start=1):
        match = LINE.match(line)
        secret = Secret(bytes.fromhex(match[2])) if match else None
        if match is None or secret is None or secret.identity != match[1]:
            raise ValueError(f"{path}, line {number}: damaged; put your copy of the file back")
        found.append(secret)
    return found


def current_secret(path: Path) -> Secret:
    """Return the newest secret, made at the first call.

    Parameters
    ----------
    path : Path                  the file

    Returns
    -------
    Secret                       to draw from

    Raises
    ------
    ValueError                   as `read_secrets`
    """
    known = read_secrets(path)
    return known[-1] if known else rotate_secret(path)


def rotate_secret(path: Path) -> Secret:
    """Make a new secret, which counts from now on.

    Parameters
    ----------
    path : Path                  the file; made, with its folder, if need be

    Returns
    -------
    Secret                       the new one

    Raises
    ------
    ValueError                   as `read_secrets`
    """
    return append(path, Secret(secrets.token_bytes(N_BYTES)))


def restore_secret(path: Path, text: str) -> Secret:
    """Put a secret back that was kept elsewhere: the file got lost, or another machine is to grade.

    Parameters
    ----------
    path : Path                  the file
    text : str                   64 hexadecimal digits, or the file's whole line

    Returns
    -------
    Secret                       it counts from now on

    Raises
    ------
    ValueError                   anything else
    """
    digits = re.findall(r"\b[0-9a-f]{64}\b", text)
    if len(digits) != 1:
        raise ValueError("a secret is 64 hexadecimal digits")
    return append(path, Secret(bytes.fromhex(digits[0])))


def append(path: Path, secret: Secret) -> Secret:
    """Write the file anew with one secret more, all or nothing."""
    read_secrets(path)  # a file that is damaged or open to others is not built upon
    before = path.read_text(encoding="ascii") if path.exists() else ""
    kept = [line for line in before.splitlines() if not line.startswith(secret.identity)]
    line = f"{secret.identity} {secret.value.hex()} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write("\n".join([*kept, line]) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return secret
