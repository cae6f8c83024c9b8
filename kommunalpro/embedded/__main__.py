"""Command line: `python -m kommunalpro.embedded assets`."""

import argparse
import sys
from pathlib import Path

from kommunalpro.embedded import assets
from kommunalpro.embedded.errors import SetupError

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m kommunalpro.embedded")
    parser.add_argument("command", choices=["assets"])
    parser.parse_args()
    try:
        assets.fetch(ROOT)
    except SetupError as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
