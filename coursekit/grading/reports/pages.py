"""Static pages: one for the class, from which next week's lecture starts, and one for each student."""

from collections.abc import Sequence
from statistics import median

from coursekit.grading.catalogue import exercises_of
from coursekit.grading.policy import Policy, Standing
from coursekit.grading.reports.markup import Markup, page, tag
from coursekit.grading.reports.tables import mistakes, number, several
from coursekit.grading.results import ExerciseRecord, StudentRecord, file_name
from coursekit.grading.similarity import Twins

__all__ = ["class_page", "student_page"]

# Status on the page -> what it is called, and the statuses of a record that it stands for.
KINDS = {
    "good": ("right", ("passed",)),
    "bad": ("wrong", ("failed",)),
    "other": ("did not run", ("timed out", "out of memory", "crashed", "protocol")),
    "none": ("not written", ("not attempted", "missing", "")),
}
WORDS = {"passed": "right", "failed": "not yet right", "missing": "not found", "protocol": "could not be run"}
N_BINS = 8
WIDTH = 900


def kind(status: str) -> str:
    """Return how a status is shown."""
    return next(name for name, (_, statuses) in KINDS.items() if status in statuses)


def class_page(
    standings: Sequence[Standing],
    records: Sequence[StudentRecord],
    policy: Policy,
    equal: Sequence[Twins] = (),
    remarks: Sequence[str] = (),
    *,
    names: bool = True,
) -> str:
    """Return the page for the class.

    Parameters
    ----------
    standings : sequence         what counts
    records : sequence           for what they were graded with
    policy : Policy              the rules
    equal : sequence             answers that are the same
    remarks : sequence of str    what a person should look at
    names : bool                 False leaves out everything about single students, to be shown to all

    Returns
    -------
    str                          HTML
    """
    topics = sorted({one.topic for one in standings})
    body = [part for topic in topics for part in of_topic([one for one in standings if one.topic == topic], policy)]
    if names:
        body += [*to_look_at(equal, remarks), *table(standings)]
    title = " and ".join(heading(topic) for topic in topics if topic) or "Nothing that could be graded"
    return page(f"Class: {title}", *body, footer(records))


def heading(topic: str) -> str:
    """Return a topic's slug as words."""
    return topic.replace("_", " ").capitalize()


def of_topic(theirs: Sequence[Standing], policy: Policy) -> list[Markup]:
    """Return what is said of one topic: numbers, distribution, and exercise by exercise what went wrong."""
    topic, most = theirs[0].topic, theirs[0].most
    handed = [one for one in theirs if one.attempt]
    figures = [("students", str(len(theirs))), ("handed in", str(len(handed)))]
    if handed:
        figures.append(("median of those", f"{number(float(median(one.final for one in handed)))} of {most}"))
        figures.append(("all points", str(sum(one.final >= most for one in handed))))
    if policy.pass_mark is not None:
        n_passed = sum(bool(one.passed) for one in theirs)
        figures.append((f"passed ({policy.pass_mark:.0%})", f"{n_passed} of {len(theirs)}"))
    body = [
        tag("h1", heading(topic) or "Nothing that could be graded"),
        tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in figures], class_="figures"),
    ]
    if not handed or not topic:
        return body
    body += [tag("h2", "Points of those who handed in"), histogram([one.final for one in handed], most)]
    body += [tag("h2", "Exercises"), key()]
    for exercise in exercises_of(topic):
        statuses = [status_of(one, exercise.name) for one in handed]
        counts = {name: sum(kind(status) == name for status in statuses) for name in KINDS}
        label = tag("h3", tag("code", exercise.name), f" ({exercise.points} points)")
        body += [label, bar(counts, exercise.name), wrong(mistakes(handed, exercise.name))]
    return body


def status_of(one: Standing, exercise: str) -> str:
    """Return the status of one exercise in the attempt that counts."""
    found = one.attempt.exercises if one.attempt else ()
    return next((each.status for each in found if each.name == exercise), "")


def key() -> Markup:
    """Return the legend of the bars."""
    items = [tag("span", tag("i", class_=name), words) for name, (words, _) in KINDS.items()]
    return tag("p", items, class_="key")


