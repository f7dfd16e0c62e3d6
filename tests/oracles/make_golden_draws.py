"""Write golden_draws.json: what each seed must give for this STREAM_VERSION.

    python tests/oracles/make_golden_draws.py

Run it only together with a new STREAM_VERSION. The stored numbers say nothing about
correctness, only about sameness; tests/test_sampling_laws.py has the laws.
"""

import json
from pathlib import Path

import numpy as np

from expfam import sampling

GENERATORS = ["Philox", "PCG64", "PCG64DXSM", "SFC64", "MT19937"]

# function, arguments after the stream, shape
CALLS = [
    ("categorical", [[1.0, 2.0, 0.0, 1.0]], [12]),
    ("categorical", [[[1.0, 2.0, 3.0], [5.0, 0.0, 1.0]]], [4]),
    ("binomial", [20, 0.3, 0.7], [8]),
    ("binomial", [100, 0.3, 0.7], [8]),
    ("binomial", [1000, 1.0, 1e-3], [8]),
    ("binomial", [10**6, 1.0, 1.0], [8]),
    ("binomial", [2**62, 1.0, 2.0], [8]),
    ("binomial", [[0, 5, 50, 5000, 10**9, 10**17], 2.0, 3.0], [3]),
    ("multinomial", [10, [0.1, 0.2, 0.3, 0.0, 0.4]], [3]),
    ("multinomial", [10**5, [0.1, 0.2, 0.3, 0.0, 0.4]], [3]),
    ("multinomial", [[0, 10**4, 10**18], [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [1.0, 1.0, 0.0]]], [2]),
    ("poisson", [[0.0, 0.5, 9.0, 11.0, 1e4, 1e12, 2.0**62]], [4]),
    ("normal", [], [8]),
    ("gamma", [[0.01, 0.5, 1.0, 30.0, 1e8]], [3]),
]


def draw(function: str, arguments: list, shape: list[int], generator: str, seed: int) -> np.ndarray:
    """Return what a call draws."""
    stream = sampling.stream(np.random.Generator(getattr(np.random, generator)(seed)))
    return getattr(sampling, function)(stream, *arguments, shape=shape)


def main() -> None:
    """Write the file beside this one."""
    calls = [(*call, "Philox", seed) for call in CALLS for seed in (1, 2)]
    calls += [(*CALLS[6], generator, 3) for generator in GENERATORS]
    calls += [(*CALLS[12], generator, 3) for generator in GENERATORS]
    rows = [{"call": call, "draws": draw(*call).tolist()} for call in calls]
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    text = f'{{"stream_version": {sampling.STREAM_VERSION}, "rows": [\n  {lines}\n]}}\n'
    Path(__file__).with_name("golden_draws.json").write_text(text)


if __name__ == "__main__":
    main()
