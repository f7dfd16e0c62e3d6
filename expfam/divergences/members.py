"""What divergences and geodesics share: two members of one family, and the line between them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from expfam.arrays import is_foreign, numbers, require, require_broadcast, two_difference
from expfam.comparison import require_comparable, require_one_face
from expfam.distribution import Distribution
from expfam.pairs import two_product


class Meeting(NamedTuple):
    """Two members as they are where both have a probability: on a face, where theirs differ.

    family: of the members on that face; p, q: natural parameters, with the whole batch each;
    beyond: −log of the probability that each gives to the face; nested: whether it is p's own.
    """

    family: Any
    p: np.ndarray
    q: np.ndarray
    beyond: tuple[Any, Any] = (0.0, 0.0)
    nested: bool = True


def check_pair(p: Any, q: Any, who: str) -> None:
    """TypeError for what is no member, and for members of other libraries than numpy; ValueError
    for different families, but for faces of one, and batches that do not broadcast."""
    for member in (p, q):
        check_member(member, who)
    require_comparable(p, q)


def pair(p: Any, q: Any, who: str, share: Any = 0.0) -> tuple[Any, np.ndarray, np.ndarray]:
    """The family of two members and their natural parameters, with the whole batch each.

    Where there are no trials, all members are one, whatever their parameters: there both are p's.

    share: a number or an array that takes part in the broadcast of the batches.
    Errors: as for `check_pair`, and ValueError for members of different faces.
    """
    check_pair(p, q, who)
    require_one_face(p, q, who)
    return p.family, *_whole(p, q, who, share)


def meeting(p: Any, q: Any, who: str, share: Any = 0.0) -> Meeting:
    """Two members of one family or of faces of it. Arguments and errors: as for `pair`."""
    check_pair(p, q, who)
    one, two = _whole(p, q, who, share)
    if p.family == q.family:
        return Meeting(p.family, one, two)
    face = p.family._meet(q.family)
    if face is None:
        return Meeting(p.family, one, two, (np.inf, np.inf), nested=False)
    with np.errstate(all="ignore"):
        beyond = -p.family._log_share(one, face), -q.family._log_share(two, face)
    return Meeting(face, one, two, beyond, nested=face is p.family)


def _whole(p: Any, q: Any, who: str, share: Any) -> tuple[np.ndarray, np.ndarray]:
    """Natural parameters with the whole batch, p's for both where there are no trials."""
    rule = f"{who}: the batches of the members and of the number must broadcast"
    require_broadcast(p.family.name, rule, p.batch_shape, q.batch_shape, np.shape(share))
    batch = np.broadcast_shapes(p.batch_shape, q.batch_shape, np.shape(share))
    shape = batch + p.family.natural_shape
    one, two = (np.broadcast_to(member.natural_parameter, shape) for member in (p, q))
    return one, np.where(p.family._idle, one, two)


def check_member(member: Any, who: str) -> Any:
    """A member whose parameters are numpy's, or a TypeError."""
    if not isinstance(member, Distribution):
        raise TypeError(f"{who}: a member must be a Distribution; got {type(member).__name__}")
    if is_foreign(member.natural_parameter):
        raise TypeError(f"{who}: parameters must be numpy's; got {type(member.natural_parameter)}")
    return member


def number(x: Any, who: str, name: str, least: float, most: float, rule: str) -> np.ndarray:
    """A number or an array of numbers within bounds."""
    x = numbers(x, who, name)
    require((x >= least) & (x <= most), who, f"{name} must be {rule}", x)
    return x


def column(family: Any, x: Any) -> np.ndarray:
    """Numbers of the batch, with axes for the entries of a natural parameter."""
    x = np.asarray(x)
    return x.reshape(x.shape + (1,) * len(family.natural_shape))


def along(family: Any, start: np.ndarray, end: np.ndarray, t: Any) -> tuple[np.ndarray, np.ndarray]:
    """start + t·(end − start), and what rounding has taken from it.

    For 0 ≤ t ≤ 1 an entry is infinite where it is at one end: only what both allow is left, and
    NaN says that this is nothing. Beyond the ends, NaN or +∞ where the support would have to grow.
    """
    t = column(family, t)
    gap, low = two_difference(end, start)
    step, error = two_product(*np.broadcast_arrays(t, gap))
    point, lost = two_difference(start, -step)
    infinite = np.isinf(start) | np.isinf(end)
    edge = np.where((t >= 0) & (t <= 1), start + end, start + t * (end - start))
    edge = np.where(start == end, start, edge)
    return np.where(infinite, edge, point), np.where(infinite, 0.0, lost + (error + t * low))
