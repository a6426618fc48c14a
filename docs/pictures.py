"""`python docs/pictures.py` takes the README's pictures out of the executed notebooks; CI fails when one is stale."""

import base64
import sys
from pathlib import Path

from coursekit.notebooks import read_stored

DOCS = Path(__file__).resolve().parent
# file -> (notebook, how the picture's alt text starts)
PICTURES = {"galaxies.png": ("lectures/lec07_laplacian.ipynb", "A deep-sky photograph")}


def picture(notebook: str, alt: str) -> bytes:
    """Return the one PNG of a stored notebook whose alt text starts with `alt`."""
    found = [
        output.data["image/png"]
        for cell in read_stored(DOCS.parent / notebook).cells
        for output in cell.get("outputs", [])
        if output.get("metadata", {}).get("image/png", {}).get("alt", "").startswith(alt)
    ]
    if len(found) != 1:
        raise LookupError(f"{len(found)} pictures of {notebook} have an alt text that starts with {alt!r}, not 1")
    return base64.b64decode(found[0])


def stale() -> list[str]:
    """Return the names of the pictures that differ from their notebook's."""
    return [
        name
        for name, source in PICTURES.items()
        if not (DOCS / name).exists() or (DOCS / name).read_bytes() != picture(*source)
    ]


if __name__ == "__main__":
    for changed in stale():
        (DOCS / changed).write_bytes(picture(*PICTURES[changed]))
        sys.stdout.write(f"{changed} written\n")
