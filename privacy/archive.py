"""The export as one file: a ZIP with a page to read, the same as JSON, and each answer as FHIR."""

import json
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.template.loader import render_to_string
from django.utils.dateparse import parse_date, parse_datetime

from citizens.models import Citizen
from identity.models import StaffMember
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from privacy.export import contents_of, everything_about
from privacy.models import DataExport


def export(
    *, citizen: Citizen, municipality: Municipality | None, by: StaffMember | None, at: datetime
) -> bytes:
    """Everything about a citizen as a ZIP, and a note that it was handed out; that note is in the next one.

    To the citizen `municipality` and `by` are None; to a member of staff it holds their municipality's part.
    """
    data = everything_about(citizen, municipality=municipality, at=at)
    with within(Scope.system()):
        DataExport.objects.create(citizen=citizen, municipality=municipality, by=by, at=at)
    return packed(data, files=contents_of(data))


def file_name(at: datetime, *, is_own: bool) -> str:
    """What the browser calls it, for the citizen themself or for staff: nothing of whom it is about."""
    return f"{'mine' if is_own else 'borgers'}-data-{at:%Y-%m-%d}.zip"


def packed(data: dict[str, Any], *, files: Iterable[tuple[str, bytes]] = ()) -> bytes:
    """The ZIP of what `everything_about` gave, with the files that it names."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        archive.writestr("laes-mig.html", render_to_string("privacy/export.html", {"data": _readable(data)}))
        archive.writestr("data.json", _as_json(data))
        for response in data["responses"]:
            archive.writestr(f"besvarelser/{response['id']}.json", _as_json(response["fhir"]))
        for name, content in files:
            archive.writestr(name, content)
    return written.getvalue()


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _readable(value: Any) -> Any:
    """The same with days and times that a template can write as people do."""
    match value:
        case dict():
            return {name: _moment(name, each) or _readable(each) for name, each in value.items()}
        case list():
            return [_readable(each) for each in value]
    return value


def _moment(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return None
    if name.endswith("_at") or name == "at":
        return parse_datetime(value)
    return parse_date(value) if name.endswith(("_on", "_date", "_until")) else None
