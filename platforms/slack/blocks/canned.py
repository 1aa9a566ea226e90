"""The form for a canned answer: its name, and its three parts, a wording per line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from desk.model.catalogue import say
from platforms.slack import ids
from platforms.slack.blocks.pieces import Block, context

FIELDS = ("name", "topic", "about", "language", "feeling", "facts", "next", "faq")
"""The fields of the form; each is a block of its name, with one input."""


def canned_form(values: Mapping[str, str], number: int, key: str) -> dict[str, Any]:
    """`values` by field; `number` is the inquiry whose answer is saved, 0 where it is none."""
    return {
        "type": "modal",
        "callback_id": ids.CANNED_FORM,
        "private_metadata": json.dumps({"number": number, "key": key}),
        "title": {"type": "plain_text", "text": say("A canned answer")},
        "submit": {"type": "plain_text", "text": say("Keep")},
        "close": {"type": "plain_text", "text": say("Cancel")},
        "blocks": [
            _field("name", say("Name"), values, "late-parcel", longest=40),
            _field("topic", say("Topic"), values, "delivery", longest=40),
            _field("about", say("What it is about"), values, say("A parcel has not come"), longest=200, optional=True),
            _field("feeling", say("The feeling heard, a wording per line"), values, "Sorry[, {name}].", lines=True),
            _field("facts", say("The facts, a wording per line"), values, say("It is on its way."), lines=True),
            _field("next", say("The next step with a date"), values, "I'll write to you {until}.", lines=True),
            context(
                say(
                    "Places that are filled in: {places}. Any other is asked of who uses it. What stands in [ ] goes "
                    "where its place is empty. An agent's waits until a lead approves it.",
                    places="{name} {agent} {order} {until} {hours} {phone} {email} {web} {faq}",
                )
            ),
            _field("language", say("Language"), values, "en", longest=3, optional=True),
            _field("faq", say("More on it for customers"), values, "https://", longest=300, optional=True),
        ],
    }


def _field(
    name: str,
    label: str,
    values: Mapping[str, str],
    hint: str,
    *,
    longest: int = 3000,
    lines: bool = False,
    optional: bool = False,
) -> Block:
    value = values.get(name, "")[:longest]
    return {
        "type": "input",
        "block_id": name,
        "optional": optional,
        "label": {"type": "plain_text", "text": label},
        "element": {
            "type": "plain_text_input",
            "action_id": ids.TEXT_INPUT,
            "multiline": lines,
            "max_length": longest,
            "placeholder": {"type": "plain_text", "text": hint},
            **({"initial_value": value} if value else {}),
        },
    }


def typed_in(view: Mapping[str, Any]) -> dict[str, str]:
    """What stands in each field of a form that came back."""
    values = view["state"]["values"]
    return {name: str((values.get(name, {}).get(ids.TEXT_INPUT) or {}).get("value") or "") for name in FIELDS}
