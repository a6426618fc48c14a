"""JUnit XML, which CI systems show: a suite for each student and topic, a case for each exercise."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from coursekit.grading.policy import Standing

__all__ = ["suites"]

# What no XML may hold, however it is escaped.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def suites(standings: Sequence[Standing]) -> str:
    """Return the document.

    Parameters
    ----------
    standings : sequence         what counts

    Returns
    -------
    str                          XML; an exercise that earned less than all its points is a failure
    """
    top = ElementTree.Element("testsuites", name="coursekit")
    for one in standings:
        suite = ElementTree.SubElement(top, "testsuite", name=clean(f"{one.student}.{one.topic}"))
        found = one.attempt.exercises if one.attempt else ()
        failures = 0
        for each in found:
            name = f"{one.topic}.{each.name}"
            case = ElementTree.SubElement(suite, "testcase", classname=clean(one.student), name=name)
            if one.points_of(each.name) < each.most:
                failures += 1
                failure = ElementTree.SubElement(case, "failure", type=each.status, message=clean(each.reason))
                failure.text = clean(each.hint)
        if not found:
            case = ElementTree.SubElement(suite, "testcase", classname=clean(one.student), name="notebook")
            ElementTree.SubElement(case, "error", type="nothing to grade", message=clean(one.problem))
        suite.set("tests", str(max(1, len(found))))
        suite.set("failures", str(failures))
        suite.set("errors", str(int(not found)))
    ElementTree.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(top, encoding="unicode") + "\n"


def clean(text: str) -> str:
    """Return a text that XML can hold."""
    return FORBIDDEN.sub("\ufffd", text)
