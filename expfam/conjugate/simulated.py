"""Evidence by simulation, with its standard error, where log Z is out of reach of integrals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from expfam.arrays import require, scalar
from expfam.conjugate.form import WHO
from expfam.conjugate.state import Seen
from expfam.sampling import stream


@dataclass(frozen=True)
class Simulated:
    """A number by simulation: its value and standard error, of the batch shape both."""

    value: Any
    se: Any


class Simulating(Seen):
    """What a prior knows by simulation."""

    def simulated_log_normalizer(self, *, directions: int = 1000, rng: Any = None) -> Simulated:
        """log Z by lines through the peak: directions at random, lengths integrated.

            Z = S·√det Σ · E ∫ r^{d−1} exp(−ν·KL(η̂‖η̂ + rΣ^½u)) dr,    Σ = (ν∇²A(η̂))⁻¹

        u is uniform on the sphere, of area S. directions: how many lines; the standard error falls
        like one over the root of them. rng: int seed or Generator.
        Errors: TypeError for a prior with a closed log Z; ValueError where fewer than fifty lines
        count.

        >>> from expfam import ConjugatePrior, FiniteFamily
        >>> corners = [[i >> k & 1 for k in range(6)] for i in range(64)]
        >>> coins = FiniteFamily(range(64), corners)  # six parameters
        >>> prior = ConjugatePrior.from_mean(coins, [0.5] * 6, exposure=9.0)
        >>> found = prior.simulated_log_normalizer(rng=1)  # −34.1828: six beta functions
        >>> round(found.value, 3), round(found.se, 3)
        (-34.184, 0.002)
        """
        with np.errstate(all="ignore"):
            value, error = self._form.simulate(self, _whole(directions), stream(rng))
            height = self._form.family._exponent(self._peak, self.total, self.exposure)
        return Simulated(scalar(height + value), scalar(error))

    def simulated_log_evidence(
        self, data: Any, *, base_measure: bool = True, directions: int = 1000, rng: Any = None
    ) -> Simulated:
        """`log_evidence` by simulation of both log Z: value and standard error, batch shape.

        Of one observation it is log p of a prediction. Other arguments as for
        `simulated_log_normalizer`; errors as there and in `log_evidence`.

        >>> from expfam import ConjugatePrior, FiniteFamily
        >>> corners = [[i >> k & 1 for k in range(6)] for i in range(64)]
        >>> prior = ConjugatePrior.from_mean(FiniteFamily(range(64), corners), [0.5] * 6, 9.0)
        >>> found = prior.simulated_log_evidence([0, 63, 5, 5], rng=3)
        >>> round(found.value, 2), round(found.se, 3)  # −16.7874
        (-16.79, 0.002)
        """
        posterior = self._add(*self._sums(self._statistics(data)))
        source = stream(rng)
        with np.errstate(all="ignore"):
            old, old_error = self._form.simulate(self, _whole(directions), source)
            new, new_error = self._form.simulate(posterior, directions, source)
        value = self._log_evidence(data, base_measure, new - old)
        return Simulated(scalar(value), scalar(np.hypot(old_error, new_error)))

    def simulated_kl(self, other: Any, *, directions: int = 1000, rng: Any = None) -> Simulated:
        """`kl` by simulation, ∫ π log π/π′ dη: value and standard error, batch shape.

        Where the densities are nearly equal the error is relative to it. Other arguments as for
        `simulated_log_normalizer`; errors as there and in `kl`.

        >>> from expfam import ConjugatePrior, FiniteFamily
        >>> corners = [[i >> k & 1 for k in range(6)] for i in range(64)]
        >>> prior = ConjugatePrior.from_mean(FiniteFamily(range(64), corners), [0.5] * 6, 9.0)
        >>> found = prior.update([0, 63, 5, 5]).simulated_kl(prior, rng=4)
        >>> round(found.value, 2), round(found.se, 3)  # six KL of betas
        (0.88, 0.004)
        """
        self._require_comparable(other)
        with np.errstate(all="ignore"):
            found = self._form.simulate_kl(self, other, _whole(directions), stream(rng))
        return Simulated(*map(scalar, found))


def _whole(directions: Any) -> int:
    good = isinstance(directions, (int, np.integer)) and directions >= 100
    require(good, WHO, "directions must be an integer of 100 or more", directions)
    return int(directions)
