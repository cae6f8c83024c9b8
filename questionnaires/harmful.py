"""What no questionnaire may bring in: scripts in texts and pictures, conditions that wait for each other.

Whatever is stored is cleaned again before it reaches a page (nh3, a strict Content-Security-Policy); but who imports
such a file should hear of it rather than publish something else than they read.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from questionnaires.engine import Definition, Image, Issue
from questionnaires.engine.xhtml import active_content

ACTIVE_TEXT = "element.active-content"
_SVG = "image/svg+xml"


def why_not_safe(definition: Definition, issues: Sequence[Issue]) -> str | None:
    """The sentence about what has to come out first; None where nothing has to."""
    if any(issue.key == ACTIVE_TEXT for issue in issues):
        return _(
            "En tekst i spørgeskemaet indeholder et script eller lignende. Fjern det i filen, og prøv igen."
        )
    if any(_has_script(image) for image in _images(definition)):
        return _("Et billede (SVG) i spørgeskemaet indeholder et script eller lignende. Brug PNG eller JPEG.")
    if definition.dependency_cycles:
        labels = [
            item.label
            for link_id in sorted(definition.dependency_cycles)
            if (item := definition.by_link_id.get(link_id))
        ]
        return _(
            "Betingelserne går i ring: hvert af disse vises først, når et andet af dem er besvaret: %(labels)s."
        ) % {"labels": ", ".join(f"»{label[:60]}«" for label in labels[:4])}
    return None


def _images(definition: Definition) -> Iterator[Image]:
    for item in definition.by_link_id.values():
        if item.image is not None:
            yield item.image
        yield from (option.image for option in item.options if option.image is not None)


def _has_script(image: Image) -> bool:
    if image.content_type != _SVG or not image.data:
        return False
    try:
        content = base64.b64decode(image.data)
    except (binascii.Error, ValueError):
        return False
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    return bool(active_content(text)) or "<!entity" in text.lower() or "<foreignobject" in text.lower()
