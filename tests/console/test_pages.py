"""Every page of the console: for everyone's eyes and hands."""

from tests.console.conftest import Installation


def test_every_page_is_accessible_and_narrow_enough(installation: Installation) -> None:
    profile = installation.profile(installation.mail.add_user())
    manual = installation.profile(installation.mail.add_user(), send_verification_manually=True)
    installation.director.ended(installation.director.verify(profile))
    installation.play("everyPage", address=profile["email_address"], manual=manual["email_address"])
