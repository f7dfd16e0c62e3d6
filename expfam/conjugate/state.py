"""What a prior holds: total and exposure, checked once, and the peak that they have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from expfam.arrays import frozen, require, require_broadcast, require_numpy, wide
from expfam.conjugate.choice import form_of
from expfam.conjugate.form import WHO, vector
from expfam.family import ExponentialFamily
from expfam.statistics import Statistics, weighted_sum


def require_family(family: Any) -> ExponentialFamily:
    if not isinstance(family, ExponentialFamily):
        raise TypeError(f"{WHO}: family must be an ExponentialFamily; got {family!r}")
    return family


@dataclass(frozen=True, eq=False, repr=False)
class Seen:
    """Total and exposure of data, seen or imagined, and what is known at their peak.

    `_mean` = χ/(ν + shift) and `_peak`, the natural parameter of the member with that mean (or near
    an edge), are of one trial, and of the original family where there is a change of variable.
    """

    family: ExponentialFamily
    total: Any
    exposure: Any
    scale_exposure: Any = None

    def __post_init__(self) -> None:
        require_family(self.family)
        came = self._checked("total", self.family.natural_shape), self._checked("exposure", ())
        parts = {"total": wide(came[0]), "exposure": wide(came[1])}
        if self._scaled:
            given = "exposure" if self.scale_exposure is None else "scale_exposure"
            parts["scale_exposure"] = wide(self._checked(given, ()))
        elif self.scale_exposure is not None:
            raise TypeError(f"{WHO}: the prior of {self.family.name} has no scale_exposure")
        axes = len(self.family.natural_shape)
        leads = {name: value.shape for name, value in parts.items()}
        leads["total"] = leads["total"][: len(leads["total"]) - axes]
        require_broadcast(WHO, "total and exposure must broadcast", *leads.values())
        batch = np.broadcast_shapes(*leads.values())
        for name, value in parts.items():
            parts[name] = np.broadcast_to(value, batch + value.shape[len(leads[name]) :])
        with np.errstate(all="ignore"):
            parts["exposure"] = self._form.settled(parts["total"], parts["exposure"], *came)
        for name, value in parts.items():
            object.__setattr__(self, name, frozen(np.asarray(value))[()])
        with np.errstate(all="ignore"):
            self._check_proper()

    def _checked(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        given = require_numpy(getattr(self, name), WHO, name)
        value = np.asarray(self.family._shaped(given, shape, name))
        require(np.isfinite(value), WHO, f"{name} must be finite", value)
        return value

    def _check_proper(self) -> None:
        shift = self._form.shift
        rule = f"exposure must exceed {0 - shift:g}, or the prior is improper"
        require(self.exposure > -shift, WHO, rule, self.exposure)
        what = f"total/(exposure + {shift:g})" if shift else "total/exposure"
        where = "the mean of a member" if self._form.steep else "inside the convex hull of T"
        rule = f"{what} must be {where} of {self.family}, or the prior is improper"
        try:
            self._form.check(self._mean)
            inside = np.isfinite(self._peak)
        except ValueError as error:
            raise ValueError(f"{WHO}: {rule}; {error}") from None
        rule = f"{what} must be inside the family, not on its edge, or the prior is improper"
        require(inside, WHO, rule, self._mean)
        if self._scaled:
            least = self._form.least_scale
            rule = f"scale_exposure must exceed {least:g}, or the prior is improper"
            require(self.scale_exposure > least, WHO, rule, self.scale_exposure)

    @cached_property
    def _form(self) -> Any:
        return form_of(self.family)

    @property
    def _scaled(self) -> bool:
        return self._form.least_scale is not None

    @cached_property
    def _mean(self) -> np.ndarray:
        """The mean at the peak, χ/(ν + shift)."""
        return self._over(self.exposure + self._form.shift)

    @cached_property
    def _peak(self) -> np.ndarray:
        return self._form.peak(self._mean, self.exposure + self._form.shift)

    @cached_property
    def _remainder(self) -> np.ndarray:
        return self._form.remainder(self)

    def _require_comparable(self, other: Any) -> None:
        if not isinstance(other, Seen):
            came = type(other).__name__
            raise TypeError(f"{WHO}: the other must be a ConjugatePrior; got {came}")
        if other.family._unit != self.family._unit:
            raise ValueError(
                f"{WHO}: both must be priors of one family; got {self.family} and {other.family}"
            )
        batches = np.shape(self.exposure), np.shape(other.exposure)
        require_broadcast(WHO, "batches must broadcast", *batches)

    def _away(self, other: Seen) -> np.ndarray:
        """The mean at the other's peak less that at this one's, from differences of χ and ν."""
        more = self._beside(other.exposure - self.exposure)
        gap = (other.total - self.total) - self._mean * more
        return gap / self._beside(other.exposure)

    def _over(self, exposure: Any) -> np.ndarray:
        return np.asarray(self.total / self._beside(exposure))

    def _beside(self, batch: Any) -> np.ndarray:
        """Numbers of the batch shape as they go beside totals."""
        return vector(batch) if self.family.natural_shape else np.asarray(batch)

    def _statistics(self, data: Any) -> Statistics:
        if not isinstance(data, Statistics):
            data = self.family.check_observation(require_numpy(data, WHO, "data"))
            lead = tuple(data.shape[: data.ndim - len(self.family.event_shape)])
            require_broadcast(WHO, "data must broadcast against the batch", lead, self._batch)
            whole = np.broadcast_shapes(lead, self._batch) + self.family.event_shape
            data = np.broadcast_to(np.asarray(data), whole)
            return self.family.statistics(data, batch_ndim=len(self._batch))
        data = self.family._statistics_of(data)
        rule = "statistics must broadcast against the batch"
        require_broadcast(WHO, rule, np.shape(data.exposure), self._batch)
        return data

    def _sums(self, statistics: Statistics) -> tuple[np.ndarray, np.ndarray]:
        require_numpy(statistics.total, WHO, "data")
        return (
            np.asarray(statistics.total, dtype=np.float64),
            np.asarray(statistics.exposure, dtype=np.float64),
        )

    def _add(self, total: np.ndarray, exposure: np.ndarray) -> Self:
        scale = self.scale_exposure
        scale = None if scale is None else scale + exposure
        return type(self)(self.family, self.total + total, self.exposure + exposure, scale)

    def _log_evidence(self, data: Any, base_measure: bool, change: Any = None) -> Any:
        statistics = self._statistics(data)
        total, exposure = self._sums(statistics)
        with np.errstate(all="ignore"):
            if base_measure and not isinstance(data, Statistics):
                x = np.asarray(self.family.check_observation(data))
                return self._form.evidence(self, x, total, exposure, change)
            value = self._form.gained(self, total, exposure, change)
            return value + np.asarray(statistics.log_base) if base_measure else value

    def _learned(self, posterior: Self, change: Any = None) -> np.ndarray:
        """log Z(posterior) − log Z less the log-likelihood of the posterior peak.

        change: R(posterior) − R, where it is known already.
        """
        change = self._form.change(posterior, self) if change is None else change
        return change - self._depth(posterior._peak)

    def _depth(self, natural: np.ndarray) -> np.ndarray:
        """How far the height of the prior falls from its peak."""
        exposure = self.exposure + self._form.shift
        return self._form.depth(self._peak, self._mean, exposure, natural)

    def _log_prob(self, x: np.ndarray) -> np.ndarray:
        """log p of observations at the peak."""
        mean = self.family._natural_to_mean(self._peak)
        return self.family._log_prob(self._peak, mean, x)

    def _log_likelihood(self, x: np.ndarray) -> np.ndarray:
        """Of all samples, that of each computed apart: log h and the rest may cancel."""
        lead = x.shape[: x.ndim - len(self.family.event_shape)]
        each = np.asarray(self._log_prob(x))
        whole = np.broadcast_shapes(lead, self._batch, np.shape(self.family.trials))
        each = np.broadcast_to(each, whole)
        return weighted_sum(each, None, len(whole) - len(self._batch), "log p")

    @property
    def _batch(self) -> tuple[int, ...]:
        return np.shape(self.exposure)

    def _broadcast(self, batch: tuple[int, ...]) -> Self:
        whole = np.broadcast_to(self.total, batch + self.family.natural_shape)
        return type(self)(self.family, whole, np.broadcast_to(self.exposure, batch))
