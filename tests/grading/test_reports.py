"""Every report says the same, escapes everything, and shows nobody what is not theirs; and the command `grade`."""

import csv
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from coursekit import commands
from coursekit.commands import grade as command
from coursekit.grading.policy import Override, Person, Policy, Standing, standings
from coursekit.grading.reports import write_reports
from coursekit.grading.reports.gradescope import results
from coursekit.grading.reports.junit import suites
from coursekit.grading.reports.markup import Markup, page, tag
from coursekit.grading.reports.pages import class_page, student_page
from coursekit.grading.reports.tables import canvas_table, grades_table, mistakes, mistakes_table
from coursekit.grading.results import AttemptRecord, ExerciseRecord, StudentRecord
from coursekit.grading.sandbox import Sandbox, SandboxError
from coursekit.grading.seeds import Secret, read_secrets
from tests.course.syllabus import ROOT
from tests.grading.classroom import MOST, document, small_class
from tests.grading.submissions import HEAT, IMPORTS

ALL = sum(MOST.values())
EVIL = "</style></script><script>alert(1)</script><img src=x onerror=alert(2)> \"' & \x1b[2J \u202e \x00 =cmd()"


def attempted(status: str = "passed", hint: str = "", reason: str = "All pass.", **points: int) -> AttemptRecord:
    exercises = tuple(
        ExerciseRecord(name, points.get(name, most), most, status if name in points else "passed", reason, hint)
        for name, most in MOST.items()
    )
    return AttemptRecord(1, "a.ipynb", "laplacian", submitted="2026-11-20T12:00:00+00:00", exercises=exercises)


def class_of(**attempts: AttemptRecord) -> list[StudentRecord]:
    environment = {"library": "0.1.0", "digest": "abc"}
    return [StudentRecord(name, (one,), level=3, seed="s", environment=environment) for name, one in attempts.items()]


