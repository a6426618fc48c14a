# ---
# jupyter:
#   coursekit:
#     slug: motion_blur
#     title: Motion blur, and the wheel that turns backwards
#     question: A film shows 24 pictures a second, each taken through a shutter that stays open for a while. What does it make of a turning wheel?
#     objectives:
#     - derive the blur of a uniform motion as an average over time, and its transfer function
#     - predict how fast, which way and with what contrast a wheel turns on film
#     - compose a moving object and its background, with the right share of each
#     - undo a blur by Wiener's filter, and say which detail is lost
#     - design a shutter that loses none
#     needs: [resolution]
#     minutes:
#       read: 30
#       exercises: 35
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Motion blur, and the wheel that turns backwards
#
# **A film shows 24 pictures a second, each taken through a shutter that stays open for a while. What does it make of a turning wheel?**
#
# After this lecture you can
#
# - *derive* the blur of a uniform motion as an average over time, and its transfer function;
# - *predict* how fast, which way and with what contrast a wheel turns on film;
# - *compose* a moving object and its background, with the right share of each;
# - *undo* a blur by Wiener's filter, and *say* which detail is lost;
# - *design* a shutter that loses none.
#
# Needs lecture 14 (resolution, not built yet); the next cell but one recalls it.
# 30 minutes to read, 35 for the exercises; the cells take under 10 CPU seconds.

# %% slideshow={"slide_type": "skip"}
try:
    import numpy as np
    from skimage import data

    from coursekit import figures, motion_blur
    from coursekit.exercises.motion_blur import check
except ModuleNotFoundError as missing:
    message = f"{missing}. Start the course with: python3 course.py start"
    missing._render_traceback_ = lambda: [message]
    raise
rng = np.random.default_rng(16)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["recap-needs"]
# ## What you need to remember
#
# - *Stripes.* A pattern $\cos 2\pi f x$ has $f$ cycles per pixel. Blur that is the same everywhere (a convolution) leaves stripes stripes: it multiplies their
#   contrast and may shift them. The factor as a function of $f$ is the *transfer function* $H(f)$, the Fourier transform of the blur's kernel. Its modulus is the *modulation
#   transfer function* (MTF): 1 keeps all contrast, 0 leaves an even grey.
# - *Sampling.* Samples taken $F$ times a second cannot tell a frequency $a$ from $a + F$, $a - F$, $a + 2F$, and so on. These are *aliases*; we see
#   the one of the smallest size, below $F/2$.
# - *Resolution.* Detail whose transfer is 0 is not in the picture, and no processing brings it back. A lens has a limit beyond which all is lost. A moving camera, we shall see, has holes.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Six pictures of a wheel
#
# Here are six successive frames of a film. The wheel has eight spokes, all alike, and turns at a steady rate.
#
# **Predict:** clockwise or anticlockwise? Follow one spoke from frame to frame, and say by how many degrees it goes.

# %% slideshow={"slide_type": "subslide"}
film = {
    f"frame {k}": motion_blur.render_wheel(8, 2.5, 24, 1 / 400, frame=k, size=141, width=6) for k in range(6)
}
figures.show_pictures(
    film, height=1.6,
    alt="Six pictures of a wheel with eight spokes; from each to the next the spokes seem to go back by a small angle, anticlockwise.",
    caption="Six frames, 1/24 second apart. Any spoke may be any other spoke.")
seen = motion_blur.apparent_rate(8, 2.5, 24)
print(f"it turns by {360 * 2.5 / 24:.1f}° clockwise in a frame; the eye sees {360 * seen / 24:.1f}°")

# %% [markdown] slideshow={"slide_type": "fragment"}
# You should see 37.5 and −7.5. The wheel turns clockwise, two and a half times a second, and everybody sees it go back. Nothing is wrong with the pictures:
# the eye takes the smallest step that explains them. The film samples time, and it also averages over time while its shutter is open. This lecture is about both.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 5 min.* Let the room vote before you run the cell, then ask for a spoke's angle in frame 0 and frame 1. Ask: what could the maker of the wheel do so
# that nobody is fooled? (Paint one spoke.) Wrong answer to expect: "use a better camera".

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. Follow one pixel
#
# The camera stands still and a car drives by. Is the blur a property of the picture, or of time? A pixel knows no neighbours: it collects light $g(x, t)$ while
# the shutter is open, for the exposure time $T$, and reports the mean
#
# $$I(x) = \frac1T\int_0^T g(x, t)\,dt .$$
#
# **Predict:** a photograph moves past at one pixel per instant, for 15 instants. Which picture is the mean?

