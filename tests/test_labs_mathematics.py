"""The mathematics of labs is Python's to 1e-12."""

from __future__ import annotations

import numpy as np
from browsers import evaluate

from expfam.families import Binomial, Categorical, Gamma, Gaussian, Poisson
from expfam.labs import modules
from expfam.special import inner, log_softmax, logsumexp, softmax

INF = np.inf


def agree(value, expected):
    """Equal to 1e-12, absolutely or relatively; infinities exactly."""
    value, expected = (np.array(x, dtype=np.float64) for x in (value, expected))
    finite = np.isfinite(expected)
    assert (value[~finite] == expected[~finite]).all()
    with np.errstate(invalid="ignore"):
        error = np.abs(value - expected) / np.maximum(1, np.abs(expected))
    assert error[finite].max(initial=0) <= 1e-12


def vectors():
    """1,000 pairs of natural parameters: tame, far, close, tied, and on the boundary."""
    rng = np.random.default_rng(1)
    for i in range(1000):
        size = 3 if i % 2 else int(rng.integers(2, 7))
        a, b = rng.normal(size=(2, size)) * rng.choice([1e-6, 1, 10, 300])
        if i % 3 == 0:
            a[rng.random(size) < 0.4] = -INF
            b[rng.random(size) < 0.2] = -INF
        if i % 5 == 0:
            a[:2] = a.max()
        for x in (a, b):
            if x.max() == -INF:
                x[0] = 0.0
        yield a + rng.choice([0, 0, 1, -50]), b, float(rng.uniform(0.05, 3))


def test_softmax_agrees_with_python(tmp_path):
    cases = list(vectors())
    given = [[a.tolist(), b.tolist(), T] for a, b, T in cases]
    expression = """cases.map(([a, b, T]) => [math.logsumexp(a), math.softmax(a), math.logSoftmax(a),
        math.natural(math.softmax(a)), math.logsumexp(a, T), math.softmax(a, T),
        math.conjugate(math.softmax(b), T), math.inner(a, math.softmax(b)), math.kl(a, b)])"""
    results = evaluate(modules.text("softmax"), expression, given, tmp_path)
    assert len(results) == 1000
    for (a, b, T), result in zip(cases, results, strict=True):
        family = Categorical(len(a))
        mean = softmax(b)
        expected = [
            logsumexp(a), softmax(a), log_softmax(a), family.mean_to_natural(softmax(a)),
            T * logsumexp(a / T), softmax(a / T),
            T * family.from_mean(mean).convex_conjugate, inner(a, mean),
            family.from_natural(a).kl(family.from_natural(b)),
        ]  # fmt: skip
        for value, wanted in zip(result, expected, strict=True):
            agree(value, wanted)


def test_at_temperature_zero_softmax_is_arg_max(tmp_path):
    cases = [[1.0, 1.0, -2.0], [-INF, 0.5, -INF], [2.0, 2.0, 2.0], [1.0, 1.0 + 2**-52, 0.0]]
    expression = (
        "cases.map((a) => [math.logsumexp(a, 0), math.softmax(a, 0), math.logSoftmax(a, 0)])"
    )
    for a, (most, mean, log) in zip(
        cases, evaluate(modules.text("softmax"), expression, cases, tmp_path), strict=True
    ):
        tied = np.array(a) == max(a)
        assert (most, mean) == (max(a), (tied / tied.sum()).tolist())
        with np.errstate(divide="ignore"):
            agree(log, np.log(tied / tied.sum()))


def test_no_entry_above_minus_infinity_is_refused(tmp_path):
    expression = (
        "cases.map((a) => { try { return math.softmax(a) } catch (e) { return e.message } })"
    )
    said = evaluate(modules.text("softmax"), expression, [[-INF, -INF], [INF, 0.0]], tmp_path)
    assert said == ["η must have an entry above −∞, and none of +∞"] * 2


def gaussian(eta):
    return Gaussian().from_natural([eta, -0.5])


def exponential(eta):
    return Gamma().from_natural([0.0, eta])


MEMBERS = {
    "Bernoulli": (Binomial(1).from_natural, [-INF, -1e300, -30, -1, 0, 1e-9, 0.7, 25, 1e9, INF]),
    "Poisson": (Poisson().from_natural, [-INF, -800, -30, -1, 0, 1e-9, 2.5, 6]),
    "Gaussian, variance 1": (gaussian, [-8, -1, 0, 0.3, 4]),
    "Exponential": (exponential, [-50, -1, -0.25, -0.01]),
}


def test_duality_agrees_with_python(tmp_path):
    cases = [[name, p, q] for name, (_, etas) in MEMBERS.items() for p in etas for q in etas]
    expression = """cases.map(([name, p, q]) => { const f = math.families[name];
        return [math.kl(name, p, q), f.mean(p), f.natural(f.mean(p)), f.A(p), f.dual(f.mean(p))] })"""
    results = evaluate(modules.text("duality"), expression, cases, tmp_path)
    for (name, p, q), (kl, mean, natural, A, dual) in zip(cases, results, strict=True):
        member = MEMBERS[name][0]
        agree(kl, member(p).kl(member(q)))
        if name in ("Bernoulli", "Poisson"):
            agree(mean, member(p).mean_parameter)
            agree(natural, member(p).family.mean_to_natural(member(p).mean_parameter))
            agree(A, member(p).log_partition)
            agree(dual, member(p).convex_conjugate)
        else:
            agree(mean, member(p).mean_parameter[{"E": 1, "G": 0}[name[0]]])
            agree([natural, A + dual], [p, p * mean])
