"""CASES: one line a family, with the members at which the laws are tried; and shared fixtures."""

from __future__ import annotations

import os
from importlib.util import find_spec
from itertools import product
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np
import pytest
from browsers import chromium, settle
from fits import FRAME, LABELS

import expfam
from expfam import families as f
from expfam.cli import main


def compile_quickly() -> None:
    """Tests compile much and run little: tell jax so before it starts, in words that it knows (an
    unknown flag ends the process)."""
    os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
    found = find_spec("jaxlib")
    flag = "xla_cpu_use_fusion_emitters"
    for path in Path(found.origin).parent.glob("*.so") if found and found.origin else ():
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as library:
            if library.find(flag.encode()) >= 0:
                os.environ.setdefault("XLA_FLAGS", f"--{flag}=false")


compile_quickly()
pytest.register_assert_rewrite("draws")  # so that what it asserts is told with its numbers

# What logarithms of numpy 1 lack, where it has AVX-512, in units of the last place.
LOG_ULP = 0.0 if int(np.__version__.partition(".")[0]) > 1 else 1.0
BACKENDS = ["numpy", "array_api_strict", "torch", "jax", "cupy"]


@pytest.fixture(params=BACKENDS)
def xp(request):
    """One array library, with float64 arrays; skipped in words where it is not installed."""
    from backends import library

    name = request.param
    where = "where there is a GPU" if name == "cupy" else f"pip install {name}"
    pytest.importorskip(name, reason=f"{name} is not installed: {where}")
    return library(name)


@pytest.fixture
def run(capsys):
    """Run main and return (exit code, stdout, stderr)."""

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def table(tmp_path):
    """Write a text to a file and return its path."""

    def write(text, name="t.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def fit():
    """Labels of three kinds and a missing one."""
    return expfam.fit(LABELS)


@pytest.fixture
def grouped():
    """Labels of two groups, one of them missing, and so is one group."""
    return expfam.fit(FRAME, "x", by="g")


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def show(browser, tmp_path):
    """Opens HTML from disk; whatever the console says or the page requests fails the test."""
    noise: list[str] = []
    contexts = []

    def show(text, **options):
        options = {"viewport": {"width": 1280, "height": 1100}} | options
        contexts.append(context := browser.new_context(**options))
        page = context.new_page()
        path = tmp_path / f"{len(contexts)}.html"
        path.write_text(text, encoding="utf-8")
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda request: requested(request.url, path.as_uri()))
        page.goto(path.as_uri())
        settle(page)
        return page

    def requested(url, own):
        if url not in (own, "about:srcdoc", "data:,"):
            noise.append(url)

    yield show
    for context in contexts:
        context.close()
    assert noise == []


INF = np.inf
TOWER = [[0.0, 300.0, 1.0], [1e6, 1e6 + 1, 1e6 + 2], [0.0, -800.0, 2.0]]

