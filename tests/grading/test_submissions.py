"""Finding students and their notebooks in whatever was handed in, without following anything anywhere."""

import io
import json
import os
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coursekit.grading import submissions
from coursekit.grading.reading import UnreadableError, read_notebook
from coursekit.grading.submissions import Handed, Submission, collect, parse

CODE = "def f(x):\n    return x\n"


def notebook(*cells: str, about: dict[str, Any] | None = None) -> bytes:
    body = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells]
    return json.dumps({"cells": body, "metadata": {"coursekit": about or {}}, "nbformat": 4}).encode()


def laid(root: Path, *names: str, data: bytes = notebook(CODE)) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def zipped(names: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 12, 0, 0)), data)
    return buffer.getvalue()


def listing(found: list[Submission]) -> dict[str, list[str]]:
    return {one.student: [handed.name for handed in one.files] for one in found}


def test_collect_a_folder_for_each_student(tmp_path: Path):
    laid(tmp_path, "bob/lec07.ipynb", "ann/a/lec07.ipynb", "ann/.ipynb_checkpoints/x.ipynb", "ann/notes.py")
    assert listing(collect([tmp_path])) == {"ann": ["ann/a/lec07.ipynb"], "bob": ["bob/lec07.ipynb"]}


def test_collect_nbgrader_tree_with_its_time_stamps(tmp_path: Path):
    laid(tmp_path, "submitted/ann/hw1/lec07.ipynb", "source/hw1/lec07.ipynb")
    (tmp_path / "submitted/ann/hw1/timestamp.txt").write_text("2026-11-20 15:58:23.948203 UTC\n")
    (one,) = collect([tmp_path])
    assert (one.student, [handed.name for handed in one.files]) == ("ann", ["ann/hw1/lec07.ipynb"])
    assert one.files[0].submitted == datetime(2026, 11, 20, 15, 58, 23, 948203, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-20 12:00:00 Mars/North", "2026-13-20 12:00:00 UTC", "\0"])
def test_collect_does_without_a_damaged_time_stamp(text: str, tmp_path: Path):
    laid(tmp_path, "ann/lec07.ipynb")
    (tmp_path / "ann" / "timestamp.txt").write_text(text)
    assert collect([tmp_path])[0].files[0].submitted is None


def test_collect_canvas_archive(tmp_path: Path):
    names = ["doejane_4711_98765_lec07-1.ipynb", "lixu_LATE_12_345_my work_2.ipynb", "__MACOSX/._lixu_1_2_a.ipynb"]
    (tmp_path / "all.zip").write_bytes(zipped({name: notebook(CODE) for name in names}))
    found = collect([tmp_path / "all.zip"])
    assert [(one.student, one.canvas_id) for one in found] == [("doejane_4711", "4711"), ("lixu_12", "12")]
    assert parse(found[1].files[0]).cells == (CODE,)


def test_collect_canvas_archive_with_an_archive_in_it(tmp_path: Path):
    (tmp_path / "all.zip").write_bytes(zipped({"doejane_4711_9_work.zip": zipped({"a.ipynb": notebook(CODE)})}))
    (one,) = collect([tmp_path / "all.zip"])
    assert (one.student, one.canvas_id, len(one.files)) == ("doejane_4711", "4711", 1)


def test_folders_that_look_like_canvas_names_stay_apart(tmp_path: Path):
    laid(tmp_path, "team_1_2_a/a.ipynb", "team_1_3_b/a.ipynb")
    laid(tmp_path, "zoe.zip", data=zipped({"a.ipynb": notebook(CODE)}))
    assert list(listing(collect([tmp_path]))) == ["team_1_2_a", "team_1_3_b", "zoe"]


def test_collect_moodle_archive(tmp_path: Path):
    name = "Zoë Ångström_42_assignsubmission_file_/lec07.ipynb"
    (tmp_path / "all.zip").write_bytes(zipped({name: notebook(CODE)}))
    (one,) = collect([tmp_path / "all.zip"])
    assert one.student == "Zoë Ångström_42"
    assert one.files[0].file_time == datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("top", ["submitted", "all"])
def test_collect_archive_of_the_whole_tree(top: str, tmp_path: Path):
    names = [f"{top}/{who}/hw/lec07.ipynb" for who in ("bob", "ann")]
    (tmp_path / "all.zip").write_bytes(zipped({name: notebook(CODE) for name in names}))
    assert list(listing(collect([tmp_path / "all.zip"]))) == ["ann", "bob"]


def test_collect_opens_a_students_own_archive_once(tmp_path: Path):
    inner = zipped({"a.ipynb": notebook(CODE), "deeper.zip": zipped({"b.ipynb": notebook("x = 1")})})
    laid(tmp_path / "class", "ann/work.zip", data=inner)
    (tmp_path / "all.zip").write_bytes(zipped({"ann/work.zip": inner}))
    for path in (tmp_path / "class", tmp_path / "all.zip"):
        (one,) = collect([path])
        assert [handed.name for handed in one.files] == ["ann/work.zip/a.ipynb"]
        assert parse(one.files[0]).cells == (CODE,)


def test_collect_single_files(tmp_path: Path):
    laid(tmp_path, "ann.ipynb", "bob.ipynb.txt")
    laid(tmp_path, "eve.py", data=CODE.encode())
    found = collect(sorted(tmp_path.iterdir()))
    assert listing(found) == {"ann": ["ann.ipynb"], "bob": ["bob.ipynb.txt"], "eve": ["eve.py"]}
    assert {parse(one.files[0]).cells for one in found} == {(CODE,)}


def test_collect_names_what_there_is_instead_of_a_notebook(tmp_path: Path):
    laid(tmp_path, "ann/report.pdf", "bob/lec07.ipynb")
    ann, bob = collect([tmp_path])
    assert (ann.files, ann.problem) == ((), "There is no notebook in what was handed in (report.pdf).")
    assert not bob.problem


def test_collect_grades_a_limited_number_of_files(tmp_path: Path):
    laid(tmp_path, *(f"ann/{i:02d}.ipynb" for i in range(23)))
    (one,) = collect([tmp_path])
    assert len(one.files) == submissions.MAX_FILES == 20
    assert one.problem == "Only 20 of 23 files were graded."


def test_collect_nothing_is_an_error(tmp_path: Path):
    with pytest.raises(ValueError, match="nothing in it to be graded"):
        collect([tmp_path])
    with pytest.raises(ValueError, match="no such file or folder"):
        collect([tmp_path / "class"])
    (tmp_path / "torn.zip").write_bytes(zipped({"ann/a.ipynb": notebook(CODE) * 99})[:-30])
    assert listing(collect([tmp_path])) == {"torn": []}, "a student's archive that is damaged is the student's problem"
    with pytest.raises(ValueError, match="not a zip file"):
        collect([tmp_path / "torn.zip"])


def test_collect_follows_no_link(tmp_path: Path):
    laid(tmp_path, "secret/answers.ipynb", "class/bob/lec07.ipynb")
    ann = tmp_path / "class" / "ann"
    ann.mkdir()
    (ann / "lec07.ipynb").symlink_to(tmp_path / "secret" / "answers.ipynb")
    (ann / "folder").symlink_to(tmp_path / "secret")
    os.mkfifo(ann / "pipe.ipynb")
    assert listing(collect([tmp_path / "class"])) == {"bob": ["bob/lec07.ipynb"]}


def test_parse_refuses_a_link_that_took_the_place_of_a_file(tmp_path: Path):
    laid(tmp_path, "secret.ipynb", "class/ann/lec07.ipynb")
    (one,) = collect([tmp_path / "class"])
    one.files[0].path.unlink()
    one.files[0].path.symlink_to(tmp_path / "secret.ipynb")
    with pytest.raises(UnreadableError, match="could not be read"):
        parse(one.files[0])


def test_archive_paths_lead_nowhere(tmp_path: Path):
    link = zipfile.ZipInfo("eve/link.ipynb")
    link.external_attr = 0o120777 << 16
    names = {"../../etc/up.ipynb": b"", "/abs/olute.ipynb": b"", "C:\\win\\dows.ipynb": b"", "a/../../b.ipynb": b""}
    path = tmp_path / "in" / "all.zip"
    path.parent.mkdir()
    path.write_bytes(zipped(names))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert list(listing(collect([path]))) == ["C:", "a", "abs", "etc"]
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["all.zip", "in"]


def test_two_files_of_one_name_in_an_archive_are_both_read(tmp_path: Path):
    path = tmp_path / "all.zip"
    path.write_bytes(zipped({"ann/a.ipynb": notebook("x = 1")}))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ann/a.ipynb", notebook("x = 2"))
    (one,) = collect([path])
    assert [parse(handed).cells for handed in one.files] == [("x = 1",), ("x = 2",)]


def test_archive_bomb_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(submissions, "MAX_FILE", 8 << 20)
    (tmp_path / "all.zip").write_bytes(zipped({"ann/a.ipynb": b"[" + b" " * (64 << 20)}))
    (one,) = collect([tmp_path / "all.zip"])
    tracemalloc.start()
    with pytest.raises(UnreadableError, match="larger than 8 MB"):
        parse(one.files[0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(submissions, "MAX_MEMBERS", 3)
    (tmp_path / "all.zip").write_bytes(zipped({f"ann/{i}.ipynb": b"" for i in range(4)}))
    with pytest.raises(ValueError, match="4 files in one archive; 3 are the most"):
        collect([tmp_path / "all.zip"])


BOMBS = {
    "deep": b"[" * 200_000,
    "many": b"[" + b"[]," * 1_500_000 + b"[]]",
    "number": b'{"cells": ' + b"9" * 100_000 + b"}",
    "not JSON": b"PK\x03\x04 and so on",
    "empty": b"",
    "blank": b"\xef\xbb\xbf \n",
    "a list": b"[1, 2]",
    "no cells": b'{"nbformat": 4}',
    "cells that are text": b'{"cells": "import this"}',
}


@pytest.mark.parametrize("name", BOMBS)
def test_parse_refuses_with_a_sentence(name: str, tmp_path: Path):
    laid(tmp_path, "a.ipynb", data=BOMBS[name])
    with pytest.raises(UnreadableError, match=r"^The file is .*\.$"):
        parse(Handed(tmp_path / "a.ipynb", name="a.ipynb"))


def test_large_file_is_read_within_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(submissions, "READ_MEMORY", 200 << 20)
    laid(tmp_path, "a.ipynb", data=b'{"cells": [' + b"[]," * 8_000_000 + b"[]]}")
    with pytest.raises(UnreadableError, match="too large or too complicated"):
        parse(Handed(tmp_path / "a.ipynb", name="a.ipynb"))


def test_sixty_megabytes_of_output_cost_the_grader_little_memory(tmp_path: Path):
    document = json.loads(notebook(CODE, about={"slug": "laplacian"}))
    document["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x" * 79 + "\n"] * 750_000}]
    laid(tmp_path, "a.ipynb", data=json.dumps(document).encode())
    assert (tmp_path / "a.ipynb").stat().st_size > 60e6
    del document
    tracemalloc.start()
    found = parse(Handed(tmp_path / "a.ipynb", name="a.ipynb"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.cells, found.about) == ((CODE,), {"slug": "laplacian"})
    assert peak < 8 << 20


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_member_that_does_not_decompress_is_the_students_problem(method: int, tmp_path: Path):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("ann/a.ipynb", notebook(CODE * 50))
    data = bytearray(path.read_bytes())
    data[60:90] = bytes(range(200, 230))
    path.write_bytes(data)
    (one,) = collect([path])
    with pytest.raises(UnreadableError, match="could not be read"):
        parse(one.files[0])


def test_encrypted_member_is_the_students_problem(tmp_path: Path):
    data = bytearray(zipped({"ann/a.ipynb": notebook(CODE)}))
    central = data.rindex(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1
    (tmp_path / "all.zip").write_bytes(data)
    (one,) = collect([tmp_path / "all.zip"])
    with pytest.raises(UnreadableError, match="encrypted"):
        parse(one.files[0])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_any_encoding_is_read(encoding: str):
    text = json.dumps({"cells": [{"cell_type": "code", "source": ["# é\n", "x = 1"]}]}, ensure_ascii=False)
    assert read_notebook(text.encode(encoding), "a.ipynb")["cells"] == ["# é\nx = 1"]


def test_old_format_and_damaged_cells_are_read():
    sheet = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}, None]}
    assert read_notebook(json.dumps(sheet).encode(), "a.ipynb")["cells"] == ["x = 1"]
    odd = {"cells": [None, 3, {"cell_type": "code"}, {"cell_type": "code", "source": ["x\ud800", 3]}], "metadata": []}
    assert read_notebook(json.dumps(odd).encode(), "a.ipynb") == {"cells": ["", "x?"], "about": {}}


