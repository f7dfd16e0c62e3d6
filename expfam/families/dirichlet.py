"""Dirichlet and Beta: shares of a whole, T(x) = log of each; one set of maps for both."""

from __future__ import annotations

import abc
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from expfam import betas, implicit, sampling
from expfam.arrays import (
    Array,
    array_namespace,
    beside,
    is_foreign,
    real,
    require,
    sum_precision,
    two_difference,
)
from expfam.families.labels import check_categories, label_text
from expfam.family import ExponentialFamily, Rule
from expfam.pairs import Pair
from expfam.special import inner, log_softmax, trigamma
from expfam.windows.carried import LINEAR, LOG, Carried
from expfam.windows.rays import Unit

_LEAST, _MOST = 5e-324, 1 - 2.0**-53  # draws beyond are rounded to these: 0 and 1 are no shares
_SMALLEST, _LARGEST = 1e-100, 1e100


class _Shares(ExponentialFamily):
    """What Dirichlet and Beta share: A(α) = log B(α) = Σ log Γ(αᵢ) − log Γ(α₀), and its maps."""

    # h

    def _log_base_measure(self, x: Array) -> Array:
        return -array_namespace(x).sum(self._sufficient_statistic(x), axis=-1)

    def _log_base_slope(self) -> Any:
        return -1.0

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return betas.log_beta(natural)

    def _natural_to_mean(self, natural: Array) -> Array:
        return -betas.digamma_gaps(natural)

    def _mean_to_natural(self, mean: Array) -> Array:
        if is_foreign(mean):
            return implicit.backward(self, mean)
        limits = _SMALLEST, mean.shape[-1] * _LARGEST
        natural, right = betas.from_gaps(mean.astype(np.float64, copy=False), limits)
        rule = "mean parameter must have a natural one within reach of double precision"
        require(right, self.name, rule, mean[..., 0], "begins with", "row")
        return natural

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        """ψ′(αᵢ) on the diagonal, less ψ′(α₀) everywhere."""
        xp = array_namespace(natural)
        eye = xp.eye(natural.shape[-1], **beside(natural))
        common = self._common(natural)[..., None]
        return eye * betas.trigamma_gaps(natural)[..., None] - (1 - eye) * common

    def _fisher_product(self, natural: Array, vector: Array) -> Array:
        rest = array_namespace(natural).sum(vector, axis=-1)[..., None] - vector
        return betas.trigamma_gaps(natural) * vector - self._common(natural) * rest

    def _common(self, natural: Array) -> Array:
        return real(trigamma(array_namespace(natural).sum(natural, axis=-1)), self.name)[..., None]

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        statistic = self._sufficient_statistic(x)
        if is_foreign(natural):
            return inner(natural - 1, statistic) - self._log_partition(natural)
        return betas.log_density(natural, self._all_shares(x), statistic)

    @abc.abstractmethod
    def _all_shares(self, x: np.ndarray) -> Pair:
        """All the shares, as pairs of doubles."""

    def _entropy(self, natural: Array, mean: Array) -> Array:
        if is_foreign(natural):
            return self._log_partition(natural) - inner(natural - 1, mean)
        return betas.entropy(natural)

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        return super()._kl(p, mean, q) if is_foreign(p) else betas.divergence(p, q)

    # draw

    def _log_draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """Logs of shares: gammas divided by their sum, all in logs, as small ones underflow."""
        return log_softmax(sampling.gamma(source, natural, shape, log=True))

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        text = "natural parameters (concentrations) must be between 1e-100 and 1e100"
        yield Rule((natural >= _SMALLEST) & (natural <= _LARGEST), text, natural)

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        text = "mean parameters (of logs of shares) must be finite and negative"
        yield Rule((mean < 0) & (mean > -np.inf), text, mean)
        if not is_foreign(mean):
            text = (
                "exponentials of the means must sum to less than 1, by more than rounding (all "
                "observations equal?)"
            )
            room, rounding = betas.room(mean.astype(np.float64, copy=False))
            yield Rule(room > rounding, text, room, "leaves", "row")


