"""The small pieces that every message is put together from, each within Block Kit's limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from desk.model.asking import Button
from desk.model.catalogue import say
from platforms.slack import ids
from platforms.slack.wording import escape, label, mrkdwn

Block = dict[str, Any]

SECTION = 3000
"""Characters of a section's text (Block Kit)."""


def section(text: str, accessory: Block | None = None) -> Block:
    """`text` is mark-up already. Longer than a section takes, it is cut with a mark."""
    block: Block = {"type": "section", "text": _marked_up(_fitting(text))}
    if accessory is not None:
        block["accessory"] = accessory
    return block


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [_marked_up(_fitting(text)) for text in texts]}


def _fitting(text: str) -> str:
    """Mark-up cut to what a text object takes, and not inside a link or a date."""
    if len(text) <= SECTION:
        return text
    text = text[: SECTION - 2]
    return f"{text[: text.rfind('<')] if text.rfind('<') > text.rfind('>') else text} …"


def _marked_up(text: str) -> Block:
    """`verbatim`: nothing in it becomes a link or a mention by itself, only what is written as one."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def quote(text: str) -> Block:
    """Foreign words, verbatim: in rich text nothing in them is mark-up, a ping or a link."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": text or " "}]}],
    }


def button(what: Button) -> Block:
    if what.action == ids.ASSIGN_TO:
        return {
            "type": "users_select",
            "action_id": what.action,
            "placeholder": {"type": "plain_text", "text": label(what.label), "emoji": True},
        }
    element: Block = {
        "type": "button",
        "action_id": what.action,
        "text": {"type": "plain_text", "text": label(what.label), "emoji": True},
    }
    if what.value:
        element["value"] = what.value
        number = what.value.partition(":")[0]
        if number.isdecimal():
            element["accessibility_label"] = label(say("{button} (inquiry {number})", button=what.label, number=number))
    if what.style:
        element["style"] = what.style
    if what.url:
        element["url"] = what.url
    if what.confirm:
        element["confirm"] = {
            "title": {"type": "plain_text", "text": say("Are you sure?")},
            "text": {"type": "plain_text", "text": what.confirm},
            "confirm": {"type": "plain_text", "text": what.label[:30]},
            "deny": {"type": "plain_text", "text": say("Not yet")[:30]},
        }
    return element


def actions(buttons: Sequence[Button], seldom: Sequence[Button] = ()) -> list[Block]:
    """One actions block, or none, with what is `seldom` wanted (five at most) in a menu behind its last button. Buttons
    of the same action in one block get ids that differ, as Slack demands."""
    if not buttons and not seldom:
        return []
    block: Block = {"type": "actions", "elements": [button(what) for what in buttons]}
    if seldom:
        block["elements"].append(menu(seldom))
    give = next((what for what in buttons if what.action == ids.ASSIGN_TO), None)
    if give is not None:
        block["block_id"] = f"{ids.ASSIGN_BLOCK}:{give.value}"
    return [block]


def menu(buttons: Sequence[Button]) -> Block:
    """The menu behind "…": an option carries what its button would, as "<action>:<value>"."""
    options: list[Block] = []
    for what in buttons:
        option: Block = {
            "text": {"type": "plain_text", "text": label(what.label), "emoji": True},
            "value": f"{what.action}:{what.value}",
        }
        if what.url:
            option["url"] = what.url
        options.append(option)
    return {"type": "overflow", "action_id": ids.MORE, "options": options}


def said(sentence: str, mark: str = "") -> Block:
    """A sentence of the desk, with its emoji before it."""
    return section(f":{mark}: {mrkdwn(sentence)}" if mark else mrkdwn(sentence))


def rows(lines: Iterable[str], size: int = 2800) -> list[Block]:
    """Lines of the desk in as few sections as they fit."""
    blocks: list[Block] = []
    text = ""
    for line in lines:
        words = mrkdwn(line)
        if text and len(text) + len(words) + 1 > size:
            blocks.append(section(text))
            text = ""
        text = f"{text}\n{words}" if text else words
    if text:
        blocks.append(section(text))
    return blocks


def _as_mark_up(element: Block) -> str:
    return escape(element["text"]) if element["type"] == "plain_text" else str(element["text"])


def flat(blocks: Iterable[Block]) -> str:
    """All words of a message as one mark-up text, for where Slack takes no blocks; foreign words stay escaped."""
    texts: list[str] = []
    for block in blocks:
        if block["type"] == "section":
            texts.append(block["text"]["text"])
        elif block["type"] == "rich_text":
            words = "".join(e.get("text", "") for part in block["elements"] for e in part["elements"])
            texts.append("\n".join(f"&gt; {escape(line)}" for line in words.split("\n")))
        elif block["type"] == "context":
            texts += [_as_mark_up(element) for element in block["elements"] if "text" in element]
    return "\n".join(texts)


__all__ = ["Block", "actions", "button", "context", "escape", "flat", "quote", "rows", "said", "section"]
