"""How often intervals hold the probabilities, and how wide they are: the tables of docs/intervals.md.

python benchmarks/coverage.py

Coverage is exact, but that of sison_glaz beyond 10⁶ outcomes, which is simulated (2,000 draws
or fewer, standard error at most 1.6 %; below the level is by more than four of these). Widths are expected ones, averaged over categories, relative to the
default's; sison_glaz's are of the rounded expected counts. About two minutes.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

from expfam.intervals import DEFAULT, METHODS
from expfam.intervals.coverage import coverage_at, stated
from expfam.intervals.sison_glaz import sison_glaz_all

SIZES = (10, 30, 100, 300, 1000, 10_000)
CATEGORIES = (2, 3, 5, 10, 30, 100)
LEVEL = 0.95


def expected_width(name: str, n: int, p: np.ndarray) -> float:
    """Σ over x of P(X = x)·width(x), the mean over categories; within ten standard deviations."""
    if METHODS[name].each is None:
        counts = np.floor(n * p)
        counts[: int(n - counts.sum())] += 1
        lower, upper = sison_glaz_all(counts, LEVEL)
        return float((upper - lower).mean())
    points, times = np.unique(p, return_counts=True)
    reach = 10 * np.sqrt(n * points) + 40
    x = [np.arange(max(0, int(m - r)), min(n, int(m + r)) + 1.0)
         for m, r in zip(n * points, reach, strict=True)]  # fmt: skip
    every, place = np.unique(np.concatenate(x), return_inverse=True)
    lower, upper = METHODS[name].each(every, np.array([float(n)]), len(p), LEVEL)
    widths = np.split((upper - lower)[place], np.cumsum([len(part) for part in x])[:-1])
    means = [
        np.sum(width * binom.pmf(part, n, q))
        for width, part, q in zip(widths, x, points, strict=True)
    ]
    return float(np.average(means, weights=times))


def main() -> None:
    kinds = ("uniform", "Zipf", "any")
    least = {name: dict.fromkeys(kinds, 1.0) for name in METHODS}
    below = dict.fromkeys(METHODS, 0)
    widths: dict[str, list[float]] = {name: [] for name in METHODS}
    grid = 0
    for n in SIZES:
        for size in CATEGORIES:
            points = stated(n, size)
            grid += len(points)
            base = {kind: expected_width(DEFAULT, n, points[kind]) for kind in kinds[:2]}
            for name, method in METHODS.items():
                shares = coverage_at(
                    method.each, method.simultaneous, [*points.values()], n, LEVEL, draws=2000
                )
                found = dict(zip(points, shares, strict=True))
                for kind in kinds[:2]:
                    least[name][kind] = min(least[name][kind], found[kind].value)
                    widths[name].append(expected_width(name, n, points[kind]) / base[kind])
                least[name]["any"] = min(least[name]["any"], *(s.value for s in shares))
                below[name] += sum(s.value + 4 * s.se < LEVEL - 1e-9 for s in shares)
    print(f"| method | uniform | Zipf | worst | below, of {grid} | mean width |")
    print("|---|---|---|---|---|---|")
    for name in METHODS:
        cells = [f"{100 * least[name][kind]:.1f} %" for kind in kinds]
        print(f"| `{name}` | {' | '.join(cells)} | {below[name]} | {np.mean(widths[name]):.2f} |")
    print()
    by_size()


def by_size() -> None:
    """Coverage of three methods at Zipf's probabilities, by n and K."""
    names = (DEFAULT, "goodman", "sison_glaz")
    print("| n | " + " | ".join(f"K = {size}" for size in CATEGORIES) + " |")
    print("|---|" + "---|" * len(CATEGORIES))
    for n in SIZES:
        cells = []
        for size in CATEGORIES:
            p = stated(n, size)["Zipf"]
            shares = [coverage_at(METHODS[m].each, True, [p], n, LEVEL, draws=2000) for m in names]
            cells.append(" / ".join(f"{100 * share.value:.0f}" for (share,) in shares))
        print(f"| {n:,} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
