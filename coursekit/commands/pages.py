"""`coursekit run`, `build` and `pair-check`: the commands that work on notebooks."""

import difflib
from collections.abc import Callable
from pathlib import Path

__all__ = ["build", "locate", "pair_check", "run"]


def locate(name: str, root: Path, suffix: str) -> Path:
    """Return the notebook that a user means.

    Parameters
    ----------
    name : str               `laplacian`, `lec07`, `lec07_laplacian` or a path
    root : Path              the course's folder
    suffix : str             ".ipynb" or ".py", the half of the pair that is wanted

    Returns
    -------
    Path                     an existing file

    Raises
    ------
    ValueError               no such notebook; the message lists those that exist
    """
    given = Path(name)
    if given.suffix in (".py", ".ipynb") and given.is_file():
        return given.resolve()
    known = [path for part in ("lectures", "labs") for path in sorted((root / part).glob(f"*{suffix}"))]
    for path in known:
        number, _, slug = path.stem.partition("_")
        if given.name.removesuffix(".ipynb").removesuffix(".py") in (path.stem, number, slug):
            return path
    stems = [path.stem for path in known]
    near = difflib.get_close_matches(name, [*stems, *(stem.partition("_")[2] for stem in stems)], n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise ValueError(f"there is no notebook {name!r}.{hint} These exist: {', '.join(stems) or 'none'}")


def progress(name: str) -> Callable[[int, int], None]:
    """Return an `on_cell` that prints how far the notebook is, one line for each cell."""

    def on_cell(done: int, total: int) -> None:
        print(f"{name}: cell {done} of {total}", flush=True)

    return on_cell


def reported(problems: list[str]) -> int:
    """Print problems and return the exit status."""
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def run(name: str, root: Path, work: Path) -> int:
    """Execute one notebook and leave a page in `work`; the notebook itself stays as it is."""
    from coursekit import notebooks  # needs the extra student

    path = locate(name, root, ".ipynb")
    page = work / f"{path.stem}.html"
    problems = notebooks.run(path, page, on_cell=progress(path.stem))
    print(f"The page is {page}")
    return reported([f"{path.stem}, {problem}" for problem in problems])


def build(names: list[str], root: Path) -> int:
    """Bring each .ipynb up to date with its .py and execute it."""
    from coursekit import notebooks

    paths = [locate(name, root, ".py").with_suffix(".py") for name in names]
    problems = []
    for path in paths:
        problems += [f"{path.stem}, {problem}" for problem in notebooks.build(path, progress(path.stem))]
    return reported(problems)


def pair_check(root: Path) -> int:
    """Print where a notebook and its .py differ; that there is nothing to compare is a failure too."""
    from coursekit import notebooks

    halves = [path for part in ("lectures", "labs") for path in (root / part).glob("l*_*.*")]
    pairs = sorted({path.with_suffix(".py") for path in halves if path.suffix in (".py", ".ipynb")})
    missing = [f"{path.stem}: there is no {path.name}" for path in pairs if not path.exists()]
    drifts = [f"{path.stem}: {said}" for path in pairs if path.exists() for said in notebooks.drift(path)]
    code = reported(missing + drifts if pairs else ["no notebooks found"])
    if not code:
        print("1 pair agrees" if len(pairs) == 1 else f"{len(pairs)} pairs agree")
    return code
