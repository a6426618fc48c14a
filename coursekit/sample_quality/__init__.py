"""How good are samples: distances, coverage and copying, always beside the floor that real data reach."""

from coursekit.sample_quality.distances import frechet_distance, gaussian_frechet_distance, kernel_distance
from coursekit.sample_quality.features import DescribeResult, describe
from coursekit.sample_quality.neighbours import (
    PrecisionRecallResult,
    label_counts,
    label_entropy,
    neighbour_ratio,
    precision_recall,
)
from coursekit.sample_quality.report import QualityReport, QualityRow, quality_report

__all__ = [
    "DescribeResult",
    "PrecisionRecallResult",
    "QualityReport",
    "QualityRow",
    "describe",
    "frechet_distance",
    "gaussian_frechet_distance",
    "kernel_distance",
    "label_counts",
    "label_entropy",
    "neighbour_ratio",
    "precision_recall",
    "quality_report",
]
