"""The files of others that slides and pages carry inside them; `vendored/NOTICE.md` says whose they are."""

import re
import tomllib
from pathlib import Path
from typing import Any

__all__ = ["VENDORED", "mathjax", "vendored", "versions"]

VENDORED = Path(__file__).parent / "vendored"
"""The folder; in it `<package>/<file>`, and the table `versions.toml`."""

# No menu: it would offer renderers and voices that are fetched from the network.
MATHJAX = """\
<script>
window.MathJax = {
  tex: {inlineMath: [["$", "$"], ["\\\\(", "\\\\)"]], processEscapes: true, tags: "ams"},
  svg: {fontCache: "local"},
  options: {enableMenu: false},
  startup: {typeset: %s},
};
</script>
"""


def versions() -> dict[str, dict[str, Any]]:
    """Return the table: for each package its version, licence, archive hash and the hashes of its files.

    Returns
    -------
    dict                     package -> version, licence, integrity, files (path in the package -> hash)
    """
    return tomllib.loads((VENDORED / "versions.toml").read_text(encoding="utf-8"))


def vendored(name: str) -> str:
    """Return a vendored file as text that may stand inside a `<script>` or `<style>` of a page.

    Parameters
    ----------
    name : str               "mathjax/tex-svg-full.js", "reveal.js/reveal.css" and so on

    Returns
    -------
    str                      the text
    """
    text = (VENDORED / name).read_text(encoding="utf-8")
    # Either would change where HTML sees the script's end; before these characters a backslash means nothing to it.
    return re.sub("<(?=!--|/script)", r"<\\", text, flags=re.IGNORECASE)


def mathjax(*, at_once: bool = True) -> str:
    """Return the scripts for the head of a page that typeset its formulas without a network.

    Parameters
    ----------
    at_once : bool           typeset when the page has loaded; else the page calls `MathJax.typesetPromise()`

    Returns
    -------
    str                      HTML
    """
    return f"{MATHJAX % str(at_once).lower()}<script>{vendored('mathjax/tex-svg-full.js')}</script>"
