"""The largest errors in units of the last place, per function and regime, beside other libraries.

python benchmarks/accuracy.py [--write docs/accuracy.md] [--keep tests/oracles/worst_cases.json]

One ulp is the distance of binary64 numbers at the exact result (2⁻¹⁰⁷⁴ for a subnormal). The exact
results are enclosures by python-flint (Arb), with as many bits as it takes to make them narrower
than 2⁻⁸⁰ of the result; a second formula (shifted by the maximum) must overlap.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import flint
import numpy as np
import scipy.special

from expfam import special

SEED = 20261123
Regime = tuple[np.ndarray, np.ndarray | None]


def regimes(rows: int) -> Iterator[tuple[str, list[Regime]]]:
    """Named lists of (vector, weights or None)."""
    rng = np.random.default_rng(SEED)
    sizes = [2, 3, 8, 10, 100]

    def vectors(draw: Callable[[int], np.ndarray], count: int = rows) -> list[Regime]:
        return [(np.asarray(draw(sizes[i % len(sizes)]), float), None) for i in range(count)]

    def signed(k: int) -> np.ndarray:
        return rng.choice([-1.0, 1.0], k) * 10 ** rng.uniform(-3, 2.8, k)

    def normalised(k: int) -> list[Regime]:
        count = max(2, min(rows, 3000 // k))
        return [(scipy.special.log_softmax(rng.normal(size=k)), None) for _ in range(count)]

    def complement() -> list[Regime]:
        e = 10 ** rng.uniform(-18, -0.01, rows)
        return [(np.array([math.log1p(-v), math.log(v)]), None) for v in e]

    yield "N(0, 1)", vectors(lambda k: rng.normal(size=k))
    yield "N(0, 30²)", vectors(lambda k: rng.normal(size=k) * 30)
    yield "N(0, 100²)", vectors(lambda k: rng.normal(size=k) * 100)
    yield "±10^U(−3, 2.8)", vectors(signed)
    yield (
        "offsets 1e3 … 1e15",
        vectors(lambda k: rng.normal(size=k) * 3 + 10 ** rng.uniform(3, 15) * rng.choice([-1, 1])),
    )
    yield "offsets −1 … −5", vectors(lambda k: rng.normal(size=k) - rng.uniform(1, 5))
    for k in (3, 100, 10_000):
        yield f"normalised log-probabilities, K = {k}", normalised(k)
    yield "log1p(−e) with log e", complement()
    yield "one dominant by 1 … 745", vectors(lambda k: np.r_[0.0, -rng.uniform(1, 745, k - 1)])
    yield (
        "one dominant at any height",
        vectors(lambda k: np.r_[0.0, -rng.uniform(1, 745, k - 1)] + rng.normal() * 50),
    )
    yield (
        "one dominant beside equal ones",
        vectors(lambda k: np.r_[0.0, np.full(k - 1, -rng.uniform(1, 40))]),
    )
    yield "equal elements", vectors(lambda k: np.full(k, rng.normal() * 10 ** rng.uniform(-2, 2)))
    yield (
        "K = 1 … 1e6",
        [(rng.normal(size=int(k)) * s, None) for k in (1, 1e3, 1e4, 1e5, 1e6) for s in (1, 5)],
    )
    yield "±1e308", vectors(lambda k: rng.choice([-1.0, 1.0], k) * 1e308 * rng.uniform(0.1, 1, k))
    yield "subnormals", vectors(lambda k: rng.uniform(-1, 1, k) * 1e-310)
    yield (
        "results near subnormal (softmax)",
        vectors(lambda k: np.r_[0.0, -rng.uniform(700, 746, k - 1)]),
    )
    weighted = [
        (rng.normal(size=k) * rng.choice([1, 30]), 10 ** rng.uniform(-3, 3, k))
        for k in [2, 3, 8, 100]
        for _ in range(rows // 4)
    ]
    yield "positive weights b", weighted
    mean = [
        (rng.normal(size=k), np.full(k, 1 / k)) for k in [2, 3, 8, 100] for _ in range(rows // 4)
    ]
    yield "weights b = 1/K", mean


def exact(x: np.ndarray, b: np.ndarray | None) -> Any:
    """An enclosure of logsumexp: by two formulas that must overlap.

    2,400 bits hold every binary64 exponential beside every other; long vectors make do with less.
    """
    flint.ctx.prec = 2400 if len(x) <= 1000 else 400
    terms = [flint.arb(float(v)) for v in x]
    weights = [flint.arb(1)] * len(x) if b is None else [flint.arb(float(w)) for w in b]
    top = flint.arb(float(x.max()))
    shifted = sum(((v - top).exp() * w for v, w in zip(terms, weights, strict=True)), flint.arb(0))
    value = top + shifted.log()
    if len(x) <= 1000 and abs(float(x.max())) < 1e15:
        plain = sum((v.exp() * w for v, w in zip(terms, weights, strict=True)), flint.arb(0)).log()
        assert plain.overlaps(value), "the two formulas disagree"
    return value


def ulps(got: np.ndarray, wanted: list[Any]) -> float:
    """The largest |got − exact| / ulp(exact)."""
    worst = 0.0
    for g, w in zip(np.ravel(got).tolist(), wanted, strict=True):
        nearest = float(w.mid())
        if math.isinf(nearest) or math.isinf(g) or math.isnan(g):
            worst = max(worst, 0.0 if g == nearest else math.inf)
            continue
        unit = flint.arb(math.ulp(nearest))
        worst = max(worst, float(abs((flint.arb(g) - w) / unit).mid()))
    return worst


def contenders() -> dict[str, dict[str, Callable]]:
    """Functions of (x, b) by name and library; torch and jax where they are installed."""
    table: dict[str, dict[str, Callable]] = {
        "logsumexp": {
            "expfam": lambda x, b: special.logsumexp(x, b=b),
            "scipy": lambda x, b: scipy.special.logsumexp(x, b=b),
            "numpy": lambda x, b: np.logaddexp.reduce(x) if b is None else None,
        },
        "softmax": {
            "expfam": lambda x, b: special.softmax(x),
            "scipy": lambda x, b: scipy.special.softmax(x),
        },
        "log_softmax": {
            "expfam": lambda x, b: special.log_softmax(x),
            "scipy": lambda x, b: scipy.special.log_softmax(x),
        },
    }
    try:
        torch = import_module("torch")
    except ImportError:
        pass
    else:
        table["logsumexp"]["torch"] = lambda x, b: (
            torch.logsumexp(torch.from_numpy(x), -1).numpy() if b is None else None
        )
        table["softmax"]["torch"] = lambda x, b: torch.softmax(torch.from_numpy(x), -1).numpy()
        table["log_softmax"]["torch"] = lambda x, b: torch.log_softmax(
            torch.from_numpy(x), -1
        ).numpy()
    try:
        jax = import_module("jax")
    except ImportError:
        pass
    else:
        jax.config.update("jax_enable_x64", True)
        table["logsumexp"]["jax"] = lambda x, b: np.asarray(jax.nn.logsumexp(x, b=b))
        table["softmax"]["jax"] = lambda x, b: np.asarray(jax.nn.softmax(x))
        table["log_softmax"]["jax"] = lambda x, b: np.asarray(jax.nn.log_softmax(x))
    return table


def worst_errors(rows: int) -> dict[tuple[str, str], dict[str, tuple]]:
    """(function, regime) → library → (largest error, its input)."""
    table, result = contenders(), {}
    for regime, cases in regimes(rows):
        for x, b in cases:
            value = exact(x, b)
            small = x if len(x) <= 2000 else x[:: len(x) // 1000]
            logs = [flint.arb(float(v)) - value for v in small]
            wanted = {"logsumexp": [value], "log_softmax": logs, "softmax": [v.exp() for v in logs]}
            for function, libraries in table.items():
                if b is not None and function != "logsumexp":
                    continue
                cell = result.setdefault((function, regime), {})
                for library, call in libraries.items():
                    with warnings.catch_warnings(), np.errstate(all="ignore"):
                        warnings.simplefilter("ignore")
                        got = call(x, b)
                    if got is None:
                        continue
                    if len(small) != len(x) and function != "logsumexp":
                        got = np.asarray(got)[:: len(x) // 1000]
                    error = ulps(np.asarray(got), wanted[function])
                    if library not in cell or error > cell[library][0]:
                        cell[library] = (error, x, b)
    return result


def kept(errors: dict[tuple[str, str], dict[str, tuple]]) -> str:
    """Our worst inputs as JSON, numbers in hexadecimal; vectors of at most 100."""
    cases = []
    for (function, regime), cell in errors.items():
        error, x, b = cell["expfam"]
        if len(x) <= 100:
            case = {"function": function, "regime": regime, "ulp": round(error, 3)}
            case["x"] = [v.hex() for v in x.tolist()]
            if b is not None:
                case["b"] = [v.hex() for v in b.tolist()]
            cases.append(case)
    return json.dumps(cases, indent=0) + "\n"


def page(errors: dict[tuple[str, str], dict[str, tuple]], rows: int) -> str:
    """The Markdown of docs/accuracy.md."""
    lines = [INTRODUCTION]
    for function in ("logsumexp", "softmax", "log_softmax"):
        libraries = list(contenders()[function])
        lines.append(f"\n## {function}\n")
        lines.append("| regime | " + " | ".join(libraries) + " |")
        lines.append("|---" * (len(libraries) + 1) + "|")
        for (name, regime), cell in errors.items():
            if name == function:
                cells = [figure(cell[k][0]) if k in cell else "" for k in libraries]
                lines.append(f"| {regime} | " + " | ".join(cells) + " |")
    versions = [f"{name} {metadata.version(name)}" for name in ("numpy", "scipy", "python-flint")]
    lines.append(f"\nMeasured with Python {platform.python_version()}, {', '.join(versions)}, on")
    lines.append(f"{platform.machine()} {platform.system()}; {rows} vectors a regime.")
    return "\n".join(lines) + "\n"


def figure(error: float) -> str:
    return "wrong" if math.isinf(error) else f"{error:.2f}" if error < 100 else f"{error:.1e}"


FAMILIES = "\n## Families\n"  # families.py writes from here to the end of the page
INTRODUCTION = """# Accuracy

