"""What is vendored is what the registry gave: hashes, licences, and nothing that is not in the table."""

import subprocess
import tomllib
from pathlib import Path

import pytest

from coursekit.presenting import assets, refresh
from coursekit.presenting.assets import VENDORED, mathjax, vendored, versions
from coursekit.presenting.refresh import integrity

FILES = [(name, path, wanted) for name, package in versions().items() for path, wanted in package["files"].items()]


@pytest.mark.parametrize(("name", "path", "wanted"), FILES, ids=[f"{name}/{path}" for name, path, _ in FILES])
def test_vendored_file_has_the_hash_of_the_table(name: str, path: str, wanted: str):
    assert integrity((VENDORED / name / Path(path).name).read_bytes()) == wanted


def test_vendored_folder_holds_the_files_of_the_table_and_no_others():
    ours = {"versions.toml", "NOTICE.md", ".gitattributes"}
    wanted = ours | {f"{name}/{Path(path).name}" for name, path, _ in FILES}
    assert {str(path.relative_to(VENDORED).as_posix()) for path in VENDORED.rglob("*") if path.is_file()} == wanted
    assert sum(path.stat().st_size for path in VENDORED.rglob("*") if path.is_file()) < 4_000_000


def test_every_vendored_package_has_its_licence_and_a_notice():
    notice = (VENDORED / "NOTICE.md").read_text(encoding="utf-8")
    first = {"Apache-2.0": "Apache License", "MIT": "Permission is hereby granted, free of charge"}
    for name, package in versions().items():
        assert first[package["licence"]] in (VENDORED / name / "LICENSE").read_text(encoding="utf-8")
        assert f"`{name}/LICENSE`" in notice


@pytest.mark.parametrize("name", ["mathjax/tex-svg-full.js", "reveal.js/reveal.js", "reveal.js/notes.js"])
def test_vendored_script_can_stand_inside_a_page(name: str):
    text = vendored(name).lower()
    assert "<!--" not in text
    assert "</script" not in text


def test_mathjax_typesets_at_once_unless_the_page_does_it():
    assert "typeset: true" in mathjax()
    assert "typeset: false" in mathjax(at_once=False)
    # TeX's backslashes survive the way through Python into JavaScript.
    assert r'["\\(", "\\)"]' in mathjax()


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table of one package, whose archive "npm" makes from one file."""
    import json
    import tarfile

    (tmp_path / "a.js").write_bytes(b"let a = 1;\n")
    archive = tmp_path / "thing-1.0.0.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "a.js", "package/dist/a.js")
    folder = tmp_path / "vendored"
    folder.mkdir()
    rows = ['[thing]\nversion = "1.0.0"\nlicence = "MIT"', f'integrity = "{integrity(archive.read_bytes())}"']
    rows += ["[thing.files]", f'"dist/a.js" = "{integrity(b"let a = 1;")}"']
    (folder / "versions.toml").write_text("\n".join(rows) + "\n", encoding="utf-8")

    def npm(command, **options):
        assert command[:3] == ["npm", "pack", "thing@1.0.0"]
        Path(command[-1], archive.name).write_bytes(archive.read_bytes())
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps([{"filename": archive.name}]))

    monkeypatch.setattr(refresh, "VENDORED", folder)
    monkeypatch.setattr(assets, "VENDORED", folder)
    monkeypatch.setattr(refresh.subprocess, "run", npm)
    return folder


def test_refresh_writes_nothing_that_has_another_hash(table: Path):
    before = (table / "versions.toml").read_text(encoding="utf-8")
    (said,) = refresh.refresh()
    assert said == f'thing 1.0.0: "dist/a.js" has the hash {integrity(b"let a = 1;" + bytes([10]))}'
    assert [path.name for path in table.iterdir()] == ["versions.toml"]
    assert (table / "versions.toml").read_text(encoding="utf-8") == before
    assert refresh.main([]) == 1


def test_refresh_accepts_when_told_and_then_agrees(table: Path):
    assert refresh.main(["--accept"]) == 0
    assert (table / "thing" / "a.js").read_bytes() == b"let a = 1;\n"
    new = tomllib.loads((table / "versions.toml").read_text(encoding="utf-8"))["thing"]
    assert new["files"] == {"dist/a.js": integrity(b"let a = 1;\n")}
    assert refresh.refresh() == []
