"""A lab as an anywidget: what the page shows and what Python reads are one state."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from expfam.families import Categorical
from expfam.labs import modules
from expfam.special import sigmoid
from expfam.writing import markup

if TYPE_CHECKING:
    from expfam.labs import Lab

# Of each family of the duality lab: η to μ, which η it has, and in words.
_FAMILIES: dict[str, tuple[Callable[[float], Any], Callable[[float], bool], str]] = {
    "Bernoulli": (sigmoid, lambda natural: natural == natural, "not nan"),
    "Poisson": (np.exp, lambda natural: natural < 62 * math.log(2), "below log 2**62"),
    "Gaussian, variance 1": (float, lambda natural: abs(natural) < 1e6, "within 1e6"),
    "Exponential": (lambda natural: -1 / natural, lambda natural: -np.inf < natural < 0, "below 0"),
}


def widget(lab: Lab) -> Any:
    """A widget with a trait for each part of the lab's start, and `mean`, which follows from them.

    `natural` is set by dragging and by assignment: a list for softmax, a number for duality; ±∞
    travel as text, since JSON has none.
    Errors: ImportError where anywidget, which is optional, is not installed. The widget's traits
    refuse by ValueError what no member of the lab has: a natural parameter outside its family, a
    temperature below 0.
    """
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        need = "lab: a widget needs anywidget: pip install anywidget"
        raise ImportError(need) from error

    class LabWidget(anywidget.AnyWidget):
        _esm = modules.text(lab.name)

        @property
        def mean(self) -> Any:
            """μ = ∇A of what is shown: a list for softmax, a number for duality."""
            return _mean(lab.name, self)

        def __repr__(self) -> str:
            return f"{lab!r}, natural={self.natural}"

        @traitlets.validate("natural", "other", "temperature", "family")
        def _checked(self, proposal: Any) -> Any:
            rule = _three if lab.name == "softmax" else _one
            return rule(self, proposal.trait.name, proposal.value)

    def trait(name: str) -> Any:
        if name not in ("natural", "other"):
            return traitlets.Any().tag(sync=True)
        return traitlets.Any().tag(
            sync=True,
            to_json=lambda value, _: markup.number(value),
            from_json=lambda value, _: np.asarray(value, float).tolist(),
        )

    shown = type("LabWidget", (LabWidget,), {name: trait(name) for name in lab.start})
    return shown(**lab.start)


def _three(_: Any, name: str, value: Any) -> Any:
    """A value of the softmax lab, as it is kept."""
    if name == "natural":
        return Categorical(3).from_natural(value).natural_parameter.tolist()
    if not 0 <= value < np.inf:
        raise ValueError(f"lab: temperature must be finite and not negative; got {value}")
    return float(value)


def _one(state: Any, name: str, value: Any) -> Any:
    """A value of the duality lab, as it is kept."""
    if name == "family":
        if value not in _FAMILIES:
            raise ValueError(f"lab: family must be one of {', '.join(_FAMILIES)}; got {value!r}")
        _inside(value, "natural", state.natural)
        _inside(value, "other", state.other)
        return value
    return _inside(state.family, name, float(value))


def _inside(family: str, name: str, natural: float) -> float:
    _, has, rule = _FAMILIES[family]
    if not has(natural):
        raise ValueError(f"lab: {name} of a member of {family} must be {rule}; got {natural}")
    return natural


def _mean(name: str, state: Any) -> Any:
    if name == "duality":
        return float(_FAMILIES[state.family][0](state.natural))
    natural = np.array(state.natural)
    if state.temperature == 0:
        natural = np.where(natural == natural.max(), 0.0, -np.inf)
    scale = state.temperature or 1.0
    return Categorical(3).natural_to_mean(natural / scale).tolist()
