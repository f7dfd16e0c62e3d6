"""Answers to the exercises of the lessons: right ones in three forms, and wrong ones."""

from __future__ import annotations

# By lesson and exercise; the answer in the lesson is a fourth form.
RIGHT: dict[str, list[list[str]]] = {
    "1": [
        ["[np.log(2), 0, 0]", "np.log([0.5, 0.25, 0.25])", "(0, -np.log(2), -np.log(2))"],
        [
            "lambda a, b: np.log(np.exp(b[1] - b[2]) / np.exp(a[1] - a[2]))",
            "lambda a, b: family.baseline(b, 'invert')[1] - family.baseline(a, 'invert')[1]",
            "lambda a, b: np.dot(b - a, [0, 1, -1, 0, 0])",
        ],
        [
            "special.softmax",
            "lambda s: np.exp(s - np.max(s)) / np.exp(s - np.max(s)).sum()",
            "lambda s: 1 / np.exp(np.subtract.outer(s, s)).sum(axis=0)",
        ],
    ],
    "2": [
        ["1", "sum(birds.probabilities)", "special.softmax(eta).sum()"],
        [
            "lambda e: 12 * special.sigmoid(e)",
            "lambda e: 12 * np.exp(e) / (1 + np.exp(e))",
            "expfam.Binomial(12).natural_to_mean",
        ],
        [
            "np.log([0.2, 0.3, 0.5]) + 1",
            "np.log(np.e * np.array([0.2, 0.3, 0.5]))",
            "[1 + np.log(0.2), 1 + np.log(0.3), 1 - np.log(2)]",
        ],
    ],
    "3": [
        ["1 / np.log(8)", "np.log(np.e) / (3 * np.log(2))", "np.reciprocal(np.log(8))"],
        [
            "lambda x, T: -smooth_max(-x, T)",
            "lambda x, T: np.min(x) - T * np.log(np.exp((np.min(x) - x) / T).sum())",
            "lambda x, T: -T * special.logsumexp(x / -T)",
        ],
        [
            "lambda p, T: special.softmax(np.log(p) / T)",
            "lambda p, T: p ** (1 / T) / np.sum(p ** (1 / T))",
            "lambda p, T: 1 / (np.divide.outer(p, p) ** (1 / T)).sum(axis=0)",
        ],
    ],
    "4": [
        [
            "lambda v, mu: v @ (np.diag(mu) - np.outer(mu, mu)) @ v",
            "lambda v, mu: mu @ (v - v @ mu) ** 2",
            "lambda v, mu: np.cov(v, aweights=mu, bias=True)",
        ],
        ["3.5", "7 / 2", "np.exp(np.log(3.5))"],
        [
            "birds.n * (se / 0.01) ** 2",
            "1e4 * (1 / mu[3] + 1 / mu[1])",
            "1e4 * v @ np.linalg.pinv(fisher) @ v",
        ],
    ],
    "5": [
        [
            "np.log(p) - np.log(p).mean()",
            "expfam.Categorical(3).centred(np.log(p))",
            "np.log([0.2, 0.3, 0.5]) - np.log(0.03) / 3",
        ],
        [
            "lambda m: m * np.log(m) - m",
            "lambda m: m * (np.log(m) - 1)",
            "lambda m: expfam.Poisson().from_mean(m).convex_conjugate",
        ],
        [
            "special.softmax([1, 2, 3])",
            "np.exp(eta) / np.exp(eta).sum()",
            "np.exp(eta - special.logsumexp(eta))",
        ],
    ],
    "6": [
        [
            "[np.log(0.45), np.log(0.55), -np.inf]",
            "[np.log(9), np.log(11), -np.inf]",
            "expfam.Categorical(3).centred([0, np.log(11 / 9), -np.inf])",
        ],
        [
            "lambda c: (c > 0).sum() - 1",
            "lambda c: len([x for x in c if x]) - 1",
            "lambda c: expfam.Multinomial(len(c), int(c.sum())).fit(c).degrees_of_freedom",
        ],
        ["[0.4, 0.4, 0.2]", "np.ones(3) / 3", "(0.01, 0.01, 0.98)"],
    ],
    "7": [
        [
            "np.log(1.4)",
            "np.log(7) - np.log(5)",
            "expfam.Poisson().fit([2, 0, 3, 1, 1]).natural_parameter",
        ],
        [
            "lambda mu, t: (t - mu) / mu",
            "lambda mu, t: fisher_inverse(mu, t - mu)",
            "lambda mu, t: t / mu + 7",
        ],
        [
            "lambda a, n, b, m: np.average([a, b], axis=0, weights=[n, m])",
            "lambda a, n, b, m: a + (b - a) * m / (n + m)",
            "lambda a, n, b, m: (np.rint(a * n) + np.rint(b * m)) / (n + m)",
        ],
    ],
    "8": [
        [
            "lambda x, a: (x + a) / (x + a).sum(axis=-1, keepdims=True)",
            "lambda x, a: ((x + a).T / (x + a).T.sum(axis=0)).T",
            "lambda x, a: np.exp(np.log(x + a) - np.log(np.sum(x + a, axis=-1))[..., None])",
        ],
        ["1.24 / 0.97", "124 / 97", "np.roots([0.97, -1.24])[0]"],
        [
            "lambda x, a: log_evidence(x + np.array([5, 0, 0]), a) - log_evidence(x, a)",
            "lambda x, a: one_by_one([0] * 5, x + a)",
            "lambda x, a: sum(np.log((x[0] + a[0] + i) / (x.sum() + a.sum() + i)) for i in range(5))",
        ],
    ],
    "9": [
        [
            "lambda a, b: a * np.log(a / b) + b - a",
            "lambda a, b: expfam.Poisson().from_mean(a).kl(expfam.Poisson().from_mean(b))",
            "lambda a, b: np.exp(np.log(b)) - a - a * np.log(b / a)",
        ],
        [
            "[*np.log(data[:12] / fair[:12]), -np.inf]",
            "np.array([*np.log(data[:12] / fair[:12]), -1e3]) + 2",
            "throws.natural.to_numpy() - np.log(fair)",
        ],
        [
            "special.softmax(0.37104893714346264 * faces)",
            "np.exp(0.37104893714346264 * faces) / np.exp(0.37104893714346264 * faces).sum()",
            "special.softmax(0.37104893714346264 * (faces - 3.5)).tolist()",
        ],
    ],
    "10": [
        [
            "lambda X, Y, B: X.T @ (Y - special.softmax(X @ B))",
            "lambda X, Y, B: sum(np.outer(x, y - special.softmax(x @ B)) for x, y in zip(X, Y))",
            "lambda X, Y, B: np.einsum('ij,ik->jk', X, Y) - X.T @ special.softmax(X @ B)",
        ],
        [
            "fitted['GD, DA']",
            "(GD @ GD.T @ observed) * (DA @ DA.T @ observed) / (one_hot('Dept') @ one_hot('Dept').T @ observed)",
            "list(ucb.groupby(['Gender', 'Dept'])['Freq'].transform('sum') * ucb.groupby(['Dept', 'Admit'])"
            "['Freq'].transform('sum') / ucb.groupby('Dept')['Freq'].transform('sum'))",
        ],
        [
            "lambda b, n: n * np.log(2) + (n - 1) * np.log(np.cosh(b))",
            "lambda b, n: np.log(2) + (n - 1) * special.logsumexp([b, -b])",
            "lambda b, n: np.log(2) + (n - 1) * np.log(np.exp(b) + np.exp(-b))",
        ],
    ],
}

