"""The instructor's page of one notebook: what to ask, how long it takes, and which wrong answers to expect."""

import importlib
import re
from dataclasses import dataclass

from nbformat import NotebookNode

from coursekit.checking import Exercise
from coursekit.notebooks.pairing import read_stored
from coursekit.site.lecture_page import HEADING, part_label
from coursekit.syllabus import Entry

__all__ = ["Note", "exercises_of", "instructor_page", "notes"]

OPENING = re.compile(r"\*Instructor, (\d+) min(?: for ([^.*]+))?\.\*\s*")
MARKS = re.compile(r"\b(Ask(?: also| before[^:.?]*)?|(?:A )?[Ww]rong answers? to expect[^:.?]*):")


@dataclass(frozen=True)
class Note:
    """What an instructor's cell says.

    Attributes
    ----------
    section : int            the section above it, counted from 1; 0 is the head
    heading : str            that section's heading
    minutes : int            presenting time
    scope : str              e.g. "parts 2 to 4", else ""
    text : str               Markdown
    """

    section: int
    heading: str
    minutes: int
    scope: str
    text: str


def notes(notebook: NotebookNode) -> list[Note]:
    """Return the instructor's notes of a notebook, in its order.

    Parameters
    ----------
    notebook : NotebookNode  with its instructor cells

    Returns
    -------
    list of Note

    Raises
    ------
    ValueError               an instructor cell that does not begin with its minutes
    """
    found: list[Note] = []
    section, heading = 0, ""
    for cell in notebook.cells:
        if "instructor" in cell.metadata.get("tags", []):
            opening = OPENING.match(cell.source)
            if opening is None:
                raise ValueError(f"an instructor's cell must begin '*Instructor, N min.*', got {cell.source[:60]!r}")
            text = cell.source[opening.end() :]
            found.append(Note(section, heading, int(opening[1]), opening[2] or "", text))
        elif cell.cell_type == "markdown":
            for title in HEADING.findall(cell.source):
                section, heading = section + 1, title
    return found


def exercises_of(slug: str) -> list[Exercise]:
    """Return the exercises of a notebook, in its order."""
    return list(importlib.import_module(f"coursekit.exercises.{slug}").check.exercises.values())


def instructor_page(entry: Entry) -> str:
    """Return the page in MyST Markdown.

    Parameters
    ----------
    entry : Entry            of a notebook that is built

    Returns
    -------
    str                      title, how to show the slides, the notes by section, the exercises' known mistakes
    """
    assert entry.path is not None
    stem, slug, found = entry.plan.stem, entry.plan.slug, notes(read_stored(entry.path))
    lines = [
        f"# {entry.label} for the instructor: {entry.title}",
        "",
        f"*{entry.question}*",
        "",
        f"[The student's page](../{entry.plan.folder}/{stem}.ipynb). {sum(note.minutes for note in found)} minutes to "
        f"present. Live, with working sliders: `coursekit present {slug}`; as one HTML file for a machine without "
        f"network: `coursekit slides {slug}`.",
        "",
        "## In the room",
        "",
    ]
    for note in found:
        lines += [f"### After {place(note, stem)}", "", spoken(note), ""]
    return "\n".join([*lines, *mistakes(slug)]) + "\n"


def place(note: Note, stem: str) -> str:
    """Return the heading of a note: the section that it follows, linked."""
    return f"[{note.heading}](#{part_label(stem, note.section)})" if note.section else "the head"


def spoken(note: Note) -> str:
    """Return the note with its minutes and with the questions easy to find."""
    minutes = f"**{note.minutes} min{' for ' + note.scope if note.scope else ''}.** "
    return minutes + MARKS.sub(lambda mark: f"**{mark[0]}**", note.text)


def mistakes(slug: str) -> list[str]:
    """Return the section on the exercises: what the check recognises and what it says."""
    lines = ["## What the exercises catch", ""]
    lines += ["Wrong answers that the check knows by name, and the hint that it gives for each.", ""]
    for exercise in exercises_of(slug):
        lines += [f"### `{exercise.name}`, {exercise.points} points", ""]
        for mistake in exercise.mistakes:
            name = mistake.function.__name__.replace("_", " ")
            lines.append(f"- *{name}*: {escaped(mistake.hint)}")
        lines.append("")
    return lines


def escaped(text: str) -> str:
    """Return plain text so that Markdown shows it as it is; what stands between backticks stays code."""
    return re.sub(r"[\\*_\[\]<>$|#]", lambda sign: f"\\{sign[0]}", text)
