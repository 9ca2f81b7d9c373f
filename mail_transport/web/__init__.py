"""HTTP to the clouds, under an egress policy and with the steps of every other connection."""

from mail_transport.web.client import Answer, WebClient

__all__ = ["Answer", "WebClient"]
