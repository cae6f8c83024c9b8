"""What `benchmarks.outbox` compares with: Celery with a task a message, as one would write it without an outbox."""

from uuid import UUID

from celery import Celery
from django.conf import settings

from benchmarks.outbox import set_up

set_up()

from django.utils import timezone  # noqa: E402

from municipalities.scope import Scope, within  # noqa: E402
from notifications import sending  # noqa: E402
from notifications.handover import as_text_message  # noqa: E402
from notifications.models import Message  # noqa: E402
from notifications.states import Status  # noqa: E402
from outbox.models import Delivery  # noqa: E402

app = Celery("one_task_a_message", broker=settings.CELERY_BROKER_URL)
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_default_queue="one_task_a_message",
    worker_prefetch_multiplier=4,
)


@app.task
def send(message_id: str, municipality_id: int) -> None:
    """Look at the message again, ask whether its citizen gets text messages, send it, and note that."""
    scope = Scope.municipality(municipality_id)
    with within(scope):
        related = ("citizen", "municipality", "task")
        message = Message.objects.select_related(*related).get(pk=UUID(message_id))
        if message.task is None or not message.task.is_open or message.delivery_id is None:
            return
        Message.objects.filter(pk=message.pk).update(begun_at=timezone.now())
    leaving = as_text_message(message)
    gateway = sending.gateway()
    enrolled = gateway.is_enrolled(cpr=leaving.cpr, sender=leaving.sender)
    now = timezone.now()
    if enrolled and sending.allowed_from(now) == now:
        gateway.send(leaving)
    with within(scope):
        sent = Message.objects.filter(pk=message.pk)
        sent.move(Status.SENT, at=timezone.now(), sent_at=timezone.now())
        Delivery.objects.filter(pk=message.delivery_id).update(
            state=Delivery.State.DELIVERED, ended_at=timezone.now()
        )