# id: (family, natural); None: members that check_family proposes, in and at the edge
CASES = {
    "Multinomial(3)": (f.Multinomial(3), None),
    "Multinomial(3, 0)": (f.Multinomial(3, trials=0), None),
    "Multinomial(labels, 4)": (f.Multinomial(["a", "b", "c"], trials=4), None),
    "Multinomial(4, [4, 10])": (
        f.Multinomial(4, trials=[4, 10]),
        [[0.2, 1, -1, 0], [0, 2, -INF, 1]],
    ),
    "Multinomial(3, [[2], [0]])": (f.Multinomial(3, trials=[[2], [0]]), None),
    "Multinomial(1, 3)": (f.Multinomial(1, trials=3), None),
    "Multinomial(3, 7), far": (f.Multinomial(3, trials=7), TOWER),
    "Multinomial(3, 1e15)": (f.Multinomial(3, trials=10**15), None),
    "Categorical(3)": (f.Categorical(3), None),
    "Categorical(labels)": (f.Categorical(["x", 1, None.__class__]), TOWER),
    "Categorical(1)": (f.Categorical(1), None),
    "Categorical(100)": (f.Categorical(100), None),
    "Binomial(1)": (f.Binomial(1), None),
    "Binomial(12)": (f.Binomial(12), [0.7, -3.0, 30.0, 300.0, -740.0, -800.0, INF, -INF]),
    "Binomial([4, 10])": (f.Binomial([4, 10]), None),
    "Binomial([0, 3])": (f.Binomial([0, 3]), None),
    "Binomial(100000)": (f.Binomial(100_000), [0.1, -20.0, 7.0]),
    "Poisson": (f.Poisson(), None),
    "Poisson, far": (f.Poisson(), [np.log(1e5), -30.0, 7.0, -INF]),
    "Gaussian": (f.Gaussian(), None),
    "Gaussian, far": (f.Gaussian(), [[1e3, -0.5], [1e-3, -1e-6], [0.0, -1e8]]),
    "Gamma": (f.Gamma(), None),
    "Gamma, far": (f.Gamma(), [[1e6, -3.0], [0.5, -1e-8], [99.0, -1e8], [-0.95, -1.0]]),
    "Gamma, tiny": (f.Gamma(), [[-0.999, -2.0]]),
    "InverseGamma": (f.InverseGamma(), None),
    "InverseGaussian": (f.InverseGaussian(), None),
    "InverseGaussian, far": (
        f.InverseGaussian(),
        [[-5e7, -5e7], [-5e-9, -5e-9], [-1e-5, -0.005], [-5e9, -5e-3]],
    ),
    "ChiSquared": (f.ChiSquared(), None),
    "ChiSquared, far": (f.ChiSquared(), [-0.999, 40.0, 1e6]),
    "Exponential": (f.Exponential(), None),
    "Exponential, far": (f.Exponential(), [-1e-8, -1e8]),
    "ContinuousBernoulli": (f.ContinuousBernoulli(), None),
    "ContinuousBernoulli, far": (f.ContinuousBernoulli(), [0.0, 1e-9, 1e6, -1e6, 1.0, 40.0]),
    "Truncated(Poisson, 1)": (f.Truncated(f.Poisson(), low=1), None),
    "Truncated(Poisson, 2, 5)": (f.Truncated(f.Poisson(), 2, 5), [0.3, 50.0, -40.0, INF, -INF]),
    "Truncated(Geometric, 0, 5)": (f.Truncated(f.Geometric(), high=5), [0.3, -1.0, -INF]),
    "Truncated(NegativeBinomial, 1)": (f.Truncated(f.NegativeBinomial(0.4), low=1), [-0.7]),
    "Truncated(Exponential, 0, 2)": (f.Truncated(f.Exponential(), high=2.0), [0.5, -3.0, 1e-9]),
    "Truncated(Gaussian, 1, 3)": (f.Truncated(f.GaussianKnownVariance(2.0), 1, 3), None),
    "Truncated(Gaussian, 1)": (f.Truncated(f.GaussianKnownVariance(2.0), 1), [-0.4, 0.9]),
    "Truncated(Logarithmic, 2)": (f.Truncated(f.Logarithmic(), low=2), [-2.0, -0.3, -INF]),
    "Truncated(Normal, 0, 1)": (
        f.Truncated(f.Gaussian(), 0, 1),
        [[1.0, -2.0], [-3.0, 3.0], [0.0, 0.0], [40.0, -20.0]],
    ),
    "Truncated(Normal, 1)": (f.Truncated(f.Gaussian(), 1.0), [[1.0, -2.0], [-3.0, -0.1]]),
    "Truncated(LogNormal, 0.5)": (f.Truncated(f.LogNormal(), 0.5), [[1.0, -2.0], [-3.0, -0.3]]),
    "Truncated(Gamma, 1, 5)": (
        f.Truncated(f.Gamma(), 1, 5),
        [[-3.0, 0.5], [2.0, -1.0], [-9.0, 4.0]],
    ),
    "Truncated(Gamma, 1)": (f.Truncated(f.Gamma(), low=1), [[-2.5, -0.5], [2.0, -1.0]]),
    "Truncated(InverseGamma, 0, 5)": (
        f.Truncated(f.InverseGamma(), high=5),
        [[-3.0, -0.5], [2.0, -1.0]],
    ),
    "Truncated(InverseGaussian, 0.5, 5)": (
        f.Truncated(f.InverseGaussian(), 0.5, 5),
        [[-3.0, 0.5], [2.0, -1.0], [1.0, 1.0]],
    ),
    "Truncated(ChiSquared, 2)": (f.Truncated(f.ChiSquared(), low=2), [-3.0, 0.5]),
    "Truncated(Weibull, 0, 5)": (f.Truncated(f.Weibull(0.5), high=5), [-3.0, 0.5]),
    "Truncated(Pareto, 2, 5)": (f.Truncated(f.Pareto(1.0), 2, 5), [-3.0, 0.5]),
    "Truncated(Laplace, 0, 5)": (f.Truncated(f.Laplace(1.0), 0, 5), [-3.0, 0.5]),
    "Truncated(Beta, 0.2)": (f.Truncated(f.Beta(), low=0.2), [[-2.0, 3.0], [0.5, 2.0]]),
    "Truncated(GaussianKnownMean, 0, 3)": (
        f.Truncated(f.GaussianKnownMean(1.0), 0, 3),
        [2.0, -3.0],
    ),
    "Weibull(0.7)": (f.Weibull(0.7), None),
    "ProductFamily(counts)": (
        f.ProductFamily(f.Poisson(), f.FiniteFamily(["a", "b"], [0, 2]), names=["n", "side"]),
        None,
    ),
    "ProductFamily(mixed)": (f.ProductFamily(f.Gaussian(), f.Binomial(4)), None),
    "ProductFamily(reals)": (
        f.ProductFamily(f.GaussianKnownVariance(2.0), f.GaussianKnownVariance()),
        None,
    ),
    "ProductFamily(vectors)": (
        f.ProductFamily(f.Multinomial(3, trials=4), f.Gamma(), f.DiagonalGaussian(2)),
        None,
    ),
    "Rayleigh": (f.Rayleigh(), None),
    "Pareto(2)": (f.Pareto(2.0), None),
    "Laplace(1)": (f.Laplace(1.0), None),
    "LogNormal": (f.LogNormal(), None),
    "GaussianKnownMean(2)": (f.GaussianKnownMean(2.0), None),
    "GaussianKnownVariance(4)": (f.GaussianKnownVariance(4.0), None),
    "MultivariateGaussian(1)": (f.MultivariateGaussian(1), None),
    "MultivariateGaussian(2)": (
        f.MultivariateGaussian(2),
        [[0.3, -0.2, -1.0, -0.25, -0.25, -0.5], [-1.0, 0.4, -0.5, 0.15, 0.15, -1.5]],
    ),
    "MultivariateGaussianKnownCovariance(2)": (
        f.MultivariateGaussianKnownCovariance([[2.0, 1.0], [1.0, 1.0]]),
        None,
    ),
    "DiagonalGaussian(2)": (f.DiagonalGaussian(2), None),
    "IsotropicGaussian(2)": (f.IsotropicGaussian(2), None),
    "Beta": (f.Beta(), [[2.0, 3.0], [0.4, 0.7], [1.0, 1.0], [7.5, 0.9]]),
    "Beta, far": (f.Beta(), [[1e8, 2e8], [1e-3, 5.0], [1e-6, 1e-6], [3e5, 40.0]]),
    "Dirichlet(2)": (f.Dirichlet(2), None),
    "Dirichlet(labels)": (f.Dirichlet(["a", "b", "c"]), [[2.0, 3.0, 0.8], [1.3, 0.9, 2.0]]),
    "Dirichlet(3), far": (f.Dirichlet(3), [[1e5, 2e5, 3e5]]),
    "Dirichlet(3), edge": (f.Dirichlet(3), [[1e8, 1e-6, 1.0]]),
    "Dirichlet(50)": (f.Dirichlet(50), None),
    "VonMises": (f.VonMises(), [[0.4, -1.1], [0.0, 0.0], [-3.0, 0.5]]),
    "VonMises, far": (f.VonMises(), [[300.0, 400.0], [1e-3, 0.0], [-24.0, 18.0]]),
    "VonMisesFisher(2)": (f.VonMisesFisher(2), None),
    "VonMisesFisher(3)": (f.VonMisesFisher(3), [[0.4, -1.1, 0.3], [0.0, 0.0, 0.0]]),
    "VonMisesFisher(3), far": (f.VonMisesFisher(3), [[12.0, -4.0, 3.0]]),
    "VonMisesFisher(40)": (f.VonMisesFisher(40), None),
    "FiniteFamily(die)": (f.FiniteFamily(range(1, 7), lambda face: face), [[0.4], [-3.0], [0.0]]),
    "FiniteFamily(Ising)": (
        f.FiniteFamily(list(product([-1, 1], repeat=4)), lambda s: np.append(s, s * np.roll(s, 1))),
        None,
    ),
    "FiniteFamily(labels)": (f.FiniteFamily(["a", 1, (2, "b")], np.eye(3), [0, 1, 0.5]), None),
    "FiniteFamily(reals)": (
        f.FiniteFamily([0.1, 0.25, 7.0, -2.0], lambda x: [x, np.sin(x)], 0.3),
        None,
    ),
    "FiniteFamily, a face": (f.FiniteFamily(range(7), lambda x: [x, x > 3]).face([0, 1.0]), None),
    "Geometric": (f.Geometric(), None),
    "Geometric, far": (f.Geometric(), [-1e-3, -30.0, -800.0]),
    "Logarithmic": (f.Logarithmic(), None),
    "Logarithmic, far": (f.Logarithmic(), [-1e-3, -0.693, -30.0, -39.9, -INF]),
    "NegativeBinomial(3)": (f.NegativeBinomial(3), None),
    "NegativeBinomial(0.3)": (f.NegativeBinomial(0.3), None),
    "NegativeBinomial(5e5)": (f.NegativeBinomial(5e5), [-3.0, -10.0]),
}
