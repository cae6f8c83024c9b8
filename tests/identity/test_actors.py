"""Who the session says is here."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.actors import CitizenActor, StaffActor, actor_from_session
from identity.roles import Permission, Role

SOMEBODY = UUID("7f7b1d5e-0c39-4f60-9f2c-0a4f1b6f1f11")

citizens = st.builds(CitizenActor, citizen_id=st.uuids(), name=st.text())
staff = st.builds(
    StaffActor,
    staff_id=st.uuids(),
    name=st.text(),
    municipality_id=st.none() | st.integers(min_value=1),
    municipality_name=st.text(),
    roles=st.frozensets(st.sampled_from(Role)),
)


@given(citizens | staff)
def test_the_session_gives_back_whom_it_was_given(actor):
    assert actor_from_session(actor.to_session()) == actor


@pytest.mark.parametrize(
    "stored",
    [
        None,
        {},
        {"kind": "administrator"},
        {"kind": "citizen"},
        {"kind": "citizen", "citizen_id": "no uuid", "name": "Karen"},
        {"kind": "citizen", "citizen_id": None, "name": "Karen"},
        {
            "kind": "staff",
            "staff_id": str(SOMEBODY),
            "name": "Mette",
            "municipality_id": 1,
            "municipality_name": "Testby",
            "roles": ["a_role_of_an_earlier_release"],
        },
    ],
)
def test_a_session_that_cannot_be_read_is_nobody(stored):
    assert actor_from_session(stored) is None


def test_a_nurse_may_what_one_of_her_roles_gives():
    nurse = StaffActor(
        staff_id=SOMEBODY,
        name="Mette",
        municipality_id=1,
        municipality_name="Testby",
        roles=frozenset({Role.CLINICAL_VIEWER, Role.CITIZEN_ENROLLER}),
    )
    assert nurse.may(Permission.SEE_ANSWERS)
    assert nurse.may(Permission.ASSIGN_PLAN)
    assert not nurse.may(Permission.SEND_REMINDER)
    assert not nurse.may(Permission.EDIT_QUESTIONNAIRE)
