"""How an operator lets an Actor in from the Director's own machine."""

from pathlib import Path

from tests.end_to_end.processes import ActorProcess, DirectorProcess, command


def test_an_actor_joins_by_the_token_that_the_command_prints(
    director: DirectorProcess, tmp_path: Path
) -> None:
    token = command("director", "enrollment-tokens", "create", environment=director.environment)
    actor = ActorProcess("vm-1", tmp_path / "vm-1", director.url, token)
    assert director.actor_ids(actor)
