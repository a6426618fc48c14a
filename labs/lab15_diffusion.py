# ---
# jupyter:
#   coursekit:
#     slug: diffusion
#     title: Diffusion, from noise back to digits
#     question: Noise destroys a picture in a thousand small steps. Can the steps be taken back, to a picture that nobody has drawn?
#     objectives:
#     - compose all the steps of the forward process into one line, and take one step back by Bayes' rule
#     - sample a mixture with a perfect denoiser, and say what few steps cost
#     - train a small network whose samples are as near to real digits as other real digits are, and show that they are not copies
#     - compare training targets and samplers with one interface
#     - steer samples to a class, and say which density that does not sample
#     needs:
#     - stein_shrinkage
#     - kernel_map
#     - regress_or_sample
#     minutes:
#       read: 70
#       exercises: 35
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Diffusion, from noise back to digits
#
# **Noise destroys a picture in a thousand small steps. Can the steps be taken back, to a picture that nobody has drawn?**
#
# After this lab you can
#
# - *compose* all the steps of the forward process into one line, and *take* one step back by Bayes' rule;
# - *sample* a mixture with a perfect denoiser, and *say* what few steps cost;
# - *train* a small network whose samples are as near to real digits as other real digits are, and *show* that they are not copies;
# - *compare* training targets and samplers with one interface;
# - *steer* samples to a class, and *say* which density that does not sample.
#
# Needs lecture 3 (stein_shrinkage), 11 (kernel_map) and 24 (regress_or_sample); the next cell but one recalls them. 70 minutes to read, 35 for the exercises. The numbers
# of steps are set by the budget: with `COURSEKIT_BUDGET=ci` all cells together take under four minutes on two cores, with `laptop` (the default without a GPU) under ten.

# %% slideshow={"slide_type": "skip"}
try:
    from dataclasses import dataclass
    from itertools import product

    import numpy as np
    import skimage.data
    import torch
    from scipy import stats

    from coursekit import data, denoising, figures, sample_quality, training
    from coursekit.deep import diffusion
    from coursekit.exercises.diffusion import check
except ModuleNotFoundError as missing:
    message = f"{missing}. Start the course with: python3 course.py start"
    missing._render_traceback_ = lambda: [message]
    raise
SEED = 0
device = training.device()
n_threads = 1 if training.budget() == "ci" else 2  # one thread adds in one order, on a busy machine too
generator = training.seed_all(SEED, n_threads, device=device)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["recap-needs"]
# ## What you need to remember
#
# *From lecture 3: Tweedie's formula.* Let $x = x_0 + \sigma\varepsilon$ with standard normal noise $\varepsilon$. Then the mean of the data given what was seen is
#
# $$E[x_0 \mid x] = x + \sigma^2\,\nabla\log p(x),$$
#
# where $p$ is the density of the *noisy* $x$. Its gradient is the **score**: it points to where data are more likely. So whoever can denoise knows the score.
#
# *From lecture 11.* If the data are a finite set of pictures, this mean is a weighted mean of them, with weights $\exp(-|x - x_i|^2/2\sigma^2)$.
#
# *From lecture 24.* The least-squares answer to an ambiguous question is the mean of all the answers, which may look like none of them. A *sample* is one of them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. What is left after a thousand steps
#
# One step of the **forward process** fades the picture a little and adds a little noise, so that a variance of 1 stays 1: $x_t = \sqrt{1-\beta_t}\,x_{t-1} +
# \sqrt{\beta_t}\,\varepsilon_t$, with $\beta_t$ from 0.0001 to 0.02. We have 898 digits of 8 × 8 pixels to learn from, and 899 to compare with.
#
# **Predict:** after which of the 1000 steps can you no longer read the digit? How much of it is left in the end?

