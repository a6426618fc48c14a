"""The texts of the pages that belong to no single notebook: front page, syllabus, reference and instructors."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from coursekit.notebooks.start_page import row
from coursekit.site.graph import alt_text
from coursekit.syllabus import PARTS, Entry

__all__ = [
    "SHARED",
    "front_page",
    "handbook",
    "instructor_index",
    "lecture_links",
    "reference_index",
    "repository_page",
    "syllabus_page",
]

# Shared packages that a notebook's reader meets; the rest of the library serves the course's staff.
SHARED = {
    "coursekit.figures": "pictures, curves and sliders with alt text",
    "coursekit.checking": "what `check(...)` is made of",
    "coursekit.data": "the data that come with the course",
    "coursekit.training": "budgets, seeds, the one training loop, averages, checkpoints",
    "coursekit.denoising": "targets, networks and samplers of diffusion, with one interface",
    "coursekit.sample_quality": "how near samples are to real data, beside the floor",
    "coursekit.validation": "the checks of what a function is given",
}


def built(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that have a notebook."""
    return [entry for entry in entries if entry.path is not None]


def link(entry: Entry, start: str = "") -> str:
    """Return a Markdown link to a notebook's page, or the topic's name where there is none."""
    if entry.path is None:
        return entry.plan.name
    return f"[{entry.title}]({start}{entry.plan.folder}/{entry.plan.stem}.ipynb)"


def toctree(caption: str, lines: Iterable[str]) -> list[str]:
    """Return a hidden table of contents, which Sphinx shows in the side bar."""
    return ["```{toctree}", ":hidden:", f":caption: {caption}", "", *lines, "```", ""]


def front_page(readme: str, entries: Sequence[Entry]) -> str:
    """Return the front page: what this is, how to start, a card for each notebook.

    Parameters
    ----------
    readme : str             the README: its first paragraph, picture and caption are taken over
    entries : sequence       the whole syllabus

    Returns
    -------
    str                      MyST Markdown
    """
    title, intro, *rest = readme.split("\n\n")
    picture = next(part for part in rest if part.startswith("!["))
    found = re.fullmatch(r"!\[(.*)\]\((.*)\)", picture, re.DOTALL)
    assert found is not None
    ready = built(entries)
    lines = [
        title,
        "",
        intro,
        "",
        f":::{{figure}} {found[2]}",
        f':alt: "{" ".join(found[1].split())}"',
        "",
        f"Each galaxy found and sized by the Laplacian of a Gaussian, from {link_of('laplacian', entries)}.",
        ":::",
        "",
        "## Begin",
        "",
        "Read a lecture here, or install the course and change it while you read: in the folder of the clone,",
        "",
        "    python3 course.py start",
        "",
        "opens JupyterLab on your own copies of the notebooks. The [handbook](handbook.md) has the details, the "
        f"[syllabus](syllabus.md) says what needs what. {count(entries)}",
        "",
    ]
    for part in PARTS:
        shown = [entry for entry in ready if entry.plan.part == part]
        if shown:
            lines += [f"## {part}", "", "{.cards}", *[card(entry) for entry in shown], ""]
    return "\n".join([*lines, *contents(ready)])


def link_of(slug: str, entries: Iterable[Entry]) -> str:
    """Return a link to the notebook with this slug."""
    return next(link(entry) for entry in entries if entry.plan.slug == slug)


def count(entries: Sequence[Entry]) -> str:
    """Return how much of the course is built, as a sentence."""
    kinds = {kind: [entry for entry in entries if entry.plan.kind == kind] for kind in ("lecture", "lab")}
    said = [f"{len(built(listed))} of {len(listed)} {kind}s" for kind, listed in kinds.items()]
    return f"{' and '.join(said)} are built."


def card(entry: Entry) -> str:
    """Return one notebook as an item of the list of cards."""
    return f"- {entry.label}: {link(entry)}\n\n  {entry.question}\n\n  {cost(entry)}"


