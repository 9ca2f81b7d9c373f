"""Each wrong setting is refused with one sentence that names it."""

from pathlib import Path

import pytest

from actor_agent.settings import SettingsError, checked_url, load_settings


def test_defaults() -> None:
    settings = load_settings({})
    assert settings.capacity == 4
    assert settings.director_url is None
    assert settings.state_dir == Path.home() / ".local/state/email-actor"


def test_state_follows_xdg() -> None:
    assert load_settings({"XDG_STATE_HOME": "/var/lib/x"}).state_dir == Path("/var/lib/x/email-actor")
    assert load_settings({"XDG_STATE_HOME": "relative"}).state_dir.is_relative_to(Path.home())


def test_an_empty_value_counts_as_unset() -> None:
    assert load_settings({"ACTOR_CAPACITY": " ", "ACTOR_DIRECTOR_URL": ""}).capacity == 4


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ACTOR_CAPACITY", "0", "from 1 to 64"),
        ("ACTOR_CAPACITY", "65", "from 1 to 64"),
        ("ACTOR_CAPACITY", "many", "is 'many'"),
        ("ACTOR_CAPACITY", "²", "from 1 to 64"),
        ("ACTOR_LOG_LEVEL", "loud", "debug, info"),
        ("ACTOR_CA_FILE", "/nowhere/ca.pem", "No such file"),
        ("ACTOR_DIRECTOR_URL", "director.example.com", "https://host"),
        ("ACTOR_DIRECTOR_URL", "ftp://director.example.com", "https://host"),
        ("ACTOR_DIRECTOR_URL", "https://me:secret@director.example.com", "no user, password"),
        ("ACTOR_DIRECTOR_URL", "https://director:port", "not a URL"),
        ("ACTOR_GRAPH_ROOT", "http://graph.example.com", "https://, except on a loopback"),
        ("ACTOR_GRAPH_AUTHORITY", "login.example.com", "https://host"),
        ("ACTOR_GMAIL_ROOT", "http://10.0.0.1", "https://, except on a loopback"),
        ("ACTOR_GOOGLE_TOKEN_URL", "ftp://oauth2.example.com/token", "https://host"),
        ("ACTOR_HTTPS_PROXY", "http://me:secret@proxy:3128", "no user, password"),
        ("ACTOR_CAPCITY", "4", "no such setting"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: value})
    assert says in str(caught.value)
    assert str(caught.value).startswith(name)
    assert "secret" not in str(caught.value)


def test_an_egress_rule_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"^ACTOR_EGRESS_ALLOW: "):
        load_settings({"ACTOR_EGRESS_ALLOW": "10.0.0.0/99!"})


@pytest.mark.parametrize("text", ["https://d.example.com/", "https://d.example.com"])
def test_a_url_ends_without_a_slash(text: str) -> None:
    assert checked_url(text, "--director") == "https://d.example.com"


def test_the_clouds_are_the_vendors_own_unless_a_setting_says_otherwise() -> None:
    clouds = load_settings({}).reach.clouds
    assert (clouds.graph_root, clouds.graph_authority) == (None, None)
    assert clouds.gmail_root == "https://gmail.googleapis.com"
    assert clouds.google_token_url == "https://oauth2.googleapis.com/token"


def test_stand_ins_for_the_clouds_are_settings() -> None:
    reach = load_settings(
        {
            "ACTOR_GRAPH_ROOT": "https://127.0.0.1:8443/graph/",
            "ACTOR_GRAPH_AUTHORITY": "https://127.0.0.1:8443",
            "ACTOR_GMAIL_ROOT": "http://127.0.0.1:4000",
            "ACTOR_GOOGLE_TOKEN_URL": "http://localhost:4000/token",
            "ACTOR_HTTPS_PROXY": "http://proxy.example.com:3128",
        }
    ).reach
    assert reach.clouds.graph_root == "https://127.0.0.1:8443/graph"
    assert reach.clouds.gmail_root == "http://127.0.0.1:4000"
    assert reach.https_proxy == "http://proxy.example.com:3128"
