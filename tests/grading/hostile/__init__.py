"""Submissions that want points for wrong code, or want something else: the self-test of our own sandbox.

Texts, never imported or run outside of the sandbox. Each is the cell of one exercise, `laplacian5`, and is
wrong as an answer. What must hold after each: no point for it, nothing changed outside, and the honest work
beside it graded right. `@HOME@` and the like are filled in by the test (see `world.py`).
"""

from tests.grading.hostile import escaping, exhausting, forging, patching, reading
from tests.grading.hostile.bank import Hostile

__all__ = ["BANK", "Hostile"]

BANK: tuple[Hostile, ...] = (*reading.BANK, *patching.BANK, *forging.BANK, *exhausting.BANK, *escaping.BANK)
