"""Latency of one call beside scipy's, interleaved in one process; prints ratios of medians.

python benchmarks/latency.py
"""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable

import numpy as np
import scipy.special
import scipy.stats

from expfam import Multinomial, special

ROUNDS, CALLS = 31, 200


def medians(contenders: dict[str, Callable]) -> dict[str, float]:
    """Seconds per call: the median over rounds in which every contender has its turn."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, call in contenders.items():
            times[name].append(timeit.timeit(call, number=CALLS) / CALLS)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=8)
    family = Multinomial(10, trials=30)
    natural = rng.normal(size=10)
    member = family.from_natural(natural)
    mean = np.array(member.mean_parameter)
    counts = member.sample(rng=1)
    p = mean / mean.sum()
    seconds = medians(
        {
            "scipy.special.logsumexp(8)": lambda: scipy.special.logsumexp(x),
            "special.logsumexp(8)": lambda: special.logsumexp(x),
            "scipy.special.softmax(8)": lambda: scipy.special.softmax(x),
            "special.softmax(8)": lambda: special.softmax(x),
            "scipy.special.logsumexp(10)": lambda: scipy.special.logsumexp(natural),
            "Multinomial.log_partition": lambda: family.log_partition(natural),
            "Multinomial.natural_to_mean": lambda: family.natural_to_mean(natural),
            "Multinomial.mean_to_natural": lambda: family.mean_to_natural(mean),
            "scipy.stats.multinomial.logpmf": lambda: scipy.stats.multinomial.logpmf(counts, 30, p),
            "Distribution.log_prob": lambda: member.log_prob(counts),
        }
    )
    for ours, theirs, goal in [
        ("special.logsumexp(8)", "scipy.special.logsumexp(8)", 1 / 8),
        ("special.softmax(8)", "scipy.special.softmax(8)", 1),
        ("Multinomial.log_partition", "scipy.special.logsumexp(10)", 1 / 5),
        ("Multinomial.natural_to_mean", "scipy.special.logsumexp(10)", 1 / 5),
        ("Multinomial.mean_to_natural", "scipy.special.logsumexp(10)", 1 / 5),
        ("Distribution.log_prob", "scipy.stats.multinomial.logpmf", 1 / 2),
    ]:
        ratio = seconds[ours] / seconds[theirs]
        print(f"{ours:30} {ratio:6.3f} × {theirs:32} (goal {goal:.3f})")


if __name__ == "__main__":
    main()