# %% slideshow={"slide_type": "subslide"}
coffee = data.coffee()[60:316, 170:426].mean(axis=2) / 255
frames = np.array([np.roll(coffee, k, axis=1) for k in range(-7, 8)])
photo = motion_blur.expose(frames)
figures.show_pictures(
    {"one instant": coffee, "row 190, time down": np.repeat(frames[:, 190], 17, axis=0), "the mean": photo},
    alt="A cup of coffee; one of its rows through 15 instants, drawn below each other, each one step to the right; and the cup smeared sideways.",
    caption="Middle: each column is one pixel through time. The exposure is the mean of every column, for itself.")
smeared = motion_blur.blur(coffee, motion_blur.box_kernel(15, 0, (1, 15)))
print("mean over time = convolution with a box of 15 pixels:", np.abs(photo - smeared).max() < 1e-14)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Blur happens in time. Only because everything moves alike, $g(x, t) = f(x - vt)$ with speed $v$, does the box in time become a box in space, of length $vT$. The two
# agree to rounding. Keep the order in mind: where things move *differently*, the first sentence still holds and the second does not.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. What a wave becomes
#
# Let stripes $e^{2\pi i f x}$ go by at speed $v$, $f$ cycles per pixel.
#
# 1. The pixel at $x$ sees $e^{2\pi i f (x - vt)}$: the stripe times $e^{-2\pi i f v t}$.
# 2. Its mean over $[0, T]$ is the stripe times $H = \frac1T\int_0^T e^{-2\pi i f v t}\,dt$.
# 3. Integrate: $H = \operatorname{sinc}(fvT)\, e^{-i\pi f v T}$, with $\operatorname{sinc} z = \sin(\pi z)/(\pi z)$.
#
# The exponential is the shift by half the path $vT$. The MTF is $|\operatorname{sinc}(fvT)|$.

# %% slideshow={"slide_type": "subslide"}
def short_mtf(f, v, T, n=10_000):
    t = (np.arange(n) + 0.5) / n * T  # n instants, each the middle of its share of the exposure
    return abs(np.exp(-2j * np.pi * f * v * t).mean())


f = np.array([0.0, 0.01, 0.05, 0.075])
print("MTF over a path of 20 pixels:", motion_blur.mtf(f, 40.0, 0.5).round(2) + 0.0)
differences = [abs(short_mtf(x, 40.0, 0.5) - motion_blur.mtf(x, 40.0, 0.5)) for x in f]
print("averaging instants agrees:", max(differences) < 1e-6)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that blur makes fine detail fainter and fainter, and that is all. Look at the formula: at $fvT = 1$ a whole period goes by and nothing is left. Beyond
# that the sinc is *negative*: bright stripes where dark ones were.
#
# **Predict:** in the picture below the stripes get finer downwards. Where do they vanish, and what do they do below?

# %% slideshow={"slide_type": "subslide"}
x, freq = np.arange(-115, 115), np.linspace(0.005, 0.145, 160)[:, None]
stripes = 0.5 + 0.5 * np.cos(2 * np.pi * freq * x)
blurred = motion_blur.blur(stripes, motion_blur.box_kernel(20, 0, (1, 21)))
stripes, blurred = stripes[:, 15:-15], blurred[:, 15:-15]  # without the border
fig = figures.pictures({"stripes, finer downwards": stripes, "after a path of 20 pixels": blurred})
fig.axes[1].plot(100 + 90 * np.sinc(20 * freq), np.arange(160), color="#E69F00", linewidth=3)
fig.axes[1].plot([100, 100], [0, 159], color="#E69F00", linestyle=":")
figures.show(
    fig,
    alt="Stripes that get finer downwards; blurred, they vanish at two heights, and between these the middle stripe is dark, not bright.",
    caption="Orange: the sinc, to the right of the dotted line where it is positive. To its left, dark and bright are exchanged.")
