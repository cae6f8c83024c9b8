"""Answers that a citizen gives with an employee's help at the same screen."""

from identity.actors import Actor, CitizenActor
from questionnaires.models import Response


def mark_assisted(actor: Actor, response: Response) -> None:
    """Note in the citizen's draft that an employee helps with it, and who; nothing where nobody helps.

    It stays so where the citizen goes on alone: some of the answers were given with help. What staff enter from
    paper, and what is sent, is left as it is.
    """
    if not isinstance(actor, CitizenActor) or actor.helper is None:
        return
    marked = Response.objects.filter(
        pk=response.pk,
        status=Response.Status.IN_PROGRESS,
        mode__in=[Response.Mode.OWN, Response.Mode.ASSISTED],
    ).update(mode=Response.Mode.ASSISTED, entered_by=actor.helper.staff_id)
    if marked:
        response.mode, response.entered_by_id = Response.Mode.ASSISTED, actor.helper.staff_id
