"""The self-check: right answers pass, wrong ones are named, and no student function, however odd, breaks it."""

import functools
import signal
import subprocess
import sys
import threading
import warnings
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy import sparse

from coursekit import laplacian
from coursekit.checking import Case, Checker, Exercise, Mistake, Outcome, checker, difference, judge, run_case
from coursekit.checking.comparing import Other, clue, plain, shown
from coursekit.checking.report import Report
from coursekit.checking.running import given, same, time_limit

# One small exercise: rows of u times w, over h.


def scaled(u, w, h=1.0):
    """Return u * w / h."""
    return u * w / h


def draw(rng):
    return {"u": rng.normal(size=(3, 2)), "w": rng.normal(size=2), "h": rng.uniform(0.5, 2.0)}


def forgot_h(u, w, h=1.0):
    return u * w


def times_h(u, w, h=1.0):
    return u * w * h


def unstable(u, w, h=1.0):
    return u * w / h + np.where(np.abs(u) > 1, np.nan, 1.0)


def loop(u, w, h=1.0):
    return np.array([[x * y / h for x, y in zip(row, w, strict=True)] for row in u])


EXERCISE = Exercise(
    scaled,
    points=5,
    draw=draw,
    edges={
        "ones": {"u": np.ones((4, 3)), "w": np.ones(3)},
        "grid of 2": {"u": np.arange(6.0).reshape(2, 3), "w": np.array([1.0, 2.0, 3.0]), "h": 2.0},
    },
    mistakes=(
        Mistake(forgot_h, "Where is h?"),
        Mistake(times_h, "Which way does h go?"),
        Mistake(unstable, "One too many.", on=("ones",)),
    ),
    alternatives=(loop,),
)
CHECK = checker(EXERCISE)
IMPATIENT = checker(replace(EXERCISE, time_limit=0.3))


def student(body, name="scaled"):
    """Return a student's function of the right name and parameters that does `body(u, w, h)`."""

    def function(u, w, h=1.0):
        return body(u, w, h)

    function.__name__ = name
    function.__module__ = "__main__"
    return function


def verdict_on(function, exercise=EXERCISE):
    cases = exercise.public_cases()
    return judge(exercise, cases, [run_case(function, case, exercise.time_limit) for case in cases])


