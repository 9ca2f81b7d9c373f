"""`make demo`: a whole installation, seven mailboxes, and the table that fills in live.

Exits 0 when every mailbox came to the end that it should, else 1 with a sentence on what differs.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from sandbox import story
from sandbox.diagnosis import diagnosis
from sandbox.director import DirectorError
from sandbox.installation import HOST, SENDER, Installer
from sandbox.processes import ChildError, Children
from sandbox.story import Ending
from sandbox.table import Table

_LOOK_SECONDS = 1.0


def main() -> int:
    """Run the demo; return its exit status."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the table instead of staying up")
    options = parser.parse_args()
    # A shell that starts it in the background would have it ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Exiting in this way leaves the `with` blocks, which stop the children.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="demo-") as name:
        try:
            return _run(Path(name), once=options.once)
        except (ChildError, DirectorError, httpx.TransportError) as error:
            print(f"The demo failed. {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nInterrupted before the end.", file=sys.stderr)
            return 128 + signal.SIGINT


def _run(folder: Path, *, once: bool) -> int:
    with Children(folder) as children:
        installer = Installer(children, folder, _say)
        graph = installer.start_graph(story.GRAPH_APP, story.GRAPH_SECRET, story.GRAPH_MAILBOX)
        relays = {story.GRAPH_MAILBOX.partition("@")[2]: graph.smtp_port}
        mail = installer.start_mail_server(story.USERS, relays)
        director = installer.start_director()
        for actor, zone in story.ZONES.items():
            installer.add_actor(director, actor, zone=zone)
        director.set_outgoing_mail(sender=SENDER, host=HOST, port=mail.smtp_port)
        profiles = story.create_profiles(director, mail, graph.tenant_id)
        for profile_id, chapter in profiles.items():
            _say(f"Profile {chapter.address}: {chapter.title}")
            if chapter.manual:
                story.send_by_hand(director.verification_subject(profile_id), chapter.address, mail)
        print()
        endings = story.verify_all(director, profiles, Table(sys.stdout), children.check)
        status = _conclude(endings)
        if not once:
            _stay_up(director.url, installer.token_file, children)
        return status


def _conclude(endings: Sequence[Ending]) -> int:
    for ending in endings:
        for check in ending.verification["checks"]:
            if check["state"] != "verified":
                print("", *diagnosis(ending.chapter.address, check), sep="\n")
    print()
    differences = [text for ending in endings for text in ending.differences()]
    if differences:
        print("Not as it should be:", *differences, sep="\n  ")
        return 1
    print("All as it should be.")
    return 0


def _stay_up(url: str, token_file: Path, children: Children) -> None:
    print(
        f"\nThe Director stays up on {url} until Ctrl-C. "
        f"Where the console is built it is on {url}/console/, and {token_file} holds the token to sign in.\n"
        f"Its API is described on {url}/docs, for example:\n"
        f'  curl -H "Authorization: Bearer $(cat {token_file})" {url}/email-profiles',
        flush=True,
    )
    try:
        while True:
            children.check()
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        print("\nStopping.")


def _say(line: str) -> None:
    print(f"• {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
