"""scipy's own tests of logsumexp, softmax, log_softmax and multinomial, pointed at expfam.

python benchmarks/scipy_suite.py

scipy's defaults (all axes) are put in place of ours (the last axis); everything else is ours. What
differs on purpose is listed in EXPECTED with the reason; anything else that fails is a defect.
"""

from __future__ import annotations

import functools
import os
import sys
from typing import Any

import numpy as np
import pytest

from expfam import Multinomial, special

COMPLEX = "complex numbers are refused: an exponential family has real parameters"
SIGN = "return_sign and negative weights are refused: a log-partition sums positive terms"
FLOAT = "a result without axes is a Python float, not a scalar of the array's type"
DOOR = "counts that are negative or do not sum to n are refused in words, not given probability 0"
SAMPLE = "the sampler is exact and needs no rounding of p, so there is nothing to warn of"
FROZEN = "a member is a Distribution; there is no other frozen form"
EXPECTED = {
    "test_dtypes_a": f"{COMPLEX}; {FLOAT}",
    "test_dtypes_ab": f"{COMPLEX}; {SIGN}",
    "test_gh21610": COMPLEX,
    "test_gh21709_small_imaginary": COMPLEX,
    "test_gh22601_infinite_elements": COMPLEX,
    "test_logsumexp_complex_sign": COMPLEX,
    "test_logsumexp_sign": SIGN,
    "test_logsumexp_sign_zero": SIGN,
    "test_logsumexp_sign_shape": SIGN,
    "test_gh22903": SIGN,
    "test_gh23548": SIGN,
    "test_device": f"{COMPLEX}; {FLOAT}",
    "test_logpmf": DOOR,
    "test_pmf": DOOR,
    "test_pmf_broadcasting": DOOR,
    "test_rvs_np": SAMPLE,
    "test_frozen": FROZEN,
}


def all_axes(function: Any) -> Any:
    @functools.wraps(function)
    def call(x: Any, axis: Any = None, **options: Any) -> Any:
        return function(x, axis=axis, **options)

    return call


class Multinomials:
    """scipy.stats.multinomial's functions of (x, n, p) by ours."""

    def _member(self, n: Any, p: Any) -> Any:
        p = np.asarray(p, float)
        return Multinomial(p.shape[-1], trials=n).from_natural(np.log(p))

    def logpmf(self, x: Any, n: Any, p: Any) -> Any:
        return self._member(n, p).log_prob(x)

    def pmf(self, x: Any, n: Any, p: Any) -> Any:
        return np.exp(self.logpmf(x, n, p))

    def entropy(self, n: Any, p: Any) -> Any:
        return self._member(n, p).entropy()

    def mean(self, n: Any, p: Any) -> Any:
        return self._member(n, p).mean_parameter

    def cov(self, n: Any, p: Any) -> Any:
        return self._member(n, p).fisher_information

    def rvs(self, n: Any, p: Any, size: Any = (), random_state: Any = None) -> Any:
        return self._member(n, p).sample(size or (), rng=random_state)


class Plugin:
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        for item in items:
            module = item.module
            if hasattr(module, "logsumexp"):
                module.logsumexp = all_axes(special.logsumexp)
                module.softmax = all_axes(special.softmax)
                module.log_softmax = all_axes(special.log_softmax)
            if hasattr(module, "multinomial"):
                module.multinomial = Multinomials()
            name = item.originalname
            if name in EXPECTED:
                item.add_marker(pytest.mark.xfail(reason=EXPECTED[name], strict=False))


def main() -> int:
    alone = [
        "-c",
        os.devnull,
        "--pyargs",
        "-p",
        "no:cacheprovider",
    ]  # without this project's settings
    arguments = [*alone, "-q", "-rxXf", "--tb=line", *sys.argv[1:]]
    chosen = "(TestLogSumExp or TestSoftmax or TestLogSoftmax or softmax or TestMultinomial)"
    suites = ["scipy.special.tests.test_logsumexp", "scipy.stats.tests.test_multivariate"]
    return int(pytest.main([*arguments, *suites, "-k", f"{chosen} and not wrap"], [Plugin()]))


if __name__ == "__main__":
    raise SystemExit(main())
