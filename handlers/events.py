"""What Slack tells without being asked for an answer: somebody opened their page, or set a sign on a message."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from desk.desk import Desk
from desk.flows.finding import in_thread
from desk.flows.home import open_home
from desk.flows.signs import Sign, signed_with
from desk.model.asking import Ask
from handlers.asked import asked
from handlers.errors import for_one

SIGNS = {"eyes": Sign.MINE, "white_check_mark": Sign.DONE, "heavy_check_mark": Sign.DONE}
"""Slack's names of the reactions that mean something here."""

Event = dict[str, Any]


def register(app: AsyncApp, desk: Desk) -> None:
    """The page of an agent, and reactions where the owner switched them on."""

    async def on_home(event: Event) -> None:
        if event.get("tab") == "home" and event.get("user"):
            await open_home(desk, str(event["user"]))

    async def on_sign(event: Event, body: Event, context: AsyncBoltContext) -> None:
        sign = SIGNS.get(str(event.get("reaction") or "").partition("::")[0])
        if not desk.rules.reactions or context["person"] is None or sign is None:
            return
        request = asked(body)
        number = await in_thread(desk, request.channel, request.thread_ts)
        if number is None:
            return  # only the card itself takes signs; those on talk are people's own
        lead = f"/{desk.rules.prefix}"
        ask = Ask(request.key, context["person"], request.channel, number, typed=f"{lead}desk", lead=lead)
        answer = await signed_with(desk, ask, sign, set_=event["type"] == "reaction_added")
        if answer is not None:
            await for_one(desk, request, answer)

    app.event("app_home_opened")(on_home)
    app.event("reaction_added")(on_sign)
    app.event("reaction_removed")(on_sign)
