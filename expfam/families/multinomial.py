"""Multinomial and Categorical: counts of K categories, and one draw of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import factorial, saddlepoint, sampling
from expfam.arrays import NUMPY, Array, array_namespace, beside, held, is_foreign, real
from expfam.families.labels import check_categories, label_text
from expfam.families.softmax import Softmax
from expfam.family import LARGEST_COUNT, Rule, check_trials, shown_trials, trials_text
from expfam.special import inner, log_softmax, softmax


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
class Multinomial(Softmax):
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
        return f"Multinomial({label_text(self._labels)}, trials={shown_trials(self.trials)})"

    @property
    def event_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (len(self._labels),)

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
        least = np.minimum.reduce(x, axis=-1) if xp is NUMPY else xp.min(x, axis=-1)
        yield Rule(least >= 0, "counts must be non-negative", least, "has the count", "row")
        total = _total(x, self.trials)
        if is_foreign(x):  # where integers wrap round, floats do not
            rough, most = xp.sum(real(x, self.name), axis=-1), LARGEST_COUNT
            if xp.isdtype(total.dtype, "integral"):
                most = min(most, int(0.99 * xp.iinfo(total.dtype).max))
            text = "counts must sum to at most 2**62, and to what their type holds"
            yield Rule(rough <= float(most), text, rough, "sums to", "row")
        text = f"counts must sum to {trials_text(self.trials)}"
        yield Rule(total == held(self.trials, total), text, total, "sums to", "row")

    def _log_base_slope(self) -> Any:
        """0 of one trial or one category, where h = 1."""
        one = len(self._labels) == 1 or np.all(np.asarray(self.trials) <= 1)
        return 0.0 if one else None

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return sampling.multinomial(source, self.trials, softmax(natural), shape)


@final
@dataclass(frozen=True, eq=False, repr=False)
class Categorical(Softmax):
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
        return f"Categorical({label_text(self._labels)})"

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        xp = array_namespace(x)
        codes = xp.arange(len(self._labels), **beside(x))
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
        last = len(self._labels) - 1
        yield Rule((x >= 0) & (x <= last), f"codes must be between 0 and {last}", x)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return sampling.categorical(source, softmax(natural), shape)
