"""Files that were given as answers, as screens show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.formats import number_format

from questionnaires.engine import AnswerValue
from questionnaires.upload_store import upload_id


@dataclass(frozen=True, slots=True)
class FileView:
    """A file by its upload's id; `size` is in words (“320 KB”)."""

    id: UUID
    name: str
    size: str
    is_picture: bool


def files_in(answers: Iterable[AnswerValue]) -> tuple[FileView, ...]:
    """The uploads that answers name; attachments that came otherwise are not among them."""
    found = []
    for answer in answers:
        attachment = answer.get("valueAttachment")
        identity = upload_id(attachment)
        if identity is None or attachment is None:
            continue
        kind, size = str(attachment.get("contentType") or ""), attachment.get("size")
        found.append(
            FileView(
                id=identity,
                name=str(attachment.get("title") or kind),
                size=size_in_words(size) if isinstance(size, int) else "",
                is_picture=kind.startswith("image/"),
            )
        )
    return tuple(found)


def size_in_words(size: int) -> str:
    """Rounded up, as a person reads it: “1 KB”, “320 KB”, “2,4 MB”."""
    if size < 1024 * 1024:
        return f"{-(-size // 1024)} KB"
    return f"{number_format(size / 1024**2, decimal_pos=1)} MB"
