"""What the command says before it serves, and what it survives."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from director_api.vault import SecretKey

DIRECTOR = str(Path(sys.executable).parent / "director")
SECONDS = 60


def start(folder: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """Start a command in ``folder``."""
    env: Mapping[str, str] = {**os.environ, **environment}
    return subprocess.Popen(
        [DIRECTOR, *arguments], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Wait for its end: status, output, errors."""
    output, errors = process.communicate(timeout=SECONDS)
    return process.returncode, output, errors


def test_commands_that_start_at_once_on_an_empty_folder_agree_on_one_key_and_one_schema(
    tmp_path: Path,
) -> None:
    names = ("one", "two", "three")
    together = [start(tmp_path, "api-tokens", "create", "--name", name, "--role", "viewer") for name in names]
    for status, output, errors in map(ended, together):
        assert status == 0, errors
        assert output.startswith("dtk_")
        assert output.count("\n") == 1
    (key_file,) = tmp_path.glob("*.keys*")
    assert key_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DIRECTOR_PROT": "1"}, "unknown setting DIRECTOR_PROT"),
        ({"DIRECTOR_PORT": "70000"}, "DIRECTOR_PORT: "),
        ({"DIRECTOR_OIDC_ISSUER": "https://id.example.test"}, "DIRECTOR_OIDC_AUDIENCE"),
        ({"DIRECTOR_OIDC_CLIENT_ID": "console"}, "DIRECTOR_OIDC_ISSUER"),
        (
            {"DIRECTOR_OIDC_ISSUER": "http://id.example.test", "DIRECTOR_OIDC_AUDIENCE": "director"},
            "DIRECTOR_OIDC_ISSUER: ",
        ),
        ({"DIRECTOR_REQUESTS_PER_SECOND": "-1"}, "DIRECTOR_REQUESTS_PER_SECOND: "),
        ({"DIRECTOR_SECRET_KEYS": "nonsense"}, "director keys generate"),
        (
            {"DIRECTOR_DATABASE_URL": "postgresql+asyncpg://user:s3cret@127.0.0.1:1/db"},
            "DIRECTOR_SECRET_KEYS",
        ),
        ({"DIRECTOR_SECRET_KEYS_FILE": "no-such-file"}, "can't be read"),
        ({"DIRECTOR_CA_FILE": "no-such-file"}, "DIRECTOR_CA_FILE: no-such-file can't be read"),
        ({"DIRECTOR_CA_FILE": __file__}, "holds no certificate of an authority"),
        ({"DIRECTOR_HTTPS_PROXY": "http://user:s3cret@proxy.example.test"}, "DIRECTOR_HTTPS_PROXY: "),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_in_one_sentence(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    status, _, errors = ended(start(tmp_path, "serve", **environment))
    assert status == 1
    assert said in errors
    assert errors.count("\n") == 1
    assert "s3cret" not in errors


def test_a_director_with_the_wrong_key_says_so_and_refuses(tmp_path: Path) -> None:
    assert ended(start(tmp_path, "api-tokens", "create", "--name", "n", "--role", "admin"))[0] == 0
    status, _, errors = ended(start(tmp_path, "serve", DIRECTOR_SECRET_KEYS=SecretKey.generate().line()))
    assert status == 1
    assert "this database needs the secret key" in errors


def test_a_taken_name_is_refused_and_prints_no_token(tmp_path: Path) -> None:
    command = ("api-tokens", "create", "--name", "n", "--role", "admin")
    assert ended(start(tmp_path, *command))[0] == 0
    status, output, errors = ended(start(tmp_path, *command))
    assert (status, output) == (1, "")
    assert "Another API token has this name" in errors
