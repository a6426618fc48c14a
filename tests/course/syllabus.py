"""The final syllabus (numbers, slugs, what each notebook needs), and what of it is built."""

import importlib
from pathlib import Path

from coursekit.checking import Exercise

ROOT = Path(__file__).resolve().parents[2]

# slug -> what it needs, in the order of the numbers 1 to 24
LECTURES: dict[str, tuple[str, ...]] = {
    "standard_error": (),
    "roc": ("standard_error",),
    "stein_shrinkage": ("standard_error",),
    "double_descent": ("standard_error",),
    "kalman": ("standard_error", "double_descent"),
    "compound_interest": (),
    "laplacian": (),
    "bump_functions": (),
    "edge_preserving": ("laplacian",),
    "sinkhorn": ("edge_preserving",),
    "kernel_map": ("stein_shrinkage", "sinkhorn"),
    "brenier": ("sinkhorn",),
    "iterated_maps": (),
    "resolution": ("standard_error",),
    "subpixel_shift": ("laplacian",),
    "motion_blur": ("resolution",),
    "multiframe_sr": ("resolution", "subpixel_shift"),
    "lithography": ("laplacian", "resolution"),
    "transforms": ("bump_functions",),
    "sparse_coding": ("stein_shrinkage", "transforms"),
    "low_rank": ("double_descent", "sparse_coding"),
    "phase_retrieval": ("transforms",),
    "fractal_compression": ("iterated_maps", "transforms"),
    "regress_or_sample": ("stein_shrinkage", "kernel_map"),
}

# the same for the numbers 01 to 18
LABS: dict[str, tuple[str, ...]] = {
    "restoration_bench": ("edge_preserving", "transforms"),
    "cnn_sr": ("restoration_bench",),
    "style_transfer": ("cnn_sr",),
    "segmentation": ("roc", "cnn_sr"),
    "auto_correction": ("cnn_sr",),
    "pr_dad": ("transforms", "phase_retrieval", "vae"),
    "pixel_rnn": ("regress_or_sample",),
    "flows": ("pixel_rnn",),
    "gan": ("regress_or_sample",),
    "vae": ("regress_or_sample",),
    "vq_vae": ("pixel_rnn", "vae"),
    "conditional_gan": ("gan",),
    "srgan_pulse": ("cnn_sr", "gan"),
    "vit": ("cnn_sr",),
    "diffusion": ("stein_shrinkage", "kernel_map", "regress_or_sample"),
    "wavelet_score": ("transforms", "diffusion"),
    "latent_diffusion": ("vae", "diffusion"),
    "masked_models": ("vq_vae", "vit", "latent_diffusion"),
}

# The ten named notebooks carry 40 points, the others 20.
NAMED = frozenset(
    {"standard_error", "roc", "stein_shrinkage", "double_descent", "kalman", "laplacian", "sinkhorn", "motion_blur"}
    | {"gan", "diffusion"}
)


def stem(slug: str) -> str:
    """Return the file name of a notebook without its ending."""
    if slug in LECTURES:
        return f"lec{[*LECTURES].index(slug) + 1:02d}_{slug}"
    return f"lab{[*LABS].index(slug) + 1:02d}_{slug}"


def slug_of(path: Path) -> str:
    """Return the part of a notebook's file name after the number."""
    return path.stem.partition("_")[2]


def sources() -> list[Path]:
    """Return the percent texts of all notebooks; none at all is an error, or every rule would hold."""
    found = sorted([*ROOT.glob("lectures/*.py"), *ROOT.glob("labs/*.py")])
    if not found:
        raise RuntimeError("no notebook found in lectures or labs")
    return found


def topic_modules() -> list[str]:
    """Return the names of the modules that belong to a notebook each."""
    flat = [f"coursekit.{path.stem}" for path in sorted((ROOT / "coursekit").glob("*.py"))]
    deep = [f"coursekit.deep.{path.stem}" for path in sorted((ROOT / "coursekit" / "deep").glob("*.py"))]
    return [name for name in flat + deep if not name.endswith("__")]


def module_of(slug: str) -> str:
    """Return the name of the module that belongs to a notebook."""
    return f"coursekit.{slug}" if slug in LECTURES else f"coursekit.deep.{slug}"


def exercises() -> list[Exercise]:
    """Return every exercise of the course, from coursekit.exercises.*; none at all is an error."""
    names = [path.stem for path in sorted((ROOT / "coursekit" / "exercises").glob("*.py")) if path.stem != "__init__"]
    found = [exercise for name in names for exercise in exercises_of(name)]
    if not found:
        raise RuntimeError("no exercise found in coursekit/exercises")
    return found


def exercises_of(slug: str) -> list[Exercise]:
    """Return the exercises of one notebook, in its order."""
    return list(importlib.import_module(f"coursekit.exercises.{slug}").check.exercises.values())
