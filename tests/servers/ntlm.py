"""NTLM for Dovecot through winbind's ntlm_auth, which needs no domain controller.

Every user of it has the one password; a user logs in as `carl`, `CORP\\carl` or `carl@corp.test`.
"""

import shlex
from pathlib import Path

from tests.servers.debian import require

DOMAIN = "CORP"
PASSWORD = "ntlm-pw1"


def write_ntlm_helper(folder: Path) -> Path:
    """Write the program that Dovecot asks, with its Samba configuration, and return its path.

    Raises NotInstalledError.
    """
    require("winbind")
    samba = folder / "samba"
    for name in ("private", "state", "cache", "lock", "pid"):
        (samba / name).mkdir(parents=True)
        (samba / name).chmod(0o777)  # Dovecot's auth process runs as a user of its own
    config = samba / "smb.conf"
    config.write_text(_SMB_CONF.format(domain=DOMAIN, folder=samba))
    helper = folder / "ntlm-helper"
    command = [
        "/usr/bin/ntlm_auth",
        f"--configfile={config}",
        f"--domain={DOMAIN}",
        "--username=x",
        f"--password={PASSWORD}",
    ]
    helper.write_text(_HELPER.format(command=shlex.join(command)))
    helper.chmod(0o755)
    return helper


_SMB_CONF = """\
[global]
workgroup = {domain}
netbios name = MAILTEST
security = user
ntlm auth = ntlmv2-only
private dir = {folder}/private
state directory = {folder}/state
cache directory = {folder}/cache
lock directory = {folder}/lock
pid directory = {folder}/pid
"""

# Without the sed a user that names no domain becomes "alice@".
_HELPER = """\
#!/bin/sh
{command} "$1" | sed -u 's/^AF [\\]/AF /'
"""
