"""The small shared part of the labs: budgets, seeds, one training loop, averages, checkpoints, several GPUs.

`chosen` and `device` say how much to compute and where, `seed_all` where the random numbers come from, `fit` trains
one `Player` or several.
"""

from coursekit.training.averaging import EMA
from coursekit.training.budget import budget, chosen, device
from coursekit.training.checkpoints import load_checkpoint, save_checkpoint
from coursekit.training.fitting import FitResult, fit
from coursekit.training.players import Player
from coursekit.training.schedules import warmup, warmup_cosine
from coursekit.training.seeds import seed_all
from coursekit.training.speed import adamw, fast_dtype, pays, placed

__all__ = [
    "EMA",
    "FitResult",
    "Player",
    "adamw",
    "budget",
    "chosen",
    "device",
    "fast_dtype",
    "fit",
    "load_checkpoint",
    "pays",
    "placed",
    "save_checkpoint",
    "seed_all",
    "warmup",
    "warmup_cosine",
]
