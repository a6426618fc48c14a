"""Laws of the networks: shapes, a start at zero, what the output depends on, one batch learnt by heart."""

import pytest
import torch
from torch import Tensor, nn

from coursekit import denoising
from coursekit.denoising.networks import ResidualBlock, TimeEmbedding
from coursekit.training import Player, adamw, fit, seed_all


def woken(network: nn.Module, seed: int = 0) -> nn.Module:
    """Return the network with random weights where it starts from zeros."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.1 * torch.randn(weight.shape, generator=generator))
    return network.eval()


def batch(*shape: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(4)
    return torch.randn(*shape, generator=generator), torch.rand(shape[0], generator=generator)


@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        ({"width": 16, "n_levels": 2}, (3, 1, 8, 8)),
        ({"width": 8, "n_levels": 3, "channels": 3}, (2, 3, 32, 32)),
        ({"width": 8, "n_levels": 1, "channels": 2}, (5, 2, 7, 3)),
        ({"width": 8, "n_levels": 3}, (2, 1, 4, 12)),
    ],
)
def test_unet_keeps_the_shape_and_starts_at_zero(settings, shape):
    x, time = batch(*shape)
    network = denoising.UNet(**settings)
    assert network(x, time).shape == shape
    assert torch.equal(network(x, time), torch.zeros(shape) + network.leave[-1].bias[:, None, None])
    assert not torch.equal(woken(network)(x, time), torch.zeros(shape))


def test_unet_of_the_lab_has_its_size():
    assert sum(weight.numel() for weight in denoising.UNet(16, 2, 1, 10).parameters()) == 104_001


def test_unet_samples_do_not_see_each_other():
    network = woken(denoising.UNet(8, 2, 1, 4))
    x, time = batch(5, 1, 8, 4)
    labels = torch.tensor([0, 1, 2, 3, 4])
    whole = network(x, time, labels)
    alone = torch.cat([network(x[i : i + 1], time[i : i + 1], labels[i : i + 1]) for i in range(5)])
    assert torch.allclose(whole, alone, rtol=0, atol=1e-4)  # float32: some thousand products of order one


@pytest.mark.parametrize("what", ["image", "time", "label"])
def test_unet_reads_image_time_and_label(what):
    network = woken(denoising.UNet(8, 2, 1, 4))
    x, time = batch(3, 1, 8, 8)
    labels = torch.tensor([0, 1, 2])
    changed = {
        "image": (x + 0.1, time, labels),
        "time": (x, time * 0.9, labels),
        "label": (x, time, labels + 1),
    }[what]
    difference = (network(*changed) - network(x, time, labels)).abs().amax(dim=(1, 2, 3))
    assert bool((difference > 1e-3).all())


def test_unet_without_labels_is_the_extra_class():
    network = woken(denoising.UNet(8, 2, 1, 4))
    x, time = batch(3, 1, 8, 8)
    assert torch.equal(network(x, time), network(x, time, torch.full((3,), 4)))


def test_unet_skips_carry_the_finest_detail():
    # With the coarse path cut, the image at full size reaches the output through the skip connection alone.
    network = woken(denoising.UNet(8, 2))
    network.middle.register_forward_hook(lambda module, inputs, output: torch.zeros_like(output))
    x, time = batch(1, 1, 8, 8)
    checkerboard = torch.tensor([[1.0, -1.0], [-1.0, 1.0]]).repeat(4, 4)
    assert (network(x + checkerboard, time) - network(x, time)).abs().max() > 0.01


def test_unet_reaches_every_weight():
    network = woken(denoising.UNet(8, 3, 1, 4)).train()
    x, time = batch(6, 1, 8, 8)
    network(x, time, torch.tensor([0, 1, 2, 3, 4, 0])).square().mean().backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()] == []


def test_residual_block_starts_as_its_shortcut():
    block = ResidualBlock(8, 8, 16)
    x, _ = batch(2, 8, 3, 5)
    bias = block.second.bias[:, None, None]
    assert torch.allclose(block(x, torch.ones(2, 16)), x + bias, rtol=0, atol=1e-6)  # x once, float32


def test_time_embedding_tells_times_apart():
    embedding = TimeEmbedding(16)
    vectors = embedding(torch.linspace(0, 1, 11))
    assert vectors.shape == (11, 16)
    assert torch.pdist(vectors).min() > 1e-3


def test_unet_learns_one_batch_by_heart():
    generator = seed_all(0, n_threads=1)
    network = denoising.UNet(8, 2)
    x0 = torch.sign(torch.randn(2, 1, 8, 8, generator=generator))
    sigma, noise = torch.tensor([0.5, 2.0]), torch.randn(2, 1, 8, 8, generator=generator)

    def loss(network: nn.Module, generator: torch.Generator) -> Tensor:
        return denoising.denoising_loss(network, x0, sigma, noise, "v")

    history = fit(Player(network, loss, adamw(network, 3e-3)), 150, generator=generator, progress=False).history["loss"]
    # It starts at zero, so at the target's own mean square.
    target = denoising.denoising_loss(lambda x, time, labels: torch.zeros_like(x), x0, sigma, noise, "v").item()
    assert history[0] == pytest.approx(target, rel=0.2)  # the last convolution's bias is random
    assert history[-1] < history[0] / 50


def test_unet_in_half_precision_is_near_single():
    network = woken(denoising.UNet(16, 3, 3))
    x, time = batch(2, 3, 32, 32)
    full = network(x, time)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = network(x, time)
    # bfloat16 keeps eight bits; some ten layers.
    assert (half.float() - full).norm() < 10 * 2**-8 * full.norm()


def test_noisy_classifier_shape_and_dependence():
    network = woken(denoising.NoisyClassifier(10, width=8))
    x, time = batch(3, 1, 8, 8)
    logits = network(x, time)
    assert logits.shape == (3, 10)
    assert bool(((network(x, time * 0.5) - logits).abs().amax(1) > 1e-4).all())
    assert bool(((network(x + 0.5, time) - logits).abs().amax(1) > 1e-4).all())


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: denoising.UNet(12), ValueError, "width must be a multiple of 8, got 12"),
        (lambda: denoising.UNet(8, 0), ValueError, "n_levels must be at least 1, got 0"),
        (lambda: denoising.UNet(8, 2, 0), ValueError, "channels must be at least 1, got 0"),
        (lambda: denoising.UNet(8, 2)(*batch(2, 1, 7, 8)), ValueError, r"divisible by 2, got \(2, 1, 7, 8\)"),
        (lambda: denoising.UNet(8, 2)(*batch(2, 3, 8, 8)), ValueError, r"x must be \(n, 1, H, W\)"),
        (
            lambda: denoising.UNet(8, 2)(*batch(2, 1, 8, 8), torch.tensor([0, 1])),
            ValueError,
            "labels must be None for a network without classes",
        ),
        (lambda: denoising.NoisyClassifier(1), ValueError, "n_classes must be at least 2, got 1"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
