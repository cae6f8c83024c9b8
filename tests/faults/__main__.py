"""The long trial: `make faults`.

Starts a system of its own, carries out the scenarios one after the other, and prints the counts after each. The same
seed gives the same moments in the people's work, not the same instructions of the processor.
"""

import argparse
import json
import logging
import math
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.faults.system import System, running


def main() -> int:
    """0 where nothing was lost, doubled, out of order or at the wrong hour; else 1."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults")
    asked.add_argument("--answers", type=int, default=5_000, help="at least so many, over all rounds")
    asked.add_argument("--hits", type=int, default=6, help="how often a fault comes in a round")
    asked.add_argument("--rounds", type=int, default=2)
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked.add_argument("--only", nargs="*", help="names of scenarios")
    asked.add_argument("--results", type=Path, help="a file for the counts as JSON, a line a round")
    chosen = asked.parse_args()
    _say(f"seed {chosen.seed}")
    with running() as system:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.faults.settings"
        import django

        django.setup()
        logging.disable(logging.WARNING)
        return carry_out_all(system, chosen)


def carry_out_all(system: System, chosen: argparse.Namespace) -> int:
    from tests.faults import scenarios
    from tests.faults.people import TASKS

    names: Sequence[str] = chosen.only or list(scenarios.SCENARIOS)
    answering = len(set(names) - scenarios.WITHOUT_ANSWERS) or 1
    a_round = max(3, math.ceil(chosen.answers / chosen.rounds / answering / (TASKS - 1)))
    scenarios.begin_a_day(system)
    trial = scenarios.Trial(system, citizens=a_round, hits=chosen.hits, chance=random.Random(chosen.seed))
    wrong = 0
    for name in [name for _ in range(chosen.rounds) for name in names]:
        began = time.monotonic()
        counts = scenarios.carry_out(trial, name)
        took = time.monotonic() - began
        _say(f"{name} ({took:.1f} s): {counts}")
        for sentence in counts.wrong:
            _say(f"  WRONG: {sentence}")
        wrong += len(counts.wrong)
        if chosen.results:
            with chosen.results.open("a") as written:
                written.write(
                    json.dumps({"scenario": name, "took": took, "felt": trial.felt, **asdict(counts)}) + "\n"
                )
    return 1 if wrong else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
