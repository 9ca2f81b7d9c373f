"""How many messages a Director begins at once, and in a minute."""

from datetime import UTC, datetime, timedelta

from director_api.mail_settings.schemas import Transport
from director_api.outbox.pace import AT_ONCE, GRAPH_A_MINUTE, GRAPH_AT_ONCE, Pace

NOW = datetime(2026, 11, 1, tzinfo=UTC)
GRAPH = Transport.MICROSOFT_GRAPH


def test_graph_takes_four_at_once_and_thirty_a_minute() -> None:
    pace, begun = Pace(), 0
    while room := pace.room(GRAPH, NOW):
        assert room <= GRAPH_AT_ONCE
        pace.begun(GRAPH, room, NOW)
        begun += room
    assert begun == GRAPH_A_MINUTE
    assert pace.seconds_closed(NOW + timedelta(seconds=20)) == 40.0
    assert pace.room(GRAPH, NOW + timedelta(seconds=60)) == GRAPH_AT_ONCE
    assert pace.seconds_closed(NOW) == 0.0


def test_a_mail_server_sets_its_own_pace() -> None:
    pace = Pace()
    for _ in range(100):
        assert pace.room(Transport.SMTP, NOW) == AT_ONCE
        pace.begun(Transport.SMTP, AT_ONCE, NOW)
    assert pace.seconds_closed(NOW) == 0.0
