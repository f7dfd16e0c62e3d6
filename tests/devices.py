"""Whether members on the second of two devices of jax stay there: prints what does not.

python tests/devices.py [CASE …]    the host is made to look like two devices; all cases by default
"""

from __future__ import annotations

import os
import sys
from typing import Any

if __name__ == "__main__":
    os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"

import numpy as np
from backends import OPERATIONS, listed, members
from conftest import CASES


def places(value: Any) -> set[Any]:
    """The devices of an array, or of arrays in a tuple; those of Python's numbers are none."""
    if isinstance(value, tuple):
        return set().union(*map(places, value))
    if isinstance(value, np.ndarray):
        return {"numpy"}
    return set(value.devices()) if hasattr(value, "devices") else set()


def strays(name: str, device: Any) -> dict[str, set[Any]]:
    """The operations on the first member of a case whose results are elsewhere, and where."""
    import jax

    p, q, x = members(name)[0]

    def there(values: Any) -> Any:
        return jax.device_put(np.asarray(values), device)

    p, q = (m.family.from_natural(there(m.natural_parameter)) for m in (p, q))
    found, refused = {}, listed()[(p.family.name, "jax")]
    for what in OPERATIONS.keys() - refused:
        try:
            seen = places(OPERATIONS[what][1](p, q, there(x)))
        except ValueError:
            continue  # as on numpy: no member has that mean
        if seen - {device}:
            found[what] = seen
    return found


def main(names: list[str]) -> None:
    import jax

    jax.config.update("jax_enable_x64", True)
    _, second = jax.devices()
    for name in names or [name for name in CASES if runs(name)]:
        print(name, strays(name, second) or "stays", flush=True)


def runs(name: str) -> bool:
    return listed()[(CASES[name][0].name, "jax")] != set(OPERATIONS)


if __name__ == "__main__":
    main(sys.argv[1:])
