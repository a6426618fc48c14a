# ---
# jupyter:
#   coursekit:
#     slug: gan
#     title: Forger and detective
#     question: Two networks learn from nothing but each other. When does the forger learn all of the world, and when only one trick?
#     objectives:
#     - derive the best detective, and say which divergence he makes the forger minimise
#     - compute when simultaneous, alternating and extragradient steps run away, circle or settle
#     - explain why one of two losses starves the forger
#     - train a forger, count the modes that it finds, and break and mend it by the rules of play
#     - judge samples by numbers that stand beside their floor, and say how each number can be fooled
#     needs:
#     - regress_or_sample
#     minutes:
#       read: 60
#       exercises: 35
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Forger and detective
#
# **Two networks learn from nothing but each other. When does the forger learn all of the world, and when only one trick?**
#
# After this lab you can
#
# - *derive* the best detective, and *say* which divergence he makes the forger minimise;
# - *compute* when simultaneous, alternating and extragradient steps run away, circle or settle;
# - *explain* why one of two losses starves the forger;
# - *train* a forger, *count* the modes that it finds, and *break* and *mend* it by the rules of play;
# - *judge* samples by numbers that stand beside their floor, and *say* how each number can be fooled.
#
# Needs lecture 24 (regress_or_sample); the recap below says what of it. 60 minutes to read, 35 for the exercises. The budget sets the numbers of steps: with
# `COURSEKIT_BUDGET=ci` all cells take about two minutes on two quiet cores, with `laptop` (the default without a GPU) under ten.

# %% slideshow={"slide_type": "skip"}
try:
    from dataclasses import dataclass

    import numpy as np
    import torch
    from torch.nn import functional

    from coursekit import data, figures, sample_quality, training
    from coursekit.deep import gan
    from coursekit.exercises.gan import check
except ModuleNotFoundError as missing:
    message = f"{missing}. Start the course with: python3 course.py start"
    missing._render_traceback_ = lambda: [message]
    raise
SEED = 0
rng = np.random.default_rng(SEED)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["recap-needs"]
# ## What you need to remember
#
# *From lecture 24.* A regression network trained by squared error returns the *mean* of all the answers that fit, and a mean of sharp pictures is blurred. A
# *sampler* returns one of the answers at random. To be good, its samples must be distributed as the data are, and that is a statement about two distributions $p$
# (data) and $q$ (sampler), not about pairs of pictures. *Maximum likelihood* is one way to compare them: it minimises the Kullback-Leibler divergence
# $\mathrm{KL}(p\,|\,q) = \sum p\log(p/q)$, which is infinite as soon as $q$ gives no weight to anything that happens.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. A fit that covers everything
#
# Our world is a ring: eight small Gaussians of standard deviation 0.05 on a circle of radius 2. The obvious model is one Gaussian, fitted by maximum
# likelihood: take the mean and the covariance of the data.
#
# **Predict:** which share of the model's samples will lie within three standard deviations of any of the eight modes?

# %% slideshow={"slide_type": "fragment"}
source = torch.Generator().manual_seed(SEED)
centres = gan.ring_centres()
ring = gan.ring_of_gaussians(2000, generator=source)
fitted = torch.distributions.MultivariateNormal(torch.zeros(2), ring.T @ ring / len(ring))
blurred = torch.from_numpy(rng.multivariate_normal(np.zeros(2), fitted.covariance_matrix.numpy(), 2000))
share = gan.mode_coverage(blurred, centres.double(), 0.15, 1).share
print(f"near a mode: at most 4 % of the fitted Gaussian's samples: {share <= 0.04}")
print(f"near a mode: at least 97 % of the data: {gan.mode_coverage(ring, centres, 0.15, 1).share >= 0.97}")

