"""Larger text: chosen in the page's head, kept by the browser, without a script."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def page(client: Client) -> str:
    return client.get("/").content.decode()


def test_it_is_chosen_and_taken_back_by_a_button() -> None:
    client = Client()
    assert 'value="large"' in page(client)
    assert "large-text" not in page(client)
    chosen: Any = client.post("/tekst/", {"size": "large", "next": "/?x=1"})
    assert chosen.url == "/?x=1"
    cookie = chosen.cookies["kommunalpro_text_size"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "")
    assert '<html lang="da" class="large-text">' in page(client)
    client.post("/tekst/", {"size": "normal", "next": "/"})
    assert "large-text" not in page(client)


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:x", ""])
def test_nobody_is_led_elsewhere(back: str) -> None:
    chosen: Any = Client().post("/tekst/", {"size": "large", "next": back})
    assert chosen.url == "/"


@pytest.mark.parametrize("planted", ["", "x", "large; x", '"><script>'])
def test_a_cookie_that_says_anything_else_changes_nothing(planted: str) -> None:
    client = Client()
    client.cookies["kommunalpro_text_size"] = planted
    assert "large-text" not in page(client)


def test_it_is_not_asked_for_by_an_address() -> None:
    assert Client().get("/tekst/").status_code == 405
