"""What was handed in: a folder, an LMS archive, nbgrader's tree or single files, as students with files.

Nothing is ever unpacked onto the disk, so a path in an archive leads nowhere; links are not followed.
"""

import hashlib
import io
import json
import lzma
import os
import re
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from coursekit.grading import reading
from coursekit.grading.reading import UnreadableError, read_notebook

__all__ = ["Handed", "Notebook", "Submission", "UnreadableError", "collect", "handed_by", "parse"]

MAX_FILE = 100 << 20
MAX_MEMBERS = 20_000
MAX_FILES = 20
# Read here; a larger file, or one that would become many objects, by a process of its own.
SMALL, FEW = 3 << 20, 100_000
READ_MEMORY, READ_SECONDS = 1 << 30, 20
CHUNK = 1 << 20
STAMP = "timestamp.txt"
IGNORED = re.compile(r"^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)")
# The kinds of file that may be a notebook; one of a later kind counts only if there is none of an earlier.
KINDS = (re.compile(r"\.ipynb(\.\w+)?$", re.I), re.compile(r"\.py$", re.I), re.compile(r"\.(json|txt)$", re.I))
UNOPENED = (OSError, EOFError, RuntimeError, IndexError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)
CANVAS = re.compile(r"^(?P<who>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<name>.+)$", re.S)
MOODLE = re.compile(r"^(?P<who>.+_\d+)_assignsubmission_\w*$", re.S)


@dataclass(frozen=True)
class Handed:
    """One file: where it lies (the members lead through archives, by position) and when it was handed in.

    `submitted` is what a time stamp beside it says; `file_time` is that of the file, which a copy may change.
    """

    path: Path
    members: tuple[int, ...] = ()
    name: str = ""
    size: int = 0
    submitted: datetime | None = None
    file_time: datetime | None = None

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open it for reading.

        Yields
        ------
        file                 in binary mode

        Raises
        ------
        UnreadableError      not a plain file any more, damaged or encrypted in its archive
        """
        try:
            with opened(self.path) as file, member(file, self.members) as inner:
                yield inner
        except UNOPENED as error:
            reason = str(error) or type(error).__name__
            raise UnreadableError(f"The file could not be read: {reason[:200]}.") from None


@dataclass(frozen=True)
class Submission:
    """What one student handed in; `problem` says what about it cannot be graded, for the student to read."""

    student: str
    files: tuple[Handed, ...] = ()
    problem: str = ""
    canvas_id: str = ""


@dataclass(frozen=True)
class Notebook:
    """What is graded of a file: its code cells, what it says about itself, and the digest of its bytes."""

    cells: tuple[str, ...]
    about: dict[str, Any]
    digest: str


def opened(path: Path) -> IO[bytes]:
    """Open a plain file; a link, a device or a pipe that has taken its place is refused."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("it is not a plain file")
    return os.fdopen(descriptor, "rb")


@contextmanager
def member(file: IO[bytes], members: Sequence[int]) -> Iterator[IO[bytes]]:
    """Open what lies in an archive, in archives in it, and so on."""
    if not members:
        yield file
        return
    with zipfile.ZipFile(file) as archive, archive.open(archive.infolist()[members[0]]) as inner:
        if len(members) == 1:
            yield inner
        else:
            whole = inner.read(MAX_FILE + 1)
            if len(whole) > MAX_FILE:
                raise OSError(f"the archive is larger than {MAX_FILE >> 20} MB")
            with member(io.BytesIO(whole), members[1:]) as deeper:
                yield deeper


def collect(paths: Iterable[Path]) -> list[Submission]:
    """Find the students and their files.

    Parameters
    ----------
    paths : iterable of Path     folders with one folder for each student (nbgrader's tree is one), archives as an
                                 LMS gives them, single files

    Returns
    -------
    list of Submission           sorted by student; a student without a notebook has a problem instead

    Raises
    ------
    ValueError                   no such path, an archive that cannot be read, or nothing in it at all
    """
    found: dict[str, list[tuple[PurePosixPath, Handed]]] = {}
    canvas: dict[str, str] = {}
    for path in map(Path, paths):
        entries = sorted(listed(path), key=lambda entry: (entry[0].as_posix(), entry[1].members))
        if not entries:
            raise ValueError(f"{path}: there is nothing in it to be graded")
        for place, handed in entries:
            student, place, number = whose(place)
            canvas.setdefault(student, number)
            found.setdefault(student, []).append((place, handed))
    return [submission(student, files, canvas[student]) for student, files in sorted(found.items())]


