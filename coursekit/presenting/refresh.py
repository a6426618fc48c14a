"""`python -m coursekit.presenting.refresh`: fetch what is vendored anew, as npm packages.

The table `vendored/versions.toml` says which files of which version. Archives and files must have the hashes that
stand there. For another version, change it in the table and add `--accept`, which writes the new hashes: then look
at the slides, and at the licence, before you commit. Needs npm, which nothing else in the course does.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from coursekit.presenting.assets import VENDORED, versions

__all__ = ["integrity", "main", "refresh"]


def integrity(content: bytes) -> str:
    """Return the hash of a file as npm writes it.

    Parameters
    ----------
    content : bytes          the file

    Returns
    -------
    str                      "sha512-" and the digest in base 64

    Examples
    --------
    >>> integrity(b"")[:20]
    'sha512-z4PhNX7vuL3xV'
    """
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def pack(name: str, version: str) -> bytes:
    """Return the archive of a package, fetched by npm from the registry that npm is set up for."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{name}@{version}", "--json", "--pack-destination", folder]
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        return Path(folder, json.loads(said)[0]["filename"]).read_bytes()


def members(archive: bytes, names: Sequence[str]) -> dict[str, bytes]:
    """Return these files of an npm archive; nothing is unpacked onto the disk but by our own names."""
    with tempfile.TemporaryFile() as file:
        file.write(archive)
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r:gz") as tar:
            found = {name: tar.extractfile(f"package/{name}") for name in names}
            return {name: stream.read() for name, stream in found.items() if stream is not None}


def refresh(*, accept: bool = False) -> list[str]:
    """Fetch every package of the table and write its files, if all hashes are the expected ones.

    Parameters
    ----------
    accept : bool            write other hashes into the table instead

    Returns
    -------
    list of str              one line for each hash that differs from the table; files are written only if there
                             is none, or with `accept`
    """
    table = VENDORED / "versions.toml"
    text, differing = table.read_text(encoding="utf-8"), []
    fresh: dict[tuple[str, str], bytes] = {}
    for name, package in versions().items():
        archive = pack(name, package["version"])
        files = members(archive, list(package["files"]))
        fresh |= {(name, path): content for path, content in files.items()}
        pairs = [("integrity", package["integrity"], archive)]
        pairs += [(f'"{path}"', package["files"][path], content) for path, content in files.items()]
        for key, expected, content in pairs:
            if integrity(content) != expected:
                differing.append(f"{name} {package['version']}: {key} has the hash {integrity(content)}")
                head, section, rest = text.partition(f"version = \"{package['version']}\"\n")
                text = head + section + rest.replace(f'{key} = "{expected}"', f'{key} = "{integrity(content)}"', 1)
    if differing and not accept:
        return differing
    for (name, path), content in fresh.items():
        target = VENDORED / name / Path(path).name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
    table.write_text(text, encoding="utf-8", newline="\n")
    return differing


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Parameters
    ----------
    argv : sequence of str   the arguments; None takes those of the process

    Returns
    -------
    int                      0 if every file has the hash of the table, or was accepted
    """
    parser = argparse.ArgumentParser(prog="python -m coursekit.presenting.refresh", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="write new hashes into the table")
    options = parser.parse_args(argv)
    try:
        differing = refresh(accept=options.accept)
    except FileNotFoundError:
        sys.exit("npm is not installed")
    sys.stdout.writelines(f"{line}\n" for line in differing or ["everything is as the table says"])
    return 1 if differing and not options.accept else 0


if __name__ == "__main__":
    sys.exit(main())
