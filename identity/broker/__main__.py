"""`python -m identity.broker prepare`: ready the broker's data. Safe to run at every start."""

import os
import sys

import django


def main(arguments: list[str]) -> int:
    """Returns the exit status."""
    if arguments != ["prepare"]:
        print("Usage: python -m identity.broker prepare", file=sys.stderr)  # noqa: T201
        return 2
    os.environ["DJANGO_SETTINGS_MODULE"] = "identity.broker.settings"
    django.setup()

    # Only now: it imports models, which need the settings.
    from identity.broker.prepare import prepare

    prepare()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
