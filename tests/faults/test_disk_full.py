"""No room left for SQLite: nothing is accepted that could not be kept, and it goes on when there is room."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster, cluster, started, verified
from tests.servers.dovecot import Dovecot

_DISK = "24m"
_BLOCK = 64 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system that is soon full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(file: Path) -> None:
    """Write until there is no room."""
    with file.open("wb", buffering=0) as filler:
        for size in (_BLOCK, 512):
            try:
                while True:
                    filler.write(b"\0" * size)
            except OSError:
                continue


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk: run the tests as root")
def test_a_full_disk_refuses_and_goes_on_when_there_is_room(small_disk: Path, dovecot: Dovecot) -> None:
    url = f"sqlite+aiosqlite:///{small_disk / 'director.db'}"
    with cluster(small_disk, url, dovecot) as directors:
        directors.actor("vm-1")
        profile = directors.new_profile(*directors.actor_ids(*directors.actors))
        directors.imap.flowing.clear()
        run = started(directors)
        directors.until(lambda: directors.get(f"/verifications/{run['id']}")["checks"][0]["mail"] == "sent")
        filler = small_disk / "filler"
        fill(filler)
        assert refusal(directors, f"/email-profiles/{profile['id']}") == (503, "database_unavailable")
        directors.imap.flowing.set()
        filler.unlink()
        verified(directors, run)
        verified(directors, directors.verify(profile))
        directors.assert_all_settled()


def refusal(directors: Cluster, path: str) -> tuple[int, str]:
    """Change something until it is refused: what the write-ahead log still has room for is kept."""
    for number in range(400):
        answer = directors.api.patch(path, json={"note": f"{number}" * 1000})
        if not answer.is_success:
            return answer.status_code, answer.json()["code"]
    raise AssertionError("the disk is not full")