@final
@dataclass(frozen=True, eq=False, repr=False)
class Dirichlet(_Shares):
    """Shares of K categories in a whole, p(x) = ∏ xᵢ⁻¹ · exp(⟨α, log x⟩ − A(α)).

    A(α) = Σ log Γ(αᵢ) − log Γ(α₀), α₀ = Σ αᵢ; the natural parameters are the concentrations α, so
    that small ones keep their digits, and h(x) = ∏ xᵢ⁻¹. p is a density in the first K − 1 shares.
    Means are E log xᵢ = ψ(αᵢ) − ψ(α₀).
    categories: a number K ≥ 2 or K distinct hashable labels.
    Maps, Fisher information, entropy, KL and log p have relative errors (for the last, of
    max(1, |log p|)) below 1e-12 for α from 1e-6 to 1e8 and K to 1000; concentrations are between
    1e-100 and 1e100. The backward map finds the α whose mean is the given one to a few roundings:
    as 1 − Σ exp μᵢ is about (K − 1)/2α₀, rounding μ by ε moves a large α by some εα₀ of itself.
    Shares must be positive, and sum to 1 within 1e-12 (or 2K roundings); draws below the least
    double are rounded to it.
    Errors: ValueError and TypeError for bad categories, parameters and shares.
    Source: Wainwright and Jordan (2008), table 3.1; Minka (2003), Estimating a Dirichlet
    distribution.

    >>> family = Dirichlet(["a", "b", "c"])
    >>> p = family.from_natural([2.0, 3.0, 5.0])
    >>> p.mean_parameter
    array([-1.82896825, -1.32896825, -0.74563492])
    >>> family.mean_to_natural(p.mean_parameter).round(9)
    array([2., 3., 5.])
    >>> round(p.log_prob([0.2, 0.3, 0.5]), 6)
    2.140654
    """

    categories: int | Sequence[Hashable]
    observed: ClassVar[str] = "shares"

    def __post_init__(self) -> None:
        categories = check_categories(self.categories, self.name)
        if len(categories) < 2:
            raise ValueError(f"{self.name}: there must be at least two categories; got one")
        object.__setattr__(self, "categories", categories)

    def __repr__(self) -> str:
        return f"Dirichlet({label_text(self.categories)})"  # type: ignore[arg-type]

    @property
    def natural_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (len(self.categories),)  # type: ignore[arg-type]

    @property
    def event_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.natural_shape

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        return array_namespace(x).log(x)

    def _all_shares(self, x: np.ndarray) -> Pair:
        return x, np.zeros_like(x)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return np.maximum(np.exp(self._log_draw(natural, source, shape)), _LEAST)

    # doors

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        xp = array_namespace(x)
        yield Rule((x > 0) & (x < np.inf), "shares must be positive", x)
        total = xp.sum(x, axis=-1)
        text = "shares must sum to 1 (divide them by their sum)"
        yield Rule(abs(total - 1) <= sum_precision(1e-12, x), text, total, "sums to", "row")


@final
@dataclass(frozen=True, eq=False)
class Beta(_Shares):
    """Numbers between 0 and 1, p(x) = 1/(x(1 − x)) · exp(α log x + β log(1 − x) − A(α, β)).

    A(α, β) = log Γ(α) + log Γ(β) − log Γ(α + β). Natural parameters are (α, β), with these parts;
    means are (E log x, E log(1 − x)). It is the first share of `Dirichlet(2)`, with that family's
    maps and accuracy. Draws nearer to 0 or 1 than a double can be are rounded to the next that is
    neither; `Dirichlet(2)` keeps both shares apart, and with them the digits of 1 − x.
    Errors: ValueError for parameters that are not positive, observations that are not within 0, 1.
    Source: Johnson, Kotz and Balakrishnan (1995), chapter 25; Wainwright and Jordan (2008),
    table 3.1.

    >>> p = Beta().from_natural([2.0, 3.0])
    >>> p.mean_parameter, round(p.log_prob(0.25), 6)
    (array([-1.08333333, -0.58333333]), 0.523248)
    >>> Beta().fit([0.2, 0.5, 0.4]).natural_parameter.round(3)
    array([5.066, 8.808])
    """

    natural_shape: ClassVar[tuple[int, ...]] = (2,)
    parts: ClassVar[dict[str, tuple[int, ...]]] = {"alpha": (), "beta": ()}

    # T

    def _sufficient_statistic(self, x: Array) -> Array:
        xp = array_namespace(x)
        return xp.stack([xp.log(x), xp.log1p(-x)], axis=-1)

    def _all_shares(self, x: np.ndarray) -> Pair:
        rest, low = two_difference(np.ones_like(x), x)
        return np.stack([x, rest], axis=-1), np.stack([np.zeros_like(x), low], axis=-1)

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        return np.clip(np.exp(self._log_draw(natural, source, shape)[..., 0]), _LEAST, _MOST)

    # extras

    @property
    def _carried(self) -> Carried:
        return Carried(
            Unit(),
            (LOG, LINEAR),
            (0.0, 0.0),
            tilt=(1.0, 1.0),
            ends=(0.0, 1.0),
            directions=((-1.0, 0.0), (0.0, -1.0)),
        )

    # doors

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        yield Rule((x > 0) & (x < 1), "observations must be between 0 and 1, both excluded", x)