print(f"middle column, frequency 0.03: {blurred[28, 100]:.1f} (bright); 0.075: {blurred[80, 100]:.1f} (dark)")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 12 min for parts 2 and 3.* Ask: what kernel has no zero? Keep the answers for part 8. Wrong answer to expect in part 3: that the stripes at $f = 1/(vT)$ are only
# hard to see. They are gone: all phases contribute alike.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Backwards
#
# With $n$ spokes alike, a wheel at $R$ turns a second shows each point $nR$ spokes a second. Film takes $F$ frames a second, so spoke rates that differ by $F$ look the same. The eye
# takes the alias nearest to rest:
#
# $$a = \bigl((nR + \tfrac F2) \bmod F\bigr) - \tfrac F2, \qquad \text{apparent rate} = a/n .$$
#
# Paint one spoke, and the doubt is gone: one mark has $n = 1$. **Predict:** in which frame will the painted spoke (filled) be back in the place that it had in frame 0?

# %% slideshow={"slide_type": "subslide"}
fig = figures.pictures(film, height=1.6)
for k, ax in enumerate(fig.axes):
    true, alias = (2 * np.pi * rate * k / 24 for rate in (2.5, seen))
    ax.plot(70 + 45 * np.cos(true), 70 + 45 * np.sin(true), "o", color="#C44E00")
    ax.plot(70 + 45 * np.cos(alias), 70 + 45 * np.sin(alias), "o", color="white", markeredgecolor="#C44E00")
figures.show(
    fig,
    alt="The six frames again: a filled dot on one spoke goes round clockwise in large steps, an open dot goes back in small steps.",
    caption="Filled: one spoke, painted. Open: the spoke that the eye takes for it.")
