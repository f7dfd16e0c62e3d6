"""Write intervals.json: Blaker's and Clopper and Pearson's bounds by brute force, in 40 digits.

    python tests/oracles/make_intervals.py

Blaker's: from the definition alone. The acceptability of p is P(γ(X) ≤ γ(x)) with
γ(y) = min(P(X ≤ y), P(X ≥ y)); the bound is the infimum of the p where it exceeds 1 − level. All
p of a fine grid are tried from 0 up, and the cell before the first that is accepted is halved.
"""

import json
from pathlib import Path

from mpmath import mp, mpf

mp.dps = 40
GRID = 4000
CASES = [(1, 5, 0.95), (2, 5, 0.95), (5, 5, 0.8), (0, 7, 0.99), (3, 10, 0.95), (7, 12, 0.99),
         (6, 13, 0.7), (1, 20, 0.95), (9, 20, 0.5), (2, 4, 0.2), (17, 40, 0.999)]  # fmt: skip


def probabilities(n, p):
    return [mp.binomial(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


def acceptability(x, n, p):
    mass = probabilities(n, p)
    below = [mp.fsum(mass[: k + 1]) for k in range(n + 1)]
    above = [mp.fsum(mass[k:]) for k in range(n + 1)]
    out = [min(b, a) for b, a in zip(below, above, strict=True)]
    return mp.fsum(m for m, o in zip(mass, out, strict=True) if o <= out[x] * (1 + mpf(10) ** -30))


def first(accepts, n):
    """The infimum of the p that are accepted."""
    step = next(i for i in range(1, GRID) if accepts(mpf(i) / GRID))
    low, high = mpf(step - 1) / GRID, mpf(step) / GRID
    for _ in range(90):
        middle = (low + high) / 2
        low, high = (low, middle) if accepts(middle) else (middle, high)
    return low


def bounds(lower, x, n):
    return (lower(x) if x else mpf(0)), (1 - lower(n - x) if x < n else mpf(1))


def main():
    rows = []
    for x, n, level in CASES:
        tail = 1 - mpf(level)

        def blaker(y, n=n, tail=tail):
            return first(lambda p: acceptability(y, n, p) > tail, n)

        def clopper_pearson(y, n=n, tail=tail):
            return first(lambda p: mp.fsum(probabilities(n, p)[y:]) > tail / 2, n)

        for method, lower in (("blaker", blaker), ("clopper_pearson", clopper_pearson)):
            low, high = bounds(lower, x, n)
            rows.append({"method": method, "x": x, "n": n, "level": level,
                         "lower": float(low), "upper": float(high)})  # fmt: skip
    text = json.dumps(rows, indent=1)
    (Path(__file__).parent / "intervals.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
