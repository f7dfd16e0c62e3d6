"""To and from the frozen distributions of scipy.stats and those of torch.distributions.

A conversion keeps the member or is refused in words: what the other library cannot hold (log-odds
beyond the digits of a probability near 1) and what the family does not have (a shift of a gamma).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.arrays import host, is_foreign
from expfam.converters import scipy_laws, scipy_windows, torch_laws
from expfam.converters.laws import law_of
from expfam.converters.members import member_of
from expfam.family import Distribution, ExponentialFamily

__all__ = ["from_scipy", "from_torch", "to_scipy", "to_torch"]

_CLOSE = 1e-12  # of natural parameters of counts that have gone through a probability


def to_scipy(member: Distribution) -> Any:
    """The frozen distribution of scipy.stats with the same probabilities.

    member: of any library; what goes in are numpy's doubles. A batch becomes arrays of parameters,
    where scipy.stats has them. Labels stay behind: `from_scipy(frozen, family=member.family)`
    puts them back, and the ends of a window as they were.
    Errors: TypeError where scipy.stats has no such distribution, or no batch of it; ValueError
    where its parameters cannot tell the member within 1e-12 of its natural ones, and where its
    density of a window is off by more than 1e-9.

    >>> from expfam import Gamma
    >>> float(to_scipy(Gamma().from_shape_rate(3.0, 2.0)).mean())
    1.5
    """
    if isinstance(member, Distribution) and is_foreign(member.natural_parameter):
        member = member.family.from_natural(host(member.natural_parameter))
    law = law_of(member, "to_scipy")
    frozen = scipy_laws.write(law)
    again = scipy_laws.read(frozen).values
    for name in ("log_rate", "log_odds", "log_failure", "log_share", "log_probabilities"):
        if name in again:
            _check_kept(member.family.name, name, law.values[name], again[name])
    scipy_windows.check_density(law, frozen, member)
    return frozen


def from_scipy(frozen: Any, family: ExponentialFamily | None = None) -> Distribution:
    """The member with the probabilities of a frozen distribution of scipy.stats.

    family: which to take where several have it (labels of a Multinomial, `GaussianKnownMean` of
    a normal); by default that which leaves most parameters free.
    Errors: TypeError for no frozen distribution, and for one of no family here; ValueError for a
    shift or a scale outside the family, and where the given family has no such member.

    >>> import scipy.stats
    >>> from_scipy(scipy.stats.norm(1.0, 2.0)).natural_parameter
    array([ 0.25 , -0.125])
    >>> from_scipy(scipy.stats.expon(loc=3.0)).family
    Truncated(family=Exponential(), low=3.0, high=inf)
    >>> from_scipy(scipy.stats.gamma(2.0, loc=3.0))
    Traceback (most recent call last):
        ...
    ValueError: from_scipy: gamma must have loc=0 to be of a family here; got loc=3
    """
    return member_of(scipy_laws.read(frozen), family, "from_scipy")


def to_torch(member: Distribution) -> Any:
    """The distribution of torch.distributions with the same probabilities.

    member: of numpy (parameters become float64 tensors) or of torch, whose type, device and graph
    of gradients are kept. Labels stay behind: `from_torch(…, family=member.family)`.
    Errors: TypeError where torch.distributions has no such distribution; ValueError where its
    log-probabilities would be nan, or those of another member: it clips or rounds parameters.

    >>> from expfam import Binomial
    >>> to_torch(Binomial(12).from_natural(0.5)).logits  # doctest: +SKIP
    tensor(0.5000, dtype=torch.float64)
    """
    return torch_laws.write(law_of(member, "to_torch"))


def from_torch(distribution: Any, family: ExponentialFamily | None = None) -> Distribution:
    """The member with the probabilities of a distribution of torch.distributions, on its device.

    family and errors: as for `from_scipy`.

    >>> import torch  # doctest: +SKIP
    >>> from_torch(torch.distributions.Poisson(torch.tensor(2.0)))  # doctest: +SKIP
    Distribution(family=Poisson(), natural_parameter=tensor(0.6931))
    """
    return member_of(torch_laws.read(distribution), family, "from_torch")


def _check_kept(who: str, name: str, ours: Any, theirs: Any) -> None:
    ours, theirs = np.broadcast_arrays(ours, theirs)
    with np.errstate(all="ignore"):
        size = np.abs(ours) if name == "log_share" else 1 + np.abs(ours)
        kept = (ours == theirs) | (np.abs(ours - theirs) <= _CLOSE * size)
    if not kept.all():
        at = np.unravel_index(np.argmin(kept), kept.shape)
        what = f"{name.replace('_', ' ')} {ours[at]:.12g}, which comes back as {theirs[at]:.12g}"
        raise ValueError(f"to_scipy: {who}: a probability of double precision cannot hold {what}")
