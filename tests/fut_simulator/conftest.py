"""One simulator for the rules' tables, spoken to over HTTP only."""

from collections.abc import Iterator

import pytest

from tests.fut.conftest import Simulator, free_port
from tests.fut_simulator.platform import Course, Platform


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    running = Simulator(
        free_port(),
        tmp_path_factory.mktemp("fut-simulator-rules"),
        # Its courses are made of plans that nobody brought.
        settings={"FUT_SIMULATOR_DEFINITIONS_DEMANDED": "0"},
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def platform(simulator: Simulator) -> Iterator[Platform]:
    spoken_to = Platform(simulator)
    yield spoken_to
    spoken_to.http.close()


@pytest.fixture(autouse=True)
def _a_token_that_lives(platform: Platform) -> None:
    """One lives for five minutes, and all the tests together may take longer."""
    platform.anything = platform.token(unbound=True)


@pytest.fixture
def course(platform: Platform) -> Course:
    """A course that the test may change."""
    return platform.course()


@pytest.fixture(scope="session")
def running(platform: Platform) -> Course:
    """A course that nobody changes."""
    return platform.course()
