"""Who may open a view, and what the others see."""

from dataclasses import replace
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from identity.access import citizen_required, is_safe_next, permission_required, staff_required
from identity.actors import CitizenActor, StaffActor
from identity.landing import home_of
from identity.middleware import set_actor
from identity.roles import Permission, Role

CITIZEN = CitizenActor(citizen_id=UUID(int=1), name="Karen Testesen")
NURSE = StaffActor(
    staff_id=UUID(int=2),
    name="Mette Testesen",
    municipality_id=1,
    municipality_name="Testby",
    roles=frozenset({Role.CLINICAL_VIEWER}),
)


@citizen_required
def own_tasks(request, number=0):
    return HttpResponse(f"{request.actor.name} {number}")


@permission_required(Permission.SEE_ANSWERS)
def answers(request, number=0):
    return HttpResponse(f"{request.actor.name} {number}")


@permission_required(Permission.SEND_REMINDER)
def reminder(request):
    return HttpResponse("sent")


@staff_required
def front_page(request):
    return HttpResponse(request.actor.name)


def ask(view, actor, *, method="get", path="/a/page/?q=1", headers=None, **arguments):
    request = getattr(RequestFactory(headers=headers), method)(path)
    set_actor(request, actor)
    request.session = {}
    return view(request, **arguments)


@pytest.mark.parametrize(
    ("view", "actor"), [(own_tasks, CITIZEN), (answers, NURSE)], ids=["citizen", "staff"]
)
def test_the_right_person_gets_in(view, actor):
    response = ask(view, actor, number=7)
    assert response.status_code == 200
    assert response.content.decode() == f"{actor.name} 7"


def test_any_member_of_staff_gets_into_a_staff_page():
    assert ask(front_page, NURSE).status_code == 200


@pytest.mark.parametrize(
    ("view", "audience"), [(own_tasks, "citizen"), (answers, "staff"), (front_page, "staff")]
)
def test_nobody_is_sent_to_log_in_and_back(view, audience):
    response = ask(view, None)
    assert response.status_code == 302
    assert response["Location"] == f"/login/{audience}/?next=%2Fa%2Fpage%2F%3Fq%3D1"


def test_a_form_that_was_sent_is_not_sent_again():
    assert ask(own_tasks, None, method="post")["Location"] == "/login/citizen/"


@pytest.mark.parametrize(
    ("referer", "location"),
    [
        ("http://testserver/borger/?side=2", "/login/citizen/?next=%2Fborger%2F%3Fside%3D2"),
        ("https://evil.example/borger/", "/login/citizen/"),
        ("http://testserver@evil.example/", "/login/citizen/"),
        ("http://testserver/borger/?soeg=010150-1234", "/login/citizen/"),
    ],
    ids=["ours", "elsewhere", "elsewhere in our name", "with a CPR number"],
)
def test_after_a_form_the_page_it_stood_on_is_come_back_to(referer, location):
    assert ask(own_tasks, None, method="post", headers={"Referer": referer})["Location"] == location


def test_htmx_takes_the_whole_window_to_the_login():
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/borger/opgaver/?side=2"}
    response = ask(own_tasks, None, method="post", headers=headers)
    assert response["HX-Redirect"] == "/login/citizen/?next=%2Fborger%2Fopgaver%2F%3Fside%3D2"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("view", "actor", "words"),
    [
        (own_tasks, NURSE, "Siden er for borgere"),
        (answers, CITIZEN, "Siden er for medarbejdere"),
        (front_page, CITIZEN, "Siden er for medarbejdere"),
        (reminder, CITIZEN, "Siden er for medarbejdere"),
    ],
)
def test_the_wrong_kind_of_person_is_told_whose_page_it_is(view, actor, words):
    response = ask(view, actor)
    assert response.status_code == 403
    assert words in response.content.decode()


@pytest.mark.django_db
def test_a_missing_right_is_named_with_the_roles_that_give_it():
    response = ask(reminder, NURSE)
    page = response.content.decode()
    assert response.status_code == 403
    assert "sende påmindelser" in page
    assert "Monitoreringsmedhjælper" in page
    assert "Monitoreringstilretter" in page
    assert "Klinisk se adgang" in page


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("/borger/", True),
        ("http://testserver/borger/", True),
        ("https://testserver/borger/", True),
        ("//evil.example/", False),
        ("https://evil.example/", False),
        ("http:///evil.example", False),
        ("\\\\evil.example", False),
        ("javascript:alert(1)", False),
        ("", False),
        (None, False),
    ],
)
def test_only_pages_of_this_site_are_come_back_to(url, safe):
    assert is_safe_next(RequestFactory().get("/"), url) is safe


@pytest.mark.parametrize(
    ("roles", "home"),
    [
        ({Role.CLINICAL_VIEWER}, "/medarbejder/"),
        ({Role.REPORT_USER}, "/medarbejder/"),
        ({Role.QUESTIONNAIRE_EDITOR}, "/kam/"),
        ({Role.CLINICAL_ADMINISTRATOR}, "/kam/"),
        ({Role.CLINICAL_ADMINISTRATOR, Role.CITIZEN_ENROLLER}, "/medarbejder/"),
        ({Role.LOGIN_ASSISTOR}, "/medarbejder/assisteret/"),
        ({Role.LOGIN_ASSISTOR, Role.CLINICAL_VIEWER}, "/medarbejder/"),
    ],
)
def test_where_staff_land(roles, home):
    assert home_of(replace(NURSE, roles=frozenset(roles))) == home


def test_where_citizens_land():
    assert home_of(CITIZEN) == "/borger/"
