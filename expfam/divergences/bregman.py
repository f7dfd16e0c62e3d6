"""Kullback and Leibler's divergence and its relatives: Bregman divergences of A and A*."""

from __future__ import annotations

from typing import Any

from expfam.arrays import scalar
from expfam.distribution import Distribution
from expfam.divergences.members import check_pair


def kl(p: Distribution, q: Distribution) -> Any:
    """KL(p‖q) = E_p log p/q = A(η_q) − A(η_p) − ⟨η_q − η_p, μ_p⟩, in nats: `p.kl(q)`.

    ∞ exactly where p allows what q excludes. KL(q‖p) is `kl(q, p)`.
    Source: Kullback and Leibler (1951), Ann. Math. Statist. 22: 79–86.

    >>> from expfam import Categorical
    >>> p, q = (Categorical(2).from_mean(mean) for mean in ([0.5, 0.5], [1.0, 0.0]))
    >>> kl(p, q), kl(q, p)  # ∞ and log 2
    (inf, 0.6931471805599453)
    """
    check_pair(p, q, "kl")
    return p.kl(q)


def cross_entropy(p: Distribution, q: Distribution) -> Any:
    """−E_p log q, in nats: the entropy of p plus KL(p‖q); `p.cross_entropy(q)`.

    >>> from expfam import Categorical
    >>> p, q = (Categorical(2).from_mean(mean) for mean in ([0.5, 0.5], [0.25, 0.75]))
    >>> round(cross_entropy(p, q), 6)  # −½ log(3/16)
    0.836988
    """
    check_pair(p, q, "cross_entropy")
    return p.cross_entropy(q)


def jeffreys(p: Distribution, q: Distribution) -> Any:
    """KL(p‖q) + KL(q‖p) = ⟨η_p − η_q, μ_p − μ_q⟩, the symmetric sum (not its half).

    Source: Jeffreys (1946), Proc. R. Soc. A 186: 453–461.

    >>> from expfam import Poisson
    >>> p, q = Poisson().from_mean(1.0), Poisson().from_mean(2.0)
    >>> round(jeffreys(p, q), 6)  # log 2
    0.693147
    """
    check_pair(p, q, "jeffreys")
    return scalar(p.kl(q) + q.kl(p))


def bregman(p: Distribution, q: Distribution) -> Any:
    """The Bregman divergence of A, A(η_p) − A(η_q) − ⟨η_p − η_q, μ_q⟩, which is KL(q‖p).

    Source: Banerjee, Merugu, Dhillon and Ghosh (2005), Clustering with Bregman divergences,
    appendix A.

    >>> from expfam import Poisson
    >>> round(bregman(Poisson().from_mean(2.0), Poisson().from_mean(1.0)), 6)  # 2 − 1 − log 2
    0.306853
    """
    check_pair(p, q, "bregman")
    return q.kl(p)


def conjugate_bregman(p: Distribution, q: Distribution) -> Any:
    """The Bregman divergence of A*, A*(μ_p) − A*(μ_q) − ⟨μ_p − μ_q, η_q⟩, which is KL(p‖q).

    The divergence of A with its arguments exchanged, as A and A* are conjugate.
    Source: as for `bregman`.

    >>> from expfam import Poisson
    >>> p, q = Poisson().from_mean(1.0), Poisson().from_mean(2.0)
    >>> conjugate_bregman(p, q) == bregman(q, p) == kl(p, q)
    True
    """
    check_pair(p, q, "conjugate_bregman")
    return p.kl(q)
