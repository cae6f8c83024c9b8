"""How sure the login is of who this is: NSIS levels of assurance and their many spellings."""

from __future__ import annotations

import re
from enum import IntEnum

from django.conf import settings

from identity.refusals import LoginRefused, RefusalCode


class Assurance(IntEnum):
    """NSIS levels, comparable. The numbers are those of the older `AssuranceLevel` attribute."""

    LOW = 2
    SUBSTANTIAL = 3
    HIGH = 4


REQUIRED = Assurance.SUBSTANTIAL

_SPELLINGS = {
    "low": Assurance.LOW,
    "lav": Assurance.LOW,
    "1": Assurance.LOW,
    "2": Assurance.LOW,
    "substantial": Assurance.SUBSTANTIAL,
    "betydelig": Assurance.SUBSTANTIAL,
    "3": Assurance.SUBSTANTIAL,
    "high": Assurance.HIGH,
    "høj": Assurance.HIGH,
    "4": Assurance.HIGH,
}


def read_assurance(claim: object) -> Assurance:
    """The level in a claim such as "https://data.gov.dk/concept/core/nsis/loa/Substantial".

    The last segment counts, whatever its case: Nets, Signicat and NemLog-in write the rest differently,
    OIOSAML 2 wrote a number, NSIS itself has Danish words, and OIDC_LOA_SPELLINGS adds a broker's own.
    Raises LoginRefused when it is absent, unknown or below Substantial.
    """
    if claim is None or claim == "":
        raise LoginRefused(RefusalCode.LOA_MISSING)
    text = str(claim).strip()
    word = re.split(r"[/:]", text)[-1].lower()
    # A broker's own spelling adds to the known ones, and never turns one of them round.
    level = _SPELLINGS.get(word) or _SPELLINGS.get(settings.OIDC_LOA_SPELLINGS.get(word, ""))
    if level is None:
        raise LoginRefused(RefusalCode.LOA_UNKNOWN, shown=text)
    if level < REQUIRED:
        raise LoginRefused(RefusalCode.LOA_TOO_LOW, shown=text)
    return level