def handed_by(student: str, folder: Path) -> Submission:
    """Find the files of one student whose folder it is.

    Parameters
    ----------
    student : str                the name
    folder : Path                with whatever was handed in, also in folders and archives

    Returns
    -------
    Submission                   without a notebook it has a problem
    """
    return submission(student, sorted(listed(folder), key=lambda entry: entry[0].as_posix()), "")


def listed(path: Path) -> list[tuple[PurePosixPath, Handed]]:
    """Return the files at a path with their places relative to it, archives of a student opened."""
    if path.is_dir():
        top = path / "submitted" if (path / "submitted").is_dir() else path
        files = [
            Path(folder, name)
            for folder, folders, names in os.walk(top)
            for name in names
            if not folders.sort()  # in place: the order of the walk
        ]
        entries = [entry for file in files if (entry := of_file(file, file.relative_to(top).as_posix()))]
    elif path.is_file():
        if zipfile.is_zipfile(path) or path.suffix.lower() == ".zip":
            return [inner for entry in in_archive(Handed(path), path.stem) for inner in unpacked(entry)]
        entry = of_file(path, path.name)
        entries = [entry] if entry else []
    else:
        raise ValueError(f"{path}: there is no such file or folder")
    return [inner for entry in entries for inner in unpacked(entry)]


def of_file(path: Path, place: str) -> tuple[PurePosixPath, Handed] | None:
    """Return a plain file as an entry, None for a link and all else."""
    info = path.lstat()
    place = place.encode("utf-8", "replace").decode()  # a name in another encoding
    if not stat.S_ISREG(info.st_mode) or ignored(PurePosixPath(place)):
        return None
    time = datetime.fromtimestamp(info.st_mtime, UTC)
    return PurePosixPath(place), Handed(path, (), place, info.st_size, stamp(path.parent), time)


def ignored(place: PurePosixPath) -> bool:
    """Say whether a front end or an operating system has left it behind."""
    return any(IGNORED.match(part) for part in place.parts)


def in_archive(handed: Handed, stem: str) -> list[tuple[PurePosixPath, Handed]]:
    """Return the plain files in an archive, which is handed in itself or comes from an LMS.

    Parameters
    ----------
    handed : Handed              the archive
    stem : str                   the name of a folder at its top that says nothing

    Returns
    -------
    list of (place, Handed)      in the archive's order

    Raises
    ------
    ValueError                   it cannot be read
    """
    try:
        with handed.open() as file, zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except (UnreadableError, zipfile.BadZipFile, ValueError) as error:
        raise ValueError(f"{handed.name or handed.path}: {error}") from None
    if len(infos) > MAX_MEMBERS:
        raise ValueError(f"{handed.name or handed.path}: {len(infos)} files in one archive; {MAX_MEMBERS} are the most")
    entries = []
    for index, info in enumerate(infos):
        parts = [part for part in re.split(r"[/\\]", info.filename) if part not in ("", ".", "..")]
        parts = parts[1:] if len(parts) > 1 and parts[0] in ("submitted", stem) else parts
        if info.is_dir() or stat.S_ISLNK(info.external_attr >> 16) or not parts or ignored(PurePosixPath(*parts)):
            continue
        place = PurePosixPath(*parts)
        one = Handed(handed.path, (*handed.members, index), str(place), info.file_size, None, zip_time(info.date_time))
        entries.append((place, one))
    return entries


def unpacked(entry: tuple[PurePosixPath, Handed]) -> list[tuple[PurePosixPath, Handed]]:
    """Return a student's own archive as what is in it, all else as it is."""
    place, handed = entry
    if place.suffix.lower() != ".zip" or handed.size > MAX_FILE:
        return [entry]
    try:
        inside = in_archive(handed, "")
    except ValueError:
        return [entry]
    return [
        (
            place / inner,
            replace(one, name=f"{handed.name}/{inner}", submitted=handed.submitted, file_time=handed.file_time),
        )
        for inner, one in inside
        if inner.suffix.lower() != ".zip"
    ]


