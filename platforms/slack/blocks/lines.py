"""Lines of the desk: what it says in threads, channels and to one person; and the line that follows an answer."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from desk.model.asking import Answer, Button
from desk.model.catalogue import say
from desk.model.message import Does
from desk.model.outbox import Delivery, Operation
from platforms.slack import ids
from platforms.slack.blocks.pieces import Block, actions, context, quote, rows, said, section
from platforms.slack.blocks.practice import practice_card
from platforms.slack.wording import date, escape, mrkdwn, plain


def line_message(line: dict[str, Any]) -> tuple[str, list[Block]]:
    """Notification text and blocks of a kept line (`desk.model.asking.Line.as_json`)."""
    if "reply" in line:
        return answer_line(line)
    if "card" in line:
        return practice_card(line["card"])
    blocks: list[Block] = [said(line["text"], line.get("mark", ""))]
    if line.get("quote"):
        blocks.append(quote(line["quote"]))
    buttons = [Button(*kept) for kept in line.get("buttons", ())]
    return plain(line["text"]), [*blocks, *actions(buttons)]


def answer_line(view: dict[str, Any]) -> tuple[str, list[Block]]:
    """One answer from *held* to its receipt, as its operations stand now: reply (nth), number, parts, platform."""
    parts: list[Operation] = view["parts"]
    number, platform = view["number"], view["platform"]
    if not parts:
        return f"#{number}: an answer", [section(f"#{number}: an answer that is kept no longer.")]
    agent = f"<@{parts[0].payload['agent']}>"
    where = f"in public on {platform}" if parts[0].payload["way"] == "reply" else f"privately on {platform}"
    head, buttons = _answer_state(parts, agent, where, f"{number}:{view['reply']}", view.get("changes", ()))
    blocks: list[Block] = [section(head)]
    blocks += [quote(op.payload.get("now") or op.payload["text"]) for op in parts]
    links = [f"<{op.url}|{'see it' if len(parts) == 1 else f'part {i}'}>" for i, op in enumerate(parts, 1) if op.url]
    if "invite" in parts[0].payload:
        links.append(escape(say("It invites them out of the public.")))
    if links:
        blocks.append(context(" · ".join(links)))
    return f"#{number}: {_plain_answer(parts, where)}", [*blocks, *actions(buttons)]


def _answer_state(
    parts: list[Operation], agent: str, where: str, value: str, changes: Collection[Does]
) -> tuple[str, tuple[Button, ...]]:
    states = [op.state for op in parts]
    reason = mrkdwn(next((op.reason for op in parts if op.reason), "") or "")
    if all(state is Delivery.SENT for state in states):
        at = parts[-1].settled_at or parts[-1].created_at
        if all("deleted" in op.payload for op in parts):
            by = f"<@{parts[-1].payload['deleted']}>"
            return f":wastebasket: *Deleted* by {by}. It had been published {where} by {agent}.", ()
        kept: tuple[Button, ...] = (
            () if _own_words(parts) else (Button(ids.CANNED_SAVE, say("Save as canned…"), value),)
        )
        if Does.EDIT in changes and parts[0].payload["way"] == "reply" and len(parts) == 1:
            kept += (Button(ids.CORRECT_ANSWER, say("Correct…"), value),)
        if Does.DELETE in changes and parts[0].payload["way"] == "reply":
            sure = say("It goes from the platform. Who has seen it, has seen it.")
            kept += (Button(ids.DELETE_ANSWER, say("Delete…"), value, confirm=sure),)
        since = " (corrected since)" if any("corrected" in op.payload for op in parts) else ""
        return f":white_check_mark: *Published* {where} by {agent}, {date(at, 'day')}{since}", kept
    if any(op.payload.get("dropped") for op in parts) and Delivery.CANCELLED in states:
        why = say("Nothing was said in public: the private message that it points to did not go out.")
        return f":leftwards_arrow_with_hook: {escape(why)}", ()
    if all(state is Delivery.CANCELLED for state in states):
        return f":leftwards_arrow_with_hook: *Taken back* by {agent}. Nothing went out.", ()
    if Delivery.FAILED in states:
        done = sum(state is Delivery.SENT for state in states)
        how_far = f" ({done} of {len(parts)} parts stand)" if done else ""
        return (
            f":red_circle: *Not published* {where}{how_far}, written by {agent}. {reason}",
            (Button(ids.SEND_AGAIN, "Send again", value),),
        )
    if Delivery.UNSURE in states:
        looks = max(op.looks for op in parts)
        if looks >= 3:
            return (
                f":grey_question: *In doubt* {where}, written by {agent}: I can't see it there. Please look.",
                (
                    Button(ids.ITS_THERE, "It's there", value, "primary"),
                    Button(ids.SEND_AGAIN, "Send again", value, confirm="It is said twice if it did arrive."),
                ),
            )
        return f":grey_question: {agent}'s answer {where}: I don't know whether this went out; checking…", ()
    if all(state is Delivery.OWED for state in states) and parts[0].attempts == 0:
        buttons = (Button(ids.UNDO, "Undo", value, "danger"), Button(ids.SEND_NOW, "Send now", value))
        wait = f" {reason}" if reason else ""
        return f":outbox_tray: {agent} answers {where}, going out {date(parts[0].not_before)}.{wait}", buttons
    wait = f": {reason}" if reason else "…"
    return f":outbox_tray: {agent}'s answer is going out {where}{wait}", ()


def _own_words(parts: list[Operation]) -> bool:
    """Whether it is a text of the desk: a holding reply, an invitation."""
    return any(op.payload.get("holding") or "invite" in op.payload for op in parts)


def _plain_answer(parts: list[Operation], where: str) -> str:
    states = {op.state for op in parts}
    if states == {Delivery.SENT}:
        return f"answer published {where}"
    if Delivery.FAILED in states:
        return f"answer NOT published {where}"
    if Delivery.UNSURE in states:
        return f"answer in doubt {where}"
    if states == {Delivery.CANCELLED}:
        return "answer taken back"
    return f"answer going out {where}"


def answer_message(answer: Answer) -> dict[str, Any]:
    """What the person who asked reads, as the body of an ack or of an ephemeral."""
    blocks: list[Block] = [said(answer.sentence)]
    blocks += rows(answer.lines)
    if answer.quote:
        blocks += [quote(answer.quote[i : i + 2800]) for i in range(0, min(len(answer.quote), 8400), 2800)]
    blocks += actions(answer.buttons)
    return {"text": plain(answer.sentence) or " ", "blocks": blocks[:50]}


__all__ = ["answer_line", "answer_message", "escape", "line_message"]
