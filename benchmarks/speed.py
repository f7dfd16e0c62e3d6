"""Time of logsumexp and softmax on arrays beside other libraries, as ratios to scipy's.

python benchmarks/speed.py [--write docs/performance.md] [--rounds 9]

Contenders take turns in one process; medians; larger is faster. `copy` is np.copyto, the memory
limit. torch and jax join where they are installed (two threads). Arrays of more than 131,072 numbers
go to a thread for each core, which `one thread` does without (OMP_NUM_THREADS=1). numpy's exp of
float32 is off by up to 2.5 units, which would go into a softmax, so float32 is computed in float64
and rounded once: with AVX-512 by numpy's exp of float64, which takes twice as long, elsewhere by a
table and a parabola, which take three to four times as long. Work on blocks that stay in the cache
makes up for it, and in long rows the threads do, with the sum of one long row of float32 foretold by
the rough exp and confirmed by the other, which is then taken once. `python benchmarks/latency.py` measures single small calls.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special

from expfam import special
from expfam.narrow import has_fast_exp

NEAR_ZERO = [(1000, 3), (100, 100), (3, 10_000)]
SHAPES = [(8,), (1000, 8), (1_000_000, 8), (100_000, 100), (1000, 10_000), (1, 10_000_000)]


def plain_logsumexp(x: np.ndarray, axis: int) -> np.ndarray:
    top = x.max(axis=axis, keepdims=True)
    return (top + np.log(np.exp(x - top).sum(axis=axis, keepdims=True))).squeeze(axis)


def plain_softmax(x: np.ndarray, axis: int) -> np.ndarray:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def in_one_thread(function: Callable, x: np.ndarray, axis: int) -> np.ndarray:
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        return function(x, axis=axis)
    finally:
        del os.environ["OMP_NUM_THREADS"]
        if before is not None:
            os.environ["OMP_NUM_THREADS"] = before


def contenders(name: str, x: np.ndarray, axis: int) -> dict[str, Callable[[], Any]]:
    target = np.empty_like(x)
    calls: dict[str, Callable[[], Any]] = {
        "scipy": lambda: getattr(scipy.special, name)(x, axis=axis),
        "expfam": lambda: getattr(special, name)(x, axis=axis),
        "one thread": lambda: in_one_thread(getattr(special, name), x, axis),
        "numpy": lambda: globals()[f"plain_{name}"](x, axis),
        "copy": lambda: np.copyto(target, x),
    }
    try:
        torch = import_module("torch")
        there = torch.from_numpy(x)
        function = torch.logsumexp if name == "logsumexp" else torch.softmax
        calls["torch"] = lambda: function(there, axis)
    except ImportError:
        pass
    try:
        jax = import_module("jax")
        jax.config.update("jax_enable_x64", True)
        device = jax.numpy.asarray(x)
        compiled = jax.jit(getattr(jax.nn, name), static_argnames="axis")
        calls["jax"] = lambda: compiled(device, axis=axis).block_until_ready()
    except ImportError:
        pass
    return calls


def medians(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Seconds per call; small calls are repeated to fill a millisecond."""
    times: dict[str, list[float]] = {key: [] for key in calls}
    repeats = {}
    for key, call in calls.items():
        call()
        start = time.perf_counter()
        call()
        repeats[key] = max(1, int(1e-3 / max(time.perf_counter() - start, 1e-7)))
    for _ in range(rounds):
        for key, call in calls.items():
            start = time.perf_counter()
            for _ in range(repeats[key]):
                call()
            times[key].append((time.perf_counter() - start) / repeats[key])
    return {key: statistics.median(values) for key, values in times.items()}


def table(name: str, dtype: str, rounds: int, shapes: list[tuple[int, ...]]) -> list[str]:
    rng = np.random.default_rng(0)
    lines, header = [], None
    for shape in shapes:
        for axis in [-1] if len(shape) == 1 else [-1, 0]:
            x = rng.normal(size=shape).astype(dtype)
            seconds = medians(contenders(name, x, axis), rounds)
            if header is None:
                header = [key for key in seconds if key != "scipy"]
                lines += [f"\n## {name}, {dtype}: scipy's time ÷ theirs\n"]
                lines += [
                    "| shape | axis | " + " | ".join(header) + " |",
                    "|---" * (len(header) + 2) + "|",
                ]
            ratios = [f"{seconds['scipy'] / seconds[key]:.1f}" for key in header]
            lines.append(f"| {shape} | {axis} | " + " | ".join(ratios) + " |")
            print(lines[-1], flush=True)
    return lines


def near_zero(rounds: int) -> list[str]:
    """Rows that are log-probabilities already, whose logsumexp is nothing but rounding."""
    lines = [
        "\n## logsumexp of normalised log-probabilities, float64: scipy's time ÷ theirs\n",
        "Every digit of a result near 0 is right, as scipy's are not: that takes sums of three doubles,",
        "about 0.6 µs a number, and integers where these do not see it or numbers are few, 2 µs or more.",
        "`relative=False` asks for 4·2⁻⁵³·max(1, abs value) alone, as `Multinomial.log_partition` does.",
        "",
        "| shape | expfam | expfam, relative=False |",
        "|---|---|---|",
    ]
    for shape in NEAR_ZERO:
        x = special.log_softmax(np.random.default_rng(0).normal(size=shape))
        calls = {
            "scipy": partial(scipy.special.logsumexp, x, axis=-1),
            "exact": partial(special.logsumexp, x),
            "plain": partial(special.logsumexp, x, relative=False),
        }
        seconds = medians(calls, rounds)
        ratios = [f"{seconds['scipy'] / seconds[key]:.2g}" for key in ("exact", "plain")]
        lines.append(f"| {shape} | " + " | ".join(ratios) + " |")
        print(lines[-1], flush=True)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    lines = ["# Performance", "", __doc__.split("\n\n", 2)[2].strip()]
    for name in ("logsumexp", "softmax"):
        for dtype in ("float64", "float32"):
            if arguments.only in f"{name} {dtype}":
                lines += table(name, dtype, arguments.rounds, SHAPES)
    lines += near_zero(arguments.rounds)
    versions = [f"{name} {metadata.version(name)}" for name in ("numpy", "scipy")]
    lines += [
        "",
        f"Python {platform.python_version()}, {', '.join(versions)}, {platform.machine()}"
        f"{' with AVX-512' if has_fast_exp() else ''}, 2 cores.",
    ]
    if arguments.write:
        arguments.write.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
