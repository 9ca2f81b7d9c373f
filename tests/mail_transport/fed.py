"""A channel that was fed all that it will ever get, in whatever pieces."""

import asyncio
from itertools import pairwise

from hypothesis import strategies as st

from mail_transport.channel import Channel

CUTS = st.lists(st.integers(0, 3000), max_size=8)
"""Where the bytes are cut into pieces."""


class _Still(asyncio.Transport):
    """A transport below which nothing happens."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut `data`."""
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(edges)]


def fed_channel(data: bytes, cuts: list[int]) -> Channel:
    """A channel that received `data` in these pieces, and then the end."""
    channel = Channel()
    channel.connection_made(_Still())
    for piece in pieces(data, cuts):
        channel.data_received(piece)
    channel.connection_lost(None)
    return channel
