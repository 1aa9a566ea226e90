"""The whole pretend world: Slack, X and Facebook on one wire, with a small company in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from platforms.sandbox.graph import Graph
from platforms.sandbox.slack import Slack
from platforms.sandbox.wire import Wire
from platforms.sandbox.x import X


class World:
    """Slack, X and Graph stand-ins that share a wire and a clock; `now` gives story time (aware, UTC).

    The company is Acme: #frontdesk, #frontdesk-leads, #practice and #random; the agents Ana (Lisbon) and Ben (New
    York), the lead Lee (Manila), and Sam (London), who is in the workspace and no agent. `trigger_seconds` are real
    seconds.
    """

    def __init__(self, now: Callable[[], datetime], trigger_seconds: float = 3.0) -> None:
        self.now = now
        self.wire = Wire(now)
        self.slack = Slack(now, self.wire, trigger_seconds=trigger_seconds)
        self.x = X(now, self.wire)
        self.graph = Graph(now, self.wire)
        self.slack.targets.update(x=self.x, graph=self.graph, hooks=self.graph.hooks, rates=self.x.rates)
        self._settle_in()

    def _settle_in(self) -> None:
        slack = self.slack
        slack.add_user("U0ANA", name="ana", real_name="Ana Sousa", tz="Europe/Lisbon", email="ana@acme.example")
        slack.add_user("U0BEN", name="ben", real_name="Ben Carter", tz="America/New_York", email="ben@acme.example")
        slack.add_user("U0LEE", name="lee", real_name="Lee Park", tz="Asia/Manila", email="lee@acme.example")
        slack.add_user("U0SAM", name="sam", real_name="Sam Stone", tz="Europe/London", email="sam@acme.example")
        everybody = ["U0ANA", "U0BEN", "U0LEE", "U0SAM", slack.bot_user]
        slack.add_channel("C0DESK", "frontdesk", members=everybody)
        slack.add_channel("C0LEADS", "frontdesk-leads", members=["U0ANA", "U0BEN", "U0LEE", slack.bot_user])
        slack.add_channel("C0PRACTICE", "practice", members=everybody)
        slack.add_channel("C0RANDOM", "random", members=everybody, is_general=True)
        slack.add_usergroup("S0AGENTS", "frontdesk-agents", ["U0ANA", "U0BEN", "U0LEE"])
        slack.add_usergroup("S0LEADS", "frontdesk-leads", ["U0LEE"])

    async def start(self, host: str = "127.0.0.1", slack_port: int = 0, x_port: int = 0, graph_port: int = 0) -> None:
        """Listen on the loopback; port 0 takes a free one."""
        await self.slack.start(host, slack_port)
        await self.x.start(host, x_port)
        await self.graph.start(host, graph_port)

    async def stop(self) -> None:
        """Let go of what hangs, and stop listening."""
        self.wire.clear_faults()
        await self.slack.stop()
        await self.x.stop()
        await self.graph.stop()

    def busy(self) -> str | None:
        """Why the clock may not jump now, or None."""
        return self.wire.busy() or self.slack.busy()
