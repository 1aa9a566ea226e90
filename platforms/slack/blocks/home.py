"""The page of one agent: their queue with its buttons, what nobody has, what waits for the customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk.model.asking import Button
from desk.model.catalogue import say, say_n
from desk.model.inquiry import Inquiry
from desk.model.words import clean, group, when, who
from platforms.slack import ids
from platforms.slack.blocks.pieces import Block, actions, button, quote, rows, said, section
from platforms.slack.wording import mrkdwn

EXCERPT = 150
"""Characters of a customer's words in a row."""
BLOCKS = 100
"""What a page takes (Block Kit)."""


def home_view(view: dict[str, Any]) -> dict[str, Any]:
    """The page as Slack takes it. `view`: what `desk.flows.home.home_of` gives."""
    now = view["now"]
    if view["person"] is None:
        members = group(view["group"])
        refusal = say("Only members of {group} answer customers here. Ask a lead to add you.", group=members)
        return {"type": "home", "blocks": [said(refusal)]}
    blocks = [*_answered(view), *_top(view)]
    blocks += _part(say("Your queue ({n})", n=view["mine_all"]), view["mine"], "reply", now)
    if not view["mine"]:
        blocks.append(said(say("You have nothing open.")))
    if view["mine_all"] > len(view["mine"]):
        blocks += actions((Button(ids.HOME_MORE, say("Show more"), "more"),))
    blocks += _part(say("Unclaimed ({n})", n=view["free_all"]), view["free"], "claim", now)
    asleep = say("Waiting for the customer, or asleep ({n})", n=view["waiting_all"])
    blocks += _part(asleep, view["waiting"], "reply", now)
    if view["team"]:
        blocks.append({"type": "divider"})
        blocks += rows((say("The team:"), *(_colleague(*row) for row in view["team"])))
    return {"type": "home", "blocks": blocks[:BLOCKS]}


def _answered(view: dict[str, Any]) -> list[Block]:
    """What the desk answered to the last press, with the text that it gives back."""
    answer = view["said"]
    if answer is None:
        return []
    blocks = [said(answer.sentence)] if answer.sentence else []
    blocks += rows(answer.lines)
    if answer.quote:
        blocks.append(quote(answer.quote[:2800]))
    return [*blocks, *actions(answer.buttons), {"type": "divider"}]


def _top(view: dict[str, Any]) -> list[Block]:
    buttons = []
    if view["free_all"]:
        buttons.append(Button(ids.CLAIM_NEXT, say("Claim most urgent"), "next", "primary"))
    if view["away"]:
        buttons.append(Button(ids.SHIFT_BACK, say("I'm back"), "back"))
    else:
        buttons.append(Button(ids.SHIFT_AWAY, say("I'm away"), "away"))
    if view["away"] and view["away_until"] is not None:
        state = say("You are away until {time}. Pings go to who is there.", time=when(view["away_until"]))
    elif view["away"]:
        state = say("You are away. Pings go to who is there.")
    elif view["free_all"]:
        state = say_n("{n} inquiry has nobody yet.", "{n} inquiries have nobody yet.", view["free_all"])
    else:
        state = say("Everything has somebody.")
    return [said(state), *actions(buttons)]


def _part(title: str, inquiries: list[dict[str, Any]], does: str, now: datetime) -> list[Block]:
    if not inquiries:
        return []
    blocks: list[Block] = [{"type": "divider"}, section(f"*{mrkdwn(title)}*")]
    for row in inquiries:
        blocks += _row(row, does, now)
    return blocks


def _row(row: dict[str, Any], does: str, now: datetime) -> list[Block]:
    inquiry: Inquiry = row["inquiry"]
    number = str(inquiry.number)
    reply = Button(ids.REPLY, say("Reply…"), number)
    name = f"@{inquiry.customer.handle}" if inquiry.customer.handle else inquiry.customer.name
    head = f"*#{number}* {mrkdwn(clean(row['platform']))} {mrkdwn(clean(name))} · {mrkdwn(_due(inquiry, now))}"
    if row["url"]:
        head += f" · <{row['url']}|{mrkdwn(say('thread'))}>"
    words = " ".join(row["text"].split()) or say("[no text: open it on the platform]")
    cut = f"{words[:EXCERPT]}…" if len(words) > EXCERPT else words
    said_there: Block = {"type": "context", "elements": [{"type": "plain_text", "text": cut, "emoji": False}]}
    if does == "claim":  # an answer claims as well: nobody presses twice for one
        return [section(head), said_there, *actions((Button(ids.CLAIM, say("Claim"), number), reply))]
    return [section(head, button(reply)), said_there]


def _due(inquiry: Inquiry, now: datetime) -> str:
    if inquiry.snoozed_until is not None:
        return say("asleep until {time}", time=when(inquiry.snoozed_until, "day"))
    due = inquiry.next_due
    if due is None:
        return say("nothing is due")
    if due <= now:
        return say("LATE, was due {time}", time=when(due, "day"))
    return say("due {time}", time=when(due, "day"))


def _colleague(user: str, has: int, late: int) -> str:
    if late:
        return say_n("{who}: {n} open, {late} late", "{who}: {n} open, {late} late", has, who=who(user), late=late)
    return say_n("{who}: {n} open", "{who}: {n} open", has, who=who(user))
