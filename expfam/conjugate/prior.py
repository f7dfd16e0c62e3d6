"""ConjugatePrior: data that nobody has seen, and what follows when more are added to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, final

import numpy as np

from expfam.arrays import numbers, real, require, require_broadcast, require_numpy, scalar, wide
from expfam.conjugate.choice import form_of
from expfam.conjugate.form import WHO, Classical, vector
from expfam.conjugate.simulated import Simulating
from expfam.conjugate.state import require_family
from expfam.distribution import Distribution
from expfam.family import ExponentialFamily, _shape_of
from expfam.sampling import stream

_MATRICES = "covariance", "inverse_scale"
_LOST = 1e-6  # of a number of a classical form: more is refused


@final
@dataclass(frozen=True, eq=False, repr=False)
class ConjugatePrior(Simulating):
    """The prior π(η) = exp(⟨η, χ⟩ − ν·A(η)) / Z(χ, ν) of a family, A that of one trial.

    It is the likelihood of ν observations with the sum χ, and data add to both. The density is
    with respect to the natural parameter; of K categories, to K − 1 log-odds (any).

    total: χ, batch + natural shape; exposure: ν, batch shape, with which `Statistics` share names
    and meaning. Proper where χ/ν is the mean of a member inside the family and ν > 0; where −η
    is a rate, down to some ν below 0; where A is not steep, up to the convex hull of T.
    scale_exposure: of Gaussians with unknown mean and variance, how many observations the prior
    knows of the variance (ν unless given): π ∝ exp(⟨η, χ⟩ − νA₁ − ν₂A₂), A₁ = ½ mᵀPm,
    A₂ = −½ log det P with the mean m and the precision P.
    Errors: ValueError for what is improper. Evidence, predictions, densities and KL need log Z:
    TypeError where that has no closed form and is no integral over five numbers at most, ValueError
    where one does not settle. `simulated_log_evidence` and `simulated_kl` are there for these.
    Source: Diaconis and Ylvisaker (1979), Ann. Statist. 7: 269–281; with two exposures Consonni
    and Veronese (2001), Scand. J. Statist. 28: 377–406.

    >>> from expfam import Binomial
    >>> prior = ConjugatePrior(Binomial(10), total=1.0, exposure=2.0)
    >>> prior
    ConjugatePrior of Binomial(trials=10): Beta(alpha=1.0, beta=1.0) of the probability of success
    >>> prior.update([7, 9]).mean, round(prior.log_predictive(7), 6)  # 17/22, −log 11
    (0.772..., -2.397895)
    """

    family: ExponentialFamily
    total: Any
    exposure: Any
    scale_exposure: Any = None

    def __repr__(self) -> str:
        try:
            shown = repr(self.classical)
        except TypeError:
            shown = f"total={np.asarray(self.total).tolist()}, exposure={self.exposure}"
        return f"{WHO} of {self.family}: {shown}"

    # ------------------------------------------------------------ other ways in

    @classmethod
    def from_mean(cls, family: ExponentialFamily, mean: Any, exposure: Any) -> Self:
        """The prior with E μ = mean of one trial, worth this many observations: χ = ν·mean.

        Where A is not steep, χ/ν is that mean, and E μ is less (see `mean`).

        >>> from expfam import Categorical
        >>> ConjugatePrior.from_mean(Categorical(3), [0.25, 0.25, 0.5], exposure=4).total
        array([1., 1., 2.])
        """
        require_family(family)
        mean = real(require_numpy(mean, WHO, "mean"), WHO, "mean")
        exposure = numbers(exposure, WHO, "exposure")
        scale = exposure if not family.natural_shape else vector(exposure)
        with np.errstate(all="ignore"):
            total = np.asarray(scale * wide(mean))
            shaped = not family.natural_shape or total.shape[-1:] == family.natural_shape[-1:]
            if shaped and np.isfinite(total).all():
                exposure = form_of(family).settled(total, exposure, mean)
        return cls(family, total, exposure)

    @classmethod
    def from_classical(cls, family: ExponentialFamily, **parameters: Any) -> Self:
        """The prior from the numbers of its classical form, as `classical` names them.

        Beta(alpha, beta) of P(success): Binomial, Geometric, NegativeBinomial.

        Dirichlet(alpha) of the probabilities: Categorical, Multinomial.

        Gamma(shape, rate) of the rate: Poisson, Exponential, Weibull, Rayleigh, Pareto, Laplace (of
        what −η is to each); of the precision: GaussianKnownMean, whose variance is inverse gamma.

        Normal(mean, variance) of the mean: GaussianKnownVariance; Normal(mean, covariance), a
        multiple of the known one: MultivariateGaussianKnownCovariance.

        NormalGamma(mean, exposure, shape, rate): Gaussian, LogNormal, IsotropicGaussian, and entry
        by entry DiagonalGaussian; the precision τ is Gamma, the mean has the precision exposure·τ.

        NormalWishart(mean, exposure, degrees, inverse_scale): MultivariateGaussian; P is Wishart of
        mean degrees·inverse_scale⁻¹, the mean has the precision exposure·P.

        Numbers go in and out to the rounding of χ and ν, in which they are stored.

        Errors: TypeError for other names, and for a family without a classical form; ValueError
        for a number that the others drown in χ and ν, so that 1e-6 of it or more is lost.
        Source: Bernardo and Smith (1994), Bayesian Theory, appendix A.2.

        >>> from expfam import Gaussian
        >>> prior = ConjugatePrior.from_classical(
        ...     Gaussian(), mean=3.0, exposure=2.0, shape=1.0, rate=4.0
        ... )
        >>> prior.total, prior.exposure.item(), prior.scale_exposure.item()
        (array([ 6., 26.]), 2.0, -1.0)
        """
        with np.errstate(all="ignore"):
            counts = form_of(require_family(family)).counts(**parameters)
        prior = cls(family, *counts)
        for name, kept in prior.classical.parameters.items():
            came = np.asarray(parameters[name], dtype=np.float64)
            size = abs(came).max(axis=(-2, -1), keepdims=True) if name in _MATRICES else abs(came)
            rule = f"{name} must not drown in total and exposure, beside the other numbers"
            require(abs(kept - came) <= _LOST * size, WHO, rule, came)
        return prior

    @classmethod
    def jeffreys(cls, family: ExponentialFamily) -> Self:
        """Jeffreys' prior √det ∇²A(η), where it is proper: half a count of each category.

        Errors: ValueError where it is improper or not of this form.
        Source: Jeffreys (1946), Proc. R. Soc. A 186: 453–461.

        >>> from expfam import Multinomial
        >>> ConjugatePrior.jeffreys(Multinomial(3, trials=10)).total
        array([0.5, 0.5, 0.5])
        """
        return cls(family, *form_of(require_family(family)).jeffreys())

    @property
    def classical(self) -> Classical:
        """The law under its name in the textbooks. Errors: TypeError where it has none.

        >>> from expfam import Exponential
        >>> ConjugatePrior(Exponential(), total=6.0, exposure=2.0).classical
        Gamma(shape=3.0, rate=6.0) of the rate
        """
        return self._form.classical(self)

    # ------------------------------------------------------------ learning

    def update(self, data: Any) -> Self:
        """The posterior, with Σ w·T(x) added to χ and Σ w·trials to ν.

        data: observations (sample + batch + event shape), or `Statistics`, fractional weights too.

        >>> from expfam import Poisson
        >>> ConjugatePrior(Poisson(), total=2.0, exposure=1.0).update([4, 6, 3])
        ConjugatePrior of Poisson(): Gamma(shape=15.0, rate=4.0) of the rate
        """
        return self._add(*self._sums(self._statistics(data)))

    @property
    def mean(self) -> Any:
        """E μ of one trial: χ/ν, which weighs the means of prior and data (Diaconis and Ylvisaker,
        theorem 2). With a scale_exposure ν₂, the covariance in it is times (ν + 1)/(ν₂ + 1).
        Where A is not steep (half lines of a Gaussian, a Gamma) the second entry is less.

        Errors: ValueError where it is infinite: for ν ≤ 0, for ν₂ ≤ −1.
        """
        require(
            self.exposure > 0, WHO, "exposure must be positive, or E μ is infinite", self.exposure
        )
        with np.errstate(all="ignore"):
            mean = self._form.expected(self)
        if self._scaled:
            rule = "scale_exposure must exceed -1, or the mean variance is infinite"
            require(self.scale_exposure > -1, WHO, rule, self.scale_exposure)
            mean = self._form.spread(mean, (self.exposure + 1) / (self.scale_exposure + 1))
        return scalar(mean)

    @property
    def mode(self) -> Distribution:
        """The member at which the density of η (or log-odds) is largest: its mean is χ/ν.

        With a scale_exposure ν₂, its covariance is times ν/ν₂. In other coordinates the mode of the
        same prior is another member.
        Errors: ValueError where the density has no maximum: for ν ≤ 0, for ν₂ ≤ 0, and where it
        grows up to an edge at which A is not steep.
        """
        require(
            self.exposure > 0, WHO, "exposure must be positive, or there is no mode", self.exposure
        )
        mean = self._over(self.exposure)
        if self._scaled:
            rule = "scale_exposure must be positive, or there is no mode"
            require(self.scale_exposure > 0, WHO, rule, self.scale_exposure)
            mean = self._form.spread(mean, self.exposure / self.scale_exposure)
        return Distribution(self.family, self._form.family.mean_to_natural(mean))

    # ------------------------------------------------------------ densities and evidence

    @property
    def log_normalizer(self) -> Any:
        """log Z(χ, ν) = log ∫ exp(⟨η, χ⟩ − ν·A(η)) dη: batch shape."""
        exposure = self.exposure + self._form.shift
        with np.errstate(all="ignore"):
            height = self._form.family._exponent(self._peak, self.total, exposure)
            return scalar(height + self._remainder)

    def log_prob(self, natural: Any) -> Any:
        """log π(η) = ⟨η, χ⟩ − ν·A(η) − log Z, −∞ on the edge of the family: sample + batch shape.

        Of K categories it is the density of K − 1 log-odds; that of p is larger by −Σ log pᵢ.
        """
        form, core = self._form, self._form.family
        natural = np.asarray(core.check_natural(require_numpy(natural, WHO, "natural parameter")))
        with np.errstate(all="ignore"):
            value = -self._depth(natural) - self._remainder
            if form.shift:
                value = value + form.shift * core._log_partition(natural)
            if self._scaled:
                extra = self.scale_exposure - self.exposure
                value = value + extra * form.half_log_det(natural)
        return scalar(value)

    def log_evidence(self, data: Any, *, base_measure: bool = True) -> Any:
        """log ∫ p(data | η) π(η) dη = log Z(posterior) − log Z(prior) + Σ log h: batch shape.

        base_measure: with log h (for counts, the evidence of the counts); without it (the
        evidence of one sequence that has these counts).
        data: as for `update`. What is large cancels before it is computed: the evidence is the
        log-likelihood of the posterior peak, less ν·KL of the peaks, plus a change of remainders.
        Of counts in `Statistics`, log h is added at the end, and may cancel with what is there.

        >>> from expfam import Binomial
        >>> uniform = ConjugatePrior.from_classical(Binomial(3), alpha=1, beta=1)
        >>> counts = uniform.log_evidence(2)  # log 1/4
        >>> sequence = uniform.log_evidence(2, base_measure=False)  # log 1/12
        >>> round(counts, 6), round(sequence, 6)
        (-1.386294, -2.484907)
        """
        return scalar(self._log_evidence(data, base_measure))

    def log_predictive(self, x: Any) -> Any:
        """log ∫ p(x | η) π(η) dη, of each observation alone: sample + batch shape.

        Of counts it is the Dirichlet-multinomial, beta-binomial, negative binomial, …

        >>> from expfam import Multinomial
        >>> prior = ConjugatePrior(Multinomial(3, trials=2), [1.0, 1.0, 1.0], 3.0)
        >>> prior.log_predictive([[2, 0, 0], [1, 1, 0]]).round(6)  # each of 6 counts is 1/6
        array([-1.791759, -1.791759])
        """
        family = self.family
        x = np.asarray(family._observation_door(require_numpy(x, WHO, "x")))
        lead = x.shape[: x.ndim - len(family.event_shape)]
        rule = "observations must broadcast against the batch"
        require_broadcast(WHO, rule, lead, np.shape(self.exposure))
        with np.errstate(all="ignore"):
            return scalar(self._form.predictive(self, x))

    def kl(self, other: ConjugatePrior) -> Any:
        """∫ π log π/π′ dη ≥ 0, the Bregman divergence of log Z: batch shape.

        Errors: TypeError and ValueError for another family, or batches that do not broadcast.

        >>> from expfam import Poisson
        >>> prior = ConjugatePrior(Poisson(), total=2.0, exposure=1.0)
        >>> round(prior.update([4, 6, 3]).kl(prior), 6)  # nats learned
        1.097874
        """
        self._require_comparable(other)
        with np.errstate(all="ignore"):
            return scalar(self._form.kl(self, other))

    def sample(self, shape: int | tuple[int, ...] = (), rng: Any = None) -> Any:
        """Natural parameters drawn from the prior: shape + batch + natural shape.

        Errors: TypeError for a family whose prior is known by its integral alone.

        >>> from expfam import Categorical
        >>> prior = ConjugatePrior(Categorical(2), [3.0, 1.0], 4.0)
        >>> Categorical(2).natural_to_mean(prior.sample(2, rng=1)).round(3)
        array([[0.699, 0.301],
               [0.504, 0.496]])
        """
        size = _shape_of(shape, WHO)
        with np.errstate(all="ignore"):
            return scalar(self._form.draw(self, stream(rng), size))