# %% slideshow={"slide_type": "subslide"}
train, labels, held_out, held_out_labels = data.digits()
digits = torch.tensor(2 * train[:, None] - 1, dtype=torch.float32, device=device)  # (898, 1, 8, 8), -1 to 1
alpha_bar = diffusion.linear_schedule(1000)
clean, noise = digits[1, 0].cpu(), torch.randn(8, 8, generator=torch.Generator().manual_seed(3))
figures.show_pictures(
    {f"t = {t}": diffusion.q_sample(clean, t, noise, alpha_bar) for t in (0, 100, 250, 500, 999)},
    limits=(-1.5, 1.5), height=2,
    alt="The digit 3 five times, in more and more noise; it can be read up to t = 250 and is gone at 500.",
    caption="The same digit and the same noise, mixed in other shares.",
)
print(f"amplitude of the digit left at the end: {alpha_bar[-1].sqrt():.4f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. All the steps are one step
#
# Put one step into the next: the signal is multiplied by $\sqrt{1-\beta_1}\sqrt{1-\beta_2}\cdots$, and independent noises add their variances. With
# $\bar\alpha_t = \prod_{s\le t}(1-\beta_s)$,
#
# $$x_t = \sqrt{\bar\alpha_t}\,x_0 + \sqrt{1-\bar\alpha_t}\,\varepsilon .$$
#
# No chain has to be run to make a training example at step 700. Arrays count from 0: `alpha_bar[t]` is what is left *after* step $t$, and before the first step it is 1.

# %% slideshow={"slide_type": "subslide"}
signal, variance, largest = 1.0, 0.0, 0.0
for t, beta in enumerate(np.linspace(1e-4, 0.02, 1000)):
    signal, variance = np.sqrt(1 - beta) * signal, (1 - beta) * variance + beta
    largest = max(largest, abs(signal**2 - alpha_bar[t]), abs(variance - (1 - alpha_bar[t])))
print(f"chain and formula agree to 1e-12: {bool(largest < 1e-12)}")
print(f"signal and noise are equally strong from step {int((alpha_bar < 0.5).nonzero()[0])} on")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 8 min for parts 1 and 2.* Ask: what is the variance of $x_t$ if the data have variance 1? Wrong answer to expect: "it grows, we add noise". Half of the room
# forgets that the signal fades; exercise 1 is this line.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. The naive way back
#
# Start from pure noise and ask for the most sensible clean picture. We need no network to try this. If the data *are* the 898 digits, the best answer in the sense of least
# squares is known exactly: the weighted mean of lecture 11. `mixture_denoiser` computes it; we call it $D(x, \sigma)$, for $x = x_0 + \sigma\varepsilon$.
#
# **Predict:** four different noises go in. What comes out?

# %% slideshow={"slide_type": "subslide"}
perfect = denoising.mixture_denoiser(digits)
start = 80 * torch.randn(4, 1, 8, 8, device=device, generator=generator)
once = perfect(start, 80.0).cpu()
figures.show_pictures(
    {f"noise {i + 1}": once[i, 0] for i in range(4)}, limits=(-1, 1), height=2,
    alt="Four nearly equal grey blurs.",
    caption="One jump from pure noise gives the mean of all digits, each time.",
)
print(f"largest difference between two of them below 0.3: {bool((once - once[:1]).abs().max() < 0.3)}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Noise tells nothing, so the mean of all answers is the right answer to the wrong question. The idea of diffusion: do not jump. Ask for the mean, go a *small* step towards it,
# add a little noise again, and ask anew. Each question is nearly unambiguous, and each small answer decides a little.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. One step back, by Bayes' rule
#
# Were $x_0$ known, then $x_{t-1}$ given $x_t$ would be Gaussian: the prior $N(\sqrt{\bar\alpha_{t-1}}\,x_0,\ 1-\bar\alpha_{t-1})$ meets the measurement
# $x_t = \sqrt{\alpha_t}\,x_{t-1} + \sqrt{\beta_t}\,\varepsilon$. Multiply the two, complete the square:
#
# $$\text{mean} = \frac{\sqrt{\bar\alpha_{t-1}}\,\beta_t}{1-\bar\alpha_t}\,x_0 + \frac{\sqrt{\alpha_t}\,(1-\bar\alpha_{t-1})}{1-\bar\alpha_t}\,x_t,
# \qquad \text{variance} = \beta_t\,\frac{1-\bar\alpha_{t-1}}{1-\bar\alpha_t} .$$
#
# $x_0$ is not known, so its mean stands in for it. A predictor of the noise gives that: $\hat x_0 = (x_t - \sqrt{1-\bar\alpha_t}\,\hat\varepsilon)/\sqrt{\bar\alpha_t}$. For a
# mixture of Gaussians the perfect predictor is a formula, `gmm_eps`. Here is the whole sampler, on the line.

# %% slideshow={"slide_type": "subslide"}
weights, means, sds = (torch.tensor(v, dtype=torch.float64) for v in ([0.3, 0.7], [-2.0, 1.5], [0.3, 0.5]))
draw = torch.Generator().manual_seed(4)


def predictor(weights, means, sds):
    return lambda x, t: diffusion.gmm_eps(x, alpha_bar[t].item(), weights, means, sds)


eps = predictor(weights, means, sds)
x = torch.randn(2000, dtype=torch.float64, generator=draw)
for t in reversed(range(1000)):
    guess = diffusion.x0_from_eps(x, eps(x, t), t, alpha_bar)
    mean, var = diffusion.q_posterior(guess, x, t, alpha_bar)
    x = mean + var.sqrt() * torch.randn(2000, dtype=torch.float64, generator=draw)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Predict:** nothing was trained, and each step used only a mean. Will both humps come out, in the right proportion of 3 to 7?

# %% slideshow={"slide_type": "subslide"}
grid = torch.linspace(-4, 4, 161, dtype=torch.float64)
density = torch.distributions.Normal(means, sds).log_prob(grid[:, None]).exp() @ weights
count, edge = np.histogram(x, bins=40, range=(-4, 4), density=True)
figures.show_curves(
    {"density of the data": (grid, density), "2000 samples": ((edge[1:] + edge[:-1]) / 2, count)},
    x_label="x", y_label="density",
    alt="A density with a narrow hump at -2 and a wider one at 1.5, and a histogram of samples that follows it.",
    caption="A thousand small steps with the perfect denoiser give samples of the mixture.",
)
left = (x < -0.5).double().mean().item()
print(f"mean within 0.15 of 0.45: {abs(x.mean().item() - 0.45) < 0.15}; share on the left {left:.1f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# A thousand calls are many. **DDIM** takes fewer, larger steps and adds no noise: guess $x_0$, keep the guessed noise, and mix the two again for an earlier time. It follows a curve from
# each noise to its sample, and a coarse polygon cuts the corners of that curve.
#
# **Predict:** what is lost first with few steps, the mean or the spread?

# %% slideshow={"slide_type": "subslide"}
quantiles = torch.distributions.Normal(0.0, 1.0).icdf((torch.arange(2001, dtype=torch.float64) + 0.5) / 2001)
n_steps = [5, 10, 20, 50, 200]
variances = [diffusion.ddim_sample(eps, quantiles, alpha_bar, n).var().item() for n in n_steps]
figures.show_curves(
    {"DDIM": (n_steps, variances), "the data": (n_steps, [2.7745] * 5)},
    x_label="steps", y_label="variance of the samples", x_scale="log", marker="o",
    alt="The variance rises with the number of steps, from 1.7 at 5 steps to nearly the data's 2.77 at 200.",
    caption="Few steps lose spread; the error halves when the number of steps is doubled.",
)
table = ", ".join(f"{v:.2f} ({n} steps)" for n, v in zip(n_steps, variances, strict=True))
print(f"variance: {table}; data: 2.77")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 14 min for parts 3 and 4.* Ask before part 4: which variance has a step back? Wrong answer to expect: "the same β as forwards". Let the room compute
# $t = 0$ by hand: the mean must be $x_0$, the variance 0.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. The residual is the score
#
# In Tweedie's formula the residual $D(x,\sigma) - x$ is $\sigma^2$ times the score. In the scaled process of part 2 the same sentence reads
#
# $$\nabla\log p(x_t) = -\,\frac{\hat\varepsilon}{\sqrt{1-\bar\alpha_t}} .$$
#
# The noise points away from the data; the score points back. Test it: differentiate the log-density of the noisy mixture, and compare.

# %% slideshow={"slide_type": "fragment"}
a, z = alpha_bar[250], torch.linspace(-3, 3, 61, dtype=torch.float64).requires_grad_()
parts = torch.distributions.Normal(a.sqrt() * means, (a * sds**2 + 1 - a).sqrt())
log_density = torch.logsumexp(weights.log() + parts.log_prob(z[:, None]), dim=1)
(score,) = torch.autograd.grad(log_density.sum(), z)
by_tweedie = diffusion.score_from_eps(eps(z.detach(), 250), 250, alpha_bar)
print(f"gradient and formula agree to 1e-10: {(score - by_tweedie).abs().max().item() < 1e-10}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Task:** the exact denoiser of the 898 digits again, now at every $t$. Find the largest $t$ at which its guesses are still the true digits, and the smallest at which all
# of them look alike. Between the two lie the steps in which a sample becomes a certain digit.

# %% slideshow={"slide_type": "subslide"} tags=["interactive", "nbval-ignore-output"]
six = digits[[11, 2, 25, 8, 13, 30]].cpu()
six_noise = torch.randn(six.shape, generator=torch.Generator().manual_seed(6))
perfect_here = denoising.mixture_denoiser(digits.cpu())


def noise_view(t):
    a = alpha_bar[t].item()
    xt = diffusion.q_sample(six, t, six_noise, alpha_bar)
    best = perfect_here(xt / a**0.5, (1 / a - 1) ** 0.5)
    return {
        "xt": figures.contact_sheet(xt[:, 0].numpy(), 3),
        "best": figures.contact_sheet(best[:, 0].numpy(), 3),
        "this t": t,
        "signal √ᾱ": (np.arange(1000), alpha_bar.sqrt()),
        "noise √(1-ᾱ)": (np.arange(1000), (1 - alpha_bar).sqrt()),
        "reading": f"signal {a**0.5:.2f}, noise {(1 - a) ** 0.5:.2f}; error of the guess {(best - six).square().mean().sqrt():.2f}",
    }


noise_explorer = figures.Interactive(
    noise_view,
    controls={"t": figures.Slider("step t", 0, 999, 1, 300)},
    panels=[
        figures.Picture("xt", "digits after step t", limits=(-1.5, 1.5)),
        figures.Picture("best", "best guess of each", limits=(-1, 1)),
        figures.Plot(
            "step t", "amplitude", (0, 999), (0, 1.5), legend="upper right",
            lines=["signal √ᾱ", "noise √(1-ᾱ)"], verticals=["this t"],
        ),
    ],
    settings=[{"t": 150}, {"t": 350}, {"t": 800}],
    alt="Left six digits in noise, in the middle the best guess of each, right how signal falls and noise rises with t.",
)
noise_explorer.show()

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that a perfect denoiser of the training set is what we want. It is what the training loss asks for, to the letter. Sample with it, in 30 steps.

# %% slideshow={"slide_type": "fragment"}
start = 30 * torch.randn(64, 1, 8, 8, device=device, generator=generator)
copies = denoising.euler(perfect, start, denoising.cosine_sigmas(30))
nearest = torch.cdist(copies.flatten(1), digits.flatten(1)).min(dim=1).values
print(f"share of 64 samples that are training pictures to the pixel: {(nearest < 1e-3).double().mean():.0%}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# It returns the training set. A generator of *new* digits must be an imperfect minimiser, in a good way: a network that cannot store 898 pictures shares what it has learnt among them.
# So copying is the first thing to test for, in part 7.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. A network, and four things it may predict
#
# A small residual **U-Net** sees the noisy digit, the time and a class, or a sign for "no class" for 15 % of the examples. It may predict the noise, the data, or something between:
#
# $$D(x,\sigma) = c_\text{skip}(\sigma)\,x + c_\text{out}(\sigma)\,\mathrm{network}\bigl(c_\text{in}(\sigma)\,x,\ t,\ y\bigr).$$
#
# The noise: $c_\text{skip}=1$, $c_\text{out}=-\sigma$. The data: 0 and 1. **v** takes $c_\text{skip}=1/(1+\sigma^2)$: mostly the noise where there is little of it, mostly the data where there
# is much. **EDM** is v for data of any SD. The loss is one line: the square of network minus $(x_0 - c_\text{skip}x)/c_\text{out}$.

# %% slideshow={"slide_type": "subslide"}
@dataclass(frozen=True)
class Sizes:
    steps: int
    short: int
    further: int
    patches: int
    side: int
    batch: int
    seeds: int
    expect: str


size = training.chosen(
    ci=Sizes(1200, 120, 300, 300, 16, 32, 1, "under four minutes on two quiet cores"),
    laptop=Sizes(2500, 400, 800, 800, 16, 32, 3, "under ten minutes on two quiet cores"),
    gpu=Sizes(2500, 400, 800, 10_000, 32, 256, 3, "not measured: no GPU was at hand"),
)

# %% slideshow={"slide_type": "fragment"}
classes = torch.tensor(labels, device=device)
spread = digits.std().item()


def trained(target, steps, generator, images=digits, classes=classes, width=16, n_levels=2, batch=128):
    network = training.placed(denoising.UNet(width, n_levels, n_classes=int(classes.max()) + 1), device)
    loss = denoising.batch_loss(images, classes, target, batch=batch, sigma_data=spread)
    player = training.Player(
        network, loss, training.adamw(network, 2e-3, weight_decay=0.01),
        schedule=training.warmup_cosine(steps, 50),
        autocast=training.fast_dtype(device), compiled=device.type == "cuda" and steps > 5000,
    )
    return network, training.fit(player, steps, generator=generator, label=f"network, {target}")


network, result = trained("v", size.steps, generator)

# %% [markdown] slideshow={"slide_type": "subslide"}
# That was the course's own loop, `training.fit`. Each batch holds all noise levels evenly; the learning rate climbs for 50 steps and falls along a cosine, which does for
# a short training what averaging the weights does for a long one.
#
# **Predict:** the loss is the error in v, which has variance close to 1. How far can it fall? (The noise in a nearly clean digit can hardly be guessed, nor the digit in pure noise.)

# %% slideshow={"slide_type": "subslide"}
history = result.history["loss"]
smooth = np.convolve(history, np.ones(25) / 25, mode="valid")
figures.show_curves(
    {"loss, mean of 25 steps": (np.arange(len(smooth)) + 25, smooth)},
    x_label="step", y_label="mean squared error of v",
    alt="The loss falls steeply for 200 steps, then slowly, and levels off as the learning rate goes to zero.",
    caption="Most is learnt at once, but the samples keep improving long after the loss looks flat.",
)
last_loss = history[-len(history) // 10 :].mean()
print(f"the last tenth of the steps has a loss below 0.28: {last_loss < 0.28}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now sample, with the class given, in a hundred random steps (`ancestral` is part 4's chain seen through $\sigma$). **Predict:** will you be able to tell a made digit from a scanned one?

# %% slideshow={"slide_type": "subslide"}
wanted = torch.tensor(held_out_labels[:898], device=device)
conditional, unconditional = (denoising.denoiser(network, "v", labels=one) for one in (wanted, None))


def samples(D, n=898, n_steps=10, method=denoising.dpmpp_2m, **options):
    sigmas = denoising.cosine_sigmas(n_steps)
    x = sigmas[0].float() * torch.randn(n, 1, 8, 8, device=device, generator=generator)
    return ((method(D, x, sigmas, **options)[:, 0] + 1) / 2).clamp(0, 1).cpu().numpy()


ten = torch.arange(10, device=device).repeat(4)
asked = denoising.denoiser(network, "v", labels=ten)
made = samples(asked, 40, 100, denoising.ancestral, generator=generator)
scanned = np.concatenate([[held_out[held_out_labels == k][i] for k in range(10)] for i in range(4)])
figures.show_pictures(
    {"made": figures.contact_sheet(made), "scanned, held out": figures.contact_sheet(scanned)},
    height=2.2,
    alt="Two sheets of forty digits each, 0 to 9 in columns: the left one made by the network, the right one scanned. They look alike.",
    caption="Four samples of each class beside four real digits that the network has never seen.",
)

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 15 min for parts 5 and 6.* Let the training run while you ask: what would a network that predicts the data do at $\sigma = 80$? (Paint the mean digit.) And one that
# predicts the noise at $\sigma = 0.01$? (Nothing useful: it must find a hundredth of a grey value.) That is why v mixes both.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 7. How good, and is it copied?
#
# "They look alike" is no measurement. A frozen classifier turns each picture into 32 features. **Fréchet**: the distance of two Gaussians fitted to features. **Precision**: how many samples lie
# among real digits; **recall**: how many real digits lie among samples. **nn ratio**: mean distance to the nearest training digit, over that to the nearest held-out one; copies
# have a ratio far below 1. Each measure can be fooled alone, so we let it: by a Gaussian, by training digits with a little noise, and by mean digits with noise.
#
# **Predict:** which of the fakes has the best Fréchet distance, and which column gives it away?

# %% slideshow={"slide_type": "subslide"} tags=["nbval-ignore-output"]
rng = np.random.default_rng(SEED)
class_means = np.stack([train[labels == k].mean(axis=0) for k in range(10)])
made_by = {
    "network, 10 calls": samples(conditional),
    "training digits + noise": train + 0.1 * rng.standard_normal(train.shape),
    "class means + noise": class_means[held_out_labels[:898]] + 0.1 * rng.standard_normal(train.shape),
}
report = sample_quality.quality_report(made_by, train=train, held_out=held_out, rng=rng)
print(report)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The digits in this table change with the machine and the seed; what must hold is asserted here, with bounds from five seeds.

# %% slideshow={"slide_type": "fragment"}
ours, copied, blurred = (report[name] for name in made_by)
assert ours.frechet < 0.25 < 2 < report["Gaussian with the pixels' covariance"].frechet
assert ours.recall > 0.8 > 0.1 > blurred.recall
assert ours.neighbour_ratio > 0.9 > 0.6 > copied.neighbour_ratio
print("network: Frechet below 0.25, recall above 0.8, nn ratio above 0.9;")
print("Gaussian: Frechet above 2; noisy copies: nn ratio below 0.6; mean digits: recall below 0.1")

# %% [markdown] slideshow={"slide_type": "subslide"}
# The network's digits are as near to held-out ones as real digits of the other half are, and not nearer to its training set than strangers would be. Look at it too: the samples beside
# their nearest training digits. **Predict:** would you call any of them a copy?

# %% slideshow={"slide_type": "subslide"}
few = made_by["network, 10 calls"][:10]
gaps = np.abs(few[:, None] - train[None]).reshape(10, 898, 64) ** 2
neighbours = train[gaps.sum(axis=2).argmin(axis=1)]
figures.show_pictures(
    {"above: made; below: nearest training digit": figures.contact_sheet(np.concatenate([few, neighbours]))},
    height=1.9,
    alt="Ten made digits in a row, and under each the training digit nearest to it: the same class, drawn in another way.",
    caption="Similar, as any two digits of a class are, but not the same.",
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 8. Guidance
#
# Given a class, how do we get *more* of it? Bayes' rule says $\nabla\log p(x\mid y) = \nabla\log p(x) + \nabla\log p(y\mid x)$. Exaggerate the second term by $\gamma$ and write it with two predictors:
#
# $$\hat\varepsilon_\gamma = (1-\gamma)\,\hat\varepsilon_\text{without class} + \gamma\,\hat\varepsilon_\text{with class} .$$
#
# $\gamma = 0$ ignores the class, 1 is the conditional model, more exaggerates. One network gives both, because it has seen examples without a class.
#
# **Predict:** what happens to purity and to variety when $\gamma$ rises from 0 to 8?

# %% slideshow={"slide_type": "subslide"} tags=["nbval-ignore-output"]
gammas = [0, 1, 2, 4, 8]
pushed = {f"gamma = {g}": samples(denoising.guided(conditional, unconditional, g)) for g in gammas}
guidance = sample_quality.quality_report(pushed, train=train, held_out=held_out, rng=rng)
purity = [(sample_quality.describe(x).labels == held_out_labels[:898]).mean() for x in pushed.values()]
recall = [guidance[name].recall for name in pushed]
figures.show_curves(
    {"purity: of the class asked for": (gammas, purity), "recall": (gammas, recall)},
    x_label="guidance γ", y_label="share", marker="o",
    alt="Purity rises from a tenth to one at gamma 1 and stays; recall falls from about 0.9 to below 0.4 at gamma 4.",
    caption="Guidance buys purity with variety; at γ = 0 a tenth has the class asked for, by chance.",
)

# %% slideshow={"slide_type": "subslide"}
without, given = guidance["gamma = 0"], guidance["gamma = 1"]
assert all(share > bound for share, bound in zip(purity[1:3], (0.93, 0.98), strict=True))
assert recall[3] < 0.7 * recall[1]
assert without.precision < given.precision - 0.1
figures.show_pictures(
    {name: figures.contact_sheet(pushed[name][:30], 6) for name in ("gamma = 0", "gamma = 1", "gamma = 8")},
    alt="Three sheets of thirty made digits. At 0 some are between two digits; at 1 all can be read; at 8 each class looks alike.",
    caption="The middle and the right sheet are asked for the same thirty classes.",
)
print("purity above 93 % at 1, 98 % at 2; recall at 4 below 0.7 of that at 1; precision at 0 below by 0.1")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Classifier guidance** came first: train a classifier on *noisy* digits, and push the unconditional denoiser uphill on its log-probability: $D + \gamma\,\sigma^2\,\nabla_x\log p(y\mid x)$.
# A network that never heard of classes can be steered so. The price is a gradient through the classifier at each step.

# %% slideshow={"slide_type": "fragment"}
judge = denoising.NoisyClassifier(10, width=16).to(device)
player = training.Player(
    judge, denoising.classifier_loss(digits, classes), training.adamw(judge, 2e-3),
    schedule=training.warmup_cosine(size.further, 50),
)
training.fit(player, size.further, generator=generator, label="noisy classifier")
judge.requires_grad_(False)
log_prob = denoising.class_log_prob(judge, wanted)
steered = samples(denoising.classifier_guided(unconditional, log_prob, 4.0))
share = (sample_quality.describe(steered).labels == held_out_labels[:898]).mean()
assert share > 0.6
print("classifier guidance, gamma 4: above 60 % of the class asked for; by chance it would be 10 %")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 14 min for parts 7 and 8.* Cover the column names of the table and let the room find the copier. Wrong answer to expect: "the best Fréchet distance is the best model". Then ask which γ they
# would choose for a teaching aid, and which for augmenting training data.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 9. A surprise
#
# **It is tempting to think** that guidance samples the density $p_\gamma(x\mid y) \propto p(x)^{1-\gamma}\,p(x\mid y)^{\gamma}$, whose score is the guided one. Test it where nothing is learnt: two Gaussians
# of SD 1 at ±1, class "right", $\gamma = 4$, perfect predictors, many steps.

# %% slideshow={"slide_type": "fragment"}
one, pair = torch.ones(1, dtype=torch.float64), torch.tensor([-1.0, 1.0], dtype=torch.float64)
both, right = predictor(one.expand(2), pair, one.expand(2)), predictor(one, one, one)


def guided_eps(gamma):
    return lambda x, t: diffusion.guide(both(x, t), right(x, t), gamma)


wide = torch.linspace(-6, 10, 801, dtype=torch.float64)
left_and_right = torch.distributions.Normal(pair, 1.0).log_prob(wide[:, None]).exp()


def tilted(gamma):
    value = left_and_right.mean(1) ** (1 - gamma) * left_and_right[:, 1] ** gamma
    return value / (value.sum() * 0.02)


flow = diffusion.ddim_sample(guided_eps(4), quantiles[::20], alpha_bar, 500).mean()
chain = diffusion.ddpm_sample(guided_eps(4), x[:1000], alpha_bar, generator=draw).mean()
print(f"mean of the density claimed {(tilted(4) * wide).sum() * 0.02:.2f}, of DDIM {flow:.1f}")
print(f"mean of DDPM within 0.1 of 1.93: {abs(chain.item() - 1.93) < 0.1}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Neither sampler has the density's mean, and they disagree with each other. The guided score *is* the score of the tilted density at $t = 0$. But at larger $t$ it is not the score of that density *with noise added*:
# tilting and adding noise do not commute. (They do for two Gaussians of equal SD, one for each of $p(x)$ and $p(x\mid y)$: there guidance is exact.)

# %% [markdown] slideshow={"slide_type": "fragment"}
# **Task:** find the settings at which samples and density agree. Then, at $\gamma = 4$, find out whether more steps or more noise bring them together.

# %% slideshow={"slide_type": "subslide"} tags=["interactive", "nbval-ignore-output"]
start = quantiles[::5]


def guidance_view(gamma, steps, eta):
    fresh = torch.Generator().manual_seed(1)
    x = diffusion.ddim_sample(guided_eps(gamma), start, alpha_bar, steps, eta, generator=fresh).numpy()
    count, edge = np.histogram(x, bins=64, range=(-6, 10), density=True)
    exact = tilted(gamma)
    mean = (exact * wide).sum() * 0.02
    return {
        "samples": ((edge[1:] + edge[:-1]) / 2, count),
        "density claimed": (wide.numpy(), exact.numpy()),
        "reading": f"mean of the samples {x.mean():.2f}, SD {x.std():.2f}; the density claimed has mean {mean:.2f}",
    }


guidance_explorer = figures.Interactive(
    guidance_view,
    controls={
        "gamma": figures.Slider("guidance γ", 0.0, 8.0, 0.5, 4.0),
        "steps": figures.Slider("steps", 2, 30, 1, 20),
        "eta": figures.Slider("noise η", 0.0, 1.0, 0.1, 0.5),
    },
    panels=[
        figures.Plot(
            "x", "density", (-6, 10), (0, 0.9), lines=["samples", "density claimed"],
            fixed={"class asked for": (wide.numpy(), left_and_right[:, 1].numpy())},
        )
    ],
    settings=[{"gamma": 1.0, "eta": 0.0}, {"gamma": 4.0, "eta": 0.0}, {"gamma": 4.0, "eta": 1.0}],
    alt="The class asked for, the density that guidance claims to sample, and a histogram of the samples, farther right and narrower.",
)
guidance_explorer.show()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 10. Samplers and targets, one thing at a time
#
# Walking down in $\sigma$ solves $dx/d\sigma = (x - D)/\sigma$. **Euler**'s method is DDIM. **Heun** averages the slopes at both ends of a step, for two calls. **DPM-Solver++(2M)** remembers the last call and gets
# second order for one. `ancestral` adds fresh noise: DDPM. Same network, same class labels:
#
# **Predict:** who is best with ten calls, and who with a hundred?

# %% [markdown] slideshow={"slide_type": "subslide"}
# And the four targets, each trained from the same seeds for a short time. At the budget `ci` that is too short to rank them, and only that the best of them is far beyond the Gaussian is asserted;
# `laptop` trains longer, takes the mean over three seeds, and asserts that v is better than the noise. **Predict:** which is learnt fastest?

# %% slideshow={"slide_type": "subslide"} tags=["nbval-ignore-output"]
noisy = {"method": denoising.ancestral, "generator": generator}
made_by = {
    "Euler (DDIM), 10 calls": samples(conditional, method=denoising.euler),
    "Heun, 9 calls": samples(conditional, n_steps=5, method=denoising.heun),
    "DPM-Solver++(2M), 10 calls": samples(conditional),
    "ancestral (DDPM), 10 calls": samples(conditional, **noisy),
    "ancestral (DDPM), 100 calls": samples(conditional, n_steps=100, **noisy),
}
for target, seed in product(denoising.TARGETS, range(size.seeds)):
    short, _ = trained(target, size.short, training.seed_all(SEED + 100 + seed, n_threads, device=device))
    D = denoising.denoiser(short, target, labels=wanted, sigma_data=spread)
    made_by[f"{target}, trained shortly, seed {seed}"] = samples(D)
compared = sample_quality.quality_report(made_by, train=train, held_out=held_out, rng=rng)
print(compared)

# %% slideshow={"slide_type": "subslide"}
few_calls, many_calls = (
    compared[f"{name} calls"].frechet for name in ("DPM-Solver++(2M), 10", "ancestral (DDPM), 100")
)
frechet = {
    target: np.mean([row.frechet for name, row in compared.rows.items() if name.startswith(f"{target},")])
    for target in denoising.TARGETS
}
assert abs(few_calls - many_calls) < 0.08
assert min(frechet.values()) < 1.5 < 2 < compared["Gaussian with the pixels' covariance"].frechet
assert training.budget() == "ci" or frechet["v"] < frechet["eps"]
print("Frechet: DPM-Solver++ in 10 calls within 0.08 of 100 random steps; the best short training below 1.5")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 11. Bits
#
# Diffusion needs no Gaussian. Let each step draw a bit afresh with probability $\beta_t$. After all the steps a bit is still the old one with probability $\tfrac12(1+\bar\alpha_t)$, since a bit drawn afresh is
# right half of the time. One step back is Bayes' rule again, averaged with the network's belief about the data bit. The network is the same U-Net; its loss is the cross-entropy.

# %% slideshow={"slide_type": "fragment"}
bits = (digits > 0).float()
bit_schedule = diffusion.linear_schedule(30, 0.02, 0.5)
bit_network = denoising.UNet(16, 2).to(device)
player = training.Player(
    bit_network, denoising.bit_loss(bits, bit_schedule), training.adamw(bit_network, 2e-3),
    schedule=training.warmup_cosine(size.further, 50),
)
bit_result = training.fit(player, size.further, generator=generator, label="bits")
belief = denoising.bit_belief(bit_network, bit_schedule)
marginal = bits.mean(0)
entropy = torch.special.entr(marginal).add(torch.special.entr(1 - marginal)).mean().item()
print(f"loss below the entropy of independent bits: {bit_result.history['loss'][-50:].mean() < entropy}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Predict:** the chain starts from 64 coin flips a picture. Will strokes connect, though each bit is drawn on its own in every step?

# %% slideshow={"slide_type": "subslide"}
coins = torch.randint(2, (898, 1, 8, 8), device=device, generator=generator).float()
bit_digits = diffusion.bit_sample(belief, coins, bit_schedule, generator=generator)[:, 0].cpu().numpy()
real_bits = (held_out > 0.5).astype(float)
alone = (rng.random(bit_digits.shape) < marginal.cpu().numpy()).astype(float)
figures.show_pictures(
    {
        "each bit on its own": figures.contact_sheet(alone[:30], 6),
        "bit diffusion": figures.contact_sheet(bit_digits[:30], 6),
        "real": figures.contact_sheet(real_bits[:30], 6),
    },
    height=2.6,
    alt="Three sheets of thirty black and white pictures: scattered dots, digits made by bit diffusion, real digits.",
    caption="Thirty rounds of drawing bits, each time with a better belief, connect the strokes.",
)
features = [sample_quality.describe(x).features for x in (bit_digits, alone, real_bits)]
distances = [sample_quality.frechet_distance(x, features[2]) for x in features[:2]]
assert distances[0] < distances[1] / 2
print("Frechet distance to real bilevel digits: less than half that of independent bits")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 12. Larger pictures
#
# Nothing in the loop knows what a digit is. Photographs of brick, grass and gravel give as many patches as we want, of 16 by 16 pixels, and 32 by 32 at the budget `gpu`; their upper halves train the same
# U-Net with one level more, their lower halves are held out. The rival is strong: a Gaussian with the mean and the *whole covariance* of the patches, all 256 by 256 entries right.
#
# **Predict:** what can a picture have that its covariance does not know?

# %% slideshow={"slide_type": "skip"}
def patches(photograph, rows):
    grey = torch.tensor(photograph / 255, dtype=torch.float32)
    grey = (grey - grey.mean()) / (2 * grey.std())
    return grey[rows].unfold(0, size.side, 4).unfold(1, size.side, 4).flatten(0, 1)


photographs = [skimage.data.brick(), skimage.data.grass(), skimage.data.gravel()]
upper, lower = (
    torch.stack([patches(photograph, rows) for photograph in photographs], dim=1)  # (n, 3, side, side)
    for rows in (slice(256), slice(256, 512))
)


def gaussian(n):
    flat = upper.flatten(2).double().numpy().swapaxes(0, 1)
    drawn = [rng.multivariate_normal(x.mean(axis=0), np.cov(x.T), n) for x in flat]
    return np.stack(drawn, axis=1).reshape(n, 3, size.side, size.side)


# %% [markdown] slideshow={"slide_type": "fragment"}
# Sharp edges on smooth stones: most differences of neighbours are small, a few are large. The *kurtosis* $E d^4/(E d^2)^2$ of a mixed difference $d$ measures that, and it is 3 for every Gaussian, whatever its covariance.

# %% slideshow={"slide_type": "subslide"}
world, kinds = upper.flatten(0, 1)[:, None].to(device), torch.arange(3, device=device).repeat(len(upper))
painter, _ = trained("v", size.patches, generator, world, kinds, size.side, 3, size.batch)
levels = denoising.cosine_sigmas(10)
start = levels[0].float() * torch.randn(300, *world.shape[1:], device=device, generator=generator)
painted = denoising.dpmpp_2m(denoising.denoiser(painter, "v", labels=kinds[:300]), start, levels)
sheets = {
    "held out": lower[rng.permutation(len(lower))[:100]].numpy(),
    "network": painted.cpu().reshape(100, 3, size.side, size.side).numpy(),
    "Gaussian": gaussian(100),
}

# %% slideshow={"slide_type": "subslide"}
kurtosis = {
    name: stats.kurtosis(np.diff(np.diff(x, axis=2), axis=3), axis=(0, 2, 3), fisher=False)
    for name, x in sheets.items()
}
figures.show_pictures(
    {name: figures.contact_sheet(x[:10].reshape(-1, size.side, size.side), 6) for name, x in sheets.items()},
    limits=(-1, 1), height=2.6,
    alt="Three sheets of patches of brick, grass and gravel in turn: real ones, made ones with edges and joints, and cloudy Gaussian ones.",
    caption="The network paints joints and stones; the Gaussian, with every covariance right, paints clouds.",
)
assert kurtosis["held out"].min() > 4.5
assert kurtosis["network"].min() > 3.8
assert np.abs(kurtosis["Gaussian"] - 3).max() < 0.3
print("kurtosis, each photograph: real above 4.5, made above 3.8, the Gaussian's 3.0 within 0.3")

# %% [markdown] slideshow={"slide_type": "subslide"}
# ## 13. When it fails
#
# Three failures you have seen. A perfect minimiser copies (part 5). Guidance samples a density that nobody has written down (part 9). The third is quiet: without a class (γ = 0 in part 8) the same network
# has to decide the class from noise, and of its undecided samples many are no digits. A fourth waits for those who train longer on less: with ten digits in place of 898 the network *can* store them, and the
# nn ratio falls. Cut `digits` and see.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["recap"]
# ## What to remember
#
# 1. All noise steps compose: $x_t = \sqrt{\bar\alpha_t}\,x_0 + \sqrt{1-\bar\alpha_t}\,\varepsilon$. One step back is a product of two Gaussians.
# 2. Denoiser, noise predictor, v and score are one function in four disguises; the choice sets what the network finds hard.
# 3. Few deterministic steps lose spread; second-order samplers need ten calls.
# 4. Guidance trades variety for purity, and does not sample the tilted density.
# 5. Judge samples by several numbers, each beside what real data, a Gaussian and a copier reach.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercises"]
# ## Exercises
#
# Write each function in place of the `raise` line, run the cell, then the check below it. Arguments are torch tensors of double precision, but for numbers; `alpha_bar` is the schedule of part 2, counted from 0. The check runs
# public cases and names the mistake that it recognises; grading draws other cases. Import nothing but torch.
#
# *To predict first, ungraded:* what does `ddim_sample` return for `n_steps=1`? *To break, ungraded:* find a mixture for which DDIM with five steps loses a hump altogether.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 1: all the steps at once (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def q_sample(x0, t, eps, alpha_bar):
    """Return the data x0 after steps 0 ... t of the forward process.

    eps is standard normal noise of the shape of x0; alpha_bar[t] is the share of the signal's variance
    that is left after step t.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(q_sample)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 2: one step back (12 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def q_posterior(x0, xt, t, alpha_bar):
    """Return the mean and the variance of x_{t-1}, given the data x0 and the state xt after step t.

    Two values: the mean has the shape of x0, the variance is a single number. Before step t = 0 there was
    no noise.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(q_posterior)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 3: from noise to score (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def score_from_eps(eps, t, alpha_bar):
    """Return the gradient of log p(x_t), when eps is the noise that a perfect predictor expects in x_t."""
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(score_from_eps)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 4: guidance (12 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def guide(eps_u, eps_c, gamma):
    """Return the guided noise prediction.

    eps_u is predicted without the class, eps_c with it. gamma = 0 gives the first, gamma = 1 the second,
    and other values lie on the same straight line.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(guide)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["references"]
# ## Sources, and why to read them
#
# - J. Sohl-Dickstein, E. Weiss, N. Maheswaranathan and S. Ganguli, "Deep unsupervised learning using nonequilibrium thermodynamics", ICML 2015: where it began, bits included.
# - J. Ho, A. Jain and P. Abbeel, "Denoising diffusion probabilistic models", NeurIPS 2020: parts 2 and 4, and the loss that made it work.
# - J. Song, C. Meng and S. Ermon, "Denoising diffusion implicit models", ICLR 2021: fewer steps, and going from a picture back to its noise.
# - J. Ho and T. Salimans, "Classifier-free diffusion guidance", 2022: part 8, in the convention $w = \gamma - 1$.
# - T. Karras, M. Aittala, T. Aila and S. Laine, "Elucidating the design space of diffusion-based generative models", NeurIPS 2022: every choice of parts 6 and 10 taken apart, one at a time.
# - C. Lu and others, "DPM-Solver++: fast solver for guided sampling of diffusion probabilistic models", 2022: the sampler that we use most.
