"""The kinds of job. Apart from ``jobs``, since an Actor says them before it has a job to read."""

from enum import StrEnum

XOAUTH2_CLOUDS = "xoauth2_clouds"
"""The capability of an Actor that heeds the cloud of an ``xoauth2`` login's app."""


class JobKind(StrEnum):
    """The kinds of job that this version knows. An Actor answers ``unsupported_job`` to another."""

    CHECK = "check"
    CONNECTIVITY = "connectivity"
    AUTOCONFIG = "autoconfig"
