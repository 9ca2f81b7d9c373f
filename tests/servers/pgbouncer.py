"""A real PgBouncer in transaction mode before a real PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.servers.daemon import Daemon, accepts
from tests.servers.debian import PROGRAMS, require
from tests.servers.ports import HOST, free_ports

_CONFIGURATION = """
[databases]
* = host={socket} user={user}

[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
"""


@contextmanager
def pgbouncer(folder: Path, database_url: str) -> Iterator[str]:
    """Pool the server of ``database_url``, which listens on a socket; yield the URL that leads through the pool."""
    require("pgbouncer")
    url, (port,) = make_url(database_url), free_ports(1)
    text = _CONFIGURATION.format(socket=url.query["host"], user=url.username, host=HOST, port=port)
    file = folder / "pgbouncer.ini"
    if os.geteuid() == 0:  # it refuses to run as root, and gives its rights up itself
        text += f"user = {Path(str(url.query['host'])).owner()}\n"
    file.write_text(text)
    daemon = Daemon([PROGRAMS["pgbouncer"], str(file)], log=folder / "pgbouncer.log")
    daemon.wait_until(lambda: accepts(port), f"accepted a connection on port {port}")
    try:
        yield url.set(host=HOST, port=port, query={}).render_as_string(hide_password=False)
    finally:
        daemon.stop()
