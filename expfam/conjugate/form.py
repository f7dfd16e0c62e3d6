"""What a family gives for its conjugate prior: what is left of log Z beside the peak's height."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any

import numpy as np

from expfam.arrays import require
from expfam.family import ExponentialFamily

WHO = "ConjugatePrior"


@dataclass(frozen=True, eq=False, repr=False)
class Classical:
    """A conjugate prior under its name in the textbooks: a law of a parameter, and its numbers.

    law: `Beta`, `Dirichlet`, `Gamma`, `Normal`, `NormalGamma` or `NormalWishart`; of: what it is a
    law of; parameters: by name, as `ConjugatePrior.from_classical` takes them.
    """

    law: str
    of: str
    parameters: dict[str, Any]

    def __repr__(self) -> str:
        shown = {name: np.asarray(x).tolist() for name, x in self.parameters.items()}
        return f"{self.law}({', '.join(f'{name}={x}' for name, x in shown.items())}) of {self.of}"


class Form(abc.ABC):
    """The conjugate prior of one kind of families, as formulas of (χ, ν) = (total, exposure).

        log Z(χ, ν) = sup (⟨η, χ⟩ − ν̃·A(η)) + R(χ, ν̃),      ν̃ = ν + shift

    The first term is the height of a peak, which the family knows (at the mean χ/ν̃); R is the rest.
    With a shift the peak is that of the density in other coordinates, where each proper prior
    has one: of log(−η), say, for −η > 0.
    """

    shift: float = 0.0
    exact = True  # whether log Z is closed, or is always found
    steep = True  # whether A is, at the edge of the natural parameters: then E μ is χ/ν
    least_scale: float | None = None  # below which scale_exposure is improper, where there is one

    def __init__(self, family: Any) -> None:
        self.family: Any = family  # of one trial, and not transformed

    @abc.abstractmethod
    def remainder(self, prior: Any) -> np.ndarray:
        """R(χ, ν̃): batch shape."""

    @abc.abstractmethod
    def kl(self, p: Any, q: Any) -> np.ndarray:
        """∫ π_p log π_p/π_q dη: batch shape."""

    def check(self, mean: np.ndarray) -> None:
        """An error where no proper prior has χ/ν̃ = mean."""
        self.family._mean_door(mean)

    def peak(self, mean: np.ndarray, exposure: np.ndarray) -> np.ndarray:
        """The natural parameter from which the prior is seen: its mode, or near."""
        return np.asarray(self.family._mean_to_natural(mean))

    def depth(self, peak: Any, mean: Any, exposure: Any, natural: np.ndarray) -> np.ndarray:
        """How far ⟨η, χ⟩ − ν̃·A(η) falls from the peak to η, which is ν̃·KL(η̂‖η)."""
        return np.asarray(exposure * self.family._kl(peak, mean, natural))

    def expected(self, prior: Any) -> np.ndarray:
        """E μ."""
        return np.asarray(prior._over(prior.exposure))

    def change(self, new: Any, old: Any) -> np.ndarray:
        """R(new) − R(old)."""
        return new._remainder - old._remainder

    def gained(
        self, prior: Any, total: np.ndarray, exposure: np.ndarray, change: Any = None
    ) -> Any:
        """log Z(χ + t, ν + n) − log Z(χ, ν): the evidence of a sequence with these sums."""
        posterior = prior._add(total, exposure)
        learned = prior._learned(posterior, change)
        return self.family._exponent(posterior._peak, total, exposure) + learned

    def evidence(
        self, prior: Any, x: Any, total: np.ndarray, exposure: np.ndarray, change: Any = None
    ) -> Any:
        """The same with log h, of observations x with these sums."""
        posterior = prior._add(total, exposure)
        return posterior._log_likelihood(x) + prior._learned(posterior, change)

    def predictive(self, prior: Any, x: np.ndarray) -> Any:
        """The same of each observation alone."""
        statistic = prior.family._sufficient_statistic(x)
        posterior = prior._add(statistic, np.asarray(prior.family.trials))
        return posterior._log_prob(x) + prior._learned(posterior)

    def settled(self, total: np.ndarray, exposure: np.ndarray, *came: np.ndarray) -> np.ndarray:
        """The exposure, where the total knows it better. came: what they were, in its precision."""
        return exposure

    def classical(self, prior: Any) -> Classical:
        raise TypeError(f"{WHO}: the prior of {self.family.name} has no classical form")

    def counts(self, **parameters: Any) -> tuple[Any, ...]:
        """Total and exposure, and where `scaled` that of the scale, of a classical form."""
        raise TypeError(f"{WHO}: the prior of {self.family.name} has no classical form")

    def draw(self, prior: Any, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """Natural parameters of the shape shape + batch + natural."""
        raise TypeError(f"{WHO}: no exact draws are known from the prior of {self.family.name}")

    def simulate(self, prior: Any, directions: int, source: Any) -> tuple[np.ndarray, np.ndarray]:
        """R and its standard error."""
        raise TypeError(
            f"{WHO}: log Z of the prior of {self.family.name} is exact: ask for log_normalizer and "
            "log_evidence"
        )

    def simulate_kl(
        self, p: Any, q: Any, directions: int, source: Any
    ) -> tuple[np.ndarray, np.ndarray]:
        """∫ π_p log π_p/π_q dη and its standard error."""
        raise TypeError(f"{WHO}: KL of priors of {self.family.name} is exact: ask for kl")

    def jeffreys(self) -> tuple[Any, Any]:
        """Total and exposure of √det ∇²A(η)."""
        raise ValueError(
            f"{WHO}: Jeffreys' prior √det ∇²A(η) must be proper and conjugate, as for Binomial, "
            f"Categorical and Multinomial; that of {self.family.name} is not"
        )


def taken(
    family: ExponentialFamily, law: str, parameters: dict, **shapes: tuple[int, ...]
) -> list[Any]:
    """The parameters of a classical form in order, as floats; an error if others came."""
    if set(parameters) != set(shapes):
        came = ", ".join(parameters) or "none"
        raise TypeError(
            f"{WHO}: the {law} prior of {family.name} takes {', '.join(shapes)}; got {came}"
        )
    given = (family._shaped(parameters[name], shape, name) for name, shape in shapes.items())
    return [np.asarray(x, dtype=np.float64)[()] for x in given]


def positive(value: Any, name: str) -> Any:
    """value, or an error that says that the classical form is improper."""
    require((value > 0) & (value < np.inf), WHO, f"{name} must be positive and finite", value)
    return value


def vector(x: Any) -> np.ndarray:
    """A batch as a column beside vectors."""
    return np.asarray(x)[..., None]
