"""What can be measured of a good notebook. `python -m tests.course.traits` prints it for every notebook."""

import io
import re
import statistics
import tokenize
from dataclasses import dataclass
from itertools import groupby

from nbformat import NotebookNode

from coursekit.notebooks import read_stored
from tests.course.syllabus import sources

# Where a reader does no reading: exercises, recap, references and the instructor's notes are not counted.
APART = frozenset({"exercise", "check", "exercises", "recap", "references", "instructor"})
SLIDE_TYPES = frozenset({"slide", "subslide", "fragment", "skip", "notes"})
# Lines that hold text for the reader's eye and no code.
FIGURE_TEXT = re.compile(r"\s*(alt|caption)=")
READING = re.compile(r'\s*"reading": f?"')
# The largest numbers of cells, words, code cells (in a lab a number that is trained takes two) and figures.
MOST = {"lectures": (50, 2000, 20, 12), "labs": (60, 2600, 30, 15)}
HEAD = {"slug": str, "title": str, "question": str, "objectives": list, "needs": list, "minutes": dict}


@dataclass(frozen=True)
class Traits:
    """Counts over one executed notebook: lengths in statements (`statements`), the longest in lines (`length`)."""

    cells: int
    words: int
    code_cells: int
    exercises: int
    figures: int
    interactives: int
    median_length: float
    share_under_12: float
    longest: int
    widest: int
    code_in_a_row: int
    cells_without_slide: int
    head: tuple[str, ...]


def traits(notebook: NotebookNode) -> Traits:
    """Measure a notebook."""
    counted = [cell for cell in notebook.cells if not APART & tags(cell)]
    code = [cell for cell in counted if cell.cell_type == "code"]
    lengths = [statements(cell.source) for cell in code] or [0]
    runs = [len([*run]) for kind, run in groupby(notebook.cells, key=lambda cell: cell.cell_type) if kind == "code"]
    return Traits(
        cells=len(counted),
        words=sum(words(cell.source) for cell in counted if cell.cell_type == "markdown"),
        code_cells=len(code),
        exercises=sum("exercise" in tags(cell) for cell in notebook.cells),
        figures=sum(pictures(cell) for cell in notebook.cells if cell.cell_type == "code"),
        interactives=sum("interactive" in tags(cell) for cell in notebook.cells),
        median_length=statistics.median(lengths),
        share_under_12=sum(lines < 12 for lines in lengths) / len(lengths),
        longest=max((length(cell.source) for cell in code), default=0),
        widest=max((width(cell.source) for cell in notebook.cells if cell.cell_type == "code"), default=0),
        code_in_a_row=max(runs, default=0),
        cells_without_slide=sum(
            cell.metadata.get("slideshow", {}).get("slide_type") not in SLIDE_TYPES for cell in notebook.cells
        ),
        head=tuple(head_problems(notebook.metadata.get("coursekit", {}))),
    )


def shortcomings(one: Traits, folder: str = "lectures") -> list[str]:
    """Say which traits lie outside what a notebook should have; a lab may be longer, since each training is watched."""
    cells, words, code_cells, figures = MOST[folder]
    within = [
        ("cells", one.cells, 30, cells),
        ("words", one.words, 1200, words),
        ("code cells", one.code_cells, 8, code_cells),
        ("exercises", one.exercises, 4, 4),
        ("figures with alt text", one.figures, 6, figures),
        ("interactives", one.interactives, 1, 2),
        ("median statements of a code cell", one.median_length, 1, 6),
        ("share of code cells under 12 statements", one.share_under_12, 0.9, 1),
        ("lines of the longest code cell", one.longest, 1, 25),
        ("characters of the widest code line", one.widest, 1, 110),
        ("code cells in a row", one.code_in_a_row, 1, 2),
        ("cells without a slide type", one.cells_without_slide, 0, 0),
    ]
    found = [f"{name}: {value:g}, not {low} to {high}" for name, value, low, high in within if not low <= value <= high]
    return found + list(one.head)


def tags(cell: NotebookNode) -> set[str]:
    """Return the tags of a cell."""
    return set(cell.metadata.get("tags", []))


def words(markdown: str) -> int:
    """Count what is read: a name in code is a word, formulas, blocks of code and addresses are not."""
    text = re.sub(r"```.*?```|\$\$.*?\$\$|\$[^$]*\$|<[^>]*>|\]\([^)]*\)", " ", markdown, flags=re.DOTALL)
    return len(re.findall(r"[^\W\d_][\w.'’-]*", text))


def statements(source: str) -> int:
    """Count the logical lines: a call that is wrapped over several is one, a comment is none."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sum(token.type == tokenize.NEWLINE for token in tokens)


def length(source: str) -> int:
    """Count the lines of code: not those that are blank, a comment, a bracket, or a figure's text."""
    lines = source.splitlines()
    return sum(not (re.match(r"\s*(#|[)\]},]*$)", line) or FIGURE_TEXT.match(line)) for line in lines)


def width(source: str) -> int:
    """Return the characters of the widest line, but for a figure's text and a view's reading."""
    lines = source.splitlines()
    return max((len(line) for line in lines if not (FIGURE_TEXT.match(line) or READING.match(line))), default=0)


def pictures(cell: NotebookNode) -> int:
    """Count the pictures with alt text that a cell shows."""
    return sum(
        bool(output.metadata.get(mime, {}).get("alt", "").strip())
        for output in cell.outputs
        for mime in output.get("data", {})
        if mime.startswith("image/")
    )


def head_problems(head: dict[str, object]) -> list[str]:
    """Say what the notebook's own metadata lack."""
    wrong = [(key, kind.__name__) for key, kind in HEAD.items() if not isinstance(head.get(key), kind)]
    found = [f"metadata: {key} is missing or not a {kind}" for key, kind in wrong]
    if found:
        return found
    objectives, minutes = head["objectives"], head["minutes"]
    assert isinstance(objectives, list)
    assert isinstance(minutes, dict)
    if not 3 <= len(objectives) <= 5:
        found.append(f"metadata: {len(objectives)} objectives, not 3 to 5")
    if set(minutes) != {"read", "exercises"} or not all(isinstance(n, int) and n > 0 for n in minutes.values()):
        found.append("metadata: minutes are two whole numbers, read and exercises")
    if not str(head["question"]).endswith("?"):
        found.append("metadata: the question does not end with a question mark")
    return found


def main() -> None:
    """Print every trait of every notebook, then what lies outside."""
    for path in sources():
        stored = path.with_suffix(".ipynb")
        print(path.stem if stored.exists() else f"{path.stem} is not built")
        if not stored.exists():
            continue
        one = traits(read_stored(stored))
        for name, value in vars(one).items():
            print(f"  {name:20} {value}")
        print("\n".join(f"  -> {line}" for line in shortcomings(one, path.parent.name)))


if __name__ == "__main__":
    main()