def cost(entry: Entry) -> str:
    """Return minutes and run time as words."""
    run = f"; cells run {entry.run_time}" if entry.run_time else ""
    return f"{entry.read} min to read, {entry.exercises} min for exercises{run}"


def contents(ready: Sequence[Entry]) -> list[str]:
    """Return the tables of contents of the side bar."""
    lines = toctree("Course", ["syllabus", "docs/notation", "docs/glossary", "handbook"])
    for part in PARTS:
        shown = [entry for entry in ready if entry.plan.part == part]
        if shown:
            listed = [f"{e.plan.number} {e.title} <{e.plan.folder}/{e.plan.stem}>" for e in shown]
            lines += toctree(part, listed)
    lines += toctree("Library", ["Reference <reference/index>"])
    lines += toctree("For instructors", ["Teaching notes <instructor/index>", "Threats to grading <THREATS>"])
    lines += toctree("Repository", ["Contributing <CONTRIBUTING>", "Data <DATA>", "Changes <CHANGELOG>"])
    return lines


def syllabus_page(entries: Sequence[Entry]) -> str:
    """Return the syllabus: the picture of what needs what, then the same as tables.

    Parameters
    ----------
    entries : sequence       the whole syllabus

    Returns
    -------
    str                      MyST Markdown; the pictures are prerequisites-light.svg and -dark.svg
    """
    hours = {kind: sum(e.minutes for e in entries if e.plan.kind == kind) / 60 for kind in ("lecture", "lab")}
    lines = [
        *("---", "html_theme.sidebar_secondary.remove: true", "---", ""),  # the picture needs the room
        "# Syllabus",
        "",
        f"24 lectures ({hours['lecture']:.0f} hours with their exercises) and 18 labs ({hours['lab']:.0f} hours). "
        f"{count(entries)} Arrows lead from what is needed to what needs it; a dashed box is planned. The tables below "
        "say the same; their minutes are for reading and for the exercises.",
        "",
    ]
    lines += ["::::{container} prerequisites scrolls", ""]
    for mode in ("light", "dark"):
        options = [f':alt: "{alt_text(entries)}"', f":class: only-{mode}"]
        lines += [f":::{{image}} prerequisites-{mode}.svg", *options, ":::", ""]
    lines += ["::::", ""]
    by_slug = {entry.plan.slug: entry for entry in entries}
    for part in PARTS:
        shown = [entry for entry in entries if entry.plan.part == part]
        heads, align = ["No.", "Topic", "Needs", "Minutes"], ["--:", "---", "---", "---"]
        if built(shown):
            heads, align = [*heads, "Cells run", "The question it answers"], [*align, "---", "---"]
        cells = [syllabus_row(entry, by_slug)[: len(heads)] for entry in shown]
        lines += [f"## {part}", "", *map(row, [heads, align, *cells]), ""]
    return "\n".join(lines)


def syllabus_row(entry: Entry, by_slug: dict[str, Entry]) -> list[str]:
    """Return the cells of one row."""
    needs = ", ".join(short(by_slug[slug]) for slug in entry.plan.needs) or "nothing"
    minutes = f"{entry.read} + {entry.exercises}" if entry.path else f"{entry.read}, planned"
    return [str(entry.plan.number), link(entry), needs, minutes, entry.run_time, entry.question]


def short(entry: Entry) -> str:
    """Return a notebook by kind and number, linked if it is built."""
    name = f"{'lab ' if entry.plan.kind == 'lab' else ''}{entry.plan.number} {entry.plan.name}"
    return f"[{name}]({entry.plan.folder}/{entry.plan.stem}.ipynb)" if entry.path else name