WRONG: dict[str, list[list[str]]] = {
    "1": [
        ["[0.5, 0.25, 0.25]", "[2, 1, 1]", "[1, 2]"],
        ["lambda a, b: b[1] - a[1]", "lambda a, b: (a[1] - a[2]) - (b[1] - b[2])"],
        ["lambda s: s / s.sum()", "lambda s: np.exp(s) / np.exp(s).sum()"],
    ],
    "2": [
        ["0", "4", "np.nan"],
        ["special.sigmoid", "lambda e: 12 * np.exp(e)"],
        ["np.log([0.2, 0.3, 0.5])", "[0.2, 0.3, 0.5]"],
    ],
    "3": [
        ["8", "1 / 8", "np.log(8)"],
        ["smooth_max", "lambda x, T: np.min(x)"],
        ["lambda p, T: p ** (1 / T)", "lambda p, T: special.softmax(p / T)"],
    ],
    "4": [
        ["lambda v, mu: v**2 @ mu", "lambda v, mu: v @ mu"],
        ["np.sqrt(3.5)", "np.exp(3.5)"],
        ["birds.n * se / 0.01", "birds.n"],
    ],
    "5": [
        ["np.log(p)", "p - p.mean()"],
        ["lambda m: m * np.log(m)", "np.exp"],
        ["[0, 0, 1]", "[1 / 3, 1 / 3, 1 / 3]", "[1, 2, 3]"],
    ],
    "6": [
        ["[np.log(0.45), np.log(0.55), -40]", "np.log([0.45, 0.5, 0.05])", "[0.45, 0.55, 0]"],
        ["lambda c: len(c) - 1", "np.count_nonzero"],
        ["[0.5, 0.5, 0]", "[1, 0, 0]", "[0.4, 0.4, 0.1]"],
    ],
    "7": [
        ["1.4", "0", "-np.inf"],
        ["lambda mu, t: t - mu", "lambda mu, t: mu / t"],
        ["lambda a, n, b, m: (a + b) / 2", "lambda a, n, b, m: n * a + m * b"],
    ],
    "8": [
        ["lambda x, a: x + a", "lambda x, a: x / np.sum(x)"],
        ["1.24 / 0.99", "1.24", "0"],
        ["lambda x, a: 5 * np.log((x[0] + a[0]) / (x + a).sum())", "lambda x, a: 0"],
    ],
    "9": [
        ["lambda a, b: a * np.log(a / b)", "lambda a, b: b * np.log(b / a) + a - b"],
        ["np.zeros(13)", "np.log(biased / fair)", "data"],
        ["np.ones(6) / 6", "[0, 0, 0, 0.5, 0.5, 0]", "[0.05, 0.05, 0.1, 0.2, 0.3, 0.3]"],
    ],
    "10": [
        ["lambda X, Y, B: X.T @ (special.softmax(X @ B) - Y)", "lambda X, Y, B: X.T @ Y"],
        ["observed", "fitted['GD, A']"],
        [
            "lambda b, n: np.log(2) + n * np.log(2 * np.cosh(b))",
            "lambda b, n: n * np.log(2 * np.cosh(b))",
            "brute",
        ],
    ],
}
