"""The topics: what may be asked of a member, its title, and who tells it."""

from __future__ import annotations

from collections.abc import Callable

from expfam.derivation import maps, methods
from expfam.derivation.telling import Telling

TOPICS: dict[str, tuple[str, Callable[[Telling], None]]] = {
    "definition": ("The family of {}", maps.definition),
    "log_partition": ("The {A} of {}", maps.log_partition),
    "mean": ("The {forward} of {}, from natural to mean parameter", maps.mean_parameter),
    "natural": ("The {backward} of {}, from mean to natural parameter", maps.natural_parameter),
    "fisher_information": ("The Fisher information of {}", methods.fisher_information),
    "convex_conjugate": ("The {A*} of {}", maps.convex_conjugate),
    "log_prob": ("The log-probability of an observation under {}", methods.log_prob),
    "score": ("The score of {}", methods.score),
    "entropy": ("The entropy of {}", methods.entropy),
    "kl": ("The Kullback-Leibler divergence between two members of {}", methods.kl),
    "fit": ("The maximum-likelihood fit of {}", methods.fit),
}
