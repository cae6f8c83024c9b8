"""What citizens say yes to when they enter a course; a new wording is a new version, and none is ever changed."""

TEXTS: dict[str, str] = {
    "2026-1": (
        "Jeg siger ja til at deltage i forløbet. Kommunen må bede mig svare på spørgeskemaer om mit helbred og "
        "min hverdag. De medarbejdere i kommunen, der følger forløbet, må se mine svar og bruge dem i samtaler "
        "med mig. Planer og svar sendes til den fælles offentlige telemedicinske infrastruktur (FUT). Det er "
        "frivilligt, og jeg kan når som helst trække mit samtykke tilbage. Så stopper forløbet. Det, der "
        "allerede er skrevet ned, gemmes, så længe loven kræver det."
    )
}
"""By version; Danish in every language of the screen, as it is read aloud or signed."""

CURRENT = "2026-1"


def text_of(version: str) -> str:
    """The wording of a version; empty where it is none of ours."""
    return TEXTS.get(version, "")
