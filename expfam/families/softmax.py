"""Families on K categories: A is logsumexp, the forward map softmax, the backward map log."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from expfam import pairs, saddlepoint, simplex
from expfam.arrays import NUMPY, Array, array_namespace, beside, counting, require, sum_precision
from expfam.families.labels import label_text, plain
from expfam.family import ExponentialFamily, Rule, trials_text
from expfam.special import inner, log_softmax, logsumexp, softmax


class Softmax(ExponentialFamily):
    """What Multinomial and Categorical share: K categories and the maps between η and μ.

    η and η + c are one member; the backward map returns the one with A = 0 per trial, η = log p.
    """

    categories: Any
    discrete: ClassVar[bool] = True
    observed: ClassVar[str] = "counts"

    @property
    def natural_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (len(self.categories),)

    @property
    def _labels(self) -> range | tuple[Hashable, ...]:
        return self.categories

    @cached_property
    def _codes(self) -> dict[Hashable, int]:
        return {label: code for code, label in enumerate(self.categories)}

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return self._trials_like(natural) * logsumexp(natural, relative=False)

    def _natural_to_mean(self, natural: Array) -> Array:
        return self._per_category(natural) * softmax(natural)

    def _mean_to_natural(self, mean: Array) -> Array:
        return simplex.log_mean(mean)

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        xp, p = array_namespace(natural), softmax(natural)
        eye = xp.eye(p.shape[-1], **beside(p))
        apart = (1 - eye) * p[..., :, None] * p[..., None, :]
        covariance = eye * xp.sum(apart, axis=-1)[..., None] - apart  # p(1 − p) keeps its digits
        trials = self._per_category(natural)
        return (trials[..., None] if np.ndim(self.trials) else trials) * covariance

    def _fisher_product(self, natural: Array, vector: Array) -> Array:
        """n·p(v − ⟨p, v⟩) with v less its entry at the mode, whose p may be all but 1."""
        xp, p = array_namespace(natural), softmax(natural)
        mode = xp.argmax(p, axis=-1)[..., None]
        at_mode = mode == xp.arange(p.shape[-1], **beside(p, mode.dtype))
        vector = vector - xp.sum(xp.where(at_mode, vector, 0.0), axis=-1)[..., None]
        centred = vector - xp.sum(p * vector, axis=-1)[..., None]
        return self._per_category(natural) * p * centred

    # log-likelihood, entropy and divergence

    def _exponent(self, natural: Array, total: Array, exposure: Any) -> Array:
        """⟨log p, t⟩, as t sums to the exposure: in no gauge do η and A cancel."""
        return inner(log_softmax(natural), total)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        if np.ndim(self.trials) or self.trials != 1:
            return self._entropy_of_counts(natural)
        return simplex.entropy(natural)

    def _entropy_of_counts(self, natural: Array) -> Array:
        xp, trials = array_namespace(natural), self._trials_like(natural)
        batch = np.broadcast_shapes(natural.shape[:-1], np.shape(self.trials))
        p = xp.broadcast_to(softmax(natural), batch + natural.shape[-1:])
        trials = trials + xp.zeros(batch, **beside(natural))
        value = saddlepoint.multinomial_entropy(p, xp.where(trials > 1, trials, 1.0))
        return xp.where(trials == 0, 0.0, value)

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        trials, value = self._trials_like(p), simplex.divergence(p, q, self._per_category(p))
        xp = array_namespace(value)
        none = xp.zeros_like(value)  # no trials tell nothing
        if np.ndim(self.trials):
            return xp.where(trials > 0, value, none)
        return value if trials else none

    # values

    def _degrees_of_freedom(self, natural: Array) -> Any:
        xp = array_namespace(natural)
        return xp.sum(xp.astype(natural > -np.inf, counting(xp)), axis=-1) - 1

    def _canonical(self, natural: Array) -> Array:
        return log_softmax(natural)

    def _per_category(self, natural: Array) -> Any:
        """trials, with an axis for the categories where it has axes."""
        trials = self._trials_like(natural)
        return trials[..., None] if np.ndim(self.trials) else trials

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        xp = array_namespace(natural)
        top = np.maximum.reduce(natural, axis=-1) if xp is NUMPY else xp.max(natural, axis=-1)
        rule = "natural parameters must be below +inf, not nan and not all -inf"
        yield Rule((top > -np.inf) & (top < np.inf), rule, top, "has the maximum", "row")

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        xp = array_namespace(mean)
        least = np.minimum.reduce(mean, axis=-1) if xp is NUMPY else xp.min(mean, axis=-1)
        yield Rule(least >= 0, "mean parameter must be non-negative", least, "has the entry", "row")
        total = np.add.reduce(mean, axis=-1) if xp is NUMPY else xp.sum(mean, axis=-1)
        precision = sum_precision(1e-9, mean)
        trials = self._trials_like(mean)
        text = f"mean parameter must sum to {trials_text(self.trials)}"
        ok = xp.abs(total - trials) <= precision * trials
        yield Rule(ok, text, total, "sums to", "row")
        text = "with trials=0 every member has the mean 0, which tells none from another"
        yield Rule(total > 0, text, total, "sums to", "row")

    # views

    def centred(self, natural: Any) -> Array:
        """The representative whose finite entries sum to zero (centred log-ratios): batch + (K,).

        >>> from expfam import Multinomial
        >>> Multinomial(3).centred([1.0, 2.0, 6.0])
        array([-2., -1.,  3.])
        """
        natural = self.check_natural(natural)
        xp = array_namespace(natural)
        inside = natural > -np.inf
        with np.errstate(all="ignore"):
            small = 2.0 ** -natural.shape[-1].bit_length()  # the sum must not overflow
            total = xp.sum(xp.where(inside, small * natural, 0.0), axis=-1, keepdims=True)
            size = small * xp.sum(xp.astype(inside, natural.dtype), axis=-1, keepdims=True)
            return natural - total / size

    def baseline(self, natural: Any, category: Hashable) -> Array:
        """The log-odds against one category, ηᵢ − η_c: batch + (K,).

        Errors: ValueError for an unknown category, and for one of probability zero.

        >>> from expfam import Multinomial
        >>> Multinomial(["a", "b"]).baseline([1.0, 3.0], "a")
        array([0., 2.])
        """
        natural = self.check_natural(natural)
        chosen = self._positive(natural[..., self.code(category)], -np.inf, category)
        with np.errstate(all="ignore"):
            return natural - chosen[..., None]

    def mean_to_centred(self, mean: Any) -> np.ndarray:
        """`centred` of a mean, log(μᵢ/g) with g the geometric mean of the support: batch + (K,).

        Within one unit in the last place or so, also where p is nearly uniform, or 1e-46. Numpy
        alone.

        >>> from expfam import Multinomial
        >>> Multinomial(2).mean_to_centred([0.5, 0.5])
        array([0., 0.])
        """
        mean = np.asarray(self.check_mean(mean))
        inside = mean > 0
        size = inside.sum(axis=-1, keepdims=True)
        with np.errstate(all="ignore"):
            high, low = simplex.log_ratios(mean, mean.max(axis=-1, keepdims=True))
            rows = np.where(inside, high, 0.0).reshape(-1, mean.shape[-1])
            total, error = (part.reshape(size.shape) for part in pairs.row_sum(rows))
            error = error + np.where(inside, low, 0.0).sum(axis=-1, keepdims=True)
            centre = pairs.quotient((total, error), size.astype(np.float64))
            value = pairs.subtract((high, low), centre)
            return np.where(inside, value[0] + value[1], -np.inf)

    def mean_to_baseline(self, mean: Any, category: Hashable) -> np.ndarray:
        """`baseline` of a mean, log(μᵢ/μ_c): batch + (K,). Accuracy as for `mean_to_centred`.

        >>> from expfam import Multinomial
        >>> Multinomial(2, trials=4).mean_to_baseline([3.0, 1.0], 1)
        array([1.09861229, 0.        ])
        """
        mean = np.asarray(self.check_mean(mean))
        reference = self._positive(mean[..., self.code(category)], 0.0, category)
        with np.errstate(all="ignore"):
            high, low = simplex.log_ratios(mean, reference[..., None])
            return np.where(mean > 0, high + low, -np.inf)

    def _positive(self, chosen: Array, least: float, category: Hashable) -> Array:
        rule = f"the baseline {category!r} must have a positive probability"
        require(chosen > least, self.name, rule, chosen, "is", "row")
        return chosen

    def code(self, label: Hashable) -> int:
        """The position of a label among the categories. Errors: ValueError for an unknown one."""
        try:
            code = self._codes.get(label)
        except TypeError:
            code = None
        if code is None or type(self.categories[code]) is not type(plain(label)):
            raise ValueError(
                f"{self.name}: {label!r} is not among the categories {label_text(self.categories)}"
            )
        return code