def test_percent_text_keeps_code_and_slug():
    head = "# ---\n# jupyter:\n#   coursekit:\n#     slug: laplacian\n# ---\n\n"
    text = head + "# %% [markdown]\n# # T\n\n# %% tags=[]\nx = 1\n#%%\ny = 2"
    assert read_notebook(text.encode(), "a.PY") == {"cells": ["x = 1\n", "y = 2"], "about": {"slug": "laplacian"}}


def test_too_much_code_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("coursekit.grading.reading.MAX_CODE", 10)
    with pytest.raises(UnreadableError, match="11 characters of code; 10 are the most"):
        read_notebook(notebook("x" * 11), "a.ipynb")
    with pytest.raises(UnreadableError, match="5001 code cells; 5000 are the most"):
        read_notebook(notebook(*[""] * 5001), "a.ipynb")


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """Return bytes with some of them changed, dropped, doubled or swapped with what means something in JSON."""
    for _ in range(int(rng.integers(1, 3))):
        i, n = int(rng.integers(len(data))), int(rng.integers(1, 9))
        middle = [
            bytes([int(rng.integers(256))]),
            b"",
            data[i : i + n] * 2,
            b'"',
            b"[{",
            b"]",
            b"null",
            b"1e999",
            b"\\ud800",
        ]
        data = data[:i] + middle[int(rng.integers(len(middle)))] + data[i + n :]
        data = data or b"\0"
    return data


