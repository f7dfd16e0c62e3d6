"""Parts of a large array, each in a thread."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar

import numpy as np

from expfam.blocks import Memory

Part = TypeVar("Part")
Result = TypeVar("Result")

_MOST = 8  # threads: more would wait for the memory
_spare: list[Memory] = []  # which nobody uses, for the next call: at most one for each thread


def each(work: Callable[[Part, Memory], Result], parts: Iterable[Part]) -> list[Result]:
    """work(part, memory) of every part, in their order; of several parts in a thread for each core.

    numpy computes without the lock of Python. What is found does not depend on the threads: each
    takes the next part that is left. This one takes all if no other comes, so that it never waits
    for what has not begun; work may call `each` again.
    """
    parts = list(parts)
    left = list(reversed(range(len(parts))))
    found: dict[int, Result] = {}

    def share() -> None:
        memory = _next(_spare) or Memory()
        try:
            with np.errstate(all="ignore"):  # which numpy 1 asks of every thread
                while (i := _next(left)) is not None:
                    found[i] = work(parts[i], memory)
        finally:
            _spare.append(memory)

    others = _begun(share, min(len(parts), cores()) - 1)
    try:
        share()  # here, as a thread that sleeps wakes late
    finally:
        left.clear()  # after an error nothing more is begun
        wait(running := [other for other in others if not other.cancel()])
    for other in running:
        other.result()
    return [found[i] for i in range(len(parts))]


def _next(left: list) -> Any:
    """The last of what is left, or None: another thread may be faster than any look at it."""
    try:
        return left.pop()
    except IndexError:
        return None


def _begun(share: Callable[[], None], count: int) -> list[Future]:
    """Its runs in other threads: fewer where no thread can be had, none once Python ends."""
    others: list[Future] = []
    with suppress(RuntimeError):
        for _ in range(count):
            others.append(_pool().submit(share))
    return others


def cores() -> int:
    """Cores that this process may use, fewer where OMP_NUM_THREADS says so, and eight at most."""
    if sys.platform in ("emscripten", "wasi"):
        return 1
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    wanted = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()  # then of nested ones
    return max(1, min(there or 1, int(wanted) if wanted.isdecimal() else _MOST, _MOST))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MOST - 1, "expfam")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # threads stay with the parent
