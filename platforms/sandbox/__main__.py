"""The stand-ins alone, for crash tests and benchmarks: `python -m platforms.sandbox --port 8770`.

They live in real time. One line of JSON says where they listen; everything that their Python methods can do, another
process does with `POST <control>call {"target": "slack|x|graph|wire", "method": "command", "args": {…}}`, and reads the
record with `GET <control>records`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
from datetime import UTC, datetime

from platforms.sandbox.world import World


async def run(arguments: argparse.Namespace) -> None:
    """Serve until a signal or, with --with-parent, until the process that started this one has gone."""
    world = World(lambda: datetime.now(UTC), trigger_seconds=arguments.trigger_seconds)
    world.slack.strict_rates = not arguments.no_rates
    await world.start(arguments.host, arguments.port, arguments.x_port, arguments.graph_port)
    where = {
        "slack": world.slack.url,
        "x": world.x.url,
        "graph": world.graph.url,
        "control": f"{world.slack.base}/control/",
        "pid": os.getpid(),
    }
    print(json.dumps(where), flush=True)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, ended.set)
    parent = os.getppid()
    while not ended.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), 0.5)
        if arguments.with_parent and os.getppid() != parent:
            break
    await world.stop()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m platforms.sandbox", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: the loopback)")
    parser.add_argument("--port", type=int, default=0, help="port of the Slack stand-in; 0 takes a free one")
    parser.add_argument("--x-port", type=int, default=0, help="port of the X stand-in")
    parser.add_argument("--graph-port", type=int, default=0, help="port of the Graph stand-in")
    parser.add_argument("--trigger-seconds", type=float, default=3.0, help="real seconds that a trigger_id lives")
    parser.add_argument("--no-rates", action="store_true", help="no 429 from Slack")
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this one ends")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