def lecture_links(entry: Entry, entries: Sequence[Entry], downloads: Sequence[str]) -> str:
    """Return what stands below a notebook's head: files to take away, and where it leads.

    Parameters
    ----------
    entry : Entry            of a notebook that is built
    entries : sequence       the whole syllabus
    downloads : sequence     paths from the page to the .ipynb and the .py

    Returns
    -------
    str                      MyST Markdown
    """
    slug = entry.plan.slug
    after = [short(other) for other in entries if slug in other.plan.needs]
    notebook, script = downloads
    lines = [
        "::::{container} about-page",
        f"{{download}}`Notebook (.ipynb) <{notebook}>` {{download}}`Python file (.py) <{script}>`",
        "",
        f"Library: [`{entry.plan.module}`](../reference/{slug}.rst). "
        f"For instructors: [notes, questions, wrong answers](../instructor/{entry.plan.stem}.md). "
        + (f"Needed by: {', '.join(after).replace('](', '](../')}." if after else ""),
        "::::",
    ]
    return "\n".join(lines)


def reference_index(entries: Sequence[Entry]) -> str:
    """Return the list of all modules, by topic.

    Parameters
    ----------
    entries : sequence       the whole syllabus

    Returns
    -------
    str                      MyST Markdown
    """
    topics = [(entry.plan.module, entry.plan.slug, entry.title) for entry in built(entries)]
    shared = [(name, name.rpartition(".")[2], said) for name, said in SHARED.items()]
    lines = ["# Library reference", ""]
    lines += ["Functions take arrays and return new ones. `(n, d) array` is the shape, in the lecture's letters.", ""]
    for heading, listed in (("One module for each notebook", topics), ("Shared", shared)):
        lines += [f"## {heading}", "", *[f"- [`{name}`]({page}.rst): {said}" for name, page, said in listed], ""]
    pages = [f"{name} <{page}>" for name, page, _ in topics + shared]
    return "\n".join([*lines, "```{toctree}", ":hidden:", "", *pages, "```", ""])


def instructor_index(entries: Sequence[Entry], minutes: dict[str, int]) -> str:
    """Return the list of the instructor's pages.

    Parameters
    ----------
    entries : sequence       the whole syllabus
    minutes : dict           slug to presenting time

    Returns
    -------
    str                      MyST Markdown
    """
    ready = built(entries)
    lines = [
        "# Teaching notes",
        "",
        "For each notebook: what to ask the room and when, which wrong answers to expect, how many minutes each part "
        "takes, and what the exercises catch. They are cells of the same notebooks; a student's copy leaves them out. "
        "How to show slides and how to grade a class stands in the [handbook](../handbook.md).",
        "",
        row(["Notebook", "Notes", "Minutes to present"]),
        row(["--:", "---", "--:"]),
    ]
    for entry in ready:
        page = f"[{entry.title}]({entry.plan.stem}.md)"
        lines.append(row([entry.label, page, str(minutes[entry.plan.slug])]))
    pages = [f"{e.plan.number} {e.title} <{e.plan.stem}>" for e in ready]
    return "\n".join([*lines, "", "```{toctree}", ":hidden:", "", *pages, "```", ""])


def repository_page(
    text: str, known: Collection[str], repository: str = "", *, exists: Callable[[str], bool] = lambda target: True
) -> str:
    """Return a page of the repository as one of the site, without links to files that the site does not have.

    Parameters
    ----------
    text : str               Markdown
    known : collection       the files that the page can link to
    repository : str         its address: links to other files lead there; "" leaves their text only
    exists : callable        says whether the repository has, or will have, a file; a link to any other stays as it is,
                             for Sphinx to complain about

    Returns
    -------
    str                      Markdown
    """

    def kept(found: re.Match[str]) -> str:
        words, target = found[1], found[2]
        file = target.partition("#")[0]
        if re.match(r"https?:|#", target) or file in known or not exists(file):
            return found[0]
        return f"[{words}]({repository}/blob/main/{target})" if repository else words

    return re.sub(r"(?<!!)\[([^\]]+)\]\(([^)]+)\)", kept, text)


def handbook(readme: str) -> str:
    """Return the README as a page of the site: without its introduction and the list of topics.

    Parameters
    ----------
    readme : str             Markdown

    Returns
    -------
    str                      Markdown; the sections of the README in their order
    """
    sections = re.split(r"(?m)^(?=## )", readme)[1:]
    kept = [one for one in sections if not one.startswith(("## What there will be", "## More"))]
    return "# Handbook\n\n" + "".join(kept)
