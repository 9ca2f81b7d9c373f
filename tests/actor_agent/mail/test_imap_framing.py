"""However the bytes are cut, the same responses come out, and no bytes do harm."""

import imaplib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mail_transport.failures import MailFailure
from mail_transport.imap.fetching import arrived_at, header_of, uid_of
from mail_transport.imap.responses import Response
from mail_transport.imap.session import Session
from mail_transport.imap.strings import folder_from_wire, folder_to_wire, quoted, with_strings
from tests.mail_transport.fed import fed_channel

LINE = st.binary(max_size=40).map(lambda line: line.translate(None, b"\r\n{}"))
LITERAL = st.binary(max_size=60)


def _session(data: bytes, cuts: list[int]) -> Session:
    return Session(fed_channel(data, cuts))


@given(st.lists(st.tuples(LINE, LITERAL), max_size=5), LINE, st.lists(st.integers(0, 1000), max_size=8))
async def test_a_response_is_put_together_from_lines_and_literals(
    pieces: list[tuple[bytes, bytes]], last: bytes, cuts: list[int]
) -> None:
    wire = b"".join(b"%s{%d}\r\n%s" % (line, len(literal), literal) for line, literal in pieces)
    response = await _session(wire + last + b"\r\n", cuts).read()
    assert response.literals == tuple(literal for _, literal in pieces)
    assert response.lines[-1] == last


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=3000), st.lists(st.integers(0, 3000), max_size=8))
async def test_any_bytes_end_as_responses_or_as_a_failure(data: bytes, cuts: list[int]) -> None:
    with pytest.raises(MailFailure):
        await _read_all(_session(data, cuts))


async def _read_all(session: Session) -> None:
    while True:
        response = await session.read()
        _ = (response.tag, response.status, response.code, response.numbered(b"EXISTS"), uid_of(response))


@given(st.text(max_size=40))
def test_a_folders_name_survives_the_way_to_the_wire_and_back(name: str) -> None:
    try:
        wire = folder_to_wire(name)
    except UnicodeEncodeError:
        return  # half of a surrogate pair is no character
    assert wire.isascii()
    assert folder_from_wire(wire) == name


@pytest.mark.parametrize("wire", ["&", "&!!!-", "&AA-", "Inbox&"])
def test_what_is_no_modified_utf_7_stays(wire: str) -> None:
    assert folder_from_wire(wire) == wire


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40))
def test_a_quoted_string_is_as_imaplib_reads_it(text: str) -> None:
    form = quoted(text.encode())
    assert form is not None
    assert imaplib.IMAP4._quote(imaplib.IMAP4.__new__(imaplib.IMAP4), text).encode() == form  # type: ignore[attr-defined]  # no public function of the library quotes


@pytest.mark.parametrize("text", [b"a\n", b"a\nb", b"a\r", b"a\0", b"\x7f", "ü".encode()])
def test_what_no_quoted_string_may_hold_is_not_quoted(text: bytes) -> None:
    assert quoted(text) is None


def test_what_cannot_be_quoted_goes_as_literals() -> None:
    assert with_strings(b"LOGIN", "a{}", "ü") == (b"LOGIN {} {}", b"a{}", "ü".encode())
    assert with_strings(b"LOGIN", "a", 'b"') == (b'LOGIN "a" "b\\""',)


@pytest.mark.parametrize(
    ("response", "uid", "header"),
    [
        (Response((b"* 3 FETCH (UID 9 BODY[X]<0> {2}", b")"), (b"ab",)), 9, b"ab"),
        (Response((b"* 3 FETCH (BODY[X] {2}", b" UID 9)"), (b"ab",)), 9, b"ab"),
        (Response((b'* 3 FETCH (UID 9 BODY[X]<0> "a\\"b")',)), 9, b'a"b'),
        (Response((b"* 3 FETCH (UID 9 BODY[X] NIL)",)), 9, b""),
        (Response((b"* 3 FETCH (FLAGS (\\Seen))",)), None, b""),
        (Response((b"* 3 EXISTS",)), None, b""),
    ],
)
def test_a_fetched_header_is_read_in_each_of_its_forms(
    response: Response, uid: int | None, header: bytes
) -> None:
    assert (uid_of(response), header_of(response)) == (uid, header)


@pytest.mark.parametrize(
    ("said", "arrived"),
    [
        (b'INTERNALDATE " 7-Jul-2026 02:44:25 +0200"', "2026-07-07T02:44:25+02:00"),
        (b'INTERNALDATE "17-Jul-2026 02:44:25 -0700"', "2026-07-17T02:44:25-07:00"),
        (b'INTERNALDATE "99-Xyz-2026 02:44:25 -0700"', None),
        (b"INTERNALDATE NIL", None),
        (b"UID 7", None),
    ],
)
def test_when_a_message_arrived_is_read_or_left_out(said: bytes, arrived: str | None) -> None:
    moment = arrived_at(Response((b"* 1 FETCH (" + said + b")",)))
    assert (moment and moment.isoformat()) == arrived