for n, kind in ((8, "8 spokes alike"), (1, "one painted")):
    print(f"{kind}, 2.9 turns a second: on film {motion_blur.apparent_rate(n, 2.9, 24):.1f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. The shutter decides whether you see it
#
# At $nR = F$ the wheel seems to stand still. Does it look sharp? While the shutter is open the spokes sweep on, and by part 3 the fundamental of their pattern keeps the fraction $|\operatorname{sinc}(nRT)|$
# of its contrast. Film makers give $T$ as an angle: 360° is open all the time, 180° for half of each frame.
#
# **Predict:** what do you see at the standstill with each of these shutters?

# %% slideshow={"slide_type": "subslide"}
open_for = {f"{angle}°": angle / 360 / 24 for angle in (18, 180, 360)}
still = {name: motion_blur.render_wheel(8, 3.0, 24, T, size=181) for name, T in open_for.items()}
figures.show_pictures(
    still, height=2.7,
    alt="The wheel at standstill: sharp with the short shutter, soft with the middle one, an even grey disc with the long one.",
    caption="8 spokes at 3 turns a second, 24 frames: standing still on film, if the shutter lets you see it.")
for name, T in open_for.items():
    print(f"{name:>4} shutter: contrast {np.sinc(8 * 3.0 * T):.3f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# With 180° the contrast is $2/\pi = 0.637$: the standing wheel is plain to see. With 360° exactly one spoke goes by in each frame, and there is no wheel. So the backward wheel of the
# cinema needs both: sampling to turn it, and a short shutter to show it. Averaging over the frame is an anti-alias filter, if a weak one.

# %% slideshow={"slide_type": "skip"}
rates = np.linspace(0, 7, 1401)
apparent = np.array([motion_blur.apparent_rate(8, R, 24) for R in rates])
apparent[1:][np.abs(np.diff(apparent)) > 1] = np.nan  # no line across the jump


def wheel_view(R, shutter, frame):
    T = shutter / 360 / 24
    a, left = motion_blur.apparent_rate(8, R, 24), abs(np.sinc(8 * R * T))
    way = "stands still" if abs(a) < 0.005 else f"turns {'anti' * (a < 0)}clockwise at {abs(a):.2f} a second"
    return {
        "wheel": motion_blur.render_wheel(8, R, 24, T, frame=frame, size=221), "film": ([R], [a]),
        "reading": f"on film the wheel {way}, with {100 * left:.0f} % of its contrast",
    }


# %% [markdown] slideshow={"slide_type": "fragment"}
# **Task:** hold the arrow key on the frame slider: this is your film. Find the rate just below 3 at which the wheel creeps back; then open the shutter until you cannot tell. Is there a
# rate at which a 180° shutter hides the wheel?

# %% slideshow={"slide_type": "fragment"} tags=["interactive", "nbval-ignore-output"]
wheel_explorer = figures.Interactive(
    wheel_view,
    controls={
        "R": figures.Slider("turns a second", 0.0, 7.0, 0.1, 2.5),
        "shutter": figures.Slider("shutter (degrees)", 6, 360, 6, 90),
        "frame": figures.Slider("frame", 0, 47, 1, 0),
    },
    panels=[
        figures.Picture("wheel", "one frame of the film"),
        figures.Plot(
            "true rate (turns/s)", "rate on film (turns/s)", (0, 7), (-2.8, 2), points=["film"],
            fixed={"8 spokes, 24 frames/s": (rates, apparent)}, legend="lower left"),
    ],
    settings=[{"R": 2.5, "frame": 0}, {"R": 2.5, "frame": 1}, {"R": 6.0, "shutter": 180}],
    alt="Left, a wheel with eight spokes; right, its rate on film against the true rate, a sawtooth with a point for this wheel.",
)
wheel_explorer.show()

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 13 min for parts 4 and 5.* Drag the rate slowly from 0 to 3: forwards, a jump, backwards, standstill. Ask: with which shutter does contrast vanish at the *second* standstill? (180°.) Wrong
# answer to expect: "a faster film shows the true rate". It does, up to $F/2n$ turns a second.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. One wheel, both effects
#
# The spokes of a real wheel are as thick at the rim as at the hub, and the rim runs faster: at radius $r$ the path is $2\pi r R T$. Where it is shorter than a spoke is wide, the spoke keeps a core that
# is never uncovered. **Predict:** where does the blur begin, if a spoke is 16 pixels wide?

# %% slideshow={"slide_type": "subslide"}
wheel = motion_blur.render_wheel(8, 1.5, 24, 1 / 48, size=401, width=16)
figures.show_pictures(
    {"whole wheel": wheel, "hub": wheel[150:250, 150:250], "rim": wheel[165:265, 300:400]}, height=2.7,
    alt="A wheel, and two close-ups: near the hub the spokes have bright cores, near the rim they are faint and wide.",
    caption="One exposure of one rigid wheel: crisp at the hub, faint at the rim. No single kernel blurs it.")
for r in (25, 81, 170):
    print(f"{r:3} pixels from the centre: path {2 * np.pi * r * 1.5 / 48:.0f} pixels")

# %% [markdown] slideshow={"slide_type": "subslide"}
# At 81 pixels the path is as long as a spoke is wide, and beyond no point of the spoke keeps its full brightness. The wheel is rigid and turns evenly, yet its blur is no convolution in the picture: it is one in the *angle*. Part 2 holds as it stands,
# pixel by pixel in time.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 7. An object before a background
#
# A sign goes by; the scene behind it stands still. **It is tempting to think** that the photograph is the sharp picture, blurred where the sign is. But the background did not move, and near the sign's ends it is seen for part of the time.
# Let $o$ be the object, $m$ its opacity, $B$ the background. At each instant the light is $m\,o + (1 - m)B$ with $m$ and $o$ shifted and $B$ not, so the mean is
#
# $$I = \operatorname{box}(m\,o) + \bigl(1 - \operatorname{box}(m)\bigr) B .$$

# %% slideshow={"slide_type": "subslide"}
sign, opacity = np.zeros((2, 256, 256))
sign[90:150, 40:150], opacity[90:150, 40:150] = data.page()[68:128, 60:170] / 255, 1
scene = opacity * sign + (1 - opacity) * coffee
wrong = motion_blur.expose([np.roll(scene, k, axis=1) for k in range(50)])
right = motion_blur.expose_moving_object(coffee, sign, opacity, 50)
figures.show_pictures(
    {"as the shutter opens": scene, "the picture, blurred": wrong, "box(mo) + (1 − box(m))B": right},
    alt="A sign with text before a cup; the whole picture smeared; and only the sign smeared, its ends half-transparent.",
    caption="The background stays sharp, and shines through the ends of the sign.")
print(f"largest error of the blurred picture: {np.abs(wrong - right).max():.1f} of full contrast")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 8 min for parts 6 and 7.* Ask: where in the third picture is the background seen for exactly half of the time? Wrong answer to expect: multiplying the background by $(1-m)$ of one instant. Film animators
# know $\operatorname{box}(m)$ as the alpha channel.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 8. Getting it back
#
# Blur divides nothing by zero, but undoing it does: at the zeros of $H$ the detail is gone, and near them the inverse $1/H$ magnifies whatever noise came after the blur. Minimise $|Hx - y|^2 + \text{nsr}\,|x|^2$ for each wave instead, where nsr
# is the power of the noise over that of the picture:
#
# $$x = \frac{\bar H}{|H|^2 + \text{nsr}}\; y .$$
#
# **Predict:** the camera adds noise of half a per cent. How does the plain inverse look?

# %% slideshow={"slide_type": "subslide"}
h = motion_blur.box_kernel(15, 0, (1, 15))
y = motion_blur.blur(coffee, h) + 0.005 * rng.standard_normal(coffee.shape)
tries = {"blurred, 0.5 % noise": y, "plain inverse": motion_blur.wiener_deblur(y, h, 0.0)}
tries["Wiener, nsr 0.01"] = motion_blur.wiener_deblur(y, h, 0.01)
figures.show_pictures(
    tries, height=2.8,
    alt="A smeared cup; the plain inverse, drowned in noise; Wiener's result, sharp with faint echoes.",
    caption="The plain inverse restores every wave, and its noise with it. Wiener's filter gives up what is lost.")
print(f"the plain inverse multiplies the noise by {motion_blur.noise_gain(h, 256):.0f}")
for name, result in tries.items():
    print(f"{name}: root mean square error {np.sqrt(np.mean((result - coffee) ** 2)):.2f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now a photograph that somebody really took with a moving camera. Nobody wrote down the length of the path. But $|H|^2$ has zeros spaced evenly, $1/L$ apart; in the logarithm of the power
# spectrum they are a periodic dip, and the Fourier transform of that logarithm, the *cepstrum*, shows a negative peak at the lag $L$.
#
# **Predict:** how many pixels did the camera move?

# %% slideshow={"slide_type": "subslide"}
clock = data.clock() / 255
lags = np.arange(10, 80)
figures.show_curves(
    {"clock": (lags, motion_blur.cepstrum(clock)[10:80])}, x_label="lag (pixels)", y_label="cepstrum",
    alt="The cepstrum of the clock's rows against the lag: it wavers about zero, with one deep dip near 36 pixels.",
    caption="The dip that the camera's path left in the spectrum of the photograph.")
length = motion_blur.blur_length(clock)
print(f"length of the blur: {length} pixels")

# %% [markdown] slideshow={"slide_type": "subslide"}
# You should see 36. The whole row of zeros says so, and no single edge of the picture. With that kernel Wiener's filter can try. A mirror image beside the photograph avoids a jump where the periodic border joins
# right to left; the box is symmetric, so the mirror image is blurred alike. **Predict:** will you be able to read the time?

# %% slideshow={"slide_type": "subslide"}
mirrored = np.hstack([clock, clock[:, ::-1]])
restored = motion_blur.wiener_deblur(mirrored, motion_blur.box_kernel(length, 0, (1, 37)), 0.003)
part = np.s_[70:235, 110:310]
figures.show_pictures(
    {"the photograph": clock[part], f"undone over {length} pixels": restored[part]}, limits=(0.35, 1),
    alt="A clock smeared to a bright blob, and the same restored: a round rim, a hand towards the lower right, and echoes of the rim beside it.",
    caption="A real blur. There is no sharp original to compare with: judge by eye.")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 9. Open the shutter in a code
#
# The zeros come from the box. Open and close the shutter in a pattern while the picture moves on, one pixel for each of 52 chips, and the kernel is the pattern. Raskar, Agrawal and Tumblin searched for one
# whose $|H|$ stays away from 0. It lets in half of the light. **Predict:** can the darker photograph be restored better?

# %% slideshow={"slide_type": "skip"}
kernels = {"open": np.full((1, 52), 1 / 52), "coded": motion_blur.coded_kernel(motion_blur.CODE)}
text, cycles = data.page()[60:140, 20:276] / 255, np.arange(129) / 256
grain = rng.standard_normal(text.shape)
transfers = {name: np.abs(motion_blur.kernel_transfer(k, (1, 256)))[0] for name, k in kernels.items()}


def shutter_view(shutter, noise, log_nsr):
    taken = motion_blur.blur(text, kernels[shutter]) + noise / 100 * grain
    back = motion_blur.wiener_deblur_fast(taken, kernels[shutter], 10.0**log_nsr)
    return {
        "photographs": np.vstack([taken, np.ones((6, 256)), back]),
        "|H|": (cycles, transfers[shutter] + 1e-6),
        "root of nsr": (cycles, np.full(129, 10 ** (log_nsr / 2))),
        "reading": f"error of the restored text {np.sqrt(np.mean((back - text) ** 2)):.3f} of full contrast",
    }


# %% [markdown] slideshow={"slide_type": "fragment"}
# Both photographs below get the same camera noise. Waves with $|H|^2$ well above nsr are restored, those below it are given up.
#
# **Task:** for each shutter find the nsr with the smallest error at 0.5 % noise. At which noise does the code lose its advantage?

# %% slideshow={"slide_type": "subslide"} tags=["interactive", "nbval-ignore-output"]
shutter_explorer = figures.Interactive(
    shutter_view,
    controls={
        "shutter": figures.Choice("shutter", ["open", "coded"], "coded"),
        "noise": figures.Slider("noise (per cent)", 0.0, 4.0, 0.1, 0.5),
        "log_nsr": figures.Slider("log10 of nsr", -6.0, 0.0, 0.25, -3.0),
    },
    panels=[
        figures.Picture("photographs", "taken, and restored"),
        figures.Plot("cycles per pixel", "transfer", (0, 0.5), (1e-4, 2), lines=["|H|", "root of nsr"],
                     y_scale="log", legend="lower left"),
    ],
    settings=[
        {"shutter": "open", "log_nsr": -3.0}, {"shutter": "coded", "log_nsr": -3.0},
        {"shutter": "open", "log_nsr": -5.0},
    ],
    alt="Left, a smeared line of print and its restoration; right, the transfer function on a log scale, with zeros for the open shutter and none for the coded one.",
)
shutter_explorer.show()

# %% slideshow={"slide_type": "subslide"}
for name, kernel in kernels.items():
    H = np.abs(np.fft.fft(kernel[0], 4160))  # 52 divides 4160: the zeros of the box are among the frequencies
    gain = motion_blur.noise_gain(kernel, 4160)
    print(f"{name:5}: smallest |H| {H.min():.3f}, noise multiplied by {gain:.1f}")

# %% [markdown] slideshow={"slide_type": "fragment"}
# The open shutter has exact zeros, so an exact inverse multiplies noise without bound. The code's smallest $|H|$ is 0.025, and its inverse multiplies noise by 17.6: much, but finite and spread over all waves. Nothing is lost for ever, and Wiener's filter
# has something to restore everywhere. You pay in light, once.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 12 min for parts 8 and 9.* Ask: why not simply a very short shutter? (No blur, but a 52nd of the light.) Wrong answer to expect: that Wiener's filter "finds" the lost stripes. Show the clock's echoes beside the rim.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 10. When it fails
#
# Film is often blurred afterwards, by averaging frames. **It is tempting to think** that five frames spread over the exposure do what the open shutter does. Their factor is $\sin(\pi fvT)/\bigl(5\sin(\pi fvT/5)\bigr)$: it returns to 1 where $fvT = 5$, and edges show up five times, as ghosts. And a wrong
# length of the kernel puts its zeros in the wrong places.

# %% slideshow={"slide_type": "subslide"}
frames5 = motion_blur.sampled_transfer(0.5, 10.0, 1.0, 5)
print(f"stripes with fvT = 5: shutter {motion_blur.mtf(0.5, 10.0, 1.0):.2f}, five frames {frames5:.2f}")
for guess in (15, 13, 11):
    back = motion_blur.wiener_deblur(y, motion_blur.box_kernel(guess, 0, (1, 15)), 0.01)
    print(f"15 pixels of blur undone over {guess}: error {np.sqrt(np.mean((back - coffee) ** 2)):.2f}")

# %% [markdown] slideshow={"slide_type": "fragment"}
# Four pixels too few, and the "restored" picture is farther from the truth than the blurred one was. The rest of the fine print: camera shake is not uniform, a turning wheel has no kernel, an object needs its mask before it can be deblurred, and what came in
# over the border during the exposure is nowhere in the picture, though periodic borders pretend that it is.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["recap"]
# ## What to remember
#
# 1. An exposure is a mean over time, pixel by pixel; only a common motion makes it a convolution.
# 2. A path $vT$ multiplies stripes by $\operatorname{sinc}(fvT)$: zeros, and reversed contrast between them.
# 3. $n$ spokes on film alias at $nR$ modulo the frame rate; the shutter leaves $|\operatorname{sinc}(nRT)|$ of them to be seen.
# 4. Object and background mix by the blurred mask, not by blurring the picture.
# 5. Wiener restores what is above the noise; zeros are lost for ever, and a coded shutter has none.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercises"]
# ## Exercises
#
# Write each function in place of the `raise` line, run the cell, then the check below it. The check runs public cases and names the mistake that it recognises;
# grading draws other cases. Import nothing but numpy.
#
# *To predict first, ungraded:* a fan with three blades is lit by a lamp that flashes 100 times a second. At which rates does it seem to stand still? *To break, ungraded:* find a picture, not constant, that
# `blur` with a box of 16 pixels turns into an even grey; what does `blur_length` say of it?

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 1: what contrast is left (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def mtf(f, v, T):
    """Return the modulation transfer function of uniform motion.

    f: cycles per pixel, a number or an array; v: pixels per second; T: the exposure time in seconds.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(mtf)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 2: how fast it seems to turn (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def apparent_rate(n, R, fps):
    """Return the rate, in turns per second, at which a wheel seems to turn on film; negative is backwards.

    n: identical spokes; R: the true rate in turns per second, of either sign; fps: frames per second.
    The eye takes the smallest turn that explains two successive frames.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(apparent_rate)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 3: a moving object (12 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def expose_moving_object(B, o, m, L):
    """Return the photograph (H, W) of an object that moves to the right over a background at rest.

    B: the background; o: the object's grey values as the shutter opens; m: its opacity there, 0 to 1; each
    is (H, W). The shutter sees L instants: the object shifted by 0, 1, ..., L - 1 columns. What leaves the
    picture is gone.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(expose_moving_object)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 4: Wiener's filter (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def wiener_deblur(y, h, nsr):
    """Return the image x (H, W) that minimises |h * x - y|^2 + nsr |x|^2, for periodic borders.

    y: the blurred image (H, W); h: the kernel (k, l), its middle at [k // 2, l // 2]; nsr: >= 0. For nsr = 0,
    h has no zeros.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(wiener_deblur)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["references"]
# ## Sources, and why to read them
#
# - R. Raskar, A. Agrawal and J. Tumblin, "Coded exposure photography: motion deblurring using fluttered shutter", *ACM Trans. Graphics* 25 (2006): part 9, with photographs, and how the code was found.
# - M. Potmesil and I. Chakravarty, "Modeling motion blur in computer-generated images", *Computer Graphics (SIGGRAPH)* 17 (1983): the exposure as a mean over time, from the other side: how to make blur.
# - D. Purves, J. A. Paydarfar and T. J. Andrews, "The wagon wheel illusion in movies and reality", *Proc. Natl. Acad. Sci. USA* 93 (1996): why some see it without a film.
# - R. Fergus, B. Singh, A. Hertzmann, S. T. Roweis and W. T. Freeman, "Removing camera shake from a single photograph", *ACM Trans. Graphics* 25 (2006): when the kernel is no box, and unknown.
# - N. Wiener, *Extrapolation, Interpolation, and Smoothing of Stationary Time Series*, MIT Press (1949): where the filter comes from.
