"""Each certificate fails the way that it is named after, and the good one doesn't."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from tests.servers import certificates
from tests.servers.certificates import ServerCertificate


def _handshake(folder: Path, certificate: ServerCertificate, ca: trustme.CA, host: str) -> None:
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(*certificate.write(folder))
    client_context = ssl.create_default_context(cadata=ca.cert_pem.bytes().decode("ascii"))
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert client.getpeercert(), "the handshake went through, with a verified certificate"


@pytest.mark.parametrize("host", certificates.LOOPBACK_NAMES)
def test_the_good_one_is_accepted(tmp_path: Path, ca: trustme.CA, host: str) -> None:
    _handshake(tmp_path, certificates.valid(ca), ca, host)


@pytest.mark.parametrize(
    ("make", "openssl_says"),
    [
        (certificates.expired, "certificate has expired"),
        (certificates.not_yet_valid, "certificate is not yet valid"),
        (certificates.for_another_host, "Hostname mismatch"),
        (lambda _: certificates.from_another_ca(), "unable to get local issuer certificate"),
        (lambda _: certificates.self_signed(), "self-signed certificate"),
    ],
    ids=["expired", "not_yet_valid", "for_another_host", "from_another_ca", "self_signed"],
)
def test_each_bad_one_is_refused_for_its_own_reason(
    tmp_path: Path, ca: trustme.CA, make: Callable[[trustme.CA], ServerCertificate], openssl_says: str
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=openssl_says):
        _handshake(tmp_path, make(ca), ca, "localhost")
