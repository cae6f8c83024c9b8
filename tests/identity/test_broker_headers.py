"""The stand-in for MitID tells browsers as much as the application does."""

import httpx
import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/choose/", "/nowhere/", "/static/dkfds/css/dkfds.min.css", "/authorize"])
def test_the_login_broker_sends_the_same_headers(broker: str, path: str) -> None:
    answer = httpx.get(broker + path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "unsafe" not in policy
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert ("no-store" in answer.headers["Cache-Control"]) is not path.startswith("/static/")
