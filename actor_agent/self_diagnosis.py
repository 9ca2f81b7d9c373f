"""What an Actor finds when it looks at itself: what it runs on, and whether the ground is sound."""

import hashlib
import platform
import shutil
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path

from actor_agent.director_client import DirectorClient
from actor_agent.director_errors import DirectorError
from actor_agent.interfaces import list_interfaces
from actor_agent.version import VERSION
from wire_contract.control import Finding, SelfDiagnosis

_RESOLVER = Path("/etc/resolv.conf")
_LOW_BYTES = 100 * 1024 * 1024


async def diagnose(client: DirectorClient, monotonic: Callable[[], float] = time.monotonic) -> SelfDiagnosis:
    """Look at everything that checks depend on."""
    return SelfDiagnosis(
        findings=(
            Finding(name="version", ok=True, detail=f"Actor {VERSION}, Python {platform.python_version()}"),
            Finding(name="system", ok=True, detail=f"{platform.system()} {platform.release()}"),
            Finding(name="openssl", ok=True, detail=ssl.OPENSSL_VERSION),
            await _director(client, monotonic),
            _authorities(),
            _name_servers(),
            _interfaces(),
            _disk(),
            _md4(),
        )
    )


async def _director(client: DirectorClient, monotonic: Callable[[], float]) -> Finding:
    began = monotonic()
    try:
        await client.health()
    except DirectorError as error:
        return Finding(name="director", ok=False, detail=str(error)[:512])
    return Finding(name="director", ok=True, detail=f"answers in {(monotonic() - began) * 1000:.0f} ms")


def _authorities() -> Finding:
    count = ssl.create_default_context().cert_store_stats()["x509_ca"]
    return Finding(name="authorities", ok=count > 0, detail=f"{count} public certificate authorities")


def _name_servers() -> Finding:
    try:
        lines = _RESOLVER.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError as error:
        return Finding(name="name_servers", ok=False, detail=f"{_RESOLVER}: {error.strerror}")
    servers = [line.split()[1] for line in lines if line.startswith("nameserver ") and len(line.split()) > 1]
    return Finding(
        name="name_servers", ok=bool(servers), detail=", ".join(servers)[:512] or "none configured"
    )


def _interfaces() -> Finding:
    interfaces = list_interfaces()
    routed = any(found.default_route for found in interfaces)
    shown = "; ".join(f"{found.name} {' '.join(found.addresses)}" for found in interfaces)
    return Finding(name="interfaces", ok=routed, detail=shown[:512] or "none, or they can't be listed")


def _disk() -> Finding:
    free = shutil.disk_usage(Path.home() if Path.home().exists() else Path(sys.prefix)).free
    return Finding(name="disk", ok=free > _LOW_BYTES, detail=f"{free // (1024 * 1024)} MiB free")


def _md4() -> Finding:
    # NTLM needs MD4, which OpenSSL 3 has no more by default; the NTLM library brings its own.
    has = "md4" in hashlib.algorithms_available
    detail = "MD4 by OpenSSL" if has else "MD4 by the NTLM library: OpenSSL has it switched off"
    return Finding(name="ntlm", ok=True, detail=detail)
