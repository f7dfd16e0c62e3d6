"""Parts of large arrays in threads: the same numbers, errors and silence as in one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest

from expfam import special, threads
from expfam.blocks import BLOCK, LONG, Memory


@pytest.fixture
def three(monkeypatch):
    """Three threads, however many cores there are."""
    monkeypatch.setattr(threads, "cores", lambda: 3)


def test_parts_come_in_their_order_from_several_threads(three):
    def work(part, memory):
        seen.add(threading.get_ident())
        time.sleep(0.01 * (part % 2))
        return part * part

    until, most = time.monotonic() + 30, 0
    while most < 3 and time.monotonic() < until:  # whoever wakes late finds nothing left
        for count in (0, 1, 2, 3, 7, 8):
            seen: set[int] = set()
            assert threads.each(work, range(count)) == [i * i for i in range(count)]
            assert len(seen) <= min(count, 3)
            most = max(most, len(seen))
    assert most == 3


def test_no_two_threads_share_a_memory(three):
    together = threading.Barrier(3, timeout=30)
    found = []

    def work(part, memory):
        together.wait()
        room = memory.numbers(1000, "block")
        room[:] = part
        together.wait()
        found.append((room == part).all() and memory.numbers(10, "block").base is room.base)

    threads.each(work, range(3))
    assert found == [True] * 3


def test_memory_of_more_than_a_block_is_not_kept():
    memory = Memory()
    for size, kept in ((1000, True), (LONG, True), (LONG + 1, False)):
        room = memory.numbers(size, "block")
        assert (room.shape, room.dtype) == ((size,), np.float64)
        assert np.shares_memory(room, memory.numbers(size, "block")) == kept


def test_an_error_comes_through_and_leaves_the_threads_usable(three):
    def work(part, memory):
        if part == 4:
            raise ZeroDivisionError("part 4")
        return part

    with pytest.raises(ZeroDivisionError, match="part 4"):
        threads.each(work, range(6))
    assert threads.each(lambda part, _: part, range(6)) == list(range(6))


def test_after_an_error_nothing_more_is_begun(three):
    raised, seen, here = threading.Event(), [], threading.get_ident()

    def work(part, memory):
        seen.append(part)
        if threading.get_ident() != here:
            raised.wait(30)
            time.sleep(0.1)
            return
        raised.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        threads.each(work, range(100))
    assert len(seen) <= 3


def test_a_spare_memory_may_be_taken_by_another_thread_first(monkeypatch):
    class Taken(list):
        def pop(self):
            raise IndexError("pop from empty list")

    monkeypatch.setattr(threads, "_spare", Taken([None]))
    assert threads.each(lambda part, memory: memory.numbers(part, "room").size, [3]) == [3]


def test_where_no_thread_can_be_had_this_one_does_it_all(three, monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    threads._pool.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        seen = []
        assert threads.each(lambda part, _: seen.append(part), range(5)) == [None] * 5
    assert threads.each(lambda part, _: part, range(6)) == list(range(6))
    assert sorted(seen) == list(range(5))  # nor is anything done later what was left with the pool
    threads._pool.cache_clear()


def test_threads_are_silent(three):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with np.errstate(all="raise"):
            found = threads.each(lambda part, _: np.exp(np.array([part])), [1.0, 1e4, np.inf])
    assert [float(x[0]) for x in found] == [np.exp(1.0), np.inf, np.inf]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        *[("1", 1), ("3", 3), ("99", 8), ("0", 1), ("", None), ("many", None)],
        *[(" 3 ", 3), ("3,1", 3), ("1,4", 1), ("-1", None), (",2", None)],
    ],
)
def test_the_number_of_threads_is_that_of_the_cores_or_what_is_asked_for(words, count, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(5), raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", words)
    assert threads.cores() == min(5, count or 5)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(64))
    assert threads.cores() == (count or 8)
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert threads.cores() == 1
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert threads.cores() == min(6, count or 6)
    monkeypatch.setattr("sys.platform", "emscripten")
    assert threads.cores() == 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="of Linux")
def test_the_cores_are_those_of_this_process(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    there = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(there)})
    try:
        assert threads.cores() == 1
    finally:
        os.sched_setaffinity(0, there)


CHILD = """
import os, time, warnings
from expfam import threads
threads.cores = lambda: 8
threads.each(lambda part, _: time.sleep(0.05), range(8))  # all threads that there can be
warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside threads
if not (child := os.fork()):
    os._exit(7 if threads.each(lambda part, _: part + 1, range(3)) == [1, 2, 3] else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


# Eight threads, all of which divide their part among threads again.
NESTED = """
import threading
from expfam import threads
threads.cores = lambda: 8
together = threading.Barrier(8, timeout=30)
def outer(part, _):
    together.wait()
    return sum(threads.each(lambda i, _: i * part, range(20)))
print(threads.each(outer, range(8)) == [190 * part for part in range(8)])
"""

# A thread that outlives the main one, and what is done at exit: then no thread can be begun.
LATE = """
import atexit, threading
import numpy as np
from expfam import special, threads
threads.cores = lambda: 3
x = np.zeros((8, 2**17))
before = special.softmax(x)
def late(wait=lambda: None):
    wait()
    print((special.softmax(x) == before).all())
atexit.register(late)
threading.Thread(target=late, args=(threading.main_thread().join,)).start()
"""


@pytest.mark.parametrize(
    ("program", "said"), [(NESTED, "True\n"), (LATE, "True\nTrue\n")], ids=["nested", "late"]
)
def test_nothing_waits_for_a_thread_that_never_comes(program, said):
    command = [sys.executable, "-c", program]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (found.stdout, found.stderr) == (said, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_child_has_threads_of_its_own():
    command = [sys.executable, "-c", CHILD]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (found.stdout, found.stderr) == ("7\n", "")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "shape", [(3 * BLOCK // 8 + 5, 8), (3, 2 * BLOCK), (1, 5 * BLOCK), (700, 900)]
)
def test_threads_change_no_bit(shape, dtype, monkeypatch):
    x = 30 * np.random.default_rng(2).normal(size=shape).astype(dtype)
    weights = np.random.default_rng(3).exponential(size=shape)
    found = []
    for count in (1, 2, 5):
        monkeypatch.setattr(threads, "cores", lambda count=count: count)
        found.append(
            [
                function(x, axis=axis)
                for function in (special.logsumexp, special.softmax, special.log_softmax)
                for axis in (0, 1)
            ]
            + [special.logsumexp(x, b=weights)]
        )
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            assert (one == two).all()
