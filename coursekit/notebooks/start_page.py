"""The page on which JupyterLab opens: what there is, what to do next, and how far one is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from coursekit.notebooks.executing import write_atomically
from coursekit.notebooks.progress import STATES, exercise_names, progress
from coursekit.syllabus import PARTS, Entry, read_syllabus

__all__ = ["START", "renew_on_save", "row", "start_page", "write_start_page"]

START = "START.md"
"""The page's name in the folder of the copies."""

PAGE = """\
<!-- Written anew at each start and whenever you save a notebook: keep your notes in another file. -->
# Start here

{advice}

1. Open a notebook below, read, and run each cell with Shift+Enter. Where a question asks you to **predict**, answer
   before you run the next cell.
2. In an exercise, write your answer in place of `raise NotImplementedError`, run the cell, then the `check(...)` cell
   below it. It shows which cases pass and, where it recognises a mistake, where to look. Try as often as you like:
   nothing leaves your machine.
3. Save. This page reads from your notebooks how far you are; to see it anew, close it and open {start} again.

{tables}
{details}
## Your copies

These notebooks are yours. Once you have written in one it is never overwritten: when the course changes, the new
version is laid beside it. For a fresh copy, rename or delete yours and start again.
{newer}"""


def start_page(root: str | Path, work: str | Path) -> str:
    """Return the page, in Markdown.

    Parameters
    ----------
    root : str or Path       the course's folder, with `lectures` and `labs`
    work : str or Path       the folder of the student's copies

    Returns
    -------
    str                      the text of the page
    """
    entries = read_syllabus(root)
    asked = {entry.plan.slug: exercise_names(entry.path) for entry in entries if entry.path}
    states = progress(work, asked)
    beside = sorted(Path(work).glob("* (new version*).ipynb"))
    newer = [f"- [{path.stem}](<{path.name}>)\n" for path in beside]
    links = "".join(["\nNew versions of notebooks that you have written in:\n\n", *newer]) if newer else ""
    tables = "\n".join(part_table(part, entries, states) for part in PARTS)
    shown = {"advice": advice(entries, states), "tables": tables, "details": details(entries, states)}
    return PAGE.format(start=START, newer=links, **shown)


def write_start_page(root: str | Path, work: str | Path) -> None:
    """Write the page into the folder of the copies, if it has changed.

    Parameters
    ----------
    root : str or Path       the course's folder
    work : str or Path       the folder of the student's copies
    """
    page, path = start_page(root, work), Path(work) / START
    if not path.exists() or path.read_text(encoding="utf-8") != page:
        write_atomically(path, page)


def renew_on_save(root: Path, work: Path) -> Any:
    """Return a hook for Jupyter that writes the page anew when a notebook has been saved.

    Parameters
    ----------
    root : Path              the course's folder
    work : Path              the folder of the student's copies

    Returns
    -------
    callable                 never raises on a file that cannot be read or written: the save itself has worked
    """

    def renew(model: Mapping[str, Any], os_path: str, contents_manager: Any) -> None:
        if model.get("type") != "notebook":
            return
        try:
            write_start_page(root, work)
        except (OSError, ValueError) as error:
            contents_manager.log.warning("%s was not renewed: %s", START, error)

    return renew


def advice(entries: Sequence[Entry], states: Mapping[str, Mapping[str, str]]) -> str:
    """Return what to do next: go on with what was begun, else the first notebook whose needs are done."""
    built = {entry.plan.slug: entry for entry in entries if entry.path}
    if not built:
        return "No notebook is there yet."
    done = {slug for slug in built if all(state == "passed" for state in states[slug].values())}
    open_ones = [entry for slug, entry in built.items() if slug not in done]
    if not open_ones:
        return "**Every exercise is passed.**"
    begun = [entry for entry in open_ones if set(states[entry.plan.slug].values()) - {"not attempted"}]
    ready = [entry for entry in open_ones if all(need in done or need not in built for need in entry.plan.needs)]
    chosen = (begun or ready or open_ones)[0]
    if begun:
        return f"**Go on with** {link(chosen)}: {summary(states[chosen.plan.slug])}."
    return f"**{'Go on with' if done else 'Begin with'}** {link(chosen)}: *{chosen.question}*"


def link(entry: Entry) -> str:
    """Return a link to the student's copy of a notebook; a number and a name where there is none."""
    if entry.path is None:
        return f"{entry.plan.kind} {entry.plan.number} ({entry.plan.name})"
    return f"[{entry.label}: {entry.title}](<{entry.plan.stem}.ipynb>)"


def short(entry: Entry) -> str:
    """Return a notebook that another needs."""
    name = f"{entry.plan.kind} {entry.plan.number}"
    return f"[{name}](<{entry.plan.stem}.ipynb>)" if entry.path else f"{name} ({entry.plan.name}, planned)"


def summary(states: Mapping[str, str]) -> str:
    """Return how far one is with the exercises of a notebook, in words."""
    passed, tried = (sum(state == one for state in states.values()) for one in ("passed", "tried"))
    if not passed and not tried:
        return f"{len(states)} to do"
    return f"{passed} of {len(states)} passed" + (f", {tried} tried" if tried else "")


def part_table(part: str, entries: Sequence[Entry], states: Mapping[str, Mapping[str, str]]) -> str:
    """Return one part of the syllabus: a table of what is built, and a line on what is planned."""
    by_slug = {entry.plan.slug: entry for entry in entries}
    here = [entry for entry in entries if entry.plan.part == part]
    lines = [f"## {part}", ""]
    if built := [entry for entry in here if entry.path]:
        heads = ["Notebook", "The question it answers", "Minutes", "Do first", "Your exercises"]
        lines += [row(heads), row(["---"] * len(heads))]
    for entry in built:
        needs = ", ".join(short(by_slug[slug]) for slug in entry.plan.needs) or "nothing"
        minutes = f"{entry.read} to read, {entry.exercises} for exercises"
        lines.append(row([link(entry), entry.question, minutes, needs, summary(states[entry.plan.slug])]))
    if planned := [f"{entry.plan.number} {entry.plan.name}" for entry in here if not entry.path]:
        lines += [*([""] if built else []), f"Planned: {', '.join(planned)}."]
    return "\n".join([*lines, ""])


def details(entries: Sequence[Entry], states: Mapping[str, Mapping[str, str]]) -> str:
    """Return the exercises of each notebook that was begun, by state."""
    lines = []
    for entry in entries:
        here = states.get(entry.plan.slug, {})
        if set(here.values()) - {"not attempted"}:
            kinds = [[f"`{name}`" for name, state in here.items() if state == one] for one in STATES[::-1]]
            lines.append(row([link(entry), *(", ".join(names) for names in kinds)]))
    if not lines:
        return ""
    heads = ["Notebook", *(one.capitalize() for one in STATES[::-1])]
    return "\n".join(["## Your exercises", "", row(heads), row(["---"] * len(heads)), *lines, ""])


def row(cells: Sequence[str]) -> str:
    """Return one line of a Markdown table.

    Parameters
    ----------
    cells : sequence of str  Markdown; a bar in them is escaped

    Returns
    -------
    str
    """
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
