"""Denoisers behind one interface, D(x, sigma) -> the expected clean data; their training, and samplers."""

from coursekit.denoising.bits import bit_belief, bit_loss
from coursekit.denoising.denoisers import (
    TARGETS,
    classifier_guided,
    denoiser,
    guided,
    mixture_denoiser,
    preconditioning,
    sigma_at,
    time_at,
)
from coursekit.denoising.losses import (
    batch_loss,
    class_log_prob,
    classifier_loss,
    denoising_loss,
    stratified_sigmas,
)
from coursekit.denoising.networks import NoisyClassifier, UNet
from coursekit.denoising.samplers import ancestral, cosine_sigmas, dpmpp_2m, euler, heun, karras_sigmas

__all__ = [
    "TARGETS",
    "NoisyClassifier",
    "UNet",
    "ancestral",
    "batch_loss",
    "bit_belief",
    "bit_loss",
    "class_log_prob",
    "classifier_guided",
    "classifier_loss",
    "cosine_sigmas",
    "denoiser",
    "denoising_loss",
    "dpmpp_2m",
    "euler",
    "guided",
    "heun",
    "karras_sigmas",
    "mixture_denoiser",
    "preconditioning",
    "sigma_at",
    "stratified_sigmas",
    "time_at",
]
