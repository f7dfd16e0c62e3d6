"""check_family: whether a family, ours or a user's, obeys every law of exponential families."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from expfam.arrays import require_numpy
from expfam.checks import doors, draws, laws, manners
from expfam.checks.members import Member
from expfam.family import Distribution, ExponentialFamily

__all__ = ["Finding", "Law", "Report", "check_family"]

_PROPOSALS = 4096
_FINITE = 3  # members proposed in the interior; on the boundary, up to as many
_SHOWN = 3  # findings a law may have before it says no more


class Law(NamedTuple):
    """A law by name, its check, and the likely cause where it fails."""

    name: str
    check: Callable[..., Iterator[str]]
    cause: str


OF_A_MEMBER = (
    Law("probabilities sum to one", laws.total, "log h, or A"),
    Law("log p is the textbook's formula", laws.textbook, "_log_prob, log h, T or A"),
    Law("E T is the mean parameter", laws.expectation, "_natural_to_mean or T"),
    Law("Cov T is the Fisher information", laws.covariance, "_fisher_information or T"),
    Law("the forward map is the gradient of A", laws.gradient, "_natural_to_mean or A"),
    Law("the Fisher information is the Hessian of A", laws.hessian, "_fisher_information"),
    Law("the score is the gradient of log p", laws.score, "T or _natural_to_mean"),
    Law("fisher_product is the product", laws.product, "_fisher_product"),
    Law("degrees of freedom are the rank", laws.rank, "_degrees_of_freedom"),
    Law("the backward map inverts the forward", laws.round_trip, "_mean_to_natural, _canonical"),
    Law("fits match moments", laws.moment_matching, "_mean_to_natural"),
    Law("entropy is −E log p", laws.entropy, "_entropy"),
    Law("A* is the conjugate of A", laws.conjugate, "_entropy or A"),
    Law("cumulants are those of T", laws.cumulants, "A or _kl"),
    Law("draws follow the member", draws.sampling, "_draw"),
    Law("a member is what its family says", manners.member, "the properties of Distribution"),
    Law("data become sums", manners.statistics, "T, log h or Statistics"),
    Law("values compare", manners.values, "_canonical, == or hash"),
)
OF_A_PAIR = (
    Law("KL is E log p/q and Bregman's divergence", laws.divergence, "_kl"),
    Law("Fenchel and Young's inequality", laws.fenchel_young, "A or the forward map"),
)
OF_THE_FAMILY = (
    Law("a batch is a loop", doors.batch, "a hook's axes"),
    Law("bad input is refused", doors.refusals, "_natural_rules, _mean_rules, _observation_rules"),
)


@dataclass(frozen=True)
class Finding:
    """One law that one member broke: where, the numbers, and the likely cause."""

    law: str
    where: str
    numbers: str
    cause: str

    def __str__(self) -> str:
        return f"{self.law}: {self.numbers}; {self.where}; likely cause: {self.cause}"


@dataclass(frozen=True)
class Report:
    """What `check_family` found: `passed`, `findings`, and `notes` on what was out of reach."""

    family: ExponentialFamily
    laws: tuple[str, ...]
    members: tuple[str, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.findings

    def raise_if_failed(self) -> None:
        """Raise an AssertionError with the whole report unless every law holds."""
        if not self.passed:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        broken = len({finding.law for finding in self.findings})
        held = f"{len(self.laws) - broken} of {len(self.laws)} laws hold"
        lines = [f"{self.family!r}: {held} at {len(self.members)} members"]
        lines += [f"  FAILED {finding}" for finding in self.findings]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)


def check_family(
    family: ExponentialFamily, *, natural: Any = None, laws: Any = None, rng: Any = 0
) -> Report:
    """Hold a family to every law of exponential families, at some of its members.

    Laws are those of `expfam.checks.laws` and `expfam.checks.manners`: among them Σ p(x) = 1, E T
    = ∇A(η), Cov T = ∇²A(η), the backward map, entropy, KL, Fenchel–Young, sampling, batches, bad
    input. A relative fault of 1e-9 in a deterministic method of a family is found. Expectations
    are sums and integrals where observations are counts (a box of at most 2¹⁸ points) or one real
    number; elsewhere the laws that need them are left out, and a note says so.

    family: any `ExponentialFamily`, a user's own too. natural: the members, (n,) + natural shape,
    the boundary of the closure included; by default small random parameters that the family's
    door lets in, and the same with infinite entries. laws: the names of those to try; all of
    them by default. rng: an int or a Generator.
    Errors: TypeError for what is no family; ValueError where no member is proposed, and for the
    name of no law.

    >>> from expfam import Poisson
    >>> print(check_family(Poisson()))
    Poisson(): 22 of 22 laws hold at 4 members
    """
    if not isinstance(family, ExponentialFamily):
        came = f"the class {family.__name__}" if isinstance(family, type) else repr(type(family))
        raise TypeError(f"check_family: family must be an ExponentialFamily; got {came}")
    tried = _chosen(laws)
    random = np.random.default_rng(rng)
    naturals = _proposed(family, random) if natural is None else _given(family, natural)
    members = [
        Member(p, int(random.integers(2**31))) for row in naturals for p in _single(family, row)
    ]
    findings = [*_findings(tried, family, naturals, members)]
    notes = {f"no sums over {m.family!r}: {m.support.missing}" for m in members if m.unsummed}
    return Report(
        family,
        tuple(law.name for law in tried),
        tuple(m.where for m in members),
        tuple(findings),
        tuple(sorted(notes)),
    )


def _findings(
    tried: list[Law], family: ExponentialFamily, naturals: np.ndarray, members: list[Member]
) -> Iterator[Finding]:
    pairs = [(p, q) for p in members for q in members if p.family == q.family]
    cases: dict[tuple[Law, ...], list[tuple[str, tuple]]] = {
        OF_A_MEMBER: [(m.where, (m,)) for m in members],
        OF_A_PAIR: [(f"{p.where} and {q.where}", (p, q)) for p, q in pairs],
        OF_THE_FAMILY: [(repr(family), (family, naturals))],
    }
    for group, cases_of_group in cases.items():
        for law in group:
            if law in tried:
                yield from _tried(law, cases_of_group)


def _chosen(names: Any) -> list[Law]:
    every = {law.name: law for law in (*OF_A_MEMBER, *OF_A_PAIR, *OF_THE_FAMILY)}
    if names is None:
        return list(every.values())
    unknown = [name for name in names if name not in every]
    if unknown:
        raise ValueError(f"check_family: laws must be among its own; {unknown[0]!r} is none")
    return [every[name] for name in names]


def _tried(law: Law, cases: list[tuple[str, tuple]]) -> Iterator[Finding]:
    """The first findings of a law. A warning is one, and so is an error."""
    found = 0
    for where, arguments in cases:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                sentences = list(law.check(*arguments))
        except Exception as error:
            sentences = [f"{type(error).__name__}: {error}"]
        for sentence in sentences:
            found += 1
            yield Finding(law.name, where, sentence, law.cause)
            if found == _SHOWN:
                return


# ------------------------------------------------------------ the members under trial


def _given(family: ExponentialFamily, natural: Any) -> np.ndarray:
    require_numpy(natural, family.name, "natural parameter")
    naturals = np.asarray(family._shaped(natural, family.natural_shape, "natural parameter"))
    return naturals.astype(float).reshape(-1, *family.natural_shape)


def _proposed(family: ExponentialFamily, random: np.random.Generator) -> np.ndarray:
    """Small parameters that satisfy the family's rules, and the same with infinite entries."""
    rows = random.normal(size=(_PROPOSALS, *family.natural_shape))
    with np.errstate(all="ignore"):
        inside = family._inside(rows)
        if not inside.any():  # of a cone in many dimensions, say
            rows = np.abs(rows)
            inside = family._inside(rows)
        finite = rows[inside][:_FINITE]
        if not len(finite):
            raise ValueError(
                f"check_family: natural must be given for {family.name}; none of {_PROPOSALS} "
                "small random parameters satisfies its rules"
            )
        edges = np.array(list(_edges(finite[0])))
        edges = edges[family._inside(edges)][:_FINITE]
    return np.concatenate([finite, edges])


def _edges(row: np.ndarray) -> Iterator[np.ndarray]:
    """One infinite entry, then all but one."""
    for value in (-np.inf, np.inf):
        for i in range(min(row.size, 2)):
            edge = row.copy().reshape(-1)
            edge[i] = value
            yield edge.reshape(row.shape)
        if row.size > 2:
            edge = np.full(row.size, value)
            edge[-1] = row.reshape(-1)[-1]
            yield edge.reshape(row.shape)


def _single(family: ExponentialFamily, row: np.ndarray) -> Iterator[Distribution]:
    """The members of a row: one, or one for every entry of trials."""
    p = Distribution(family, row)
    if not p.batch_shape:
        yield p
        return
    for index in np.ndindex(p.batch_shape):
        yield p[index]
