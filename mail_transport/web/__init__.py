"""HTTP to the clouds, under an egress policy and with the steps of every other connection."""

from mail_transport.web.client import Answer, WebClient
from mail_transport.web.line import Line, with_line

__all__ = ["Answer", "Line", "WebClient", "with_line"]
