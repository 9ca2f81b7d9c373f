"""From `verify` to Verified through Director, Postfix, Dovecot and Actor, over two bare scripts."""

import asyncio
import statistics

from benchmarks.bare_scripts import idle_script, tight_poll_script
from benchmarks.measurement import Goal, Measurement, Scale, alternated, spread
from benchmarks.stage import stage


async def measure(scale: Scale) -> list[Measurement]:
    """Run the product and both scripts in turn, each on a mailbox of its own."""
    with stage() as there:
        actor = there.director.actor("bench")
        profile = there.profile(there.servers.add_user(), actor)
        idle_box, poll_box = there.servers.add_user(), there.servers.add_user()
        for box in (idle_box, poll_box):
            there.servers.deliver(box, "an earlier message")
        ours, idle, tight = await alternated(
            scale.of(30, 3),
            lambda: there.verified_in(profile),
            lambda: asyncio.to_thread(idle_script, there.servers, idle_box),
            lambda: asyncio.to_thread(tight_poll_script, there.servers, poll_box),
            warm_up=2,
        )
    median = statistics.median(ours)
    raw = spread("verify", ours)
    return [
        Measurement(
            "verify_over_idle_script",
            median / statistics.median(idle),
            Goal(0.5),
            raw | spread("idle_script", idle),
        ),
        Measurement(
            "verify_over_tight_poll",
            median / statistics.median(tight),
            Goal(6.0),
            raw | spread("tight_poll", tight),
        ),
    ]