What is promised, against the exact result for the numbers as stored (ulp: unit in the last place
of the exact result as binary64; 2⁻¹⁰⁷⁴ for a subnormal), and held by `tests/test_accuracy.py`,
`tests/test_accuracy_counts.py`, `tests/test_saddlepoint.py`, `tests/test_sampling_pieces.py` and the
tests of the families named:

| what | promise |
|---|---|
| `logsumexp` | 2 ulp, weights `b` included; 0.51 ulp of float32 and float16 |
| `softmax`, `log_softmax` | 4 ulp, any axis; 0.51 ulp of float32 and float16, 0.75 in the softmax of one row of more than half a million |
| `Multinomial.log_partition` | 4·2⁻⁵³·max(1, abs A)·trials, never the slow path below |
| `log_multinomial_coefficient` | 2 ulp |
| `log_prob` of counts, n to 2⁶² | 1e-14·max(1, abs value), never above 0 |
| `kl` of Multinomials | 1e-12 relative however close, never negative, 0 on itself |
| `entropy` | 4 ulp for one trial (where no p is subnormal), 1e-12 relative for more |
| `mean_to_natural`, `mean_to_centred`, `mean_to_baseline` | 2 ulp of each logarithm, or 1e-46 |
| maps, `log_prob`, `entropy`, `kl` of ContinuousBernoulli, InverseGaussian, Logarithmic | 1e-12·max(1, abs value) |
| integer draws, n to 2⁶² | 1e-12 in total variation |