def bar(counts: dict[str, int], label: str) -> Markup:
    """Return one bar with a part for each kind, its number inside where there is room."""
    total, x, parts = sum(counts.values()), 0.0, []
    for name, count in counts.items():
        width = WIDTH * count / total
        if count:
            parts.append(tag("rect", x=f"{x:.1f}", y=0, width=f"{max(0.0, width - 2):.1f}", height=24, class_=name))
            if width > 24:
                middle = f"{x + width / 2 - 1:.1f}"
                parts.append(tag("text", str(count), x=middle, y=17, text_anchor="middle", class_="on"))
        x += width
    said = ", ".join(f"{count} {KINDS[name][0]}" for name, count in counts.items() if count)
    return tag("svg", *parts, viewBox=f"0 0 {WIDTH} 24", role="img", aria_label=f"{label}: {said}")


def wrong(found: Sequence[tuple[str, int]]) -> Markup:
    """Return the mistakes that were recognised, the most frequent first."""
    unknown = "Wrong in a way that has no hint yet."
    rows = [tag("li", tag("b", f"{count} ×"), tag("span", hint or unknown)) for hint, count in found]
    return tag("ol", rows, class_="mistakes") if rows else Markup("")


def histogram(points: Sequence[float], most: int) -> Markup:
    """Return the distribution of points in eight bins; the last holds full points too."""
    edges = [most * i / N_BINS for i in range(N_BINS + 1)]
    counts = [0] * N_BINS
    for value in points:
        counts[min(N_BINS - 1, int(value / most * N_BINS + 1e-9))] += 1
    step, height, top = WIDTH / N_BINS, 120, 18
    parts = []
    for i, count in enumerate(counts):
        tall = height * count / max(counts)
        x = i * step
        if count:
            y = top + height - tall
            size = {"width": f"{step - 4:.1f}", "height": f"{tall:.1f}"}
            parts.append(tag("rect", x=f"{x + 2:.1f}", y=f"{y:.1f}", class_="bars", **size))
            parts.append(tag("text", str(count), x=f"{x + step / 2:.1f}", y=f"{y - 5:.1f}", text_anchor="middle"))
        anchor = "middle" if i else "start"
        parts.append(tag("text", number(edges[i]), x=f"{x:.1f}", y=top + height + 16, text_anchor=anchor))
    parts.append(tag("text", str(most), x=WIDTH, y=top + height + 16, text_anchor="end"))
    parts.append(tag("line", x1=0, x2=WIDTH, y1=top + height, y2=top + height, class_="axis"))
    said = ", ".join(
        f"{number(edges[i])} to {number(edges[i + 1])}: {count}" for i, count in enumerate(counts) if count
    )
    return tag("svg", *parts, viewBox=f"0 0 {WIDTH} {top + height + 24}", role="img", aria_label=f"Points: {said}")


def to_look_at(equal: Sequence[Twins], remarks: Sequence[str]) -> list[Markup]:
    """Return what a person has to judge."""
    rows = [tag("li", remark) for remark in remarks]
    for one in equal:
        who = several(one.students)
        said = (
            [f" wrote the same{' wrong answer' if one.wrong else ''}, up to names and layout"]
            if len(one.students) > 1
            else []
        )
        said += [" handed in the library's own code"] if one.reference else []
        rows.append(tag("li", f"{one.exercise}: {who}{' and'.join(said)} ({one.size} tokens)."))
    if not rows:
        return []
    note = "A hint to look, never a verdict: people learn together, and there may be few ways to write a formula."
    return [tag("h2", "For a person to judge"), tag("p", note, class_="soft") if equal else Markup(""), tag("ul", rows)]


