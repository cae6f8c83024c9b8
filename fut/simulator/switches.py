"""What can be set stricter or milder, at the start or through the control: where the contract leaves it open."""

from dataclasses import dataclass


@dataclass(slots=True)
class Switches:
    """`definitions_demanded`: must the activity behind a measurement be stored here?

    On the platform it always is; switched off, they are checked only where they are here.
    """

    definitions_demanded: bool = True