def parsed(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def table_of(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((out / "grades.csv").read_text().splitlines()))


class Reader(HTMLParser):
    """Collects the elements, their attributes and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [str(value) for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


EXPECTED_TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "h1",
    "h2",
    "h3",
    "p",
    "dl",
    "div",
    "dt",
    "dd",
    "svg",
}
EXPECTED_TAGS |= {
    "rect",
    "text",
    "line",
    "code",
    "ol",
    "ul",
    "li",
    "b",
    "span",
    "i",
    "a",
    "table",
    "thead",
    "tbody",
    "tr",
}
EXPECTED_TAGS |= {"th", "td", "footer", "section", "strong"}


@pytest.fixture
def evil() -> tuple[list[Standing], list[StudentRecord]]:
    """A student whose every text is an attack on whoever reads it."""
    attempt = attempted("failed", EVIL, EVIL, laplacian5=0)
    attempt = AttemptRecord(1, EVIL, "laplacian", submitted="", notes=(EVIL,), exercises=attempt.exercises)
    record = StudentRecord(EVIL, (attempt,), problem=EVIL, level=3, seed="s", environment={"library": EVIL})
    given = [Override(EVIL, "laplacian", "laplacian5", 1, EVIL, EVIL)]
    return list(standings([record], Policy(), roster=[Person(EVIL, EVIL, EVIL)], overrides=given)), [record]


def test_pages_hold_no_element_that_a_submission_wrote(evil):
    counted, records = evil
    for text in (class_page(counted, records, Policy(), remarks=[EVIL]), student_page(counted, records[0], Policy())):
        found = Reader(text)
        assert found.tags <= EXPECTED_TAGS
        assert not [name for name in found.attributes if name.startswith("on")]
        assert all(re.fullmatch(r"students/[A-Za-z0-9_-]+\.html", link) for link in found.links)
        assert "alert(1)" in found.text
        assert not re.search("[\x00\x1b\u202e]", text)
        assert "default-src 'none'" in text.replace("&#x27;", "'")


def test_tables_hold_no_formula(evil):
    counted, _ = evil
    start = [Standing("=1+1", "laplacian", Person(name="@x", login="-2"), ALL)]
    tables = [grades_table([*counted, *start]), canvas_table(start, "+A")[0]]
    cells = [cell for table in tables for row in parsed(table) for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")] == []
    assert {"'=1+1", "'@x", "'-2", "'+A"} <= set(cells)


def test_xml_and_json_can_be_read_whatever_is_in_them(evil):
    counted, _ = evil
    top = ElementTree.fromstring(suites(counted))
    assert "<script>alert(1)</script>" in top[0][1][0].get("message", "")
    assert json.loads(json.dumps(results(counted[0])))["tests"][1]["score"] == 1


def test_tag_escapes_texts_and_attributes_but_not_markup():
    assert tag("a", "<", Markup("<b>"), href='"') == '<a href="&quot;">&lt;<b></a>'
    assert "<title>&lt;/title&gt;</title>" in page("</title>")


def test_all_reports_agree(tmp_path: Path):
    records = class_of(ann=attempted(), bob=attempted("failed", "Look at h.", laplacian5=0))
    counted = standings(records, Policy(pass_mark=0.8), roster=[Person("ann", "Ann", "47"), Person("cyd")])
    write_reports(tmp_path, counted, records, Policy(pass_mark=0.8), assignment="HW (9)")
    final = {"ann": ALL, "bob": ALL - MOST["laplacian5"], "cyd": 0}
    grades = table_of(tmp_path)
    assert {row["student"]: int(row["final"]) for row in grades} == final
    assert [row["passed"] for row in grades] == ["yes", "no", "no"]
    assert {one["student"]: one["final"] for one in json.loads((tmp_path / "grades.json").read_text())} == final
    for name, points in final.items():
        assert json.loads((tmp_path / f"gradescope/{name}.laplacian.json").read_text())["score"] == points
        assert f"Laplacian: {points} of {ALL} points" in Reader((tmp_path / f"students/{name}.html").read_text()).text
    top = ElementTree.fromstring((tmp_path / "junit.xml").read_text())
    assert {one.get("name"): (one.get("failures"), one.get("errors")) for one in top} == {
        "ann.laplacian": ("0", "0"),
        "bob.laplacian": ("1", "0"),
        "cyd.laplacian": ("0", "1"),
    }
    rows = parsed((tmp_path / "canvas_laplacian.csv").read_text())
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "HW (9)"]
    assert rows[1:] == [["    Points Possible", "", "", "", "", str(ALL)], ["Ann", "47", "", "", "", str(ALL)]]
    assert parsed((tmp_path / "mistakes.csv").read_text())[1:] == [["laplacian", "laplacian5", "1", "Look at h."]]


def test_page_for_all_names_nobody():
    records = class_of(ann_a=attempted(), bob_b=attempted("failed", "Look at h.", laplacian5=0))
    counted = standings(records, Policy(), roster=[Person("ann_a", "Ann Name")])
    with_names = Reader(class_page(counted, records, Policy(), remarks=["bob_b was late"])).text
    without = Reader(class_page(counted, records, Policy(), names=False)).text
    assert "Look at h." in without
    for name in ("ann_a", "Ann Name", "bob_b"):
        assert name not in without
    assert "Ann Name" in with_names
    assert "bob_b" in with_names


def test_student_page_has_the_reason_hint_lateness_and_what_was_decided_by_hand():
    record = class_of(ann=attempted("failed", "Look at h.", "2 of 11 cases pass.", laplacian5=0))[0]
    policy = Policy(datetime(2026, 11, 19, 23, tzinfo=UTC), late_per_day=0.5, pass_mark=0.9)
    given = [Override("ann", "laplacian", "laplacian5", 4, "half right", "Prof. X")]
    counted = standings([record], policy, overrides=given)
    text = Reader(student_page(counted, record, policy)).text
    points = ALL - MOST["laplacian5"] + 4
    for said in (
        "2 of 11 cases pass.",
        "Look at h.",
        "By hand (Prof. X): half right",
        "Not passed: 36 points are needed.",
    ):
        assert said in text
    assert f"1 day late: {points / 2:g} of {points} points count." in text
    assert "Isolation level 3; inputs drawn from secret s" in text


def test_class_page_counts_mistakes_and_kinds():
    wrong = attempted("failed", "Look at h.", laplacian5=0)
    records = class_of(a=wrong, b=wrong, c=attempted("failed", laplacian5=0), d=attempted("timed out", laplacian5=0))
    counted = standings(records, Policy())
    assert mistakes(counted, "laplacian5") == [("Look at h.", 2), ("", 1)]
    assert parsed(mistakes_table(counted))[2] == ["laplacian", "laplacian5", "1", "no known mistake"]
    text = class_page(counted, records, Policy())
    assert 'aria-label="laplacian5: 3 wrong, 1 did not run"' in text
    assert 'aria-label="Points: 30 to 35: 4"' in text


def test_class_without_anything_gradable_has_a_page():
    records = [StudentRecord("ann", (AttemptRecord(1, "x", problem="The file is empty."),))]
    text = Reader(class_page(standings(records, Policy()), records, Policy())).text
    assert "Nothing that could be graded" in text
    assert "The file is empty" in text
    assert "The file is empty." not in text  # a list of remarks, with semicolons between


def test_gradescope_file_has_only_the_documented_keys():
    found = results(standings(class_of(ann=attempted("failed", "Look.", laplacian5=0)), Policy())[0])
    keys = {"score", "output", "output_format", "visibility", "stdout_visibility", "tests", "extra_data"}
    assert set(found) == keys
    cell = {"name", "number", "score", "max_score", "status", "output", "output_format", "visibility"}
    assert all(set(one) == cell for one in found["tests"])
    assert [one["status"] for one in found["tests"]] == ["passed", "failed", "passed", "passed"]
    assert sum(one["score"] for one in found["tests"]) == found["score"]


def test_reports_of_students_who_are_gone_are_removed_and_unknown_times_named(tmp_path: Path):
    records = class_of(ann=attempted(), bob=attempted())
    policy = Policy(datetime(2026, 11, 21, tzinfo=UTC))
    write_reports(tmp_path, standings(records, policy), records, policy)
    undated = [StudentRecord("bob", (AttemptRecord(1, "a", "laplacian", exercises=attempted().exercises),))]
    said = write_reports(tmp_path, standings(undated, policy), undated, policy)
    assert [path.name for path in (tmp_path / "students").iterdir()] == ["bob.html"]
    assert [path.name for path in (tmp_path / "gradescope").iterdir()] == ["bob.laplacian.json"]
    assert said[0] == "When it was handed in is not known, so taken as in time: bob."


def run(*arguments: str | Path) -> int:
    return commands.main(list(map(str, arguments)))


def scores(out: Path) -> Mapping[str, float]:
    return {row["student"]: float(row["final"]) for row in table_of(out)}


def test_sample_class_is_graded_by_one_command(tmp_path: Path):
    out = tmp_path / "report"
    line = [sys.executable, "-m", "coursekit", "grade", "docs/sample_class", "--out", str(out)]
    done = subprocess.run(
        [*line, "--secret", str(tmp_path / "s")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "10 of 10\n10 graded in " in done.stdout
    assert scores(out) == {
        "amara": 40,
        "bilal": 10,
        "chen": 20,
        "dilys": 20,
        "emeka": 18,
        "fatima": 0,
        "goran": 40,
        "hana": 18,
        "ilse": 0,
        "jonas": 8,
    }
    text = Reader((out / "index.html").read_text()).text
    assert "laplacian5: bilal, fatima wrote the same wrong answer" in text
    equal = parsed((out / "equal.csv").read_text())
    assert [row[1:5:2] + row[4:] for row in equal[1:3]] == [
        ["laplacian5", "yes", "no", "bilal fatima"],
        ["laplacian5", "no", "no", "amara dilys goran"],
    ]
    assert "'(' was never closed" in Reader((out / "students" / "dilys.html").read_text()).text
    assert "took too long" in Reader((out / "students" / "emeka.html").read_text()).text
    assert "library version is not available in grading" in Reader((out / "students" / "hana.html").read_text()).text


def test_sample_class_is_in_the_text_that_shows_it():
    assert len(list((ROOT / "docs" / "sample_class").iterdir())) == 10


def test_command_grades_with_roster_rules_and_corrections_and_keeps_what_is_graded(tmp_path: Path, capsys):
    small_class(tmp_path / "class")
    (tmp_path / "roster.csv").write_text("folder,name,id\nann,Ann,1\nzoe,Zoe,2\n")
    (tmp_path / "policy.toml").write_text("pass_mark = 0.5\n")
    (tmp_path / "by_hand.csv").write_text(
        "student,topic,exercise,points,reason,by\nbob,laplacian,laplacian5,5,on paper,me\n"
    )
    line = ["grade", tmp_path / "class", "--out", tmp_path / "out", "--secret", tmp_path / "s", "--jobs", 1]
    assert run(*line) == command.DONE
    line += ["--roster", tmp_path / "roster.csv", "--policy", tmp_path / "policy.toml"]
    assert run(*line, "--overrides", tmp_path / "by_hand.csv") == command.DONE
    assert "0 graded in " in capsys.readouterr().out
    bob = MOST["heat_dt_max"] + 5
    assert scores(tmp_path / "out") == {"ann": ALL, "bob": bob, "cyd": MOST["laplacian5"], "dan": 0, "zoe": 0}


def test_dry_run_runs_nothing(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setattr("coursekit.grading.sandbox.Sandbox", None)  # would fail
    small_class(tmp_path / "class")
    assert run("grade", tmp_path / "class", "--out", tmp_path / "out", "--secret", tmp_path / "s", "--dry-run") == 0
    assert capsys.readouterr().out.splitlines() == [
        "ann: ann/lec07_laplacian.ipynb: laplacian, attempt 1",
        "bob: bob/lec07_laplacian.ipynb: laplacian, attempt 1",
        "cyd: cyd/lec07_laplacian.ipynb: laplacian, attempt 1",
        "dan: dan/lec07_laplacian.ipynb: The file is empty.",
        "4 students; nothing was run.",
    ]
    assert not (tmp_path / "out").exists()


def test_level_1_is_refused_unless_accepted(tmp_path: Path, capsys):
    small_class(tmp_path / "class")
    shutil.rmtree(tmp_path / "class" / "ann")
    line = ["grade", tmp_path / "class", "--out", tmp_path / "out", "--secret", tmp_path / "s", "--level", 1]
    assert run(*line) == command.UNSAFE
    assert "not enough for a grade of record" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert run(*line, "--accept-unsafe") == command.DONE
    assert "Isolation level 1;" in Reader((tmp_path / "out" / "index.html").read_text()).text


def test_machine_that_cannot_grade_is_said(tmp_path: Path, capsys, monkeypatch):
    def refused(level: int | None) -> Sandbox:
        raise SandboxError("this needs Linux")

    monkeypatch.setattr("coursekit.grading.sandbox.Sandbox", refused)
    small_class(tmp_path / "class")
    assert run("grade", tmp_path / "class", "--out", tmp_path / "out", "--secret", tmp_path / "s") == command.UNSAFE
    assert capsys.readouterr().err == "coursekit grade: this needs Linux\n"


def test_submission_that_the_grader_fails_on_makes_the_command_fail(tmp_path: Path, capsys, monkeypatch):
    def broken(*arguments: object) -> None:
        raise SandboxError("out of\x1b[2J order")

    monkeypatch.setattr("coursekit.grading.batch.grade_source", broken)
    small_class(tmp_path / "class")
    assert run("grade", tmp_path / "class", "--out", tmp_path / "out", "--secret", tmp_path / "s") == command.FAILED
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "NOT GRADED ann: SandboxError: out of [2J order"
    assert len(said) == 3, "the empty file needs no sandbox"
    assert scores(tmp_path / "out") == {"dan": 0}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--topic", "secret"], "no exercises for 'secret'"),
        (["--roster", "nowhere.csv"], "there is no file nowhere.csv"),
        (["--jobs", "-1"], "--jobs must be >= 0, got -1"),
        (["--seed-of", "abc"], "has no secret abc; it has none"),
    ],
)
def test_wrong_use_is_said(more: list[str], said: str, tmp_path: Path, capsys):
    small_class(tmp_path / "class")
    line = ["grade", tmp_path / "class", "--out", tmp_path / "out", "--secret", tmp_path / "s"]
    assert run(*line, *more) == command.USAGE
    assert said in capsys.readouterr().err


def test_secret_command_rotates_restores_and_shows_no_secret(tmp_path: Path, capsys, monkeypatch):
    path = tmp_path / "s"
    assert run("secret", "--secret", path) == 0
    assert run("secret", "--secret", path, "--rotate") == 0
    old, new = read_secrets(path)
    kept = Secret(bytes(32))
    monkeypatch.setattr("sys.stdin", io.StringIO(kept.value.hex() + "\n"))
    capsys.readouterr()
    assert run("secret", "--secret", path, "--restore") == 0
    said = capsys.readouterr().out
    assert said.splitlines()[2:] == [f"  {old.identity}", f"  {new.identity}", f"  {kept.identity}  counts now"]
    assert not [one for one in (old, new, kept) if one.value.hex() in said]
    small_class(tmp_path / "class")
    run("grade", tmp_path / "class", "--out", tmp_path / "out", "--secret", path, "--seed-of", old.identity)
    assert json.loads((tmp_path / "out/records/ann.json").read_text())["seed"] == old.identity


def test_interrupted_command_says_so_by_its_status_and_goes_on_later(tmp_path: Path):
    small_class(tmp_path / "class")
    for i in range(12):
        (tmp_path / "class" / f"s{i}").mkdir()
        (tmp_path / "class" / f"s{i}" / "a.ipynb").write_text(document(IMPORTS, HEAT, f"x = {i}"))
    line = ["grade", str(tmp_path / "class"), "--out", str(tmp_path / "out"), "--secret", str(tmp_path / "s")]
    process = subprocess.Popen(
        [sys.executable, "-m", "coursekit", *line, "--jobs", "1"], cwd=ROOT, stdout=subprocess.PIPE
    )
    while process.poll() is None and len(list((tmp_path / "out").glob("records/*.json"))) < 2:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == command.INTERRUPTED
    assert 2 <= len(list((tmp_path / "out").glob("records/*.json"))) < 16
    assert run(*line) == command.DONE
    assert sum(scores(tmp_path / "out").values()) == ALL + 13 * MOST["heat_dt_max"] + MOST["laplacian5"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere():
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        for done in range(1, 41):
            command.progress(stream)(done, 40)
    assert terminal.getvalue().endswith(f"\r[{'#' * 30}] 40 of 40\n")
    assert f"\r[{'#' * 15}{'.' * 15}] 20 of 40\r" in terminal.getvalue()
    assert file.getvalue().splitlines() == [f"{n} of 40" for n in range(4, 41, 4)]