def table(standings: Sequence[Standing]) -> list[Markup]:
    """Return the list of students."""
    head = tag("tr", tag("th", "student"), tag("th", "topic"), tag("th", "points", class_="n"), tag("th", "remarks"))
    rows = []
    for one in standings:
        remarks = [one.problem.rstrip(".")] if one.problem else []
        remarks += [f"{one.days_late} days late"] if one.days_late else []
        remarks += [f"attempt {one.attempt.attempt} of {one.n_attempts}"] if one.attempt and one.n_attempts > 1 else []
        remarks += [f"{each.exercise} by hand: {each.reason}" for each in one.overrides]
        remarks += ["not passed"] if one.passed is False else []
        link = tag("a", one.person.name or one.student, href=f"students/{file_name(one.student)}.html")
        points = f"{number(one.final)} / {one.most}"
        cells = [tag("td", link), tag("td", one.topic), tag("td", points, class_="n"), tag("td", "; ".join(remarks))]
        rows.append(tag("tr", cells))
    body = tag("table", tag("thead", head), tag("tbody", rows))
    return [tag("h2", "Students"), tag("div", body, class_="scroll")]


def student_page(theirs: Sequence[Standing], record: StudentRecord | None, policy: Policy) -> str:
    """Return the page for one student.

    Parameters
    ----------
    theirs : sequence            one student's, for each topic
    record : StudentRecord       for what it was graded with; None if nothing was handed in
    policy : Policy              the rules

    Returns
    -------
    str                          HTML; neither inputs drawn for grading nor other students are in it
    """
    name = theirs[0].person.name or theirs[0].student
    body = [part for one in theirs for part in for_student(one, policy)]
    return page(f"Feedback for {name}", tag("p", name, class_="soft"), *body, footer([record] if record else []))


def for_student(one: Standing, policy: Policy) -> list[Markup]:
    """Return the feedback on one topic."""
    body = [tag("h1", f"{heading(one.topic) or 'Your work'}: {number(one.final)} of {one.most} points")]
    lines = [one.problem] if one.problem else []
    if one.attempt:
        which = f", attempt {one.attempt.attempt} of {one.n_attempts}; the {policy.attempts} counts"
        lines.append(f"Graded: {one.attempt.file}{which if one.n_attempts > 1 else ''}.")
    if one.days_late:
        days = f"{one.days_late} day{'' if one.days_late == 1 else 's'} late"
        lines.append(f"{days}: {number(one.final)} of {number(one.points)} points count.")
    if one.passed is not None:
        needed = number((policy.pass_mark or 0) * one.most)
        lines.append("Passed." if one.passed else f"Not passed: {needed} points are needed.")
    body += [tag("p", line) for line in lines]
    for each in one.attempt.exercises if one.attempt else ():
        body.append(card(one, each))
    for given in one.overrides if not one.attempt else ():
        body.append(tag("p", f"{given.exercise}: {number(given.points)} points by hand ({given.by}): {given.reason}"))
    if one.attempt and one.attempt.notes:
        body += [tag("h2", "About your notebook"), tag("ul", [tag("li", note) for note in one.attempt.notes])]
    return body


def card(one: Standing, each: ExerciseRecord) -> Markup:
    """Return the feedback on one exercise."""
    points = tag("span", f"{number(one.points_of(each.name))} of {each.most}", class_="soft")
    title = tag("h3", tag("span", tag("code", each.name), f": {WORDS.get(each.status, each.status)}"), points)
    lines = [tag("p", each.reason)]
    if each.hint:
        lines.append(tag("p", tag("strong", "Hint: "), each.hint))
    for given in one.overrides:
        if given.exercise == each.name:
            lines.append(tag("p", tag("strong", "By hand "), f"({given.by}): {given.reason}"))
    return tag("section", title, *lines, class_=f"card {kind(each.status)}")


def footer(records: Sequence[StudentRecord]) -> Markup:
    """Return with what it was graded."""
    levels = sorted({record.level for record in records if record.level})
    seeds = sorted({record.seed for record in records if record.seed})
    known = [record.environment for record in records if record.environment]
    if not levels or not known:
        return tag("footer", "Nothing was run.")
    parts = [f"Isolation level {', '.join(map(str, levels))}", f"inputs drawn from secret {', '.join(seeds)}"]
    parts += [f"{name} {value}" for name, value in known[-1].items()]
    return tag("footer", "; ".join(parts) + ".")
