"""The log: one line per event, in UTC, and deaf to what libraries would say."""

import logging
import re
from collections.abc import Iterator

import pytest

from actor_agent.event_log import OWN_PACKAGES, configure_log, outline


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = list(root.handlers)
    yield
    root.handlers = before
    for name in OWN_PACKAGES:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.NOTSET)


def test_an_event_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("info")
    logging.getLogger("actor_agent.x").info("Job %s: taken", "red\x1b[31m\nforged")
    said = capsys.readouterr().err
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO Job red \[31m forged: taken\n", said)


def test_libraries_are_not_heard(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("debug")
    for library in ("httpx", "httpcore.http11", "aioimaplib", "asyncio"):
        logging.getLogger(library).error("password=s3cret")
    logging.getLogger("mail_transport.x").debug("our own")
    said = capsys.readouterr().err
    assert "s3cret" not in said
    assert "our own" in said


def test_an_error_is_outlined_without_what_it_quotes() -> None:
    def inner() -> None:
        "s3cret-pässword".encode("ascii")

    def outer() -> None:
        try:
            inner()
        except UnicodeEncodeError as error:
            raise RuntimeError("s3cret") from error

    with pytest.raises(RuntimeError) as caught:
        outer()
    told = outline(caught.value)
    assert "s3cret" not in told
    assert re.search(r"RuntimeError at .* outer; caused by UnicodeEncodeError at .* inner", told)
