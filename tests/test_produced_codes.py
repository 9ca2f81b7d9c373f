"""What the run's own listener makes of what it heard."""

from pathlib import Path

from mail_transport.failures import MailFailure
from tests.produced_codes import ProducedCodes, left_out
from wire_contract.failure_codes import FailureCode


def test_a_code_that_no_process_heard_is_named(tmp_path: Path) -> None:
    others = [str(code) for code in FailureCode if code is not FailureCode.TCP_REFUSED]
    (tmp_path / "gw0").write_text("\n".join(others[:40]))
    (tmp_path / "gw1").write_text("\n".join(others[40:]))
    assert left_out(set(), tmp_path) == ["tcp_refused"]
    assert left_out({"tcp_refused"}, tmp_path) == []


def test_what_is_raised_is_heard_and_what_a_scripted_actor_claims_is_not(
    produced_codes: ProducedCodes, tmp_path: Path
) -> None:
    MailFailure(FailureCode.TCP_REFUSED)
    assert FailureCode.TCP_REFUSED.value in produced_codes.produced
    other = ProducedCodes(tmp_path, whole=False, is_worker=False)
    other.add_directors(FailureCode.TCP_REFUSED)
    other.add_directors(FailureCode.ACTOR_OFFLINE)
    assert other.produced == {"actor_offline"}
