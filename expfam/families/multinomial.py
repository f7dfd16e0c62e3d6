"""Multinomial and Categorical: A is logsumexp, the forward map softmax, the backward map log."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, final

import numpy as np

from expfam import factorial, sampling, saddlepoint
from expfam.arrays import Array, array_namespace, is_foreign, real, two_difference
from expfam.families.labels import check_categories, label_text
from expfam.family import ExponentialFamily, Rule, check_trials, trials_text
from expfam.special import inner, log_softmax, logsumexp, softmax

_EPSILON = float(np.finfo(np.float64).eps)


class _Softmax(ExponentialFamily):
    """What Multinomial and Categorical share: K categories and the maps between η and μ.

    η and η + c are one member; the backward map returns the one with A = 0 per trial, η = log p.
    """

    categories: Any
    discrete: ClassVar[bool] = True
    observed: ClassVar[str] = "counts"

    @property
    def natural_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (len(self.categories),)

    @cached_property
    def _codes(self) -> dict[Hashable, int]:
        return {label: code for code, label in enumerate(self.categories)}

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return self._trials_like(natural) * logsumexp(natural, relative=False)

    def _natural_to_mean(self, natural: Array) -> Array:
        return self._per_category(natural) * softmax(natural)

    def _mean_to_natural(self, mean: Array) -> Array:
        xp = array_namespace(mean)
        return xp.log(mean / xp.sum(mean, axis=-1, keepdims=True))

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        xp, p = array_namespace(natural), softmax(natural)
        eye = xp.eye(p.shape[-1], dtype=p.dtype)
        covariance = eye * p[..., None, :] - p[..., :, None] * p[..., None, :]
        trials = self._per_category(natural)
        return (trials if isinstance(trials, int) else trials[..., None]) * covariance

    def _fisher_product(self, natural: Array, vector: Array) -> Array:
        p = softmax(natural)
        centred = vector - array_namespace(natural).sum(p * vector, axis=-1)[..., None]
        return self._per_category(natural) * p * centred

    # entropy and divergence

    def _entropy(self, natural: Array, mean: Array) -> Array:
        if np.ndim(self.trials) or self.trials != 1:
            return self._entropy_of_counts(natural)
        log_p = log_softmax(natural)
        return -inner(log_p, softmax(natural))

    def _entropy_of_counts(self, natural: np.ndarray) -> np.ndarray:
        if is_foreign(natural):
            raise TypeError(f"{self.name}: the entropy of counts (trials ≠ 1) needs numpy")
        batch = np.broadcast_shapes(natural.shape[:-1], np.shape(self.trials))
        p = np.broadcast_to(softmax(natural), batch + natural.shape[-1:])
        trials = np.broadcast_to(self.trials, batch)
        value = saddlepoint.multinomial_entropy(p, np.maximum(trials, 1))
        return np.where(trials == 0, 0.0, value)

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        """n Σ pᵢ φ(δᵢ) + n Σ over pᵢ = 0 of qᵢ, with δ = log q/p and φ(δ) = exp δ − 1 − δ ≥ 0."""
        xp = array_namespace(p, q)
        prob_p, prob_q = softmax(p), softmax(q)
        seen = p > -np.inf
        ruled_out = seen & (q == -np.inf)
        both = seen & ~ruled_out
        # The differences η_q − η_p less their value at p's mode, without a rounding error: then
        # A(q) − A(p) follows from them, and close members keep their digits in any gauge.
        gap, low = two_difference(xp.where(both, q, 0.0), xp.where(both, p, 0.0))
        mode = xp.argmax(prob_p + xp.zeros_like(prob_q), axis=-1)
        at_mode = mode[..., None] == xp.arange(p.shape[-1])
        centre = xp.sum(xp.where(at_mode, gap, 0.0), axis=-1, keepdims=True)
        centre_low = xp.sum(xp.where(at_mode, low, 0.0), axis=-1, keepdims=True)
        gap = (gap - centre) + (low - centre_low)
        partition = logsumexp(p, keepdims=True, relative=False)
        rest = xp.sum(xp.where(seen, 0.0, xp.exp(q - centre - partition)), axis=-1)
        near = xp.abs(gap) < 1
        change = xp.sum(xp.where(both, prob_p * xp.expm1(xp.where(near, gap, 0.0)), 0.0), axis=-1)
        close = xp.all(near | ~both, axis=-1) & ~xp.any(ruled_out, axis=-1) & (rest < 1)
        far = (logsumexp(q, keepdims=True, relative=False) - partition - centre)[..., 0]
        shift = xp.where(close, xp.log1p(xp.where(close, change + rest, 0.0)), far)
        delta = gap - shift[..., None]
        terms = saddlepoint.scaled_phi(prob_p, prob_q, delta, xp)
        terms = xp.where(both, terms, xp.where(seen, np.inf, prob_q))
        trials, value = self._trials_like(p), xp.sum(terms, axis=-1)
        return trials * xp.where(xp.asarray(trials) > 0, value, 0.0)  # no trials tell nothing

    # values

    def _degrees_of_freedom(self, natural: Array) -> Any:
        xp = array_namespace(natural)
        return xp.sum(xp.astype(natural > -np.inf, xp.int64), axis=-1) - 1

    def _canonical(self, natural: Array) -> Array:
        return log_softmax(natural)

    def _per_category(self, natural: Array) -> Any:
        """trials, with an axis for the categories where it has axes."""
        trials = self._trials_like(natural)
        return trials if isinstance(trials, int) else trials[..., None]

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        xp = array_namespace(natural)
        top = np.maximum.reduce(natural, axis=-1) if xp is np else xp.max(natural, axis=-1)
        rule = "natural parameters must be below +inf, not nan and not all -inf"
        yield Rule((top > -np.inf) & (top < np.inf), rule, top, "has the maximum", "row")

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        xp = array_namespace(mean)
        least = np.minimum.reduce(mean, axis=-1) if xp is np else xp.min(mean, axis=-1)
        yield Rule(least >= 0, "mean parameter must be non-negative", least, "has the entry", "row")
        total = np.add.reduce(mean, axis=-1) if xp is np else xp.sum(mean, axis=-1)
        epsilon = _EPSILON if xp is np and mean.dtype == np.float64 else float(xp.finfo(mean.dtype).eps)
        precision = max(1e-9, 2 * mean.shape[-1] * epsilon)
        trials = self._trials_like(mean)
        text = f"mean parameter must sum to trials={trials_text(self.trials)}"
        ok = xp.abs(total - trials) <= precision * trials
        yield Rule(ok, text, total, "sums to", "row")
        text = "with trials=0 every member has the mean 0, which tells none from another"
        yield Rule(total > 0, text, total, "sums to", "row")

    # views

    def centred(self, natural: Any) -> Array:
        """The representative whose finite entries sum to zero (centred log-ratios): batch + (K,).

        >>> Multinomial(3).centred([1.0, 2.0, 6.0])
        array([-2., -1.,  3.])
        """
        natural = self.check_natural(natural)
        xp = array_namespace(natural)
        inside = natural > -np.inf
        total = xp.sum(xp.where(inside, natural, 0.0), axis=-1, keepdims=True)
        size = xp.sum(xp.astype(inside, natural.dtype), axis=-1, keepdims=True)
        return natural - total / size

    def baseline(self, natural: Any, category: Hashable) -> Array:
        """The log-odds against one category, ηᵢ − η_c: batch + (K,).

        Errors: ValueError for an unknown category, and for one of probability zero.

        >>> Multinomial(["a", "b"]).baseline([1.0, 3.0], "a")
        array([0., 2.])
        """
        natural = self.check_natural(natural)
        chosen = natural[..., self.code(category)]
        if not is_foreign(chosen) and not np.all(chosen > -np.inf):
            raise ValueError(
                f"{self.name}: the baseline must have positive probability; {category!r} has none"
            )
        return natural - chosen[..., None]

    def code(self, label: Hashable) -> int:
        """The position of a label among the categories. Errors: ValueError for an unknown one."""
        try:
            code = self._codes.get(label)
        except TypeError:
            code = None
        if code is None or type(self.categories[code]) is not type(_plain(label)):
            raise ValueError(
                f"{self.name}: {label!r} is not among the categories {label_text(self.categories)}"
            )
        return code


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def _total(x: Array, trials: Any) -> Array:
    """The sum of non-negative counts, in a type that cannot wrap round to trials."""
    if is_foreign(x):
        return array_namespace(x).sum(x, axis=-1)
    most = trials if isinstance(trials, int) else int(trials.max(initial=0))
    if most < 2**52:
        x = x.astype(np.float64)
    return np.add.reduce(x if x.dtype == np.float64 else x.astype(object), axis=-1)


@final
@dataclass(frozen=True, eq=False, repr=False)
class Multinomial(_Softmax):
    """Counts of K categories in n trials, p(x) = n!/∏ xᵢ! · exp(⟨η, x⟩ − n·logsumexp(η)).

    categories: a number K or K distinct hashable labels; trials: a non-negative integer up to
    2⁶², or an integer array that broadcasts against the batch.
    The closed family: a natural parameter may be −∞ (a category of probability zero), not all.
    η and η + c are the same member; `from_natural` takes any representative.
    Errors: ValueError and TypeError for bad categories, trials, parameters and counts.
    Source: Barndorff-Nielsen (1978), Information and Exponential Families, example 9.2;
    Wainwright and Jordan (2008), table 3.1.

    >>> family = Multinomial(["a", "b", "c"], trials=10)
    >>> p = family.fit([3, 0, 7])  # a zero count is an ordinary fit
    >>> p.natural_parameter
    array([-1.2039728 ,        -inf, -0.35667494])
    >>> family.natural_to_mean(p.natural_parameter)
    array([3., 0., 7.])
    """

    categories: int | Sequence[Hashable]
    trials: int | np.ndarray = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", check_categories(self.categories, self.name))
        object.__setattr__(self, "trials", check_trials(self.trials, self.name))

    def __repr__(self) -> str:
        return f"Multinomial({label_text(self.categories)}, trials={self.trials})"

    @property
    def event_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (len(self.categories),)

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return x

    def _log_base_measure(self, x: Array) -> Array:
        return factorial.coefficient(real(x, self.name))

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        if is_foreign(natural) or is_foreign(x):
            return inner(natural, x) - self._log_partition(natural) + self._log_base_measure(x)
        return saddlepoint.multinomial_log_pmf(natural, x, self.trials, mean)

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        xp = array_namespace(x)
        least = np.minimum.reduce(x, axis=-1) if xp is np else xp.min(x, axis=-1)
        yield Rule(least >= 0, "counts must be non-negative", least, "has the count", "row")
        trials = self._trials_like(x)
        total = _total(x, self.trials)
        text = f"counts must sum to trials={trials_text(self.trials)}"
        yield Rule(total == trials, text, total, "sums to", "row")

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return sampling.multinomial(source, self.trials, softmax(natural), shape)


@final
@dataclass(frozen=True, eq=False, repr=False)
class Categorical(_Softmax):
    """One draw of K categories as a code 0 … K − 1, p(x) = exp(η_x − logsumexp(η)).

    categories: a number K or K distinct hashable labels. T(x) is the indicator vector of x, so
    that maps, fit and closed family are those of one multinomial trial.
    Errors: ValueError and TypeError for bad categories, parameters and codes.

    >>> p = Categorical(["a", "b", "c"]).fit([0, 0, 2, 0])
    >>> p.mean_parameter
    array([0.75, 0.  , 0.25])
    """

    categories: int | Sequence[Hashable]
    log_base: ClassVar[float | None] = 0.0
    observed: ClassVar[str] = "codes"

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", check_categories(self.categories, self.name))

    def __repr__(self) -> str:
        return f"Categorical({label_text(self.categories)})"

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        xp = array_namespace(x)
        codes = xp.arange(len(self.categories), dtype=x.dtype)
        return xp.astype(x[..., None] == codes, x.dtype)

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        log_p = log_softmax(natural)
        if is_foreign(log_p) or is_foreign(x):
            xp = array_namespace(log_p, x)
            chosen = xp.astype(self._sufficient_statistic(x), xp.bool)
            return xp.sum(xp.where(chosen, log_p, xp.zeros_like(log_p)), axis=-1)
        batch = np.broadcast_shapes(x.shape, log_p.shape[:-1])
        x, log_p = np.broadcast_to(x, batch), np.broadcast_to(log_p, batch + log_p.shape[-1:])
        return np.take_along_axis(log_p, x[..., None], axis=-1)[..., 0]

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        last = len(self.categories) - 1
        yield Rule((x >= 0) & (x <= last), f"codes must be between 0 and {last}", x)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return sampling.categorical(source, softmax(natural), shape)
