"""The two doors: citizens come through one, staff through the other."""

from enum import StrEnum


class Audience(StrEnum):
    """Who is logging in; each has a client registration of its own at the issuer."""

    CITIZEN = "citizen"
    STAFF = "staff"