def zip_time(parts: tuple[int, ...]) -> datetime | None:
    """Return an archive's time, which knows no zone, as UTC."""
    try:
        return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]
    except ValueError:
        return None


def stamp(folder: Path) -> datetime | None:
    """Return the time in nbgrader's timestamp.txt: `2026-11-20 15:58:23.948203 UTC`."""
    try:
        with opened(folder / STAMP) as file:
            day, _, rest = file.read(100).decode().strip().partition(" ")
        clock, _, zone = rest.partition(" ")
        time = datetime.fromisoformat(f"{day} {clock}")
        return time if time.tzinfo else time.replace(tzinfo=zoneinfo.ZoneInfo(zone or "UTC"))
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        return None


def whose(place: PurePosixPath) -> tuple[str, PurePosixPath, str]:
    """Return the student to whom a place belongs, the place in what is the student's, and a Canvas number.

    Canvas names a file `doejane_4711_98765_lec07.ipynb`, Moodle a folder `Jane Doe_42_assignsubmission_file_`.
    """
    top = place.parts[0]
    packed = len(place.parts) > 1 and top.lower().endswith(".zip")
    if len(place.parts) > 1 and (moodle := MOODLE.match(top)):
        return moodle["who"], place.relative_to(top), ""
    if (packed or len(place.parts) == 1) and (canvas := CANVAS.match(top)):
        rest = PurePosixPath(canvas["name"], *place.parts[1:])
        return f"{canvas['who']}_{canvas['id']}", rest, canvas["id"]
    if len(place.parts) > 1:
        return top[:-4] if packed else top, place.relative_to(top), ""
    return re.sub(r"\.ipynb(\.\w+)?$|\.\w+$", "", top, flags=re.I) or top, place, ""


def submission(student: str, files: list[tuple[PurePosixPath, Handed]], canvas_id: str) -> Submission:
    """Choose the notebooks among what a student handed in."""
    others = [place for place, _ in files if place.name != STAMP]
    for kind in KINDS:
        chosen = [handed for place, handed in files if kind.search(place.name) and place.name != STAMP]
        if chosen:
            first = chosen[:MAX_FILES]
            problem = f"Only {MAX_FILES} of {len(chosen)} files were graded." if len(chosen) > MAX_FILES else ""
            return Submission(student, tuple(first), problem, canvas_id)
    names = ", ".join(sorted(place.name for place in others)[:5]) or "nothing"
    return Submission(student, (), f"There is no notebook in what was handed in ({names}).", canvas_id)


def parse(handed: Handed) -> Notebook:
    """Read a file.

    Parameters
    ----------
    handed : Handed              which

    Returns
    -------
    Notebook                     its code and digest

    Raises
    ------
    UnreadableError              it is no notebook, or is too large; a sentence for the student
    """
    digest = hashlib.sha256()
    with handed.open() as file:
        start = file.read(SMALL + 1)
        digest.update(start)
        # A JSON text has no more values than these characters.
        if len(start) <= SMALL and sum(map(start.count, (b",", b"[", b"{"))) <= FEW:
            found = read_notebook(start, handed.name)
        else:
            found = read_apart(start, file, handed.name, digest)
    return Notebook(tuple(found["cells"]), found["about"], digest.hexdigest())


def read_apart(start: bytes, file: IO[bytes], name: str, digest: Any) -> dict[str, Any]:
    """Read a large file in a process with limits, passed on piece by piece."""
    command = [sys.executable, "-I", "-S", reading.__file__, name, str(READ_MEMORY), str(READ_SECONDS)]
    size = len(start)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None  # for the type checker: a pipe was asked for
        try:
            while start:
                process.stdin.write(start)
                start = file.read(CHUNK)
                digest.update(start)
                size += len(start)
                if size > MAX_FILE:
                    process.kill()
                    raise UnreadableError(f"The file is larger than {MAX_FILE >> 20} MB: clear its outputs.")
        except BrokenPipeError:
            pass  # it ran into its limit; its exit status says so
        answer = process.communicate()[0]
    if process.returncode or not answer:
        raise UnreadableError("The file is too large or too complicated to be read: clear its outputs.")
    found: dict[str, Any] = json.loads(answer)
    if "problem" in found:
        raise UnreadableError(found["problem"])
    return found