# %% slideshow={"slide_type": "subslide"}
def show_points(clouds, *, alt, caption, n_rows=1):
    fig, axes = figures.figure(n_rows, len(clouds) // n_rows, height=2.9 * n_rows)
    for ax, (title, x) in zip(np.ravel(axes), clouds.items(), strict=True):
        ax.plot(*x.T, ".", markersize=2, color=figures.COLOURS["blue"])
        ax.plot(*centres.T, "o", markersize=9, markerfacecolor="none", color=figures.COLOURS["orange"])
        ax.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", title=title, xlabel="x", ylabel="y")
    figures.show(fig, alt=alt, caption=caption)


show_points(
    {"data": ring, "one Gaussian by maximum likelihood": blurred},
    alt="Left, eight tight groups of points on a circle; right, a round cloud that covers the circle and all between.",
    caption="A likelihood fit covers everything, and fills what lies between.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The circles mark the modes. No mode is missed, and almost every sample is nonsense: likelihood punishes a missed mode without limit, and a sample in the void
# not at all. In pictures this is blur.
#
# The other idea: do not write down a loss at all. Train a *detective* to tell real from fake, and a *forger* to fool him. If the forger wins, nobody can tell
# his samples from the data. How does the game end?

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 8 min.* Let the room vote on the share before the cell runs; most say a third. Ask: what would be a fair loss for "looks real"? Wrong answer to expect:
# "the distance to the nearest real point", which copies of one point satisfy.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. The perfect detective
#
# The detective gives each point a probability $D(x)$ of being real, and is paid the log-loss $V = E_p\log D + E_q\log(1-D)$. With all the time in the world he
# maximises it point by point:
#
# 1. at one point he earns $p\log D + q\log(1-D)$;
# 2. the slope in $D$ is $p/D - q/(1-D)$, zero at $D^* = p/(p+q)$;
# 3. put back: $V^* = \sum p\log\frac{p}{p+q} + \sum q\log\frac{q}{p+q}$;
# 4. with $m = (p+q)/2$ each logarithm loses $\log 2$: $V^* = \mathrm{KL}(p|m) + \mathrm{KL}(q|m) - \log 4 = 2\,\mathrm{JSD}(p,q) - \log 4$.
#
# So the forger who lowers $V^*$ lowers the Jensen-Shannon divergence, and at $p = q$ the detective tosses a coin. **Predict** the value when the forger's points are nowhere near the data.

# %% slideshow={"slide_type": "subslide"}
x = torch.linspace(-4, 8, 601, dtype=torch.float64)


def bell(m):  # weights of a unit Gaussian, of sum 1
    return torch.softmax(-((x - m) ** 2) / 2, dim=0)


for m in (0, 1, 2, 4):
    value, divergence = gan.value_at_optimum(bell(0), bell(m)), gan.jsd(bell(0), bell(m))
    print(f"fakes at {m}: value {value:7.4f}, 2 JSD - log 4 = {2 * divergence - np.log(4):7.4f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# The two columns agree. At distance 0 the value is $-\log 4$; far away it climbs to 0, where the detective is always right, and there it is *flat*. What does
# he tell a forger who is far away?

# %% slideshow={"slide_type": "subslide"}
figures.show_curves(
    {f"fakes at {m}": (x, gan.optimal_discriminator(bell(0), bell(m))) for m in (0, 1, 2, 4)},
    x_label="x", y_label="D*(x), probability of real",
    alt="Four curves: a flat line at one half, and steps from one down to zero that get steeper as the fakes move away.",
    caption="The further the fakes, the steeper the step, and the flatter both its ends.",
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. The smallest game
#
# Nobody has a perfect detective: the players take turns with small steps. Take the smallest game that has anything to it, $\theta\psi$: one number $\theta$ that wants it small, one
# number $\psi$ that wants it large. The equilibrium is $(0, 0)$, and the steps are always at right angles to the way there.
#
# With $J = \begin{pmatrix}0&-1\\1&0\end{pmatrix}$ a *simultaneous* step of length $h$ is $I + hJ$, with eigenvalues $1 \pm ih$. In *alternating* steps the second player sees the first one's move. *Extragradient*
# looks one step ahead: $I + hJ + h^2J^2$. **Predict** which of the three arrives.

# %% slideshow={"slide_type": "subslide"}
paths = {}
for scheme in gan.SCHEMES:
    path = [torch.tensor([1.0, 0.0])]
    for _ in range(45):
        path.append(gan.bilinear_step(path[-1], 0.25, scheme))
    paths[scheme] = torch.stack(path).T
    print(f"{scheme:>13}: distance times {gan.bilinear_radius(0.25, scheme):.4f} a step")
fig, ax = figures.figure(width=5.0, height=3.4)
figures.curves(ax, paths, x_label="θ, the forger", y_label="ψ, the detective")
ax.set(xlim=(-4, 4), ylim=(-4, 4), aspect="equal")
figures.show(
    fig,
    alt="Three paths from (1, 0): one spirals outwards, one closes on itself, one spirals into the origin.",
    caption="Simultaneous steps spiral out, alternating ones circle, extragradient spirals in.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that a shorter step cures a spiral, as it does for gradient descent. Here the factor is $\sqrt{1+h^2}$: half the step needs twice the steps, and the
# growth until a fixed time $T$ is about $e^{hT/2}$. It tends to 1, never below: nobody arrives. And alternating steps circle only up to $h = 2$.

# %% slideshow={"slide_type": "fragment"}
for h in (0.5, 0.25, 0.125):
    print(f"h = {h}: factor after time 10 is {gan.bilinear_radius(h, 'simultaneous') ** (10 / h):.2f}")
print(f"alternating, h = 2.5: distance times {gan.bilinear_radius(2.5, 'alternating'):.1f} a step")

# %% [markdown] slideshow={"slide_type": "subslide"}
# A GAN with one parameter each (the *Dirac-GAN*) has one real point at 0, one fake at $\theta$, and a detective with the logit $\psi x$. Near the equilibrium it is the same game. One thing mends it: a penalty
# $\tfrac{\gamma}{2}\,\psi^2$ on the detective's slope at real points, called R1. The field below is what both players feel.

# %% slideshow={"slide_type": "skip"}
def orbit_view(scheme, h, r1):
    orbit = gan.dirac_gan_orbit(1.0, 0.5, h, 300, scheme, r1=r1)
    distance = orbit.norm(dim=1)
    far, near = distance[-1] > 2 * distance[0], distance[-1] < 0.1
    fate = "runs away" if far else "comes to rest" if near else "circles"
    return {
        "orbit": tuple(orbit.clamp(-9, 9).T),
        "start": ([1.0], [0.5]),
        "distance": (np.arange(301), distance.clamp(1e-3, 30)),
        "reading": f"after 300 steps the distance is {distance[-1]:.3g}: the game {fate}",
    }


# %% [markdown] slideshow={"slide_type": "fragment"}
# **Task:** find the smallest R1 weight at which simultaneous steps of 0.3 come to rest. Then see what extragradient does without any.

# %% slideshow={"slide_type": "subslide"} tags=["interactive", "nbval-ignore-output"]
orbit_explorer = figures.Interactive(
    orbit_view,
    controls={
        "scheme": figures.Choice("scheme", list(gan.SCHEMES), "simultaneous"),
        "h": figures.Slider("step h", 0.05, 1.0, 0.05, 0.3),
        "r1": figures.Slider("R1 weight", 0.0, 1.0, 0.05, 0.0),
    },
    panels=[
        figures.Plot("θ, the fake", "ψ, the slope", (-4, 4), (-4, 4), lines=["orbit"], points=["start"]),
        figures.Plot("steps", "distance", (0, 300), (1e-3, 30), lines=["distance"], y_scale="log"),
    ],
    settings=[{"scheme": "simultaneous"}, {"scheme": "alternating"}, {"scheme": "simultaneous", "r1": 0.3}],
    alt="Left, the path of forger and detective in the plane of their parameters; right, its distance from the equilibrium.",
)
orbit_explorer.show()

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 15 min for parts 2 and 3.* Ask: what does a forger learn from a detective who is always right? Let somebody set alternating steps with the longest $h$: the orbit is no circle but closed.
# Wrong answer to expect: "the penalty makes the detective weaker, so it only slows things".

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. The starving forger
#
# The forger's loss by the rules is $\log(1-\sigma(l))$, where $l$ is the detective's logit of a fake: the *minimax* loss. Its slope is $-\sigma(l)$. At the beginning the detective is sure, $l$ is very
# negative, and the slope vanishes: nothing to learn from. The *non-saturating* loss $-\log\sigma(l)$ wants the same, and has the slope $-(1-\sigma(l))$.
#
# **Predict** both slopes at $l = -6$.

# %% slideshow={"slide_type": "fragment"}
logits = torch.linspace(-10, 4, 141, dtype=torch.float64)
slopes = {kind: -gan.generator_logit_grad(logits, kind) for kind in ("minimax", "non-saturating")}
for kind in slopes:
    print(f"{kind:>14}: slope {gan.generator_logit_grad(torch.tensor(-6.0), kind):.4f}")


def logit_view(m, kind):
    logit = torch.tensor(-(m**2) / 2, dtype=torch.float64)  # log p/q at the fakes' centre
    push = float(-gan.generator_logit_grad(logit, kind))
    return {
        "fakes": (x, bell(m) / bell(0).max()),
        "detective": (x, gan.optimal_discriminator(bell(0), bell(m))),
        "push": (logits, slopes[kind]),
        "a typical fake": ([logit], [push]),
        "reading": f"a fake at its centre has logit {logit:.1f}, and is pushed with {push:.4f}",
    }


# %% [markdown] slideshow={"slide_type": "subslide"}
# The best detective's logit at the fakes' centre, for unit Gaussians at distance $m$, is $-m^2/2$. **Task:** find the distance at which the minimax forger feels less than a hundredth of the push that the
# other one feels.

# %% slideshow={"slide_type": "subslide"} tags=["interactive", "nbval-ignore-output"]
logit_explorer = figures.Interactive(
    logit_view,
    controls={
        "m": figures.Slider("distance m", 0.0, 4.4, 0.1, 2.0),
        "kind": figures.Choice("loss", ["minimax", "non-saturating"], "minimax"),
    },
    panels=[
        figures.Plot(
            "x", "density (scaled), D*", (-4, 8), (0, 1.1), lines=["fakes", "detective"],
            legend="upper right", fixed={"data": (x, bell(0) / bell(0).max())},
        ),
        figures.Plot(
            "logit of a fake", "push (size of the slope)", (-10, 4), (0, 1.05), lines=["push"],
            points=["a typical fake"], legend="center left",
        ),
    ],
    settings=[{"m": 1.0}, {"m": 3.5}, {"m": 3.5, "kind": "non-saturating"}],
    alt="Left, data, fakes and the best detective; right, how hard a fake is pushed, against the detective's logit.",
)
logit_explorer.show()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. The ring, and balanced play
#
# Now two real networks: a forger that maps 16 random numbers to a point of the plane, and a detective, each with two hidden layers of 64. The table holds everything that the budget may change; the code is the
# same everywhere.

# %% slideshow={"slide_type": "fragment"}
@dataclass(frozen=True)
class Sizes:
    ring_steps: int
    ring_games: int
    side: int
    width: int
    steps: int
    batch: int
    threads: int
    expect: str


sizes = training.chosen(
    ci=Sizes(1000, 3, 8, 32, 1400, 32, 1, "about two minutes on two quiet cores"),
    laptop=Sizes(2000, 5, 8, 32, 5000, 64, 2, "under ten minutes on two quiet cores"),
    gpu=Sizes(3000, 5, 32, 64, 20000, 128, 2, "not measured: no GPU was at hand"),
)
device = training.device()

# %% [markdown] slideshow={"slide_type": "subslide"}
# One game is: seed everything, make two networks, let them play by some rules, and draw 2000 fakes. A mode counts as found if at least 20 fakes lie within three
# standard deviations of it.

# %% slideshow={"slide_type": "fragment"}
def real_points(n, generator):
    return gan.ring_of_gaussians(n, generator=generator)


def play(seed, **rules):
    generator = training.seed_all(seed, n_threads=1)  # networks too small to share among threads
    network, critic = gan.ring_generator(), gan.ring_critic()
    label = f"ring, seed {seed}"
    gan.train(network, critic, real_points, steps=sizes.ring_steps, generator=generator, label=label, **rules)
    with torch.no_grad():
        return gan.forge(network, 2000, generator=generator)


def modes_found(games):
    return [gan.mode_coverage(fakes, centres, 0.15, 20).n_found for fakes in games]


# %% [markdown] slideshow={"slide_type": "subslide"}
# The detective moves, the forger moves, one to one, with the non-saturating loss and an R1 penalty of weight 0.1.
#
# **Predict:** how many of the eight modes will each of three games find?

# %% slideshow={"slide_type": "subslide"}
def titled(games):
    return {f"game {i}: {n} modes": games[i] for i, n in enumerate(modes_found(games[:3]))}


balanced = [play(SEED + game, r1=0.1) for game in range(sizes.ring_games)]
show_points(
    titled(balanced),
    alt="Three clouds of fakes, each a closed ring through all the modes, with few points inside.",
    caption="Balanced play with R1 finds the modes; a continuous forger also leaves bridges between them.",
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. Five moves to one
#
# A forger who moves five times while the detective waits looks like a faster learner. But against a detective who stands still, the best answer is not the data: it is the *one point* that he finds most
# convincing. **Predict** what five forger's moves for each of the detective's do.

# %% slideshow={"slide_type": "subslide"}
hasty = [play(SEED + game, g_steps=5) for game in range(sizes.ring_games)]
show_points(
    titled(hasty),
    alt="Three panels: in each the fakes are squeezed into a small clump instead of the ring.",
    caption="Everything in one place: mode collapse. The clump moves on as soon as the detective has noticed it.",
)

# %% slideshow={"slide_type": "subslide"}
assert min(modes_found(balanced)) >= 7
assert max(modes_found(hasty)) <= 3
print("1:1 with R1 finds at least 7 of 8 modes in each game: True")
print("5:1 finds at most 3 of 8 modes in each game: True")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Same networks, same loss, same data: one number of the rules decides. The order of min and max matters: $\min_q\max_D$ is the divergence of part 2, $\max_D\min_q$ is a point. Try the penalty here as well
# (`play(0, g_steps=5, r1=0.1)`): it does not rescue this schedule. Nor is the minimax loss the culprit: at one to one, with R1, it finds the ring too.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 12 min for parts 4 to 6.* While the games run, ask for bets on 5:1; "faster, but noisier" is the usual wrong answer. Ask: what is the best response to a frozen detective?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 7. Why the penalty helps
#
# Near its equilibrium the Dirac-GAN of part 3 flows with the matrix $\begin{pmatrix}0&-\frac12\\ \frac12&-\gamma\end{pmatrix}$, whose eigenvalues are $-\frac\gamma2\pm\sqrt{\frac{\gamma^2}{4}-\frac14}$. Without $\gamma$ they are $\pm\frac i2$, a
# rotation; with it the real part is negative: the spiral has a sink. **Predict:** is more always better?

# %% slideshow={"slide_type": "subslide"}
weights = np.linspace(0, 2.5, 101)
flow = np.array([[[0, -0.5], [0.5, -g]] for g in weights])
rate = np.linalg.eigvals(flow).real.max(axis=1)
figures.show_curves(
    {"slowest mode": (weights, rate)},
    x_label="R1 weight γ", y_label="rate of growth (per unit of time)",
    alt="The rate falls from 0 in a straight line to minus one half at weight 1, then rises slowly back towards 0.",
    caption="The best weight is 1; beyond it the detective is too stiff to lead anybody.",
)
print(f"best weight {weights[rate.argmin()]:.2f}, rate {rate.min():.2f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 8. Digits
#
# Convolutional players now, of 62 and 71 thousand weights, on 898 handwritten digits of 8 by 8 pixels; 899 others are held out. The loss is the *hinge*, $\max(0, 1-D)$ on real and $\max(0, 1+D)$ on fakes, and every layer
# of the detective is divided by its largest singular value (*spectral normalisation*), which bounds his slope everywhere.
# The learning rate climbs for 100 steps: a forger who is thrown at full speed into the flat end of his tanh never gets out.

# %% slideshow={"slide_type": "subslide"}
def enlarged(images):
    small = torch.tensor(images[:, None], dtype=torch.float32)
    return functional.interpolate(small, size=sizes.side, mode="bicubic").clamp(0, 1)


train_digits, _, held_out, _ = data.digits()
pictures = (2 * enlarged(train_digits) - 1).to(device)
print(f"{len(pictures)} pictures to learn from, {len(held_out)} held out")


def real_digits(n, generator):
    return pictures[torch.randint(len(pictures), (n,), generator=generator).to(device)]


# %% [markdown] slideshow={"slide_type": "subslide"}
# Beside the forger's weights we keep their moving average. The game never quite settles (part 3), so the weights circle, and the centre of a circle is the place that its points never visit.
# **Predict:** which forges better, the last weights or their average?

# %% slideshow={"slide_type": "fragment"}
generator = training.seed_all(SEED, sizes.threads)
forger = training.placed(gan.image_generator(side=sizes.side, width=sizes.width), device, channels_last=True)
critic = training.placed(gan.image_critic(side=sizes.side, width=sizes.width), device, channels_last=True)
result = gan.train(
    forger, critic, real_digits, steps=sizes.steps, batch=sizes.batch, kind="hinge", lr=1e-3, warmup=100,
    decay=0.995, generator=generator, label="digits",
)

# %% slideshow={"slide_type": "subslide"}
def forged(n=898):
    with torch.no_grad():
        x = gan.forge(forger, n, generator=torch.Generator().manual_seed(SEED))
    return ((x[:, 0] + 1) / 2).clamp(0, 1).cpu().numpy()


raw = forged()
with result.average.swap():
    averaged = forged()
unseen = enlarged(held_out)[:, 0].numpy()
sheets = {"real": unseen, "forged, last weights": raw, "forged, averaged weights": averaged}
figures.show_pictures(
    {name: figures.contact_sheet(images[:42], 6) for name, images in sheets.items()},
    alt="Three sheets of 42 digits: real ones, rougher forged ones, and cleaner forged ones.",
    caption="Most forged digits can be read; those of the averaged weights have cleaner strokes.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Measured, not admired
#
# Pictures flatter. So each set of 898 pictures is compared with the held-out digits, in 32 features of a small frozen network that recognises digits: *Fréchet's distance* of two fitted Gaussians; *precision*, the share of fakes that
# lie among the real; *recall*, the share of real that lie among the fakes; and in pixels the distance to the nearest *training* picture over that to the nearest held-out one. The first rows are the scale: real against real, and a Gaussian with the pixels' covariance. The last is a
# fraud: training pictures with a little noise.

# %% slideshow={"slide_type": "subslide"} tags=["nbval-ignore-output"]
known = enlarged(train_digits)[:, 0].numpy()
fraud = known + 0.03 * rng.standard_normal(known.shape)
samples = {"last weights": raw, "averaged weights": averaged, "training pictures + noise": fraud}
quality = sample_quality.quality_report(samples, train=known, held_out=unseen, rng=rng)
classes = sample_quality.label_counts(sample_quality.describe(averaged).labels, 10)
print(quality, f"forged digits of each class: {classes.tolist()}", sep="\n")

# %% slideshow={"slide_type": "subslide"}
last, mean, copied = (quality[name] for name in samples)
assert mean.frechet <= min(0.65, last.frechet)
assert classes.min() > 0
assert copied.neighbour_ratio < 0.5 < 0.8 < mean.neighbour_ratio
print("Averaged weights: Fréchet distance at most 0.65, and below that of the last weights: True")
print("All ten digits are forged: True")
print("The fraud shows in the ratio of neighbours (below 0.5), the forger's is above 0.8: True")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Averaging matters more than the choice of the loss: the forger stays on its circle, the average sits near the centre. And no single column can be trusted. The fraud is as near to real data as real data are, and only its
# neighbours give it away; class means with noise would have perfect precision and no recall.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 9. Two ways to fail
#
# The likelihood fit of part 1 misses no mode and fills the void; the hasty forger of part 6 has no sample in the void's middle and misses modes. The same Gaussian family shows both: fit it to the ring by $\mathrm{KL}(p|q)$, then by $\mathrm{KL}(q|p)$, which
# never punishes a missed mode. Below, both divergences are computed by quadrature for a round Gaussian that sits at radius $a$ towards one mode, with the best width for each $a$.

# %% slideshow={"slide_type": "subslide"}
g = torch.linspace(-5, 5, 201, dtype=torch.float64)
plane = torch.cartesian_prod(g, g)
world = torch.exp(-(torch.cdist(plane, centres.double()) ** 2) / (2 * 0.15**2)).sum(dim=1) + 1e-12
world = world / world.sum()


def divergences(a, s):
    q = torch.exp(-((plane - torch.tensor([a, 0.0])) ** 2).sum(dim=1) / (2 * s**2)) + 1e-300
    q = q / q.sum()
    return [float((u * (u / v).log()).sum()) for u, v in ((world, q), (q, world))]


# %% slideshow={"slide_type": "subslide"}
places, widths = np.linspace(0, 2, 9), [0.1, 0.15, 0.25, 0.5, 1.0, 1.4, 2.0]
best = np.array([np.min([divergences(a, s) for s in widths], axis=0) for a in places])
figures.show_curves(
    {"KL(p | q), likelihood": (places, best[:, 0]), "KL(q | p)": (places, best[:, 1])},
    x_label="distance a of the Gaussian from the middle", y_label="divergence (nats)", marker="o",
    alt="One curve is least at distance 0 and rises; the other is least at distance 2, on one mode.",
    caption="One divergence puts the Gaussian in the empty middle, the other on a single mode.",
)
covering, seeking = places[best.argmin(axis=0)]
print(f"best place: {covering:.0f} by KL(p | q), {seeking:.0f} by KL(q | p)")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 10. Fréchet's distance needs many samples
#
# **It is tempting to think** that a distance between two sets from one distribution is zero on average. Fitted means and covariances are noisy, and the distance squares the noise: for $n$ samples each of $N(0, I_d)$ it is
# about $(2d + d(d+1)/2)/n$. With $d = 10$ that is $75/n$.
#
# **Predict:** by what factor does a paper's "distance" fall when it takes four times as many samples?

# %% slideshow={"slide_type": "subslide"}
def distance_of_equals(n, d=10, trials=40):
    pairs = (rng.standard_normal((2, n, d)) for _ in range(trials))
    return np.mean([sample_quality.frechet_distance(*pair) for pair in pairs])


counts = np.array([50, 100, 200, 400, 800])
measured = np.array([distance_of_equals(n) for n in counts])
figures.show_curves(
    {"measured, truth is 0": (counts, measured), "75 / n": (counts, 75 / counts)},
    x_label="samples n of each set", y_label="Fréchet distance", x_scale="log", y_scale="log", marker="o",
    alt="On log axes the measured distance falls along the straight line 75 over n.",
    caption="Nothing differs but the sample, and the distance is 75 / n.",
)
close = np.abs(counts * measured / 75 - 1)[2:] < 0.1
print(f"n times the distance is within a tenth of 75 for n = 200 and more: {bool(close.all())}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# So a Fréchet distance without $n$, and without the floor of real against real at the same $n$, says nothing. This is why the table of part 8 begins with both.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **When it fails.** At the same cost this forger stays further from the floor than a diffusion model (lab 15), but he forges a picture with one call of a network in place of ten or a hundred. Nothing in the loss says how
# good he is: compare the two players' curves and you see a draw, whether the forgeries are good or collapsed. That is why one measures outside the game.

# %% slideshow={"slide_type": "subslide"}
history = {name: values.reshape(50, -1).mean(axis=1) for name, values in result.fit.history.items()}
middles = (np.arange(50) + 0.5) * sizes.steps / 50
figures.show_curves(
    {name: (middles, values) for name, values in history.items()},
    x_label="steps", y_label="loss (mean of 2 % of the steps)",
    alt="The losses of critic and generator waver about constant levels from early on.",
    caption="The losses stay where they are while the digits get better: a draw says nothing about the level of play.",
)

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 15 min for parts 7 to 10.* Show the sheets first and let the room rank them, then the table. Ask: which single number would you publish, and how would you cheat with it? Wrong answer to expect: "low loss means good forger".

# %% [markdown] slideshow={"slide_type": "slide"} tags=["recap"]
# ## What to remember
#
# 1. The best detective is $p/(p+q)$, and against him the forger minimises $2\,\mathrm{JSD} - \log 4$.
# 2. Games turn: simultaneous steps spiral out, alternating ones circle; extragradient or an R1 penalty gives the spiral a sink.
# 3. The minimax loss starves a bad forger; the non-saturating one does not.
# 4. Let the forger move too often, and he answers a frozen detective with one point.
# 5. Average the weights; measure quality, coverage and copying apart, beside their floor, with $n$.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercises"]
# ## Exercises
#
# Write each function in place of the `raise` line, run the cell, then the check below it. The check runs public cases and names the mistake that it recognises; grading draws other cases. Tensors come in as float64;
# return tensors or numbers. Import nothing but torch, numpy and math.
#
# *To predict first, ungraded:* what will two moves of the forger for one of the detective do to the ring? *To break, ungraded:* find rules under which `play` loses all modes although the forger moves once for each of the detective's moves.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 1: the best detective (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def optimal_discriminator(p, q):
    """Return the best detective's probability of "real" at each point.

    p and q are the densities of real data and of fakes there, tensors of one shape, >= 0.
    Where both are 0, return 1/2.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(optimal_discriminator)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 2: the value of the game (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def value_at_optimum(p, q):
    """Return E_p log D + E_q log(1 - D) against the best detective D, in nats.

    p and q are probabilities of the same cells, tensors of sum 1; cells may be empty, and 0 log 0 is 0.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(value_at_optimum)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 3: who arrives (12 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def bilinear_radius(h, scheme):
    """Return the factor by which the distance to (0, 0) grows per step, in the long run.

    The game is theta * psi with steps h > 0. scheme is "simultaneous", "alternating" (theta moves first,
    psi sees where it has gone) or "extragradient"
    (both look one full step h ahead, and step with the gradient there).
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(bilinear_radius)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 4: who starves (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def generator_logit_grad(logit, kind):
    """Return the derivative of the generator's loss with respect to the logit of a fake (a tensor).

    kind "minimax": the loss is log(1 - sigmoid(logit)); kind "non-saturating": it is -log sigmoid(logit).
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(generator_logit_grad)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["references"]
# ## Sources, and why to read them
#
# - I. Goodfellow et al., "Generative adversarial nets", *NeurIPS* 2014: parts 2 and 4 in two pages, by those who had the idea.
# - L. Mescheder, A. Geiger and S. Nowozin, "Which training methods for GANs do actually converge?", *ICML* 2018: the Dirac-GAN, and why R1.
# - T. Miyato, T. Kataoka, M. Koyama and Y. Yoshida, "Spectral normalization for generative adversarial networks", *ICLR* 2018: a bound on the detective's slope for the price of one matrix product.
# - A. Radford, L. Metz and S. Chintala, "Unsupervised representation learning with deep convolutional generative adversarial networks", *ICLR* 2016: the recipe that made pictures work.
# - M. Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash equilibrium", *NeurIPS* 2017: where the Fréchet distance of features comes from.
# - T. Kynkäänniemi et al., "Improved precision and recall metric for assessing generative models", *NeurIPS* 2019: quality and coverage apart.
