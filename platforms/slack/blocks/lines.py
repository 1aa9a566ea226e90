"""Lines of the desk: what it says in threads, channels and to one person; and the line that follows an answer."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from desk.model.asking import Answer, Button
from desk.model.catalogue import say
from desk.model.message import Does
from desk.model.outbox import Delivery, Operation
from desk.model.words import clean, strong, when, who
from platforms.slack import ids
from platforms.slack.blocks.hanging import going_along
from platforms.slack.blocks.pieces import Block, actions, context, quote, rows, said, section
from platforms.slack.blocks.practice import practice_card
from platforms.slack.wording import escape, mrkdwn, plain

LONG = 2500
"""Characters of a line that fit into one section of Slack, marked up."""


def line_message(line: dict[str, Any]) -> tuple[str, list[Block]]:
    """Notification text and blocks of a kept line (`desk.model.asking.Line.as_json`)."""
    if "reply" in line:
        return answer_line(line)
    if "card" in line:
        return practice_card(line["card"])
    # What does not fit into one section goes on in the next: the list of all commands is the longest.
    first, *more = line["text"].split("\n") if len(line["text"]) > LONG else [line["text"]]
    blocks: list[Block] = [said(first, line.get("mark", "")), *rows(more)]
    if line.get("quote"):
        blocks.append(quote(line["quote"]))
    buttons = [Button(*kept) for kept in line.get("buttons", ())]
    return plain(line["text"]), [*blocks, *actions(buttons)]


def answer_line(view: dict[str, Any]) -> tuple[str, list[Block]]:
    """One answer from *held* to its receipt, as its operations stand now: reply (nth), number, parts, platform."""
    parts: list[Operation] = view["parts"]
    number, platform = view["number"], view["platform"]
    if not parts:
        gone = escape(say("#{number}: an answer that is kept no longer.", number=number))
        return say("#{number}: an answer", number=number), [section(gone)]
    agent = who(parts[0].payload["agent"])
    if parts[0].payload["way"] == "reply":
        where = say("in public on {platform}", platform=clean(platform))
    else:
        where = say("privately on {platform}", platform=clean(platform))
    head, buttons = _answer_state(parts, agent, where, f"{number}:{view['reply']}", view.get("changes", ()))
    blocks: list[Block] = [section(head)]
    for op in parts:
        if words := op.payload.get("now") or op.payload["text"]:
            blocks.append(quote(words))
        blocks += going_along(op.payload.get("media", ()))
    links = [
        f"<{op.url}|{escape(say('see it') if len(parts) == 1 else say('part {i}', i=i))}>"
        for i, op in enumerate(parts, 1)
        if op.url
    ]
    if "invite" in parts[0].payload:
        links.append(escape(say("It invites them out of the public.")))
    if links:
        blocks.append(context(" · ".join(links)))
    return f"#{number}: {_plain_answer(parts, where)}", [*blocks, *actions(buttons)]


def _answer_state(
    parts: list[Operation], agent: str, where: str, value: str, changes: Collection[Does]
) -> tuple[str, tuple[Button, ...]]:
    states = [op.state for op in parts]
    reason = next((op.reason for op in parts if op.reason), "") or ""
    if all(state is Delivery.SENT for state in states):
        at = parts[-1].settled_at or parts[-1].created_at
        if all("deleted" in op.payload for op in parts):
            told = say(
                "{deleted} by {by}. It had been published {where} by {who}.",
                deleted=strong(say("Deleted")),
                by=who(parts[-1].payload["deleted"]),
                where=where,
                who=agent,
            )
            return f":wastebasket: {mrkdwn(told)}", ()
        kept: tuple[Button, ...] = (
            () if _own_words(parts) else (Button(ids.CANNED_SAVE, say("Save as canned…"), value),)
        )
        if Does.EDIT in changes and parts[0].payload["way"] == "reply" and len(parts) == 1:
            kept += (Button(ids.CORRECT_ANSWER, say("Correct…"), value),)
        if Does.DELETE in changes and parts[0].payload["way"] == "reply":
            sure = say("It goes from the platform. Who has seen it, has seen it.")
            kept += (Button(ids.DELETE_ANSWER, say("Delete…"), value, confirm=sure),)
        published, day = strong(say("Published")), when(at, "day")
        told = say("{published} {where} by {who}, {at}", published=published, where=where, who=agent, at=day)
        if any("corrected" in op.payload for op in parts):
            told += " " + say("(corrected since)")
        return f":white_check_mark: {mrkdwn(told)}", kept
    if any(op.payload.get("dropped") for op in parts) and Delivery.CANCELLED in states:
        why = say("Nothing was said in public: the private message that it points to did not go out.")
        return f":leftwards_arrow_with_hook: {escape(why)}", ()
    if all(state is Delivery.CANCELLED and "replaced" in op.payload for op, state in zip(parts, states, strict=True)):
        other = who(parts[0].payload["replaced"])
        told = say(
            "{unsent} {where}, written by {who}: {other} answered anew.",
            unsent=strong(say("Not sent")),
            where=where,
            who=agent,
            other=other,
        )
        return f":leftwards_arrow_with_hook: {mrkdwn(told)}", ()
    if all(state is Delivery.CANCELLED for state in states):
        told = say("{back} by {who}. Nothing went out.", back=strong(say("Taken back")), who=agent)
        return f":leftwards_arrow_with_hook: {mrkdwn(told)}", ()
    if all(state is Delivery.FAILED and "overtaken" in op.payload for op, state in zip(parts, states, strict=True)):
        told = say("{held} {where}, written by {who}.", held=strong(say("Not sent yet")), where=where, who=agent)
        return f":raised_hand: {mrkdwn(told)} {mrkdwn(reason)}", (Button(ids.SEND_AGAIN, say("Send anyway"), value),)
    if Delivery.FAILED in states:
        done = sum(state is Delivery.SENT for state in states)
        if done:
            where = say("{where} ({done} of {parts} parts stand)", where=where, done=done, parts=len(parts))
        told = say("{failed} {where}, written by {who}.", failed=strong(say("Not published")), where=where, who=agent)
        return (
            f":red_circle: {mrkdwn(told)} {mrkdwn(reason)}",
            (Button(ids.SEND_AGAIN, say("Send again"), value),),
        )
    if Delivery.UNSURE in states:
        looks = max(op.looks for op in parts)
        if looks >= 3:
            told = say(
                "{doubt} {where}, written by {who}: I can't see it there. Please look.",
                doubt=strong(say("In doubt")),
                where=where,
                who=agent,
            )
            sure = say("It is said twice if it did arrive.")
            return (
                f":grey_question: {mrkdwn(told)}",
                (
                    Button(ids.ITS_THERE, say("It's there"), value, "primary"),
                    Button(ids.SEND_AGAIN, say("Send again"), value, confirm=sure),
                ),
            )
        told = say("{who}'s answer {where}: I don't know whether this went out; checking…", who=agent, where=where)
        return f":grey_question: {mrkdwn(told)}", ()
    if all(state is Delivery.OWED for state in states) and parts[0].attempts == 0:
        buttons = (Button(ids.UNDO, say("Undo"), value, "danger"), Button(ids.SEND_NOW, say("Send now"), value))
        told = say("{who} answers {where}, going out {at}.", who=agent, where=where, at=when(parts[0].not_before))
        return f":outbox_tray: {mrkdwn(f'{told} {reason}'.strip())}", buttons
    if reason:
        told = say("{who}'s answer is going out {where}: {reason}", who=agent, where=where, reason=reason)
    else:
        told = say("{who}'s answer is going out {where}…", who=agent, where=where)
    return f":outbox_tray: {mrkdwn(told)}", ()


def _own_words(parts: list[Operation]) -> bool:
    """Whether it is a text of the desk: a holding reply, an invitation."""
    return any(op.payload.get("holding") or "invite" in op.payload for op in parts)


def _plain_answer(parts: list[Operation], where: str) -> str:
    states = {op.state for op in parts}
    if states == {Delivery.SENT}:
        return say("answer published {where}", where=where)
    if states == {Delivery.FAILED} and all("overtaken" in op.payload for op in parts):
        return say("answer not sent yet {where}", where=where)
    if Delivery.FAILED in states:
        return say("answer NOT published {where}", where=where)
    if Delivery.UNSURE in states:
        return say("answer in doubt {where}", where=where)
    if states == {Delivery.CANCELLED}:
        return say("answer taken back")
    return say("answer going out {where}", where=where)


def answer_message(answer: Answer) -> dict[str, Any]:
    """What the person who asked reads, as the body of an ack or of an ephemeral."""
    blocks: list[Block] = [said(answer.sentence)]
    blocks += rows(answer.lines)
    if answer.quote:
        blocks += [quote(answer.quote[i : i + 2800]) for i in range(0, min(len(answer.quote), 8400), 2800)]
    blocks += actions(answer.buttons)
    return {"text": plain(answer.sentence) or " ", "blocks": blocks[:50]}


__all__ = ["answer_line", "answer_message", "escape", "line_message"]
