"""Two pictures of a family: A over the natural parameters, and the space of means.

With two parameters the same straight lines of the natural plane are drawn in both: what the
forward map makes of them is the second picture.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.cards.frame import FIRST, INK, MARK, SECOND, Frame
from expfam.cards.windows import TINT, lines, mean_region
from expfam.derivation.expression import Symbol
from expfam.derivation.formulas import Formulas
from expfam.derivation.media import TEXT
from expfam.derivation.notation import A, Notation, mean, natural
from expfam.derivation.shown import show
from expfam.derivation.windows import POINTS, Range, Window
from expfam.family import Distribution

_TIMES = 2.25


def pictures(p: Distribution, formulas: Formulas, notation: Notation) -> tuple[str, str]:
    """A over the natural parameters and the space of means, as SVG, with p marked in both."""
    symbols = natural, mean, A(natural), Symbol("A*")(mean)
    letters = [show(notation.write(symbol), TEXT) for symbol in symbols]
    if not p.family.natural_shape:
        return _one(p, formulas.means or (0.0, _TIMES * float(p.mean_parameter)), *letters)
    if formulas.window is not None:
        return _two(p, formulas.window, *letters)
    return (_three if p.family.discrete else _plane)(p, *letters)


# ---------------------------------------------------------------- one parameter


def _one(
    p: Distribution, shown: Range, eta: str, mu: str, a_of: str, dual_of: str
) -> tuple[str, str]:
    family, (low, high) = p.family, shown
    at, slope, value = float(p.natural_parameter), float(p.mean_parameter), p.convex_conjugate
    means = np.linspace(low, high, POINTS)[1:-1]
    ends = family.mean_to_natural(np.array([means[8], means[-8]]))
    grid = np.linspace(float(ends[0]), float(ends[1]), POINTS)
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


def _around(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return low - 0.12 * (high - low), high + 0.04 * (high - low)


def _slope(value: float) -> str:
    return f"slope {value:.3g}".replace("-", "−")


# ---------------------------------------------------------------- two parameters


def _two(
    p: Distribution, window: Window, eta: str, mu: str, a_of: str, dual_of: str
) -> tuple[str, str]:
    family = p.family
    (a, b), (u, v) = window.natural, window.mean
    rest = family.natural_shape[0] - 2
    plane = f", {eta}₃ = 0" if rest else ""

    def parameters(plane: Any) -> Any:
        return np.concatenate([plane, np.zeros((*plane.shape[:-1], rest))], axis=-1)

    def log_partition(x: Any, y: Any) -> Any:
        grid = parameters(np.stack([x, y], axis=-1))
        inside = family._inside(grid)
        value = family._log_partition(np.where(inside[..., None], grid, p.natural_parameter))
        return np.where(inside, value, np.nan)

    first = Frame(a, b, window.square)
    first.area([a[0], a[1], a[1], a[0]], [b[0], b[0], b[1], b[1]], TINT)
    with np.errstate(all="ignore"):
        first.levels(log_partition, window.levels)
    for line, colour in lines(window):
        first.curve(line[:, 0], line[:, 1], colour, 1.1)
    first.axes(f"{eta}₁", f"{eta}₂", f"level curves of {a_of}, and straight lines{plane}")
    first.point(*p.natural_parameter[:2])
    second = Frame(u, v, window.square)
    mean_region(second, window)
    for line, colour in lines(window):
        members = parameters(line)[family._inside(parameters(line))]
        image = np.asarray(family.natural_to_mean(members))
        second.curve(image[:, 0], image[:, 1], colour, 1.1)
    for point in window.points:
        second.dot(*point)
    second.axes(f"{mu}₁", f"{mu}₂", "the space of means, and the same lines")
    second.point(*p.mean_parameter[:2])
    return (
        first.svg("Level curves of the log-partition function over the natural parameters"),
        second.svg("The mean space with the images of straight lines of natural parameters"),
    )


# ---------------------------------------------------------------- vectors of two numbers


def _plane(p: Distribution, eta: str, mu: str, a_of: str, dual_of: str) -> tuple[str, str]:
    """A and the means as the linear part of η moves and the rest stays; one covariance, one A."""
    family, at, edge, reach = p.family, np.asarray(p.natural_parameter), 3.0, 5.0
    spread = np.asarray(p.fisher_information)[:2, :2]

    def parameters(x: Any, y: Any) -> Any:
        rest = np.broadcast_to(at[2:], (*np.shape(x), len(at) - 2))
        return np.concatenate([np.stack([x, y], axis=-1), rest], axis=-1)

    drawn, steps = [], np.linspace(-12, 12, POINTS)
    for value in range(-3, 4):
        drawn += [(parameters(0 * steps + value, steps), FIRST)]
        drawn += [(parameters(steps, 0 * steps + value), SECOND)]
    first = Frame((-edge, edge), (-edge, edge), square=True)
    first.area([-edge, edge, edge, -edge], [-edge, -edge, edge, edge], TINT)
    levels = p.log_partition + np.array([-0.25, 0.0, 0.5, 1.5, 3, 5, 8, 12, 17])
    first.levels(lambda x, y: family._log_partition(parameters(x, y)), levels.tolist())
    for line, colour in drawn:
        first.curve(line[:, 0], line[:, 1], colour, 1.0)
    one = "₁" if family.parts else ""
    over = f" over {eta}₁" if family.parts else ""
    first.axes(f"{eta}{one}₁", f"{eta}{one}₂", f"level curves of {a_of}{over}")
    first.point(*at[:2])
    second = Frame((-reach, reach), (-reach, reach), square=True)
    second.area([-reach, reach, reach, -reach], [-reach, -reach, reach, reach], TINT)
    for line, colour in drawn:
        image = np.asarray(family.natural_to_mean(line))
        second.curve(image[:, 0], image[:, 1], colour, 1.0)
    centre, turn = np.asarray(p.mean_parameter)[:2], np.linspace(0, 2 * np.pi, POINTS)
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
    first.area([-edge, edge, edge, -edge], [-edge, -edge, edge, edge], TINT)
    first.levels(log_partition, np.arange(0.25, 5, 0.25).tolist())
    steps = np.linspace(-12, 12, 4 * POINTS)
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
    second.area(corners[:, 0].tolist(), corners[:, 1].tolist(), TINT)
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
