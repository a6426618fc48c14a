"""How far a training is: a bar that redraws itself for a reader, plain lines for a log.

In a notebook at the budget "ci" nothing is shown: that is the run whose outputs are stored, and compared to the
letter with every later run, and seconds are never the same. At the other budgets the bar is one display that is
updated in place, which needs no widget and survives in whatever front end shows HTML. In a terminal the bar is
redrawn on stderr; where stderr is a file or a pipe there is one line for each tenth.
"""

import sys
import time
from collections.abc import Callable
from html import escape
from typing import Any

from coursekit.training.budget import budget

__all__ = ["Progress"]

SECONDS_BETWEEN = 0.25
WIDTH = 30


class Progress:
    """Shows how many steps of a training are done.

    Parameters
    ----------
    label : str              what is trained
    total : int              the number of steps, at least 1
    done : int               steps that a checkpoint has brought along
    shown : bool             False to show nothing at all
    clock : callable         seconds, for the tests
    """

    def __init__(
        self,
        label: str,
        total: int,
        *,
        done: int = 0,
        shown: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.label, self.total, self.first, self.clock = label, total, done, clock
        self.start = self.last = clock()
        self.tenth = 10 * done // total
        self.place = place() if shown else "nowhere"
        self.handle: Any = None

    def due(self, done: int) -> bool:
        """Say whether it is time to show something; looking at the losses costs a GPU a wait, so not each step."""
        if self.place == "nowhere":
            return False
        if self.place == "log":
            return 10 * done // self.total > self.tenth
        return done == self.total or self.clock() - self.last >= SECONDS_BETWEEN

    def show(self, done: int, losses: dict[str, float]) -> None:
        """Show the state after `done` steps."""
        self.last, self.tenth = self.clock(), 10 * done // self.total
        text = self.text(done, losses)
        if self.place == "notebook":
            self.redraw(done, text)
        elif self.place == "terminal":
            full = WIDTH * done // self.total
            sys.stderr.write(f"\r\x1b[K{'█' * full}{'░' * (WIDTH - full)} {text}")
            sys.stderr.flush()
        else:
            sys.stderr.write(f"{text}\n")

    def close(self) -> None:
        """Leave the line of the bar, so that what comes next begins a new one."""
        if self.place == "terminal" and self.last != self.start:
            sys.stderr.write("\n")
            sys.stderr.flush()

    def text(self, done: int, losses: dict[str, float]) -> str:
        """Return the state in words: steps, losses, seconds gone and to come."""
        gone = self.last - self.start
        left = gone * (self.total - done) / max(done - self.first, 1)
        told = "".join(f", {name} {value:.4g}" for name, value in losses.items())
        time_told = f"{gone:.0f} s" + (f", {left:.0f} s to go" if done < self.total else "")
        return f"{self.label + ': ' if self.label else ''}{done} of {self.total} steps{told}, {time_told}"

    def redraw(self, done: int, text: str) -> None:
        """Show an HTML progress element, or change the one that is there."""
        from IPython.display import HTML, display

        bar = HTML(f'<progress value="{done}" max="{self.total}"></progress> {escape(text)}')
        if self.handle is None:
            self.handle = display(bar, display_id=True)
        else:
            self.handle.update(bar)


def place() -> str:
    """Say where progress is to be shown: "notebook", "terminal", "log" or "nowhere"."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(shell, "kernel", None) is not None:
        return "nowhere" if budget() == "ci" else "notebook"
    return "terminal" if sys.stderr.isatty() else "log"
