"""The log of the multivariate beta function, log B(α) = Σ log Γ(αᵢ) − log Γ(α₀), α₀ = Σ αᵢ.

It is the log-partition of the Dirichlet and beta families. Where α is large, or one entry is most
of α₀, the two sides nearly cancel; here its derivatives, its Bregman divergence and what else the
families need are put together from terms that do not.
"""

from expfam.betas.densities import entropy, log_beta, log_density
from expfam.betas.divergence import divergence
from expfam.betas.gamma import gamma_divergence, gamma_entropy, log_gamma_density
from expfam.betas.gaps import digamma_gaps, trigamma_gaps
from expfam.betas.inverse import from_gaps, room

__all__ = [
    "digamma_gaps",
    "divergence",
    "entropy",
    "from_gaps",
    "gamma_divergence",
    "gamma_entropy",
    "log_beta",
    "log_density",
    "log_gamma_density",
    "room",
    "trigamma_gaps",
]
