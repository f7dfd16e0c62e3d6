"""Divergences through mixtures. Of the families here only single draws hold their mixtures."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.arrays import scalar, two_difference
from expfam.distribution import Distribution
from expfam.divergences.members import pair
from expfam.families import Binomial, Categorical, Multinomial
from expfam.special import log_softmax, softmax


def jensen_shannon(p: Distribution, q: Distribution) -> Any:
    """½ KL(p‖m) + ½ KL(q‖m) with the mixture m = (p + q)/2, from 0 to log 2, in nats.

    Of single draws of categories (`Categorical`, `Multinomial` and `Binomial` of one trial): the
    mixture of two members of any other family is no member, and the divergence has no closed
    form. Computed as Σ mᵢ Σₖ x²ᵏ/(2k(2k − 1)) with xᵢ = (pᵢ − qᵢ)/(pᵢ + qᵢ), where nothing cancels.
    Errors: ValueError for other families.
    Source: Lin (1991), IEEE Trans. Inform. Theory 37: 145–151.

    >>> from expfam import Categorical
    >>> p, q = (Categorical(3).from_mean(mean) for mean in ([0.5, 0.5, 0.0], [0.5, 0.0, 0.5]))
    >>> round(jensen_shannon(p, q), 6)  # ½ log 2
    0.346574
    """
    one, two, log_ratio = _shares(p, q, "jensen_shannon")
    with np.errstate(all="ignore"):
        x = np.where(one + two > 0, np.tanh(0.5 * log_ratio), 0.0)
        return scalar((0.5 * (one + two) * _mixed(x)).sum(axis=-1))


def total_variation(p: Distribution, q: Distribution) -> Any:
    """½ Σ |pᵢ − qᵢ|, the largest difference that an event's probability can have: from 0 to 1.

    Of single draws of categories, as for `jensen_shannon`.

    >>> from expfam import Categorical
    >>> p, q = (Categorical(3).from_mean(mean) for mean in ([0.5, 0.5, 0.0], [0.5, 0.0, 0.5]))
    >>> total_variation(p, q)
    0.5
    """
    one, two, log_ratio = _shares(p, q, "total_variation")
    with np.errstate(all="ignore"):
        larger, fall = np.maximum(one, two), -np.expm1(-np.abs(log_ratio))
        return scalar(0.5 * np.where(larger > 0, larger * fall, 0.0).sum(axis=-1))


def _shares(p: Any, q: Any, who: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both probabilities of every category and log p/q, which close members keep the digits of."""
    family, one, two = pair(p, q, who)
    single = isinstance(family, (Multinomial, Binomial)) and np.all(np.asarray(family.trials) == 1)
    if not (single or isinstance(family, Categorical)):
        raise ValueError(
            f"{who}: members must be single draws of categories, whose mixtures are members; "
            f"got {family}"
        )
    if isinstance(family, Binomial):
        one, two = family._two_categories(one), family._two_categories(two)
    with np.errstate(all="ignore"):
        share, other = softmax(one), softmax(two)
        gap, low = two_difference(one, two)
        mode = np.expand_dims(other.argmax(axis=-1), -1)
        gap = gap - np.take_along_axis(gap, mode, -1) + (low - np.take_along_axis(low, mode, -1))
        change = (other * np.expm1(gap)).sum(axis=-1, keepdims=True)  # Σ q exp(gap) − 1
        close = (np.abs(gap) < 1).all(axis=-1, keepdims=True)
        far = log_softmax(one) - log_softmax(two)
        return share, other, np.where(close, gap - np.log1p(change), far)


def _mixed(x: np.ndarray) -> np.ndarray:
    """½((1 + x) log(1 + x) + (1 − x) log(1 − x)) = Σ x²ᵏ/(2k(2k − 1)), by the series to |x| = ¼."""
    square = x * x
    series = np.zeros_like(x)
    for k in range(13, 0, -1):
        series = square * (1 / (2 * k * (2 * k - 1)) + series)
    rest = np.where(np.abs(x) == 1, 0.0, (1 - np.abs(x)) * np.log1p(-np.abs(x)))
    far = 0.5 * ((1 + np.abs(x)) * np.log1p(np.abs(x)) + rest)
    return np.where(np.abs(x) < 0.25, series, far)