def test_two_thousand_mutated_notebooks_are_read_or_refused():
    rng = np.random.default_rng(5)
    whole = notebook(CODE, "x = 1\nprint('é')", about={"slug": "laplacian"})
    outcomes = {"read": 0, "refused": 0}
    for _ in range(2000):
        try:
            found = read_notebook(mutated(whole, rng), "a.ipynb")
        except UnreadableError:
            outcomes["refused"] += 1
        else:
            outcomes["read"] += 1
            assert all(isinstance(cell, str) for cell in found["cells"])
            assert isinstance(found["about"], dict)
            json.dumps(found).encode()
    assert min(outcomes.values()) > 100


def test_mutated_archives_are_read_or_refused(tmp_path: Path):
    rng = np.random.default_rng(6)
    whole = zipped({f"{who}/a.ipynb": notebook(CODE) for who in ("ann", "bob")})

    path = tmp_path / "all.zip"
    n_read = n_refused = 0
    for _ in range(1000):
        data = bytearray(whole)
        for i in rng.integers(len(data), size=int(rng.integers(1, 4))):
            data[i] = int(rng.integers(256))
        path.write_bytes(data)
        try:
            for one in collect([path]):
                for handed in one.files:
                    parse(handed)
                    n_read += 1
        except ValueError:  # UnreadableError is one
            n_refused += 1
    assert min(n_read, n_refused) > 100
