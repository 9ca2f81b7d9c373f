"""Noticing that nothing arrives any more: a path that drops every packet closes no connection.

A server may be given a minute for a reply, but its kernel acknowledges at once what reaches it, so
silence below TCP is told apart from a server at work (tcp(7), RFC 5482; RFC 9293, section 3.8.4).
"""

import asyncio
import errno
import socket


def notice_dead_path(transport: asyncio.BaseTransport, seconds: int) -> None:
    """Have the kernel end the connection of ``transport`` once nothing was acknowledged for ``seconds``, 2 at least."""
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    idle = max(1, 2 * seconds // 3)
    options = {
        "TCP_USER_TIMEOUT": 1000 * seconds,
        "TCP_KEEPIDLE": idle,
        "TCP_KEEPINTVL": seconds - idle,
        "TCP_KEEPCNT": 1,
    }
    for name, value in options.items():
        # Not every system has all of them: where one is missing, the time-outs of replies remain.
        if (option := getattr(socket, name, None)) is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)


def is_dead_path(error: Exception | None) -> bool:
    """Tell whether a connection was lost because nothing arrived any more."""
    return isinstance(error, OSError) and error.errno in {errno.ETIMEDOUT, errno.EHOSTUNREACH}
