"""A submitted response as PDF, to keep or to bring along, without a CPR number: the citizen's own, and staff's."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from kommunalpro.paper import Paper
from questionnaires.answers import AnsweredGroup
from questionnaires.models import Response, Score, Upload


def as_pdf(
    *,
    response: Response,
    groups: Sequence[AnsweredGroup],
    name: str,
    corrected_at: datetime | None = None,
    own_words: Sequence[tuple[str, str]] = (),
    results: Sequence[str] | None = None,
) -> bytes:
    """The response with all its answers; `name` is the citizen's, as the screen shows it.

    `corrected_at`: when it was corrected, for an earlier version. `own_words` (question, text) come first where they
    are given; `results` stand in place of the scores as citizens read them.
    """
    paper = Paper(title=response.version.title, language=get_language() or "da")
    paper.write("H1", response.version.title, size=20, style="B")
    if response.completed_at is not None:
        moment = timezone.localtime(response.completed_at)
        facts = {
            "name": name,
            "day": date_format(moment, "DATE_FORMAT"),
            "time": date_format(moment, "TIME_FORMAT"),
        }
        paper.write("P", gettext("%(name)s. Sendt %(day)s kl. %(time)s") % facts, after=2)
    if corrected_at is not None:
        moment = timezone.localtime(corrected_at)
        facts = {"day": date_format(moment, "DATE_FORMAT"), "time": date_format(moment, "TIME_FORMAT")}
        paper.write("P", gettext("Tidligere udgave. Rettet %(day)s kl. %(time)s") % facts, style="B", after=2)
    if own_words:
        paper.write("H2", gettext("Med borgerens egne ord"), size=15, style="B", before=6, keep_with=2)
    for question, text in own_words:
        paper.write("P", question, style="B", before=3, keep_with=1)
        paper.write("P", text)
    if results:
        paper.write("H2", gettext("Resultat"), size=15, style="B", before=6, keep_with=2)
    for line in [score_in_words(score) for score in response.scores.all()] if results is None else results:
        paper.write("P", line, after=1)
    pictures = _pictures(response, groups)
    for group in groups:
        if group.title:
            paper.write("H2", group.title, size=15, style="B", before=6, keep_with=2)
        for section in group.sections:
            if section.title:
                paper.write("H3", section.title, size=12, style="B", before=3, keep_with=2)
            for item in section.items:
                paper.write("P", item.question, style="B", before=3, keep_with=1)
                for answer in item.answers or (gettext("Ikke besvaret"),):
                    paper.write("P", answer)
                for file in item.files:
                    if file.id in pictures:
                        paper.draw(pictures[file.id], words=item.question)
    return paper.finished()


def _pictures(response: Response, groups: Sequence[AnsweredGroup]) -> dict[UUID, bytes]:
    """The bytes of the pictures among the answers; nothing is asked where there is none."""
    ids = [file.id for group in groups for item in group.items for file in item.files if file.is_picture]
    if not ids:
        return {}
    found = Upload.objects.filter(response=response, pk__in=ids).values_list("pk", "content")
    return {pk: bytes(content) for pk, content in found}


def score_in_words(score: Score) -> str:
    """“Trivsel: 64 point (på en skala fra 0 til 100)”."""
    text = f"{score.name}: {_figure(score.value)} {score.unit}".rstrip()
    if score.minimum is None or score.maximum is None:
        return text
    scale = {"minimum": _figure(score.minimum), "maximum": _figure(score.maximum)}
    return f"{text} ({gettext('på en skala fra %(minimum)s til %(maximum)s') % scale})"


def _figure(value: object) -> str:
    return str(floatformat(value, -1))
