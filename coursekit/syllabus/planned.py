"""The table of all lectures and labs: the only place where their numbers, needs and parts stand."""

from dataclasses import dataclass

__all__ = ["NAMED", "PARTS", "PLANNED", "Planned"]


@dataclass(frozen=True)
class Planned:
    """One notebook of the syllabus.

    Attributes
    ----------
    kind : str               "lecture" or "lab"
    number : int             >= 1, counted within the kind
    slug : str               unique in the course
    name : str               what a reader who does not know the course would call the topic
    minutes : int            reading and exercises together, as planned
    needs : tuple of str     the slugs that come before it
    part : str               one of `PARTS`
    """

    kind: str
    number: int
    slug: str
    name: str
    minutes: int
    needs: tuple[str, ...]
    part: str

    @property
    def stem(self) -> str:
        """The notebook's file name without its ending."""
        return f"{self.kind[:3]}{self.number:02d}_{self.slug}"

    @property
    def folder(self) -> str:
        """The folder of the notebook."""
        return f"{self.kind}s"

    @property
    def module(self) -> str:
        """The module that belongs to the notebook."""
        return f"coursekit.{self.slug}" if self.kind == "lecture" else f"coursekit.deep.{self.slug}"


# slug, name, minutes, needs; the order gives the number
_LECTURES = {
    "I Estimating": (
        ("standard_error", "standard error", 60, ""),
        ("roc", "ROC curves", 70, "standard_error"),
        ("stein_shrinkage", "Stein shrinkage", 75, "standard_error"),
        ("double_descent", "double descent", 75, "standard_error"),
        ("kalman", "Kalman filter", 80, "standard_error double_descent"),
        ("compound_interest", "compound interest", 30, ""),
    ),
    "II Operators and kernels": (
        ("laplacian", "Laplacian", 65, ""),
        ("bump_functions", "bump functions", 45, ""),
        ("edge_preserving", "edge-preserving filters", 75, "laplacian"),
        ("sinkhorn", "Sinkhorn balancing", 70, "edge_preserving"),
        ("kernel_map", "kernels and MAP", 60, "stein_shrinkage sinkhorn"),
        ("brenier", "Brenier's factorisation", 60, "sinkhorn"),
        ("iterated_maps", "iterated maps", 50, ""),
    ),
    "III Imaging": (
        ("resolution", "resolution", 60, "standard_error"),
        ("subpixel_shift", "sub-pixel shift", 50, "laplacian"),
        ("motion_blur", "motion blur", 65, "resolution"),
        ("multiframe_sr", "multi-frame super-resolution", 75, "resolution subpixel_shift"),
        ("lithography", "lithography", 50, "laplacian resolution"),
    ),
    "IV Priors": (
        ("transforms", "transforms", 75, "bump_functions"),
        ("sparse_coding", "sparse coding", 80, "stein_shrinkage transforms"),
        ("low_rank", "low rank", 65, "double_descent sparse_coding"),
        ("phase_retrieval", "phase retrieval", 60, "transforms"),
        ("fractal_compression", "fractal compression", 50, "iterated_maps transforms"),
    ),
    "V From regression to sampling": (("regress_or_sample", "regress or sample", 60, "stein_shrinkage kernel_map"),),
}
_LABS = {
    "Labs, in PyTorch": (
        ("restoration_bench", "restoration bench", 75, "edge_preserving transforms"),
        ("cnn_sr", "super-resolution with CNNs", 100, "restoration_bench"),
        ("style_transfer", "style transfer", 75, "cnn_sr"),
        ("segmentation", "segmentation", 90, "roc cnn_sr"),
        ("auto_correction", "automatic correction", 60, "cnn_sr"),
        ("pr_dad", "phase retrieval with learned codes", 100, "transforms phase_retrieval vae"),
        ("pixel_rnn", "PixelRNN", 90, "regress_or_sample"),
        ("flows", "normalising flows", 80, "pixel_rnn"),
        ("gan", "GAN", 100, "regress_or_sample"),
        ("vae", "VAE", 90, "regress_or_sample"),
        ("vq_vae", "VQ-VAE", 90, "pixel_rnn vae"),
        ("conditional_gan", "conditional GAN", 90, "gan"),
        ("srgan_pulse", "SRGAN and PULSE", 90, "cnn_sr gan"),
        ("vit", "vision transformer", 90, "cnn_sr"),
        ("diffusion", "diffusion", 120, "stein_shrinkage kernel_map regress_or_sample"),
        ("wavelet_score", "wavelet scores", 100, "transforms diffusion"),
        ("latent_diffusion", "latent diffusion", 100, "vae diffusion"),
        ("masked_models", "masked models", 90, "vq_vae vit latent_diffusion"),
    )
}


def _table() -> dict[str, Planned]:
    """Return the rows by slug, numbered."""
    found: dict[str, Planned] = {}
    for kind, parts in (("lecture", _LECTURES), ("lab", _LABS)):
        rows = [(part, *row) for part, listed in parts.items() for row in listed]
        for number, (part, slug, name, minutes, needs) in enumerate(rows, start=1):
            found[slug] = Planned(kind, number, slug, name, minutes, tuple(needs.split()), part)
    return found


PLANNED: dict[str, Planned] = _table()
"""Slug to row, lectures first, in the order of the numbers."""

PARTS: tuple[str, ...] = (*_LECTURES, *_LABS)
"""The headings of the syllabus, in order."""

NAMED: frozenset[str] = frozenset(
    {"standard_error", "roc", "stein_shrinkage", "double_descent", "kalman", "laplacian", "sinkhorn", "motion_blur"}
    | {"gan", "diffusion"}
)
"""The ten notebooks whose exercises carry 40 points; those of the others carry 20."""
