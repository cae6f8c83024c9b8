"""What was sent and answered is shown without ids: at the platform, a number in an address may be a citizen's."""

from django.db import migrations

IDS = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9]{4,}"


def view(sent: str, problem: str) -> str:
    """The view of migration 0004, with these expressions for what was sent and what went wrong."""
    return f"""
CREATE OR REPLACE VIEW outbox_bookkeeping WITH (security_barrier) AS
SELECT
    delivery.id, delivery.channel, delivery.municipality_id, delivery.state, delivery.due_at, delivery.is_held,
    delivery.attempts, delivery.leased_until, {sent} AS last_sent, {problem} AS last_problem, delivery.ended_at,
    left(regexp_replace(delivery.last_problem, '{IDS}', '…', 'gi'), 200) AS reason,
    event.name, event.occurred_at, event.request_id
FROM outbox_delivery delivery JOIN outbox_event event ON event.id = delivery.event_id;
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0005_news_of_what_ends")]

    operations = [
        migrations.RunSQL(
            view(
                f"regexp_replace(delivery.last_sent, '{IDS}', '…', 'gi')",
                f"regexp_replace(delivery.last_problem, '{IDS}', '…', 'gi')",
            ),
            view("delivery.last_sent", "delivery.last_problem"),
        ),
    ]
