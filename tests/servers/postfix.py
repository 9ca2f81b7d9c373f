"""Postfix: SMTP, submission (STARTTLS) and SMTPS, logging in through Dovecot and delivering into it."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Self

import trustme

from tests.servers import certificates
from tests.servers.certificates import ServerCertificate
from tests.servers.daemon import Daemon
from tests.servers.debian import require
from tests.servers.dovecot import Dovecot
from tests.servers.ports import HOST, free_ports

_TEMPLATES = Path(__file__).parent / "templates"


class RootNeededError(RuntimeError):
    """Postfix starts as root alone, since its processes run as users of their own."""


@dataclass(frozen=True)
class PostfixPorts:
    """Where each service listens on 127.0.0.1.

    `smtp` takes mail for example.test from anyone; `submission` (STARTTLS first) and
    `smtps` want a login of Dovecot's.
    """

    smtp: int
    submission: int
    smtps: int

    @classmethod
    def free(cls) -> Self:
        """Choose them among the ports that are free now."""
        return cls(*free_ports(3))


class Postfix:
    """A running Postfix; leaving the `with` block stops it."""

    def __init__(
        self,
        folder: Path,
        ca: trustme.CA,
        dovecot: Dovecot,
        *,
        certificate: ServerCertificate | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Start in the empty `folder`, in front of a Dovecot that already greets.

        Without `certificate` it has a good one of `ca`; `settings` go into main.cf.
        Raises NotInstalledError, RootNeededError, ServerStartError.
        """
        require("postfix")
        if os.geteuid() != 0:
            raise RootNeededError("Postfix needs root: run these tests as root, for example in a container")
        self.host = HOST
        self.ports = PostfixPorts.free()
        config = self._write_config(folder, certificate or certificates.valid(ca), dovecot)
        with (config / "main.cf").open("a") as end:
            end.writelines(f"{name} = {value}\n" for name, value in (settings or {}).items())
        subprocess.run(["/usr/sbin/postfix", "-c", str(config), "check"], check=True)
        self._daemon = Daemon(["/usr/lib/postfix/sbin/master", "-c", str(config), "-d"], log=folder / "log")
        self._daemon.wait_for_greeting(self.ports.smtp, b"220 ")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop it and wait until it is gone."""
        self._daemon.stop()

    def _write_config(self, folder: Path, certificate: ServerCertificate, dovecot: Dovecot) -> Path:
        for name in ("queue", "data", "etc"):
            (folder / name).mkdir()
        (folder / "data").chmod(0o700)
        shutil.chown(folder / "data", "postfix")
        chain, key = certificate.write(folder)
        values = {
            **asdict(self.ports),
            "folder": folder,
            "certificate": chain,
            "key": key,
            "lmtp": dovecot.ports.lmtp,
            "sasl_socket": dovecot.smtp_login_socket,
        }
        config = folder / "etc"
        for name in ("main.cf", "master.cf"):
            text = Template((_TEMPLATES / name).read_text()).substitute(values)
            (config / name).write_text(text)
        (config / "dynamicmaps.cf").touch()
        return config
