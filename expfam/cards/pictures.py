"""Two pictures of a family: A over the natural parameters, and the space of means.

With two parameters the same straight lines of the natural plane are drawn in both: what the
forward map makes of them is the second picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from expfam.cards.frame import FIRST, INK, MARK, SECOND, Frame
from expfam.derivation.expression import Symbol
from expfam.derivation.media import TEXT
from expfam.derivation.notation import A, Notation, mean, natural
from expfam.derivation.shown import show
from expfam.family import Distribution

_TINT = "#eef3fa"
_POINTS = 400


class Window(NamedTuple):
    """Ranges of two natural parameters and of their means, and lines to draw."""

    natural: tuple[tuple[float, float], ...]
    mean: tuple[tuple[float, float], ...]
    lines: tuple[tuple[float, ...], ...]
    square: bool = False  # one unit for both axes


_GAUSSIAN = Window(
    ((-3.0, 3.0), (-2.0, 0.0)),
    ((-3.0, 3.0), (0.0, 9.0)),
    ((-2.0, -1.0, 0.0, 1.0, 2.0), (-1.6, -0.8, -0.4, -0.25, -0.15, -0.1)),
)
_GAMMA = Window(
    ((-1.0, 4.0), (-5.0, 0.0)),
    ((-4.0, 1.2), (0.0, 3.0)),
    ((-0.8, -0.6, -0.3, 0.0, 1.0, 2.0), (-4.0, -2.0, -1.0, -0.5, -0.25)),
)
_INVERSE_GAUSSIAN = Window(
    ((-2.5, 0.0), (-2.5, 0.0)),
    ((0.0, 4.0), (0.0, 4.0)),
    ((-2.0, -1.0, -0.5, -0.25, -0.1), (-2.0, -1.0, -0.5, -0.25, -0.1)),
)
_BETA = Window(
    ((0.0, 5.0), (0.0, 5.0)),
    ((-4.0, 0.0), (-4.0, 0.0)),
    ((0.2, 0.4, 0.7, 1.0, 2.0, 4.0), (0.2, 0.4, 0.7, 1.0, 2.0, 4.0)),
)
_VON_MISES = Window(
    ((-4.0, 4.0), (-4.0, 4.0)),
    ((-1.1, 1.1), (-1.1, 1.1)),
    ((-3.0, -1.5, -0.5, 0.5, 1.5, 3.0), (-3.0, -1.5, -0.5, 0.5, 1.5, 3.0)),
    square=True,
)
_WINDOWS = {
    "Gaussian": _GAUSSIAN,
    "LogNormal": _GAUSSIAN,
    "Gamma": _GAMMA,
    "InverseGamma": _GAMMA,
    "InverseGaussian": _INVERSE_GAUSSIAN,
    "Beta": _BETA,
    "Dirichlet": _BETA,
    "VonMises": _VON_MISES,
}
# Means that a picture of one parameter shows; by default, up to so many times the example's.
_MEANS = {
    "GaussianKnownVariance": (-5.0, 5.0),
    "ChiSquared": (-2.0, 3.0),
    "ContinuousBernoulli": (0.0, 1.0),
    "Logarithmic": (1.0, 4.0),
}
_TIMES = 2.25


def pictures(p: Distribution, notation: Notation) -> tuple[str, str]:
    """A over the natural parameters and the space of means, as SVG, with p marked in both."""
    symbols = natural, mean, A(natural), Symbol("A*")(mean)
    letters = [show(notation.write(symbol), TEXT) for symbol in symbols]
    if not p.family.natural_shape:
        return _one(p, *letters)
    if p.family.name in _WINDOWS:
        return _two(p, *letters)
    return (_three if p.family.discrete else _plane)(p, *letters)


# ---------------------------------------------------------------- one parameter


def _one(p: Distribution, eta: str, mu: str, a_of: str, dual_of: str) -> tuple[str, str]:
    family = p.family
    at, slope, value = float(p.natural_parameter), float(p.mean_parameter), p.convex_conjugate
    low, high = _MEANS.get(family.name) or (0.0, _top(p))
    means = np.linspace(low, high, _POINTS)[1:-1]
    ends = family.mean_to_natural(np.array([means[8], means[-8]]))
    grid = np.linspace(float(ends[0]), float(ends[1]), _POINTS)
    curve = np.asarray(family.log_partition(grid))
    first = Frame((grid[0], grid[-1]), _around(curve))
    first.axes(eta, "", f"{a_of} is convex; its slope is {mu}")
    first.curve(grid, p.log_partition + slope * (grid - at), MARK, 1.1, "4 3")
    first.curve(grid, curve, FIRST, 2)
    first.point(at, p.log_partition, _slope(slope), dx=-7)
    dual = np.asarray(family.from_mean(means).convex_conjugate)
    second = Frame((low, high), _around(dual))
    second.axes(mu, "", f"{dual_of} over the means; its slope is {eta}")
    second.curve(means, value + at * (means - slope), MARK, 1.1, "4 3")
    second.curve(means, dual, SECOND, 2)
    second.point(slope, value, _slope(at), dx=8 if at > 0 else -8, dy=14)
    return (
        first.svg("The log-partition function, with its tangent at a member"),
        second.svg("The convex conjugate over the mean space, with its tangent"),
    )


def _top(p: Distribution) -> float:
    """The largest mean that is shown: all trials where there are more or fewer of them."""
    times = _TIMES * float(p.mean_parameter)
    return float(p.family.trials) if p.family.name == "Binomial" else times


def _around(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return low - 0.12 * (high - low), high + 0.04 * (high - low)


def _slope(value: float) -> str:
    return f"slope {value:.3g}".replace("-", "−")


# ---------------------------------------------------------------- two parameters


def _two(p: Distribution, eta: str, mu: str, a_of: str, dual_of: str) -> tuple[str, str]:
    family, window = p.family, _WINDOWS[p.family.name]
    (a, b), (u, v) = window.natural, window.mean

    def log_partition(x: Any, y: Any) -> Any:
        grid = np.stack([x, y], axis=-1)
        inside = family._inside(grid)
        value = family._log_partition(np.where(inside[..., None], grid, p.natural_parameter))
        return np.where(inside, value, np.nan)

    first = Frame(a, b, window.square)
    first.area([a[0], a[1], a[1], a[0]], [b[0], b[0], b[1], b[1]], _TINT)
    with np.errstate(all="ignore"):
        first.levels(log_partition, np.arange(-4.0, 3.5, 0.5).tolist())
    for line, colour in _lines(window):
        first.curve(line[:, 0], line[:, 1], colour, 1.1)
    first.axes(f"{eta}₁", f"{eta}₂", f"level curves of {a_of}, and straight lines")
    first.point(*p.natural_parameter)
    second = Frame(u, v, window.square)
    _mean_region(second, family.name)
    for line, colour in _lines(window):
        image = np.asarray(family.natural_to_mean(line))
        second.curve(image[:, 0], image[:, 1], colour, 1.1)
    second.axes(f"{mu}₁", f"{mu}₂", "the space of means, and the same lines")
    second.point(*p.mean_parameter)
    return (
        first.svg("Level curves of the log-partition function over the natural parameters"),
        second.svg("The mean space with the images of straight lines of natural parameters"),
    )


def _reach(low: float, high: float, t: np.ndarray) -> np.ndarray:
    """Values from the edge of the domain on, or both ways where the window shows no edge."""
    if low in (-1, 0):
        return low + t
    return -t if high == 0 else np.concatenate([-t[::-1], t])


def _lines(window: Window) -> Iterator[tuple[np.ndarray, str]]:
    """Lines of one natural parameter from edge to far out, dense where the means move fast."""
    (a, b), (first, second) = window.natural, window.lines
    t = np.geomspace(1e-3, 400.0, 4 * _POINTS)
    y = _reach(*b, t)
    for value in first:
        yield np.stack([np.full_like(y, value), y], axis=-1), FIRST
    x = _reach(*a, t)
    for value in second:
        yield np.stack([x, np.full_like(x, value)], axis=-1), SECOND


def _mean_region(frame: Frame, name: str) -> None:
    """The means that there are, tinted, with their edge."""
    if name in ("Gaussian", "LogNormal"):
        x = np.linspace(*frame.x, _POINTS)
        y = x**2
        frame.area(x.tolist(), y.tolist(), _TINT)
    elif name == "InverseGaussian":
        x = np.geomspace(1 / frame.y[1], frame.x[1], _POINTS)
        y = 1 / x
        frame.area([*x.tolist(), frame.x[1]], [*y.tolist(), frame.y[1]], _TINT)
    elif name in ("Beta", "Dirichlet"):
        x = np.linspace(frame.x[0], np.log1p(-np.exp(frame.y[0])), _POINTS)
        y = np.log1p(-np.exp(x))
        frame.area([*x.tolist(), frame.x[0]], [*y.tolist(), frame.y[0]], _TINT)
    elif name == "VonMises":
        turn = np.linspace(-np.pi, np.pi, _POINTS)
        x, y = np.cos(turn), np.sin(turn)
        frame.area(x.tolist(), y.tolist(), _TINT)
    else:
        y = np.linspace(np.exp(frame.x[0]), frame.y[1], _POINTS)
        x = np.log(y)
        frame.area([*x.tolist(), frame.x[0]], [*y.tolist(), frame.y[1]], _TINT)
    frame.curve(x, y, INK, 1.2, "2 3")


# ---------------------------------------------------------------- vectors of two numbers


def _plane(p: Distribution, eta: str, mu: str, a_of: str, dual_of: str) -> tuple[str, str]:
    """A and the means as the linear part of η moves and the rest stays; one covariance, one A."""
    family, at, edge, reach = p.family, np.asarray(p.natural_parameter), 3.0, 5.0
    spread = np.asarray(p.fisher_information)[:2, :2]

    def parameters(x: Any, y: Any) -> Any:
        rest = np.broadcast_to(at[2:], (*np.shape(x), len(at) - 2))
        return np.concatenate([np.stack([x, y], axis=-1), rest], axis=-1)

    lines, steps = [], np.linspace(-12, 12, _POINTS)
    for value in range(-3, 4):
        lines += [(parameters(0 * steps + value, steps), FIRST)]
        lines += [(parameters(steps, 0 * steps + value), SECOND)]
    first = Frame((-edge, edge), (-edge, edge), square=True)
    first.area([-edge, edge, edge, -edge], [-edge, -edge, edge, edge], _TINT)
    levels = p.log_partition + np.array([-0.25, 0.0, 0.5, 1.5, 3, 5, 8, 12, 17])
    first.levels(lambda x, y: family._log_partition(parameters(x, y)), levels.tolist())
    for line, colour in lines:
        first.curve(line[:, 0], line[:, 1], colour, 1.0)
    one = "₁" if family.parts else ""
    over = f" over {eta}₁" if family.parts else ""
    first.axes(f"{eta}{one}₁", f"{eta}{one}₂", f"level curves of {a_of}{over}")
    first.point(*at[:2])
    second = Frame((-reach, reach), (-reach, reach), square=True)
    second.area([-reach, reach, reach, -reach], [-reach, -reach, reach, reach], _TINT)
    for line, colour in lines:
        image = np.asarray(family.natural_to_mean(line))
        second.curve(image[:, 0], image[:, 1], colour, 1.0)
    centre, turn = np.asarray(p.mean_parameter)[:2], np.linspace(0, 2 * np.pi, _POINTS)
    circle = np.linalg.cholesky(spread) @ [np.cos(turn), np.sin(turn)]
    for radius in (1, 2):
        second.curve(centre[0] + radius * circle[0], centre[1] + radius * circle[1], MARK, 1.4)
    second.axes("x₁", "x₂", f"the means {mu}{one}, and one and two deviations")
    second.point(*centre)
    return (
        first.svg("Level curves of the log-partition function over the linear natural parameters"),
        second.svg("The plane of means with images of straight lines, and a member's ellipses"),
    )


# ---------------------------------------------------------------- three categories


def _three(p: Distribution, eta: str, mu: str, a_of: str, dual_of: str) -> tuple[str, str]:
    at = np.asarray(p.natural_parameter)
    shares = np.asarray(p.mean_parameter) / p.family.trials
    edge = 4.0

    def log_partition(x: Any, y: Any) -> Any:
        return p.family._log_partition(np.stack([x, y, 0 * x], axis=-1)) / p.family.trials

    first = Frame((-edge, edge), (-edge, edge), square=True)
    first.area([-edge, edge, edge, -edge], [-edge, -edge, edge, edge], _TINT)
    first.levels(log_partition, np.arange(0.25, 5, 0.25).tolist())
    steps = np.linspace(-12, 12, 4 * _POINTS)
    for value in range(-3, 4):
        first.curve(np.full_like(steps, value), steps, FIRST, 1.0)
        first.curve(steps, np.full_like(steps, value), SECOND, 1.0)
    first.axes(
        f"{eta}₁ − {eta}₃", f"{eta}₂ − {eta}₃", f"level curves of {a_of}, and straight lines"
    )
    first.point(at[0] - at[2], at[1] - at[2])

    height = np.sqrt(0.75)
    second = Frame((-0.12, 1.12), (-0.1, height + 0.1), square=True)
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, height]])
    second.area(corners[:, 0].tolist(), corners[:, 1].tolist(), _TINT)
    zero = np.zeros_like(steps)
    for value in range(-3, 4):
        for line, colour in (
            (np.stack([zero + value, steps, zero], axis=-1), FIRST),
            (np.stack([steps, zero + value, zero], axis=-1), SECOND),
        ):
            image = np.asarray(p.family.natural_to_mean(line)) / p.family.trials @ corners
            second.curve(image[:, 0], image[:, 1], colour, 1.0)
    ring = corners[[0, 1, 2, 0]]
    second.curve(ring[:, 0], ring[:, 1], INK, 1.3)
    for k, (x, y) in enumerate(corners):
        second.words(x, y + (0.04 if k == 2 else -0.09), f"{mu}{'₁₂₃'[k]} = {p.family.trials}")
    second.title("the space of means, and the same lines")
    second.point(*(shares @ corners))
    return (
        first.svg("Level curves of logsumexp over the differences of natural parameters"),
        second.svg("The simplex of means with the images of straight lines"),
    )
