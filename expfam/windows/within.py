"""What a window of a family is asked for, whether of counts or of numbers."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from expfam.family import Rule


class Within(abc.ABC):
    """The members of a family within low ≤ x ≤ high: A(η) and what follows from it, by points."""

    discrete: ClassVar[bool]

    def __init__(self, family: Any, low: float, high: float) -> None:
        self.family, self.low, self.high = family, low, high

    @abc.abstractmethod
    def log_partition(self, natural: np.ndarray) -> np.ndarray:
        """A(η)."""

    @abc.abstractmethod
    def natural_to_mean(self, natural: np.ndarray) -> np.ndarray:
        """∇A(η)."""

    @abc.abstractmethod
    def fisher_information(self, natural: np.ndarray) -> np.ndarray:
        """∇²A(η)."""

    @abc.abstractmethod
    def log_prob(self, natural: np.ndarray, x: np.ndarray) -> np.ndarray:
        """log p(x)."""

    @abc.abstractmethod
    def entropy(self, natural: np.ndarray) -> np.ndarray:
        """−E log p."""

    @abc.abstractmethod
    def kl(self, p: np.ndarray, q: np.ndarray) -> np.ndarray:
        """KL between members."""

    @abc.abstractmethod
    def draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        """Observations."""

    @abc.abstractmethod
    def natural_rules(self, natural: np.ndarray) -> Iterator[Rule]:
        """Which η have a member."""

    @abc.abstractmethod
    def mean_rules(self, mean: np.ndarray) -> Iterator[Rule]:
        """Which means have one."""

    @property
    def blunt(self) -> bool:
        """Whether A has a finite slope at an edge of the natural parameters (it is not steep)."""
        return False

    def end_of(self, natural: np.ndarray) -> np.ndarray:
        """The end at which a member of infinite η always is."""
        finite = [end if np.isfinite(end) else 0.0 for end in (self.low, self.high)]
        return np.where(natural < 0, *finite)

    @property
    def inside(self) -> np.ndarray:
        """An η of the family's own that has a member, whatever the window."""
        return np.asarray(self.start(np.asarray(self.low + 0.5)))

    def start(self, mean: np.ndarray) -> np.ndarray:
        """Where Newton starts: the member of the whole family with that mean, or what is near."""
        family = self.family
        return family._initial_natural(mean) if family._iterative else family._mean_to_natural(mean)
