"""Takes the pictures of `docs/images`: `make screenshots`."""

from tests.console.conftest import Installation

_NAMES = ("anna", "ben", "carla", "dora")


def test_screenshots(installation: Installation) -> None:
    anna, ben, carla, dora = (installation.mail.add_user(name) for name in _NAMES)
    director, ports = installation.director, installation.mail.dovecot.ports
    for zone in ("Office", "DMZ"):
        director.post("/security-zones", {"name": zone, "description": f"Machines of the {zone}"})
    director.post("/webhooks", {"url": "https://hooks.example.com/director", "note": "on-call"})
    outgoing = {"host": installation.mail.host, "port": installation.mail.postfix.ports.smtp}
    tls = {"ca_certificate": installation.mail.ca_pem}
    secure = {"host": installation.mail.host, "port": ports.imaps, "encryption": "ssl_tls"}
    profiles = [
        installation.profile(anna, incoming=secure, tls=tls, outgoing=outgoing, note="Phishing drills"),
        installation.profile(ben, send_verification_manually=True),
        installation.profile(dora, server_type="pop3", incoming={**secure, "port": ports.pop3s}, tls=tls),
        installation.profile(
            carla, account={"username": carla.username, "password": "not-the-one"}, incoming=secure, tls=tls
        ),
    ]
    for profile in (profiles[0], profiles[2], profiles[3]):
        director.ended(director.verify(profile))
    installation.play("screenshots", address=carla.address, manual=ben.address)