class Page(HTMLParser):
    """Collects what a browser would make of a report."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts = set(), set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.texts.append(data)


def assert_both_forms_are_sound(report):
    """Hold that the HTML form has our tags only, and the same words as the plain text."""
    page = Page(report._repr_html_())
    assert page.tags <= {"div", "p", "strong", "table", "tbody", "tr", "th", "td", "dl", "dt", "dd"}
    assert page.attributes <= {"role", "style", "scope"}
    words = "".join(page.texts)
    for text in [report.title, report.advice, *(part for pair in (*report.rows, *report.notes) for part in pair)]:
        assert text in words
        assert text.partition("\n")[0] in str(report)
    assert "\x1b" not in str(report)
    assert str(report).encode()  # no lone surrogates: it can be saved


# Right answers


RIGHT = {
    "the formula": lambda u, w, h: u * w / h,
    "a nested list": lambda u, w, h: (u * w / h).tolist(),
    "a nested tuple": lambda u, w, h: tuple(map(tuple, u * w / h)),
    "single precision": lambda u, w, h: u.astype(np.float32) * w.astype(np.float32) / np.float32(h),
    "long double": lambda u, w, h: u.astype(np.longdouble) * w / h,
    "a matrix": lambda u, w, h: np.asmatrix(u * w / h),
    "a masked array": lambda u, w, h: np.ma.masked_array(u * w / h),
    "column order": lambda u, w, h: np.asfortranarray(u * w / h),
    "read-only": lambda u, w, h: np.broadcast_to(u * w / h, u.shape),
    "last digit": lambda u, w, h: u * w / h * (1 + 4e-16),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_check_accepts_right_answers(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # numpy's, about matrices
        report = CHECK(student(RIGHT[kind]))
    assert report.passed, str(report)
    assert str(report) == "scaled: all 5 public cases pass (5 points). Grading draws others."
    assert_both_forms_are_sound(report)


def test_check_accepts_a_callable_object():
    class Scaled:
        __name__ = "scaled"

        def __call__(self, u, w, h=1.0):
            return u * w / h

    assert CHECK(Scaled()).passed


def test_check_accepts_a_reused_buffer():
    buffers = {}

    def body(u, w, h):
        out = buffers.setdefault(u.shape, np.zeros(u.shape))
        np.multiply(u, w / h, out=out)
        return out

    assert CHECK(student(body)).passed


def test_check_is_not_fooled_by_a_reused_buffer():
    out = np.zeros((3, 2))
    outcomes = []
    for value in (1.0, 2.0):
        case = Case("x", {"v": value})
        outcomes.append(run_case(lambda v: np.copyto(out, v) or out, case, 1.0))
    np.testing.assert_array_equal(outcomes[0].value, np.ones((3, 2)))


# The stub


def test_check_untouched_stub_is_not_attempted():
    def scaled(u, w, h=1.0):
        raise NotImplementedError

    report = CHECK(scaled)
    assert (report.passed, str(report)) == (False, "scaled: not attempted yet (5 points)")
    assert_both_forms_are_sound(report)
    assert not verdict_on(scaled).attempted
    assert verdict_on(scaled).n_passed == 0


def test_check_half_a_stub_is_attempted():
    def body(u, w, h):
        if h != 1:
            raise NotImplementedError("later")
        return u * w

    report = CHECK(student(body))
    assert report.title == "scaled: 1 of 5 public cases pass (5 points)"
    assert ("grid of 2", "raised NotImplementedError: later") in report.rows
    assert ("not run", "the 3 cases after 'grid of 2'") in report.notes
    assert report.advice == ""  # nothing is known about the cases that were not run


# Wrong answers


@pytest.mark.parametrize("mistake", EXERCISE.mistakes, ids=lambda mistake: mistake.function.__name__)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_check_names_the_mistake(mistake):
    report = CHECK(student(mistake.function))
    assert not report.passed
    assert report.advice == f"Hint: {mistake.hint}"
    assert_both_forms_are_sound(report)


def test_check_shows_the_first_difference():
    report = CHECK(student(forgot_h))
    assert report.title == "scaled: 1 of 5 public cases pass (5 points)"
    assert report.rows[0] == ("ones", "passes")
    assert report.rows[1] == ("grid of 2", "off by 7.5 at [1, 2]: got 15, expected 7.5 (5 of 6 entries differ)")
    notes = dict(report.notes)
    assert notes["Look at 'grid of 2'"] == "u = [[0., 1., 2.],\n [3., 4., 5.]], w = [1., 2., 3.], h = 2"
    assert notes["you returned"] == "[[ 0.,  2.,  6.],\n [ 3.,  8., 15.]]"
    assert notes["expected"] == "[[0. , 1. , 3. ],\n [1.5, 4. , 7.5]]"
    np.testing.assert_array_equal(report.inputs["u"], np.arange(6.0).reshape(2, 3))
    assert "  ✗ grid of 2  off by 7.5" in str(report)


def test_check_gives_a_clue_for_an_unknown_mistake():
    assert CHECK(student(lambda u, w, h: -3 * u * w / h)).advice == (
        "Clue: your result is -3 times the expected one, in every failing case."
    )


def test_check_points_at_the_only_failing_case():
    report = CHECK(student(lambda u, w, h: u * w / h + (h == 2) * np.sin(u)))
    assert report.advice == "Clue: every other case passes. What is special about 'grid of 2'?"


def test_check_says_where_the_difference_is_when_it_cannot_be_seen():
    report = CHECK(student(lambda u, w, h: u * w / h + 1e-8 * (h == 2)))
    notes = dict(report.notes)
    assert notes["expected"] == notes["you returned"] + "   (what differs is in the table above)"
    assert dict(report.rows)["grid of 2"].startswith("off by 1e-08 at [0, 0]: got 1e-08, expected 0")


def test_check_changed_input_is_named_even_if_the_result_is_right():
    def body(u, w, h):
        u *= w
        u /= h
        return u

    report = CHECK(student(body))
    assert not report.passed
    assert report.rows[1] == ("grid of 2", "changed its input u: work on a copy")
    assert report.advice == ""
    # Our own inputs are untouched.
    np.testing.assert_array_equal(EXERCISE.edges["grid of 2"]["u"], np.arange(6.0).reshape(2, 3))


def test_check_mistake_is_named_through_a_changed_input():
    def body(u, w, h):
        u *= w
        return u

    assert CHECK(student(body)).advice == "Hint: Where is h?"


def test_mistake_tried_on_no_case_is_not_named():
    # The first case stops the run, so the case on which the mistake could be told is missing.
    exercise = Exercise(
        scaled, 5, draw, EXERCISE.edges, (Mistake(times_h, "never", on=("grid of 2",)),), time_limit=0.1
    )

    def endless(u, w, h):
        while True:
            pass

    report = checker(exercise)(student(endless))
    assert report.rows == (
        ("ones", "raised TimeoutError: still running after 0.1 s: is there a loop that does not end?"),
    )
    assert report.advice == ""


# Odd functions: (what it does, what the first row says)


class Hostile:
    """Raises whenever it is looked at."""

    def refuse(self, *args, **kwargs):
        raise RuntimeError("do not look at me")

    __array__ = __repr__ = __str__ = __eq__ = __bool__ = __len__ = __iter__ = __getattr__ = __hash__ = refuse


class AlwaysEqual(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class BadList(list):
    def __iter__(self):
        raise RuntimeError("no iteration")


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no message either")

    def __bool__(self):
        return False


def raising(error):
    def body(u, w, h):
        raise error

    return body


def swallow_everything(u, w, h):
    while True:
        try:
            while True:
                pass
        except Exception:
            continue


def endless_iterator(u, w, h):
    class Endless(list):
        def __iter__(self):
            while True:
                yield 1.0

    class Rows(Endless):
        def __iter__(self):
            yield from iter(lambda: None, 0)

    return Rows([1])


def self_containing(u, w, h):
    rows = []
    rows.append(rows)
    return rows


def recursive(u, w, h):
    return recursive(u, w, h)


ODD = {
    "nothing": (lambda u, w, h: None, "nothing was returned: is the return statement missing?"),
    "an integer": (lambda u, w, h: 3, "shape () where (4, 3) is expected"),
    "a huge integer": (lambda u, w, h: 10**400, "an int where an array is expected"),
    "a string": (lambda u, w, h: "12", "a string where an array is expected"),
    "a dictionary": (lambda u, w, h: {"u": u}, "a dict where an array is expected"),
    "a generator": (lambda u, w, h: (x for x in u), "a generator where an array is expected"),
    "a function": (lambda u, w, h: np.sin, "a ufunc where an array is expected"),
    "a type": (lambda u, w, h: np.ndarray, "a type where an array is expected"),
    "the Ellipsis": (lambda u, w, h: ..., "an ellipsis where an array is expected"),
    "a sparse array": (lambda u, w, h: sparse.csr_array(u), "a csr_array where an array is expected"),
    "objects": (lambda u, w, h: u.astype(object), "an array of dtype object where an array is expected"),
    "strings": (lambda u, w, h: u.astype(str), "an array of dtype <U32 where an array is expected"),
    "dates": (lambda u, w, h: u.astype("M8[s]"), "an array of dtype datetime64[s] where an array is expected"),
    "ragged rows": (lambda u, w, h: [[1.0], [1.0, 2.0]], "a list where an array is expected"),
    "two values": (lambda u, w, h: (u * w, h), "a tuple where an array is expected"),
    "complex": (lambda u, w, h: u * w / h + 0j, "complex numbers where real ones are expected"),
    "booleans": (lambda u, w, h: u > 0, "dtype bool where float64 is expected"),
    "transposed": (lambda u, w, h: (u * w / h).T, "shape (3, 4) where (4, 3) is expected"),
    "an axis more": (lambda u, w, h: (u * w / h)[None], "shape (1, 4, 3) where (4, 3) is expected"),
    "empty": (lambda u, w, h: [], "shape (0,) where (4, 3) is expected"),
    "NaN": (lambda u, w, h: u * np.nan, "not the same at [0, 0]: got nan, expected 1 (12 of 12 entries differ)"),
    "infinite": (lambda u, w, h: u * np.inf, "not the same at [0, 0]: got inf, expected 1 (12 of 12 entries differ)"),
    "a hostile object": (lambda u, w, h: Hostile(), "a Hostile where an array is expected"),
    "hostile objects": (lambda u, w, h: [Hostile(), Hostile()], "a list where an array is expected"),
    "a list that will not be read": (lambda u, w, h: BadList([1.0]), "raised RuntimeError: no iteration"),
    "a list that holds itself": (self_containing, "raised RecursionError: maximum recursion depth exceeded"),
    "a list without an end": (endless_iterator, "raised TimeoutError: still running after 0.3 s"),
    "an error": (raising(ValueError("what?")), "raised ValueError: what?"),
    "an error without a message": (raising(ValueError()), "raised ValueError"),
    "an error of many lines": (raising(ValueError("\n one\x1b[2J\r\ntwo")), "raised ValueError: one [2J"),
    "a long error": (raising(ValueError("x" * 999)), "raised ValueError: " + "x" * 197 + "..."),
    "a lone surrogate": (raising(ValueError("\ud800!")), "raised ValueError: !"),
    "an error that fails": (raising(Silent()), "raised Silent"),
    "exit": (raising(SystemExit(0)), "raised SystemExit: 0"),
    "quit": (lambda u, w, h: quit(), "raised SystemExit"),
    "GeneratorExit": (raising(GeneratorExit()), "raised GeneratorExit"),
    "BaseException": (raising(BaseException("base")), "raised BaseException: base"),
    "StopIteration": (raising(StopIteration(3)), "raised StopIteration: 3"),
    "a failed assertion": (raising(AssertionError()), "raised AssertionError"),
    "MemoryError": (raising(MemoryError()), "raised MemoryError"),
    "recursion": (recursive, "raised RecursionError: maximum recursion depth exceeded"),
    "an endless loop that swallows": (swallow_everything, "raised TimeoutError: still running after 0.3 s"),
    "markup": (
        raising(ValueError("<script>alert('x')</script>&amp;")),
        "raised ValueError: <script>alert('x')</script>&amp;",
    ),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_check_survives(kind):
    body, expected = ODD[kind]
    # Only for what has no end is the limit short: a busy machine must not make the others late.
    check = IMPATIENT if "still running" in expected else CHECK
    report = check(student(body))
    assert not report.passed
    label, text = report.rows[0]
    assert (label, text[: len(expected)]) == ("ones", expected)
    assert_both_forms_are_sound(report)
    assert str(check(student(body))) == str(report)  # no address, no timing


def test_check_does_not_believe_a_string_that_equals_everything():
    def kind(u):
        """Return the kind."""
        return "ball"

    exercise = Exercise(kind, 1, lambda rng: {"u": rng.normal()}, {"x": {"u": 1.0}}, ())

    def answer(u):
        return AlwaysEqual("sphere")

    answer.__name__ = "kind"
    report = checker(exercise)(answer)
    assert not report.passed
    assert report.rows[0] == ("x", "got 'sphere', expected 'ball'")


def test_check_lets_the_stop_button_through():
    with pytest.raises(KeyboardInterrupt):
        CHECK(student(raising(KeyboardInterrupt())))


def test_check_is_safe_from_the_students_numpy_settings():
    def decay(u):
        """Return exp(-u), which underflows."""
        return np.exp(-u)

    def answer(u):
        np.seterr(all="raise")
        return np.zeros(3)

    answer.__name__ = "decay"
    exercise = Exercise(decay, 1, lambda rng: {"u": rng.uniform(700, 800, 3)}, {"x": {"u": np.full(3, 1e3)}}, ())
    with np.errstate():
        assert checker(exercise)(answer).passed


def test_check_prints_nothing(capfd):
    CHECK(student(forgot_h))
    CHECK(student(RIGHT["the formula"]))
    assert capfd.readouterr() == ("", "")


# What is not a submission


def test_check_refuses_what_is_not_a_function():
    assert CHECK(3.0).title == "check wants a function, not a float: write its name without parentheses, check(scaled)"
    assert "not an array: " in CHECK(np.ones(3)).title
    assert "not None: " in CHECK(None).title


def test_check_refuses_an_unknown_name():
    assert (
        CHECK(student(forgot_h, "scale")).title
        == "'scale' is not an exercise of this notebook; the exercises are scaled"
    )
    assert CHECK(lambda u: u).title.startswith("'<lambda>' is not an exercise")
    assert CHECK(functools.partial(scaled, h=1.0)).title.startswith("'partial' is not an exercise")


def test_check_refuses_the_library():
    report = checker(Exercise(laplacian.heat_dt_max, 8, draw, {}, ()))(laplacian.heat_dt_max)
    assert not report.passed
    assert report.title.startswith("heat_dt_max: this is the library's own function. Write yours")


def test_check_name_that_is_no_text():
    function = student(forgot_h)

    class Nameless:
        def __call__(self, u):
            return u

    nameless = Nameless()
    nameless.__name__ = ["scaled"]
    assert CHECK(nameless).title == "['scaled'] is not an exercise of this notebook; the exercises are scaled"
    function.__module__ = None
    assert CHECK(function).advice == "Hint: Where is h?"


class BadDefault:
    def __repr__(self):
        raise RuntimeError("no")


BAD_DEFAULT = BadDefault()


def accepts(u, w, h=2.0, *, extra=None):
    return u * w / h


def any_names(**inputs):
    return inputs["u"] * inputs["w"] / inputs.get("h", 1.0)


@pytest.mark.parametrize(
    ("function", "given"),
    [
        (lambda u, w: u, "(u, w)"),
        (lambda u, w, h: u, "(u, w, h)"),
        (lambda u, w, h=1.0, *, k: u, "(u, w, h=1.0, *, k)"),
        (lambda u, weights, h=1.0: u, "(u, weights, h=1.0)"),
        (lambda u, w, h=1.0, /: u, "(u, w, h=1.0, /)"),
        (lambda *inputs: 0, "(*inputs)"),
        (lambda image, h=BAD_DEFAULT: 0, "(image, h=a BadDefault)"),
    ],
)
def test_check_refuses_other_parameters(function, given):
    function.__name__ = "scaled"
    report = CHECK(function)
    assert report.title == f"scaled: the exercise asks for (u, w, h=1.0), your function takes {given}"
    assert_both_forms_are_sound(report)


def test_check_shows_no_annotations():
    def scaled(u: np.ndarray, w: "np.ndarray") -> float:
        return 0.0

    assert CHECK(scaled).title.endswith("your function takes (u, w)")


def test_check_refuses_a_builtin_without_parameters():
    class Opaque:
        __name__ = "scaled"
        __signature__ = "unreadable"

        def __call__(self, u, w, h=1.0):
            return u

    assert CHECK(Opaque()).title.endswith(
        "asks for a function written in Python, your function takes unknown arguments"
    )


def test_check_accepts_further_parameters():
    # Names as asked for, whatever else there is; another default is left to the case that leaves h out.
    for function, passed in [(accepts, False), (any_names, True)]:
        named = functools.wraps(function)(lambda *a, f=function, **k: f(*a, **k))
        named.__name__, named.__module__ = "scaled", "__main__"
        report = CHECK(named)
        assert report.passed == passed
        assert len(report.rows) == (0 if passed else 5)


# Both forms


def test_report_escapes_everything():
    nasty = "<img src=x onerror=alert(1)> & \"quotes\" 'too'"
    report = Report(
        title=nasty, advice=nasty, rows=((nasty, nasty), (nasty, "passes")), notes=((nasty, nasty + "\n" + nasty),)
    )
    page = Page(report._repr_html_())
    assert "img" not in page.tags
    assert page.attributes <= {"role", "style", "scope"}
    assert "".join(page.texts).count(nasty) == 8
    assert str(report).count(nasty) == 8


def test_report_of_a_function_named_in_markup():
    report = CHECK(student(forgot_h, "<b>scaled</b>"))
    assert report.title.startswith("'<b>scaled</b>' is not an exercise")
    assert_both_forms_are_sound(report)


def test_report_repr_is_the_plain_text():
    report = CHECK(student(forgot_h))
    assert repr(report) == str(report)
    assert str(report).splitlines()[0] == report.title


# Judging outcomes from elsewhere


def test_judge_outcomes_computed_elsewhere():
    cases = EXERCISE.public_cases()
    values = [scaled(**case.inputs) for case in cases]
    assert judge(EXERCISE, cases, [Outcome(value) for value in values]).passed
    values[1] = values[1] + 1
    verdict = judge(EXERCISE, cases, [Outcome(value) for value in values])
    assert (verdict.passed, verdict.n_passed, verdict.hint) == (False, 4, None)
    assert verdict.clue == "your result is the expected one plus 1, in every failing case"


def test_judge_no_case_proves_nothing():
    verdict = judge(EXERCISE, [], [])
    assert not verdict.passed


def test_judge_wants_an_outcome_for_each_case():
    with pytest.raises(ValueError, match="zip"):
        judge(EXERCISE, EXERCISE.public_cases(), [Outcome(1.0)])


def test_judge_blames_a_reference_that_fails():
    def broken(u):
        """Fail."""
        raise ZeroDivisionError

    exercise = Exercise(broken, 1, draw, {"one": {"u": 1.0}}, ())
    with pytest.raises(RuntimeError, match="the reference broken failed on 'one'"):
        judge(exercise, [Case("one", {"u": 1.0})], [Outcome(1.0)])


def test_judge_gives_no_clue_beside_an_error():
    cases = EXERCISE.public_cases()
    outcomes = [Outcome(-scaled(**case.inputs)) for case in cases]
    assert judge(EXERCISE, cases, outcomes).clue == "your result has the opposite sign in every failing case"
    outcomes[2] = Outcome(error=ValueError("x"))
    assert judge(EXERCISE, cases, outcomes).clue is None


def test_judge_recognises_a_mistake_that_raises():
    def strict(u, w, h=1.0):
        if h != 1:
            raise ValueError("h")
        return u * w

    exercise = Exercise(scaled, 5, draw, EXERCISE.edges, (Mistake(strict, "Every h is allowed."),))
    assert verdict_on(strict, exercise).hint == "Every h is allowed."
    assert verdict_on(forgot_h, exercise).hint is None


# Running


def test_run_case_passes_by_keyword_and_copies():
    case = Case("x", {"b": [1, [2.0]], "a": np.ones(2)})
    outcome = run_case(lambda a, b: b[1].append(3.0) or a, case, 1.0)
    assert outcome.changed == ("b",)
    assert case.inputs["b"] == [1, [2.0]]


def test_run_case_generator_may_be_drawn_from():
    case = Case("x", {"rng": np.random.default_rng(3)})
    first, second = (run_case(lambda rng: rng.normal(size=2), case, 1.0) for _ in range(2))
    assert first.changed == ()
    np.testing.assert_array_equal(first.value, second.value)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (np.ones(2), np.ones(2), True),
        (np.ones(2), np.ones((1, 2)), False),
        (np.array([np.nan]), np.array([np.nan]), True),
        (np.array(["a"]), np.array(["a"]), True),
        (np.array([1, 2]), np.array([1, 3]), False),
        (float("nan"), float("nan"), True),
        (1, 1.0, False),
        ((np.ones(2), [np.zeros(3)]), (np.ones(2), [np.zeros(3)]), True),
        ((np.ones(2), [np.zeros(3)]), (np.ones(2), [np.ones(3)]), False),
        ([1, 2], [1, 2, 3], False),
        ({"a": np.ones(2)}, {"a": np.ones(2)}, True),
        ({"a": np.ones(2)}, {"b": np.ones(2)}, False),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, False),
        (np.sin, np.sin, True),
    ],
)
def test_same_compares_inputs(a, b, expected):
    assert same(a, b) is expected


def test_time_limit_restores_handler_and_timer():
    before = signal.getsignal(signal.SIGALRM)
    for body in (lambda: None, lambda: 1 / 0, lambda: [None for _ in iter(int, 1)]):
        run_case(body, Case("x", {}), 0.05)
        assert signal.getsignal(signal.SIGALRM) is before
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_time_limit_raises():
    def endless():
        with time_limit(0.05):
            while True:
                pass

    with pytest.raises(TimeoutError, match=r"^still running after 0\.05 s: is there a loop that does not end\?$"):
        endless()


def test_run_case_works_off_the_main_thread():
    outcomes = []
    case = Case("x", {"u": 2.0})
    thread = threading.Thread(target=lambda: outcomes.append(run_case(lambda u: 3 * u, case, 1.0)))
    thread.start()
    thread.join()
    assert outcomes == [Outcome(6.0)]


# Comparing


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1, 1.0),
        (np.float32(1.00001), 1.0),
        (np.array(1.0), 1.0),
        (1.0, np.array(1)),
        ([1, 2], np.array([1.0, 2.0])),
        (np.array([1e-13, 1.0]), np.array([0.0, 1.0])),
        (np.array([np.nan, np.inf, -np.inf]), np.array([np.nan, np.inf, -np.inf])),
        (np.array([1.0, 2.0]), np.array([1.0, 2.0 + 0j])),
        (np.array([True, False]), np.array([True, False])),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        ([np.ones(2), 3.0], (np.ones(2), 3)),
        (((1.0, "ball"), 2.0), ((1.0, "ball"), 2.0)),
        ("ball", "ball"),
        (np.array([1e6, 1e-4]), np.array([1e6, 0.0])),  # small beside the largest
        (np.array([0.0, 9e-13]), np.zeros(2)),
    ],
)
def test_difference_accepts(got, expected):
    assert difference(got, expected, rtol=1e-9, atol=1e-12) is None


@pytest.mark.parametrize(
    ("got", "expected", "text"),
    [
        (1.5, 1.0, "off by 0.5: got 1.5, expected 1"),
        (np.float32(1.001), 1.0, "off by 0.001"),
        (np.array([1.0]), 1.0, "shape (1,) where a single number is expected"),
        (1.0, np.array([1.0]), "shape () where (1,) is expected"),
        (np.array([1.0, 2.0]), np.array([1.0, np.nan]), "not the same at [1]: got 2, expected nan (1 of 2 entries"),
        (np.array([1.0, np.inf]), np.array([1.0, -np.inf]), "not the same at [1]: got inf, expected -inf"),
        (np.array([0.0, 1e-11]), np.zeros(2), "off by 1e-11 at [1]: got 1e-11, expected 0"),
        (np.array([1.5e308, 0.0]), np.array([-1.5e308, 0.0]), "not the same at [0]: got 1.5e+308, expected -1.5e+308"),
        (np.array([3, 5]), np.array([3.0, 4.0]), "off by 1 at [1]: got 5, expected 4 (1 of 2 entries differ)"),
        (1 + 1j, 1.0, "complex numbers where real ones are expected"),
        (1 + 1j, 1 + 2j, "off by 1: got 1+1j, expected 1+2j"),
        (True, 1.0, "dtype bool where float64 is expected"),
        (1, np.True_, "dtype int64 where bool is expected"),
        (1.0, (1.0, 2.0), "a float where 2 values are expected: return them with a comma between"),
        (np.ones((2, 3)), (1.0, 1.0), "an array where 2 values are expected"),
        (None, (1.0, 1.0), "None where 2 values are expected"),
        ((1.0, 2.0, 3.0), (1.0, 2.0), "3 values where 2 are expected"),
        ((1.0, 2.5), (1.0, 2.0), "value 2 of 2: off by 0.5: got 2.5, expected 2"),
        ("Ball", "ball", "got 'Ball', expected 'ball'"),
        (3, "ball", "got 3, expected 'ball'"),
        (None, 1.0, "nothing was returned"),
        ("1", 1.0, "a string where a number is expected"),
        (Other("generator"), 1.0, "a generator where a number is expected"),
    ],
)
def test_difference_says_what(got, expected, text):
    found = difference(got, expected, rtol=1e-9, atol=1e-12)
    assert found is not None
    assert found.startswith(text)


def test_difference_tolerance_is_exactly_as_stated():
    expected = np.array([0.0, -8.0, np.inf])
    for factor, right in [(0.99, True), (1.01, False)]:
        got = expected + np.array([factor * (1e-6 * 8 + 1e-7), 0.0, 0.0])
        assert (difference(got, expected, rtol=1e-6, atol=1e-7) is None) == right


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-4), (np.float16, 2e-2), (np.complex64, 1e-4)])
def test_difference_tolerance_follows_the_precision(dtype, rtol):
    expected = np.array([1.0, 2.0], dtype=complex if dtype == np.complex64 else float)
    for factor, right in [(0.5, True), (2.0, False)]:
        got = (expected + np.array([0.0, factor * 2 * rtol])).astype(dtype)
        assert (difference(got, expected, rtol=1e-9, atol=0.0) is None) == right


def test_difference_without_tolerance_accepts_the_same():
    assert difference(np.array([0.1, 0.0]), np.array([0.1, 0.0]), rtol=0.0, atol=0.0) is None
    assert difference(0.1, np.nextafter(0.1, 1), rtol=0.0, atol=0.0) is not None


A = np.array([[1.0, -2.0, 3.5], [0.5, 4.0, -1.0], [2.0, 7.0, 0.25]])
P = np.abs(A)


@pytest.mark.parametrize(
    ("got", "want", "text"),
    [
        (0 * A, A, "your result is zero in every failing case"),
        (A * (1 + 1e-8), A, "your result is right to five digits or more"),
        (A * (1 + 9e-6 * (A > 0)), A, "your result is right to five digits or more"),
        (A * (1 + 2e-5), A, "your result is 1.00002 times the expected one"),
        (-A, A, "your result has the opposite sign in every failing case"),
        (A / 4, A, "your result is 0.25 times the expected one"),
        (A - 0.5, A, "your result is the expected one plus -0.5"),
        (A**2, A, "your result is the square of the expected one"),
        (np.sqrt(P), P, "your result is the square root of the expected one"),
        (1 / A, A, "your result is one over the expected one"),
        (A.T, A, "your result is transposed"),
        (A[0, ::-1], A[0], "your result is in reversed order"),
        (np.pad(A[1:-1, 1:-1], 1), A, "the interior is right, only the border differs"),
        (
            np.array([0.0, 2.0, 3.0, 0.0]),
            np.array([1.0, 2.0, 3.0, 4.0]),
            "the interior is right, only the border differs",
        ),
        (A[:, None], A, "the numbers may be right, but there is an axis too many or too few"),
        (np.where(A > 4, np.nan, A), A, "there is a NaN in your result"),
        (np.array([2.0, 6.0]), np.array([1.0, 3.0]), "your result is 2 times the expected one"),
        (np.array([0.0, 2.0, 3.0]), np.array([0.0, 4.0, 9.0]), "your result is the square root of the expected one"),
    ],
)
def test_clue_names_the_pattern(got, want, text):
    found = clue([(got, want), (got, want)])
    assert found is not None
    assert found.startswith(text)


def test_clue_of_one_pair_is_enough():
    assert clue([(np.array([2.0, 6.0]), np.array([1.0, 3.0]))]).startswith("your result is 2 times")
    # One case in which anything is NaN, or an axis is lost, spoils the numbers of the others.
    assert clue([(A, 2 * A), (A * np.nan, A)]).startswith("there is a NaN in some of your wrong results, not in all:")
    assert clue([(A * np.nan, A), (A * np.nan, A)]).startswith("there is a NaN in your result:")
    assert clue([(A[None], A), (2 * A, A)]).startswith("the numbers may be right, but there is an axis too many")


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [(A + np.sin(A), A)],
        [(-A, A), (2 * A, A)],  # not the same in both
        [(A.T, A), (A + np.sin(A), A)],
        [(A.T, A), (A[:2] + np.sin(A[:2]), A[:2])],
        [(A[None], A), (A[:2], A)],
        [(np.pad(A[1:-1, 1:-1], 1), A), (A[:2] + np.sin(A[:2]), A[:2])],
        [(-A, A), ("a", "b")],
        [(2 * A * (1 + 3e-6 * (A > 0)), A)],  # almost twice, but not to seven digits
        [(np.array([1.0, np.inf]), np.array([2.0, 3.0]))],
        [(np.array([1.0, np.nan]), np.array([2.0, np.nan]))],
        [(np.array([1.0, 5.0]), np.array([1.0, -4.0]))],
        [(np.array([1.0, 2.0]), np.array([0.0, 0.5]))],
        [(np.array([1e-300, 7.0]), np.array([1e300, 3.0]))],
        [(3.0, 2.0)],  # one number proves no pattern
        [(A[:2], A)],
        [(A > 0, A > 1)],
        [("a", "b")],
        [((1.0, 2.0), (2.0, 1.0))],
        [(A, np.full(A.shape, np.inf))],
        [(None, A)],
    ],
)
def test_clue_keeps_silent(pairs):
    assert clue(pairs) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (2 / 3, "0.666667"),
        (np.True_, "True"),
        (np.uint64(2**64 - 1), "18446744073709551615"),
        (1 + 2j, "1+2j"),
        (None, "None"),
        ("a'b\n", '"a\'b\\n"'),
        ("x" * 78, "'" + "x" * 78 + "'"),
        ("x" * 79, "'" + "x" * 76 + "..."),
        ((1, "a", None), "(1, 'a', None)"),
        ([[1.0], [2.0, 3.0]], "[[1.], [2., 3.]]"),
        (np.arange(3), "[0, 1, 2]"),
        (np.array([2 / 3, 1e-9, -1.0]), "[ 0.66667,  0.     , -1.     ]"),
        (np.arange(25) * 1000, "[" + ", ".join(f"{1000 * i:5}" for i in range(25)) + "]"),
        (np.arange(26), "array of shape (26,), starting 0, 1, 2, 3, 4, 5, ..."),
        (np.arange(30) > 3, "array of shape (30,), starting False, False, False, False, True, True, ..."),
        (np.arange(30), "array of shape (30,), starting 0, 1, 2, 3, 4, 5, ..."),
        (np.array([]), "[]"),
        (np.sin, "sin"),
        (object(), "an object"),
        (Other("generator"), "a generator"),
        (np.random.default_rng(0), "a Generator"),
        (tuple(range(1000)), "(" + ", ".join(map(str, range(1000)))[:297] + "...)"),
    ],
)
def test_shown_is_short_and_without_addresses(value, text):
    assert shown(value) == text


def test_plain_keeps_what_can_be_compared():
    u = np.array([[1.0, 2.0]])
    value = plain((u, ["a", None, 1, np.float32(2)], {"x": 1}))
    np.testing.assert_array_equal(value[0], u)
    assert not np.shares_memory(value[0], u)
    assert value[1:] == (["a", None, 1, np.float32(2)], Other("dict"))
    assert type(plain(AlwaysEqual("a"))) is str


def test_plain_reads_tensors():
    class Tensor:
        """What a torch tensor offers."""

        def detach(self):
            return self

        def cpu(self):
            return self

        def numpy(self):
            return np.arange(3.0)

    np.testing.assert_array_equal(plain(Tensor()), np.arange(3.0))


# Specifications


def test_exercise_is_named_after_its_reference():
    exercise = Exercise(laplacian.heat_dt_max, 8, draw, {}, ())
    assert (exercise.name, exercise.slug) == ("heat_dt_max", "laplacian")
    assert isinstance(checker(exercise), Checker)
    assert list(checker(exercise).exercises) == ["heat_dt_max"]


def test_exercise_public_cases_are_always_the_same():
    one, other = EXERCISE.public_cases(), EXERCISE.public_cases()
    assert [case.label for case in one] == ["ones", "grid of 2", "random 1", "random 2", "random 3"]
    for a, b in zip(one, other, strict=True):
        assert same(dict(a.inputs), dict(b.inputs))
    assert not np.array_equal(one[2].inputs["u"], one[3].inputs["u"])


def test_exercise_graded_cases_come_from_the_generator():
    first, again, other = (EXERCISE.graded_cases(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert len(first) == 2 + EXERCISE.n_graded
    assert same(dict(first[-1].inputs), dict(again[-1].inputs))
    assert not same(dict(first[-1].inputs), dict(other[-1].inputs))
    public = {float(case.inputs["h"]) for case in EXERCISE.public_cases()[2:]}
    assert public.isdisjoint(float(case.inputs["h"]) for case in first[2:])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x: (x, x), "value 1 of 2 is right; value 2: your result is 0.5 times the expected one"),
        (lambda x: (x + 1.0, 2 * x), "value 2 of 2 is right; value 1: your result is the expected one plus 1"),
        (lambda x: (x, 2 * x + np.arange(x.size) ** 2), "value 1 of 2 is right; value 2 is not"),
    ],
)
def test_clue_looks_at_each_of_several_values(answer, words):
    inputs = [np.array([1.0, 2.5, -3.0]), np.array([0.5, 4.0])]
    assert str(clue([(answer(x), (x, 2 * x)) for x in inputs])).startswith(words)


def test_difference_takes_an_array_for_several_numbers():
    assert difference(np.array([1.0, 2.0]), (1.0, 2.0), rtol=1e-9, atol=0) is None
    assert difference(np.array([1.0, 2.0]), (1.0, np.ones(2)), rtol=1e-9, atol=0) is not None


def test_difference_shows_the_digits_that_differ():
    said = difference(1.00000012345678, 1.0, rtol=1e-9, atol=0)
    assert said == "off by 1.23e-07: got 1.00000012345678, expected 1"


# Exercises on tensors: cases hold arrays, the function is handed tensors and may return either.


def decayed(x, w, k=0.5):
    """Return sqrt(x) w1 + w2, and the sum of x times k."""
    first, second = w
    return x.sqrt() * first + second, x.sum() * k


decayed.__module__ = "coursekit.deep.demo"  # where the references on tensors are


def draw_tensors(rng):
    return {"x": rng.uniform(1, 2, size=(3, 2)), "w": (rng.normal(size=2), np.array(0.5)), "k": rng.normal()}


def without_root(x, w, k=0.5):
    return x * w[0] + w[1], x.sum() * k


def as_arrays(x, w, k=0.5):
    x, first, second = (np.asarray(one) for one in (x, *w))
    return np.sqrt(x) * first + second, x.sum() * k


ON_TENSORS = Exercise(
    decayed,
    points=5,
    draw=draw_tensors,
    edges={"k left out": {"x": np.ones((2, 5)), "w": (np.ones(5), np.array(3.0))}},
    mistakes=(Mistake(without_root, "Which power of x?"),),
    alternatives=(as_arrays,),
)


@pytest.mark.parametrize("function", [decayed, as_arrays, lambda x, w, k=0.5: decayed(x.requires_grad_(), w, k)])
def test_exercise_on_tensors_accepts_tensors_and_arrays(function):
    assert verdict_on(function, ON_TENSORS).problems == (None,) * 4


def test_exercise_on_tensors_names_the_mistake_and_hands_out_tensors():
    import torch

    def mine(x, w, k=0.5):
        assert isinstance(x, torch.Tensor)
        assert isinstance(w[1], torch.Tensor)
        assert type(k) is float
        return without_root(x, w, k)

    mine.__name__, mine.__module__ = "decayed", "__main__"
    report = checker(ON_TENSORS)(mine)
    assert report.advice == "Hint: Which power of x?"
    assert "tensor" not in str(report)  # inputs and values are shown as numbers
    assert torch.equal(report.inputs["x"].sqrt(), report.inputs["x"] ** 0.5)


def test_exercise_on_tensors_notices_a_changed_input():
    def mine(x, w, k=0.5):
        x += 1
        return decayed(x - 1, w, k)

    problems = verdict_on(mine, ON_TENSORS).problems
    assert set(problems) == {"changed its input x: work on a copy"}
    assert (ON_TENSORS.public_cases()[0].inputs["x"] == 1).all()


def test_given_is_a_copy_with_tensors_for_arrays():
    import torch
    inputs = {"x": np.arange(3.0), "pair": (np.ones(2, bool), "a"), "k": np.float64(2.0), "n": 3}
    got = given(Case("a", inputs, tensors=True))
    assert [type(got[name]) for name in ("x", "k", "n")] == [torch.Tensor, float, int]
    assert (got["pair"][0].dtype, got["pair"][1]) == (torch.bool, "a")
    got["x"][0] = 7.0
    assert inputs["x"][0] == 0
    assert type(given(Case("a", inputs))["x"]) is np.ndarray


def test_checking_imports_no_torch_for_an_exercise_on_arrays():
    program = (
        "import sys, numpy as np\nfrom coursekit.exercises.laplacian import check\n"
        "def heat_dt_max(*args, **kwargs): return 1.0\n"
        "print(check(heat_dt_max).title)\nassert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout[:11]) == (0, "heat_dt_max"), done.stderr
