"""The normal log-density, of numbers far from 0 too."""

from __future__ import annotations

from expfam import pairs
from expfam.arrays import Array, array_namespace, is_foreign

_LOG_2PI = 1.8378770664093454836


def normal_log_density(natural: Array, x: Array, rest: Array = 0.0) -> Array:
    """η₂(x − m)² + ½ log(−2η₂) − ½ log 2π at x + rest; numpy's m = −η₁/2η₂ is not rounded."""
    linear, quadratic = natural[..., 0], natural[..., 1]
    if is_foreign(natural):
        gap = x - linear * (-0.5 / quadratic)
    else:
        high, low = pairs.quotient((linear, 0.0 * linear), -2 * quadratic)
        gap = (x - high) - (low - rest)
    return quadratic * gap**2 + 0.5 * (array_namespace(natural).log(-2 * quadratic) - _LOG_2PI)
