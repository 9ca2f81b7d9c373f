"""Dovecot's folder and configuration file, as root and without root."""

import grp
import os
import pwd
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template
from typing import Self

from tests.servers.certificates import ServerCertificate
from tests.servers.mailbox import JUNK_FOLDER
from tests.servers.ports import free_ports

_TEMPLATE = Path(__file__).parent / "templates" / "dovecot.conf"


@dataclass(frozen=True)
class DovecotPorts:
    """Where each protocol listens on 127.0.0.1."""

    imap: int
    imaps: int
    pop3: int
    pop3s: int
    lmtp: int

    @classmethod
    def free(cls) -> Self:
        """Choose them among the ports that are free now."""
        return cls(*free_ports(5))


@dataclass(frozen=True)
class _Users:
    """The system users that Dovecot's processes and the mail belong to."""

    internal_user: str
    internal_group: str
    login_user: str
    login_chroot: str
    mail_uid: int
    mail_gid: int


def write_config(
    folder: Path,
    ports: DovecotPorts,
    certificate: ServerCertificate,
    *,
    ntlm_helper: Path | None,
    introspection_url: str | None,
    mail_format: str = "maildir",
) -> Path:
    """Lay out `folder` and return the configuration file in it."""
    users = _users()
    mail = folder / "mail"
    mail.mkdir()
    if os.geteuid() == 0:
        os.chown(mail, users.mail_uid, users.mail_gid)
    (folder / "users").mkdir()
    chain, key = certificate.write(folder)
    text = Template(_TEMPLATE.read_text()).substitute(
        asdict(ports),
        **asdict(users),
        **_authentication(ntlm_helper, introspection_url),
        token_logins=_token_logins(folder, introspection_url),
        folder=folder,
        mail_format=mail_format,
        instance=f"tests-{secrets.token_hex(4)}",
        certificate=chain,
        key=key,
        junk_folder=JUNK_FOLDER,
    )
    config = folder / "dovecot.conf"
    config.write_text(text)
    return config


def _users() -> _Users:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        return _Users("dovecot", "dovecot", "dovenull", "login", nobody.pw_uid, nobody.pw_gid)
    me = pwd.getpwuid(os.geteuid()).pw_name
    group = grp.getgrgid(os.getegid()).gr_name
    return _Users(me, group, me, "", os.geteuid(), os.getegid())


def _authentication(ntlm_helper: Path | None, introspection_url: str | None) -> dict[str, str]:
    more = "cram-md5 xoauth2" if introspection_url else "cram-md5"
    # Debian's Dovecot has no NTLM of its own: naming the mechanism without winbind breaks every login.
    if ntlm_helper is None:
        return {"more_mechanisms": more, "winbind": ""}
    winbind = f"auth_use_winbind = yes\nauth_winbind_helper_path = {ntlm_helper}"
    return {"more_mechanisms": f"ntlm {more}", "winbind": winbind}


def _token_logins(folder: Path, introspection_url: str | None) -> str:
    """Let tokens log in that the service at the URL calls active, and their user alone (RFC 7662)."""
    if introspection_url is None:
        return ""
    settings = folder / "oauth2.conf"
    settings.write_text(
        f"introspection_url = {introspection_url}\n"
        "introspection_mode = post\nforce_introspection = yes\n"
        "active_attribute = active\nactive_value = true\nusername_attribute = username\n"
    )
    return f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2\n  args = {settings}\n}}"
