"""How much a lab may compute: three budgets that change sizes and numbers of steps, never the code path.

A budget is a number of steps and not a time: the same work takes ten times as long on a busy machine.
"""

import dataclasses
import os
from typing import Any, TypeVar

import torch

from coursekit.validation import one_of

__all__ = ["BUDGETS", "budget", "chosen", "device"]

BUDGETS = ("ci", "laptop", "gpu")
VARIABLE = "COURSEKIT_BUDGET"
Row = TypeVar("Row")


def budget() -> str:
    """Return the budget that the environment asks for, else the one that this machine suits.

    Returns
    -------
    str                      "ci" (what the tests compare), "laptop" (two cores, at most 10 minutes) or "gpu"

    Raises
    ------
    ValueError               COURSEKIT_BUDGET is something else
    """
    asked = os.environ.get(VARIABLE, "")
    if asked:
        return one_of(VARIABLE, asked, BUDGETS)
    return "gpu" if torch.cuda.is_available() else "laptop"


def device() -> torch.device:
    """Return where to compute: the CUDA device if there is one (under torchrun this process's own), else the CPU.

    The budget "ci" computes on the CPU everywhere, because its outputs are compared with stored ones.

    Returns
    -------
    torch.device             of type "cuda" or "cpu"

    Raises
    ------
    ValueError               COURSEKIT_BUDGET is not a budget
    """
    if budget() == "ci" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def chosen(*, ci: Row, laptop: Row, gpu: Row) -> Row:
    """Return the row of a table of sizes that belongs to the budget, and print it in one line.

    Parameters
    ----------
    ci : dataclass           sizes for the tests; a text field `expect` is printed last, as it is
    laptop : dataclass       sizes for two cores and at most ten minutes
    gpu : dataclass          sizes for a few minutes of one GPU

    Returns
    -------
    dataclass                the row itself

    Raises
    ------
    ValueError               COURSEKIT_BUDGET is not a budget
    TypeError                the rows are not of one dataclass
    """
    rows: dict[str, Any] = {"ci": ci, "laptop": laptop, "gpu": gpu}
    kinds = {type(row) for row in rows.values()}
    if len(kinds) > 1 or not dataclasses.is_dataclass(ci):
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise TypeError(f"ci, laptop and gpu must be rows of one dataclass, got {names}")
    name = budget()
    row = rows[name]
    sizes = {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    expect = sizes.pop("expect", "")
    text = f"Budget {name}: " + ", ".join(f"{key} {value}" for key, value in sizes.items())
    if name == "gpu" and not torch.cuda.is_available():
        expect = "there is no CUDA device here: this will take very long"
    print(text + (f"; {expect}" if expect else ""))
    return row  # type: ignore[no-any-return]
