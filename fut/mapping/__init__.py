"""Facts to the FHIR R4 resources of the platform's profiles: pure, and checked before they leave."""

from fut.mapping.care_plans import care_plan_bundle, rescheduled
from fut.mapping.care_teams import teams_changed
from fut.mapping.corrections import correction_id, response_corrected
from fut.mapping.definitions import definition
from fut.mapping.endings import Ending, Standing, consent_withdrawn, ended, episode_finished, standing
from fut.mapping.episodes import activation, condition_id, consent, episode_of_care
from fut.mapping.measurements import submit_measurement
from fut.mapping.patients import create_patient
from fut.mapping.task_messages import no_task_messages, no_task_messages_id

__all__ = [
    "Ending",
    "Standing",
    "activation",
    "care_plan_bundle",
    "condition_id",
    "consent",
    "consent_withdrawn",
    "correction_id",
    "create_patient",
    "definition",
    "ended",
    "episode_finished",
    "episode_of_care",
    "no_task_messages",
    "no_task_messages_id",
    "rescheduled",
    "response_corrected",
    "standing",
    "submit_measurement",
    "teams_changed",
]
