"""The card of a practice inquiry: like a real one, and marked so that nobody takes it for one."""

from __future__ import annotations

from typing import Any

from desk.model.asking import Button
from desk.model.catalogue import say
from desk.model.inquiry import Inquiry
from platforms.slack import ids
from platforms.slack.blocks.card import inquiry_card
from platforms.slack.blocks.pieces import Block, actions, context


def practice_card(view: dict[str, Any]) -> tuple[str, list[Block]]:
    """Notification text and blocks. The real card's head and words, with practice's own buttons: none of a real
    inquiry's can be pressed here."""
    inquiry: Inquiry = view["inquiry"]
    text, blocks = inquiry_card(view)
    mark, own = f"#{inquiry.number} ", say("PRACTICE {n}", n=inquiry.number)
    head = blocks[0]["text"]["text"].replace(f"*{mark}", f":mortar_board: *{own} ", 1)
    blocks[0]["text"]["text"] = head
    value = f"practice:{inquiry.number}"
    buttons = [Button(ids.PRACTICE_NEXT, say("Another one"), value)]
    if not view["over"]:
        buttons.insert(0, Button(ids.PRACTICE_REPLY, say("Reply…"), value, "primary"))
    hint = say("Practice: nothing is published, and it counts nowhere. In the thread: {typed}", typed="`!reply …`")
    words = [block for block in blocks[1:] if block["type"] == "rich_text"]
    return f"{own}: {text.replace(mark, '', 1)}", [blocks[0], *words, *actions(buttons), context(hint)]