With numpy 1.26 on a processor that has AVX-512, log and exp are off by up to 1.7 ulp and log1p and
expm1 by up to 2.1, and not by 0.7, and a promise in ulp is wider by one: in up to 3,000 rows of each
regime below logsumexp was off by at most 2.6 ulp, softmax by 3.6 and log_softmax by 2.6. Promises
for float32 and float16 hold as they stand.

A single constant changed by 1e-13 of itself, or an operator changed, makes a test fail in all but
the places listed with reasons in [mutants](mutation.md).

Where the maximum is negative and cancels with the rest of `logsumexp`, the sum is taken in pairs of
doubles, and where Σ exp x − 1 cancels below 2⁻¹⁴ (normalised log-probabilities) in triples, about
0.6 µs a number. Where these do not see the result, it is computed in integers with a bound of the
error, 2 µs a number or more ([performance](performance.md)).
`logsumexp(x, relative=False)` never does so; its error is at most 4·2⁻⁵³·max(1, abs value). Rounding
of η itself costs more than any of this at large n: see [the walk](walk.md).

`python benchmarks/scipy_suite.py` points scipy's own tests of logsumexp, softmax, log_softmax and
multinomial at ours. What differs does so on purpose and is listed there with the reason: complex
numbers and negative weights are refused, impossible counts are refused and not given probability
0, and a result without axes is a Python float.

Below: the largest error seen, in ulp, per function and regime.
`python benchmarks/accuracy.py --write docs/accuracy.md` makes this part anew, and
`python benchmarks/families.py --write docs/accuracy.md` the last one, [the families](#families)."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    errors = worst_errors(arguments.rows)
    text = page(errors, arguments.rows)
    print(text)
    if arguments.keep:
        arguments.keep.write_text(kept(errors), encoding="utf-8")
    if arguments.write:
        before = arguments.write.read_text(encoding="utf-8") if arguments.write.exists() else ""
        families = "".join(before.partition(FAMILIES)[1:])
        arguments.write.write_text(text + families, encoding="utf-8")


if __name__ == "__main__":
    main()
