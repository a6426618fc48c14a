"""Files from which a training goes on as if it had not stopped."""

import hashlib
import json
import os
import pickle
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

__all__ = ["load_checkpoint", "save_checkpoint"]

FORMAT = 1


def save_checkpoint(path: str | Path, state: Mapping[str, Any], config: Mapping[str, str]) -> None:
    """Write a checkpoint; whoever reads sees the old file or the new one, never a part.

    Parameters
    ----------
    path : str or Path       the folder is made if need be
    state : mapping          tensors, numbers, strings, and dicts, lists and tuples of them
    config : mapping         what the training was set to, setting -> value as text; its digest is stored too
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            whole = {"format": FORMAT, "digest": digest(config), "config": dict(config), "state": dict(state)}
            torch.save(whole, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def load_checkpoint(path: str | Path, config: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Read a checkpoint; only tensors and plain values are read, so a file from elsewhere cannot run code.

    Parameters
    ----------
    path : str or Path       where it lies
    config : mapping         what the training is set to now; None to take the file as it is

    Returns
    -------
    dict                     the `state` that was saved, its tensors on the CPU

    Raises
    ------
    FileNotFoundError        there is no such file
    ValueError               not a checkpoint, a damaged one, or one of a training with other settings (says which)
    """
    path = Path(path)
    try:
        whole = torch.load(path, map_location="cpu", weights_only=True)
        version, found, settings, state = (whole[key] for key in ("format", "digest", "config", "state"))
    except FileNotFoundError:
        raise
    except (RuntimeError, EOFError, OSError, KeyError, TypeError, ValueError, pickle.UnpicklingError) as error:
        raise ValueError(f"{path} is not a checkpoint, or a damaged one ({type(error).__name__})") from None
    if version != FORMAT:
        raise ValueError(f"{path} has format {version}, this version reads format {FORMAT}")
    if config is not None and found != digest(config):
        names = [key for key in sorted({*settings, *config}) if settings.get(key) != config.get(key)]
        told = "; ".join(f"{key}: {settings.get(key, 'none')} there, {config.get(key, 'none')} now" for key in names)
        raise ValueError(f"{path} is of a training with other settings ({told}): move it away, or set them back")
    return dict(state)


def digest(config: Mapping[str, str]) -> str:
    """Return a hash of the settings, the same on every machine."""
    return hashlib.sha256(json.dumps(dict(config), sort_keys=True).encode()).hexdigest()
