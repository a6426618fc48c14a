"""The syllabus: what is planned, in one table, and what of it is built, read from the notebooks themselves."""

from coursekit.syllabus.built import Entry, read_syllabus
from coursekit.syllabus.planned import NAMED, PARTS, PLANNED, Planned

__all__ = ["NAMED", "PARTS", "PLANNED", "Entry", "Planned", "read_syllabus"]
