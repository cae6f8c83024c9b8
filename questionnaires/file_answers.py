"""Handing out a file that somebody gave: as what it was found to be, to be looked at or saved, and never run."""

from urllib.parse import quote

from django.http import HttpResponse

from questionnaires.models import Upload

# Opened by its address a file is a document of our origin: it may show itself, and nothing else.
ONLY_SHOW = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


def handed_out(upload: Upload, *, to_save: bool) -> HttpResponse:
    """The file. A PDF is always to be saved: a browser would run what is in it."""
    way = "attachment" if to_save or not upload.is_picture else "inline"
    plain = upload.name.encode("ascii", "ignore").decode().replace('"', "").replace("\\", "") or "fil"
    return HttpResponse(
        bytes(upload.content),
        content_type=upload.content_type,
        headers={
            "Content-Disposition": f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(upload.name)}",
            "Content-Security-Policy": ONLY_SHOW,
            "X-Content-Type-Options": "nosniff",
        },
    )
