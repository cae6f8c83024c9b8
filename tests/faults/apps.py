"""What would take half a minute in earnest is given up after two seconds here."""

from functools import partial

from django.apps import AppConfig

ANSWER_SECONDS = 2.0
"""How long a receiver may take to answer, in place of 20 (FUT) and 10 seconds (NemSMS)."""


class Impatient(AppConfig):
    """Shortens the time-outs of both channels, nothing else."""

    name = "tests.faults"

    def ready(self) -> None:
        from fut import channel
        from notifications import sending
        from notifications.sf1601.access import Sf1601Config

        channel.CALL_SECONDS = ANSWER_SECONDS
        # What `sending.gateway` builds its gateway from.
        vars(sending)["Sf1601Config"] = partial(Sf1601Config, timeout=ANSWER_SECONDS)
