"""Files as people send them, and a form that asks for some."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

MIME_TYPE = "http://hl7.org/fhir/StructureDefinition/mimeType"
MAX_SIZE = "http://hl7.org/fhir/StructureDefinition/maxSize"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ROTATED = 6  # held upright: turned by 90 degrees when shown


def photo(size: tuple[int, int] = (400, 300), *, kind: str = "JPEG", turned: int | None = None) -> bytes:
    """A picture with a red left half; JPEG ones say where they were taken."""
    made = Image.new("RGB", size, "blue")
    made.paste("red", (0, 0, size[0] // 2, size[1]))
    written = BytesIO()
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Kamera"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (55.0, 40.0, 12.0)
    if turned is not None:
        exif[ExifTags.Base.Orientation] = turned
    made.save(written, kind, **({"exif": exif} if kind == "JPEG" else {}))
    return written.getvalue()


def sent(
    content: bytes | None = None, name: str = "Såret.jpg", kind: str = "image/jpeg"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo() if content is None else content, kind)


def asks(
    link_id: str, text: str, *, kinds: tuple[str, ...] = (), most: int | None = None, **more: Any
) -> dict[str, Any]:
    """A question for a file."""
    extensions: list[dict[str, Any]] = [{"url": MIME_TYPE, "valueCode": kind} for kind in kinds]
    if most is not None:
        extensions.append({"url": MAX_SIZE, "valueDecimal": most})
    return {"linkId": link_id, "type": "attachment", "text": text, "extension": extensions, **more}


FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/wound",
    "status": "active",
    "title": "Dit sår",
    "item": [
        {
            "linkId": "p",
            "type": "group",
            "text": "Såret",
            "item": [
                asks("photo", "Tag et billede af såret", kinds=("image/jpeg", "image/png"), required=True),
                asks("letters", "Har du breve om det?", repeats=True),
                {"linkId": "note", "type": "text", "text": "Er der andet?"},
            ],
        }
    ],
}
