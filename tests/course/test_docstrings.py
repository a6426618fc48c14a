"""The docstring lint sees what it is there for."""

from pathlib import Path

from tests.course import docstrings

GOOD = '''
def mean(x: float, n: int = 3) -> float:
    """Return the mean.

    Parameters
    ----------
    x : (n,) array      any numbers
    n : int             how many

    Returns
    -------
    float               their mean
    """
    return x / n
'''


def violations(text: str, folder: Path) -> str:
    (folder / "module.py").write_text(text, encoding="utf-8")
    return "\n".join(docstrings.violations(folder / "module.py"))


def test_violations_none_in_our_style(tmp_path: Path):
    assert violations(GOOD, tmp_path) == ""


def test_violations_name_a_stale_parameter(tmp_path: Path):
    found = violations(GOOD.replace("    n : int    ", "    m : int    "), tmp_path)
    assert "DOC103" in found
    assert "module.py" in found


def test_violations_name_a_missing_section(tmp_path: Path):
    returns = "Returns\n    -------\n    float  "
    assert returns in GOOD
    assert "DOC201" in violations(GOOD.replace(returns, "Notes\n    -----\n    float  "), tmp_path)


def test_violations_fail_where_pydoclint_does(tmp_path: Path):
    assert violations("def f(:", tmp_path) != ""
