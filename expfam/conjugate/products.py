"""Priors of independent parts: their own priors, with one exposure for all."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.conjugate.form import Form


class ProductForm(Form):
    """Z is the product of the parts', each of which has its χ and the exposure ν·trials."""

    def __init__(self, family: Any, forms: list[Form]) -> None:
        super().__init__(family)
        self.forms = forms  # of the parts
        self.exact = all(form.exact for form in forms)
        self.steep = all(form.steep for form in forms)

    def check(self, mean: np.ndarray) -> None:
        if self.steep:
            super().check(mean)
        else:
            for form, (own, _) in self._means(mean, np.ones(())):
                form.check(own)

    def peak(self, mean: np.ndarray, exposure: np.ndarray) -> np.ndarray:
        if self.steep:
            return super().peak(mean, exposure)
        parts = self._means(mean, exposure)
        return np.asarray(self.family._join([form.peak(*part) for form, part in parts]))

    def depth(self, peak: Any, mean: Any, exposure: Any, natural: np.ndarray) -> np.ndarray:
        if self.steep:
            return super().depth(peak, mean, exposure, natural)
        peaks, naturals = self.family._split(peak), self.family._split(natural)
        parts = zip(peaks, self._means(mean, exposure), naturals, strict=True)
        found = (form.depth(top, *part, own) for top, (form, part), own in parts)
        return sum(found, np.zeros(()))

    def expected(self, prior: Any) -> np.ndarray:
        if self.steep:
            return super().expected(prior)
        parts = self._parts(prior)
        return np.asarray(self.family._join([part.mean * part.family.trials for part in parts]))

    def _means(self, mean: Any, exposure: Any) -> list[tuple[Form, tuple[Any, Any]]]:
        """Of each part the mean of one trial, and its exposure."""
        trials = [factor.trials for factor in self.family.factors]
        means = [own / n for own, n in zip(self.family._split(mean), trials, strict=True)]
        return [(f, (m, exposure * n)) for f, m, n in zip(self.forms, means, trials, strict=True)]

    def remainder(self, prior: Any) -> np.ndarray:
        value = sum(part.log_normalizer for part in self._parts(prior))
        return value - self.family._exponent(prior._peak, prior.total, prior.exposure)

    def gained(
        self, prior: Any, total: np.ndarray, exposure: np.ndarray, change: Any = None
    ) -> np.ndarray:
        if change is not None:
            return super().gained(prior, total, exposure, change)
        parts, totals = self._parts(prior), self.family._split(total)
        return sum(
            part._form.gained(part, own, exposure * part.family.trials)
            for part, own in zip(parts, totals, strict=True)
        )

    def evidence(
        self, prior: Any, x: Any, total: np.ndarray, exposure: np.ndarray, change: Any = None
    ) -> np.ndarray:
        if change is not None:
            return super().evidence(prior, x, total, exposure, change)
        parts = zip(self._parts(prior), self.family._observations(x), strict=True)
        return sum(part.log_evidence(own) for part, own in parts)

    def predictive(self, prior: Any, x: np.ndarray) -> np.ndarray:
        parts = zip(self._parts(prior), self.family._observations(x), strict=True)
        return sum(part.log_predictive(own) for part, own in parts)

    def kl(self, p: Any, q: Any) -> np.ndarray:
        pairs = zip(self._parts(p), self._parts(q), strict=True)
        return sum(one.kl(two) for one, two in pairs)

    def draw(self, prior: Any, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        parts = self._parts(prior)
        return self.family._join([part._form.draw(part, source, shape) for part in parts])

    def simulate(self, prior: Any, directions: int, source: Any) -> tuple[np.ndarray, np.ndarray]:
        """Of the parts that are not exact."""
        if self.exact:
            return super().simulate(prior, directions, source)
        height = self.family._exponent(prior._peak, prior.total, prior.exposure)
        value, variance = -height, 0.0
        for part in self._parts(prior):
            if part._form.exact:
                value = value + part.log_normalizer
            else:
                found = part.simulated_log_normalizer(directions=directions, rng=source)
                value, variance = value + found.value, variance + found.se**2
        return value, np.sqrt(variance)

    def simulate_kl(
        self, p: Any, q: Any, directions: int, source: Any
    ) -> tuple[np.ndarray, np.ndarray]:
        """Of the parts that are not exact."""
        if self.exact:
            return super().simulate_kl(p, q, directions, source)
        value, variance = np.zeros(()), np.zeros(())
        for one, two in zip(self._parts(p), self._parts(q), strict=True):
            if one._form.exact:
                value = value + one.kl(two)
            else:
                found = one.simulated_kl(two, directions=directions, rng=source)
                value, variance = value + found.value, variance + found.se**2
        return value, np.sqrt(variance)

    def jeffreys(self) -> tuple[Any, Any]:
        """Those of the parts, where one exposure is that of all."""
        totals, exposures = zip(*(form.jeffreys() for form in self.forms), strict=True)
        with np.errstate(all="ignore"):
            each = np.divide(exposures, [factor.trials for factor in self.family.factors])
        same = (each == each[0]).all() and each[0] < np.inf
        return (self.family._join(totals), each[0]) if same else super().jeffreys()

    def _parts(self, prior: Any) -> list[Any]:
        pairs = zip(self.family.factors, self.family._split(prior.total), strict=True)
        return [type(prior)(f, total, prior.exposure * f.trials) for f, total in pairs]
