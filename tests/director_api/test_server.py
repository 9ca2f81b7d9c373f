"""What is said when the Director starts to serve."""

import resource
from collections.abc import Iterator

import pytest

from director_api.server import _warn_of_few_descriptors


@pytest.fixture
def few_descriptors() -> Iterator[int]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = 1024
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, hard))
    yield few
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_few_descriptors_are_said_with_what_they_hold(
    few_descriptors: int, caplog: pytest.LogCaptureFixture
) -> None:
    _warn_of_few_descriptors()
    assert f"may open {few_descriptors} files, which holds about 960 Actors" in caplog.text
    assert "ulimit -n" in caplog.text
