"""Parts of a large array, each in a thread."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import numpy as np

from expfam.blocks import Memory

Part = TypeVar("Part")
Result = TypeVar("Result")

_MOST = 8  # threads: more would wait for the memory
_spare: list[Memory] = []  # which nobody uses, for the next call: at most one for each thread


def each(work: Callable[[Part, Memory], Result], parts: Iterable[Part]) -> list[Result]:
    """work(part, memory) of every part, in their order; of several parts in a thread for each core.

    numpy computes without the lock of Python. What is found does not depend on the threads.
    """
    parts = list(parts)
    count = min(len(parts), cores())

    def share(first: int) -> list[Result]:
        memory = _spare.pop() if _spare else Memory()
        try:
            with np.errstate(all="ignore"):  # which numpy 1 asks of every thread
                return [work(part, memory) for part in parts[first::count]]
        finally:
            _spare.append(memory)

    if count < 2:
        return share(0) if parts else []
    found: dict[int, Result] = {}
    for first, results in enumerate(_pool().map(share, range(count))):
        found |= zip(range(first, len(parts), count), results, strict=True)
    return [found[i] for i in range(len(parts))]


def cores() -> int:
    """Cores that this process may use, fewer where OMP_NUM_THREADS says so, and eight at most."""
    if sys.platform in ("emscripten", "wasi"):
        return 1
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(there or 1, int(wanted) if wanted.isdecimal() else _MOST, _MOST))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MOST, "expfam")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # threads stay with the parent
