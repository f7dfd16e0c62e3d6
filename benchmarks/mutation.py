"""Change one constant or operator of the numerics at a time and see whether a test notices.

python benchmarks/mutation.py [--sample 200] [--jobs 2] [--only pairs] [--write docs/mutation.md]
    [--log benchmarks/noticed.txt]

A float is changed by 1e-13 of itself, an integer by one, + becomes −, × becomes ÷, < becomes ≤.
Each mutant runs the tests of its module in a forked process until one fails; the log keeps those
noticed, by a digest of the module and the change, so that only mutants of changed modules are tried
again (with another log, all). Survivors are listed with their lines; those that change nothing that anybody could see are named, with the reason, in
equivalent.py and left out of the count.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from pathlib import Path

from mutant_runs import TESTS, survivors
from mutants import ROOT, Mutant, mutants, source_of, stale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, help="so many mutants, chosen with a fixed seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="modules whose name holds this")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--log", type=Path, default=ROOT / "benchmarks" / "noticed.txt")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    assert not any(name == "expfam" or name.startswith("expfam.") for name in sys.modules)
    if arguments.write and (arguments.only or arguments.sample):
        parser.error("--write makes a page of all modules: leave out --only and --sample")
    chosen = [m for name in TESTS if arguments.only in name for m in mutants(name)]
    if gone := stale(chosen):
        raise SystemExit("\n".join(["of no line any more, in equivalent.py:", *map(str, gone)]))
    total = len(chosen)
    if arguments.sample and arguments.sample < total:
        chosen = random.Random(0).sample(chosen, arguments.sample)
    excused = [m for m in chosen if m.excuse()]
    chosen = [m for m in chosen if not m.excuse()]
    log = arguments.log
    noticed = set(log.read_text("utf-8").split()) if log.exists() else set()
    fresh = [m for m in chosen if m.digest() not in noticed]
    controls = [Mutant(name, 0, "nothing", source_of(name)) for name in {m.module for m in fresh}]
    limits: dict[str, float] = {}
    if len(survivors(controls, arguments.jobs, limits)) < len(controls):
        raise SystemExit("a test fails without any change: mend that first")
    begun = time.perf_counter()
    alive = survivors(fresh, arguments.jobs, limits, log)
    report = page(chosen, excused, alive, total)
    print(report, f"{time.perf_counter() - begun:.0f} s", sep="\n")
    if arguments.write:
        arguments.write.write_text(report, "utf-8")
        kept = {m.digest() for m in chosen} - {m.digest() for m in alive}
        log.write_text("".join(f"{digest}\n" for digest in sorted(kept)), "utf-8")


def page(chosen: list[Mutant], excused: list[Mutant], alive: list[Mutant], total: int) -> str:
    """What was noticed, module by module; survivors; what nobody could notice, with the reason."""
    killed = len(chosen) - len(alive)
    intro, how = __doc__.split("\n\n", 2)[0], __doc__.split("\n\n", 2)[1:]
    lines = ["# Mutants", "", intro, "", "```sh", how[0], "```", "", how[1].strip(), ""]
    lines += [
        f"**{killed} of {len(chosen)} mutants were noticed ({killed / max(len(chosen), 1):.1%})**; "
        f"{len(excused)} more change nothing that anybody could see; {total} in all.",
        "",
        "| module | mutants | noticed | survived | invisible |",
        "|---|---|---|---|---|",
    ]
    for module in TESTS:
        tried, left, out = (sum(m.module == module for m in x) for x in (chosen, alive, excused))
        if tried + out:
            lines.append(f"| `{module}` | {tried + out} | {tried - left} | {left} | {out} |")
    lines += [
        "",
        "## Survivors",
        "",
        *([f"- {mutant}" for mutant in alive] or ["None."]),
        "",
        "## Invisible",
        "",
    ]
    reasons: dict[str, list[Mutant]] = {}
    for mutant in excused:
        reasons.setdefault(str(mutant.excuse()), []).append(mutant)
    for reason, mutants_of in reasons.items():
        lines += [f"{reason} ({len(mutants_of)}):", "", *[f"- {m}" for m in mutants_of], ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    main()
