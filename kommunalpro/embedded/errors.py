"""The one error of this package: a sentence for the person at the keyboard."""


class SetupError(Exception):
    """What happened and what to do, in plain words; shown as it is, without a traceback."""
