"""What remains possible when no search found the message, the most likely first."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from director_api.verifications.missing_mail import MissingMail, possible_causes

SENT = MissingMail(
    email_address="box@example.test",
    account="box",
    manual=False,
    sent_at=datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
    reply="250 2.0.0 Ok: queued as 4F2A91C0",
    search={"messages_arrived": 0},
    warnings=frozenset(),
)


@pytest.mark.parametrize(
    ("missing", "first"),
    [
        (SENT, "nothing reached the mailbox since"),
        (replace(SENT, search={"messages_arrived": 3}), "a filter, a quarantine or a rule took this one"),
        (
            replace(SENT, search={"newest_seen": "2026-11-24T10:00:05Z"}),
            "a filter, a quarantine or a rule took this one",
        ),
        (
            replace(SENT, search={"newest_seen": "2026-11-24T09:59:00+00:00"}),
            "nothing reached the mailbox since",
        ),
        (replace(SENT, search={"newest_seen": "9" * 5000}), "nothing reached the mailbox since"),
        (replace(SENT, search={"newest_seen": "2026-11-24T10:00:05"}), "nothing reached the mailbox since"),
        (replace(SENT, search={"messages_in_trash": 1}), "in the mailbox's trash"),
        (replace(SENT, manual=True, sent_at=None), "Nobody has sent the code yet"),
        (
            replace(SENT, manual=True, sent_at=None, warnings=frozenset({"code_without_parentheses"})),
            "without the parentheses",
        ),
        (replace(SENT, manual=True, warnings=frozenset({"code_outdated"})), "before the profile changed"),
    ],
)
def test_the_likeliest_comes_first(missing: MissingMail, first: str) -> None:
    assert first in possible_causes(missing)[0]


def test_the_queue_id_is_named() -> None:
    assert "queue id 4F2A91C0" in possible_causes(SENT)[0]
    assert "queue id" not in possible_causes(replace(SENT, reply=None))[0]


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        (replace(SENT, account="other@example.test"), "into the account other@example.test"),
        (replace(SENT, search={"not_opened": {"Archive": "mailbox_not_permitted"}}), "opened: Archive."),
        (replace(SENT, search={"junk_not_visible": True}), "POP3 does not show"),
        (replace(SENT, search={"junk_not_listed": "protocol_limit_exceeded"}), "more folders than"),
        (SENT, "still be on its way"),
    ],
)
def test_what_else_is_possible_is_said_once(missing: MissingMail, says: str) -> None:
    assert sum(says in cause for cause in possible_causes(missing)) == 1


def test_what_can_be_ruled_out_is_not_said() -> None:
    causes = " ".join(possible_causes(replace(SENT, account="BOX@example.test", manual=True, sent_at=None)))
    assert "into the account" not in causes
    assert "on its way" not in causes
