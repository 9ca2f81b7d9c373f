"""The consent of a mailbox's owner, against the third-party emulator of Google (which checks no scopes)."""

import logging
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from director_api.events.models import Event
from tests.director_api.google_consent.conftest import Consenting
from tests.servers.google_emulator import OTHER, SECRET

METADATA = "https://www.googleapis.com/auth/gmail.metadata"


def code_of(page: httpx.Response) -> str | None:
    """The code on a page of failure."""
    _, found, rest = page.text.partition('<code id="code">')
    return rest.partition("<")[0] if found else None


async def test_emulator_consent_is_stored_and_lets_the_profile_be_verified(
    consenting: Consenting, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert (await consenting.read())["available_actions"].count("authorize") == 1
    browser = consenting.browser()
    google_url = await browser.open(await consenting.start_url())
    asked = {name: values[0] for name, values in parse_qs(urlsplit(google_url).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["access_type"] == "offline"
    assert asked["prompt"] == "consent"
    assert set(asked["scope"].split()) == {METADATA, "openid", "email"}

    page = await browser.finish(await browser.allow(google_url))

    assert (page.status_code, code_of(page)) == (200, None)
    profile = await consenting.read()
    assert profile["gmail"]["consent"]["set"] is True
    assert "authorize" not in profile["available_actions"]
    assert "verify" in profile["available_actions"]
    assert SECRET not in caplog.text
    assert "refresh_token" not in page.text


async def test_emulator_answer_works_once(consenting: Consenting) -> None:
    browser = consenting.browser()
    back = await browser.allow(await browser.open(await consenting.start_url()))
    await browser.finish(back)

    again = await browser.finish(back)

    assert (again.status_code, code_of(again)) == (410, "consent_request_gone")


async def test_emulator_another_browser_is_refused_and_uses_nothing_up(consenting: Consenting) -> None:
    browser, other = consenting.browser(), consenting.browser()
    back = await browser.allow(await browser.open(await consenting.start_url()))

    stolen = await other.finish(back)

    assert (stolen.status_code, code_of(stolen)) == (403, "consent_other_browser")
    assert (await browser.finish(back)).status_code == 200


async def test_emulator_forged_state_is_refused(consenting: Consenting) -> None:
    browser = consenting.browser()
    back = await browser.allow(await browser.open(await consenting.start_url()))
    state = parse_qs(urlsplit(back).query)["state"][0]

    forged = await browser.finish(back.replace(state, state[:-4] + "AAAA"))

    assert (forged.status_code, code_of(forged)) == (403, "consent_other_browser")


async def test_emulator_request_expires(consenting: Consenting) -> None:
    browser = consenting.browser()
    start_url = await consenting.start_url()
    back = await browser.allow(await browser.open(start_url))
    await consenting.director.pass_time(3601)

    assert code_of(await browser.finish(back)) == "consent_request_gone"
    assert code_of(await browser.http.get(start_url)) == "consent_request_gone"


async def test_emulator_another_account_is_refused(consenting: Consenting) -> None:
    browser = consenting.browser()
    back = await browser.allow(await browser.open(await consenting.start_url()), OTHER)

    page = await browser.finish(back)

    assert (page.status_code, code_of(page)) == (403, "consent_wrong_account")
    assert (await consenting.read())["gmail"]["consent"]["set"] is False


async def test_emulator_fewer_scopes_are_refused(consenting: Consenting) -> None:
    browser = consenting.browser()
    google_url = await browser.open(await consenting.start_url())

    page = await browser.finish(await browser.allow(google_url, scope="openid email"))

    assert code_of(page) == "consent_scope_missing"
    assert (await consenting.read())["gmail"]["consent"]["set"] is False


async def test_emulator_denied_consent_says_so(consenting: Consenting) -> None:
    browser = consenting.browser()
    google_url = await browser.open(await consenting.start_url())
    state = parse_qs(urlsplit(google_url).query)["state"][0]

    page = await browser.http.get("/oauth/google/callback", params={"state": state, "error": "access_denied"})

    assert code_of(page) == "consent_denied"


async def test_emulator_profile_that_changed_meanwhile_keeps_no_consent(consenting: Consenting) -> None:
    browser = consenting.browser()
    back = await browser.allow(await browser.open(await consenting.start_url()))
    path = f"/email-profiles/{consenting.profile['id']}"
    patch = {"gmail": {"scope": "readonly"}}
    changed = await consenting.director.operator.patch(
        path, json=patch, headers={"Content-Type": "application/merge-patch+json"}
    )
    assert changed.status_code == 200, changed.text

    assert code_of(await browser.finish(back)) == "consent_request_gone"


async def test_a_page_shows_what_google_says_escaped(consenting: Consenting) -> None:
    browser = consenting.browser()
    google_url = await browser.open(await consenting.start_url())
    state = parse_qs(urlsplit(google_url).query)["state"][0]

    page = await browser.http.get("/oauth/google/callback", params={"state": state, "error": "<script>x"})

    assert "<script>" not in page.text
    assert code_of(page) == "consent_refused"


async def test_a_viewer_may_not_ask_for_a_consent(consenting: Consenting) -> None:
    answer = await consenting.director.viewer.post(f"/email-profiles/{consenting.profile['id']}/authorize")

    assert answer.status_code == 403


async def test_a_consent_that_an_actor_found_revoked_is_asked_for_again(consenting: Consenting) -> None:
    director, browser = consenting.director, consenting.browser()
    await browser.finish(await browser.allow(await browser.open(await consenting.start_url())))
    path = f"/email-profiles/{consenting.profile['id']}"
    await director.operator.patch(
        path,
        json={"send_verification_manually": True},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    await director.verify(consenting.profile)
    (lease,) = await consenting.actor.poll()
    await consenting.actor.report(lease, failure_code="gmail_consent_revoked")

    assert "authorize" in (await consenting.read())["available_actions"]
    async with director.app.state.database.read() as session:
        told = await session.scalars(select(Event.data).where(Event.type == "consent.required"))
        assert [each["failure_code"] for each in told] == ["gmail_consent_revoked"]
