"""`python -m tests.fuzz`: thousands of damaged questionnaires and responses; see `make fuzz`."""

import argparse
import sys
import warnings

from .running import Report, material, run_all, run_one


def main() -> int:
    """Print the report; 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="How many mutations.")
    parser.add_argument(
        "--seed", type=int, default=20_261_123, help="The first seed; each mutation has its own."
    )
    parser.add_argument("--only", type=int, metavar="SEED", help="Repeat one mutation.")
    chosen = parser.parse_args()
    warnings.simplefilter("error")
    of = material()
    if chosen.only is not None:
        report = Report()
        run_one(chosen.only, of, report)
    else:
        report = run_all(chosen.count, chosen.seed, of=of)
    for line in report.lines():
        print(line)  # noqa: T201
    return 0 if report.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
