"""What the student reads: the same content as plain text and as HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from coursekit.checking.comparing import shown
from coursekit.checking.judging import Verdict
from coursekit.checking.running import Outcome, given
from coursekit.checking.specification import Case, Exercise

__all__ = ["Report"]


@dataclass(frozen=True)
class Report:
    """A title, the advice, one row for each case, and the first failing case in numbers.

    The notebook shows it as it is returned. `inputs` are those of the first failing case, so that a student can
    try `function(**report.inputs)`.
    """

    title: str
    passed: bool = False
    advice: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_verdict(
        cls, exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome], verdict: Verdict
    ) -> "Report":
        """Put a verdict into words."""
        name, n = exercise.name, len(exercise.edges) + exercise.n_public
        points = f"{exercise.points} points"
        if not verdict.attempted:
            return cls(title=f"{name}: not attempted yet ({points})")
        if verdict.passed:
            return cls(f"{name}: all {n} public cases pass ({points}). Grading draws others.", passed=True)
        rows = tuple(
            (case.label, "passes" if text is None else text.partition("\n")[0])
            for case, text in zip(cases, verdict.problems, strict=True)
        )
        first = next(i for i, text in enumerate(verdict.problems) if text)
        case, outcome = cases[first], outcomes[first]
        inputs = ", ".join(f"{key} = {shown(value)}" for key, value in case.inputs.items())
        notes = [(f"Look at '{case.label}'", inputs)]
        expected = shown(verdict.expected[first])
        if outcome.error is None:
            notes.append(("you returned", shown(outcome.value)))
            if shown(outcome.value) == expected and not outcome.changed:
                expected += "   (what differs is in the table above)"
        notes.append(("expected", expected))
        if len(cases) < n:
            notes.append(("not run", f"the {n - len(cases)} cases after '{cases[-1].label}'"))
        advice = ""
        if verdict.hint:
            advice = f"Hint: {verdict.hint}"
        elif verdict.clue:
            advice = f"Clue: {verdict.clue}."
        elif verdict.n_passed == n - 1 and n > 2:
            advice = f"Clue: every other case passes. What is special about '{case.label}'?"
        title = f"{name}: {verdict.n_passed} of {n} public cases pass ({points})"
        return cls(title, advice=advice, rows=rows, notes=tuple(notes), inputs=given(case))

    def __str__(self) -> str:
        """Return the plain text form."""
        width = max((len(label) for label, _ in self.rows), default=0)
        lines = [self.title, *([self.advice] if self.advice else [])]
        lines += [f"  {'✓' if text == 'passes' else '✗'} {label:<{width}}  {text}" for label, text in self.rows]
        for label, text in self.notes:
            indent = " " * (len(label) + 2)
            lines.append(f"{label}: " + text.replace("\n", "\n" + indent))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return the HTML form: inherits the page's colours, so that it reads in light and dark."""
        cell = 'style="text-align:left;padding:.15em .8em .15em 0;vertical-align:top"'
        rows = "".join(
            f'<tr><th scope="row" {cell}>{"✓" if text == "passes" else "✗"} {escape(label)}</th>'
            f"<td {cell}>{escape(text)}</td></tr>"
            for label, text in self.rows
        )
        table = f"<table><tbody>{rows}</tbody></table>" if rows else ""
        own_line = "width:auto;float:none"  # JupyterLab would set terms and values beside each other
        notes = "".join(
            f'<dt style="font-weight:bold;{own_line}">{escape(label)}</dt>'
            f'<dd style="margin:0 0 .4em 1.2em;{own_line};white-space:pre-wrap;font-family:monospace">'
            f"{escape(text)}</dd>"
            for label, text in self.notes
        )
        advice = f"<p>{escape(self.advice)}</p>" if self.advice else ""
        body = advice + table + (f"<dl>{notes}</dl>" if notes else "")
        return (
            '<div role="status" style="border-left:.3em solid currentColor;padding:.2em 0 .2em .8em">'
            f"<p><strong>{escape(self.title)}</strong></p>{body}</div>"
        )
