"""The two texts that may be sent. Fixed: no municipality and no employee can change them.

They are Danish in every language of the screen, since they are what the citizen receives.
"""

from notifications.models import Message

TEXTS = {
    Message.Kind.TASK: "Du har en opgave. Se den i din telemedicinske løsning",
    Message.Kind.REMINDER: "Husk dit spørgeskema",
}


def text_of(kind: str) -> str:
    return TEXTS[Message.Kind(kind)]
