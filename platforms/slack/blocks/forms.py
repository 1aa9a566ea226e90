"""The forms that open over Slack: reply and note."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from desk.model.asking import Answer, Button
from desk.model.catalogue import say
from desk.model.inquiry import Entry, Inquiry
from platforms.slack import ids
from platforms.slack.blocks.hanging import choosing
from platforms.slack.blocks.pieces import Block, button, context, quote, rows, said, section
from platforms.slack.wording import escape, mrkdwn

LONGEST = 3000
"""Characters that Slack's text input takes."""


def reply_form(view: dict[str, Any]) -> dict[str, Any]:
    """The reply form: the customer's last words, the text, public or private and who will read it, a live counter.

    `view`: inquiry, newest (Entry), platform (title), private (chosen now), can_private, public_limit, private_limit,
    size, text, sign, account.
    """
    inquiry: Inquiry = view["inquiry"]
    newest: Entry = view["newest"]
    private: bool = view["private"]
    name = f"@{newest.author.handle}" if newest.author.handle else newest.author.name or say("the customer")
    title = say("Reply to #{number}", number=inquiry.number)
    blocks: list[Block] = [
        section(
            say("{customer} wrote on {platform}:", customer=f"*{escape(name)}*", platform=escape(view["platform"]))
        ),
        quote(newest.text[:2800] or say("[no text: open it on the platform]")),
        *canned_picker(view.get("canned", ()), view.get("canned_unsure", "")),
        _words(say("Your answer"), view["text"], filled=view.get("filled"), counted=True),
    ]
    blocks.append(counter(view))
    if view["can_private"]:
        public_option = _option(
            say("In public on {platform}", platform=view["platform"]), "public", say("Everybody can read it")
        )
        private_option = _option(say("Privately"), "private", say("Only {name} reads it", name=name[:50]))
        blocks.append(
            {
                "type": "input",
                "block_id": ids.WAY_BLOCK,
                "dispatch_action": True,
                "label": {"type": "plain_text", "text": say("Who will read it?")},
                "element": {
                    "type": "radio_buttons",
                    "action_id": ids.WAY_INPUT,
                    "options": [public_option, private_option],
                    "initial_option": private_option if private else public_option,
                },
            }
        )
    blocks += going_private(view)
    if view.get("hints"):
        blocks.append(
            {**context(*(f":eyes: {mrkdwn(hint)}" for hint in view["hints"][:10])), "block_id": ids.HINTS_BLOCK}
        )
    blocks.append(
        {
            "type": "input",
            "block_id": ids.PROMISE_BLOCK,
            "optional": True,
            "label": {"type": "plain_text", "text": say("It promises something until …")},
            "hint": {
                "type": "plain_text",
                "text": say("You are told before and at the time. Customers don't see this."),
            },
            "element": {
                "type": "plain_text_input",
                "action_id": ids.PROMISE_INPUT,
                "max_length": 200,
                "placeholder": {"type": "plain_text", "text": f"tomorrow 16:00 {say('refund status')}"},
            },
        }
    )
    blocks += choosing(view.get("takes"))
    closing = _option(say("Close the inquiry once it is sent"), "close")
    blocks.append(
        {
            "type": "input",
            "block_id": ids.CLOSE_BLOCK,
            "optional": True,
            "label": {"type": "plain_text", "text": say("Afterwards")},
            "element": {
                "type": "checkboxes",
                "action_id": ids.CLOSE_INPUT,
                "options": [closing],
                **({"initial_options": [closing]} if view.get("close") else {}),
            },
        }
    )
    return {
        "type": "modal",
        "callback_id": ids.REPLY_FORM,
        "notify_on_close": True,
        "private_metadata": json.dumps(
            {
                "number": inquiry.number,
                "version": inquiry.version,
                "private": private,
                "key": view["key"],
                **({"draft": view["draft"]} if view.get("draft") else {}),
                **({"offer": view["offer"]} if view.get("offer") else {}),
                **({"filled": view["filled"]} if view.get("filled") else {}),
            }
        ),
        "title": {"type": "plain_text", "text": title[:24]},
        "submit": {"type": "plain_text", "text": say("Send anyway") if view.get("draft") else say("Send")},
        "close": {"type": "plain_text", "text": say("Cancel")},
        "blocks": blocks,
    }


def going_private(view: dict[str, Any]) -> list[Block]:
    """Whether a public line points to the private message, with what it says; or why nothing private can be sent."""
    if view.get("no_private"):
        return [context(f":lock: {mrkdwn(view['no_private'])}")]
    if not view["private"] or not view.get("invitation"):
        return []
    also = _option(say("And invite them in public"), "invite", say("Once the private message stands"))
    return [
        {
            "type": "input",
            "block_id": ids.INVITE_BLOCK,
            "optional": True,
            "label": {"type": "plain_text", "text": say("In public")},
            "element": {
                "type": "checkboxes",
                "action_id": ids.INVITE_INPUT,
                "options": [also],
                **({"initial_options": [also]} if view.get("inviting") else {}),
            },
        },
        context(escape(say("Everybody then reads: “{text}”", text=view["invitation"]))),
    ]


def canned_picker(choices: Sequence[tuple[str, str]], unsure: str = "") -> list[Block]:
    """The list of canned answers that fill the text, those that fit first; nothing where there are none. `unsure`: the
    language that they are in, where the customer's is not known."""
    if not choices:
        return []
    options = [_option(f"{name} · {about}" if about else name, name) for name, about in choices[:100]]
    label = say("Begin with a canned answer")
    if unsure:
        label = say("Begin with a canned answer ({language}: the customer's is unsure)", language=unsure)
    return [
        {
            "type": "input",
            "block_id": ids.CANNED_BLOCK,
            "optional": True,
            "dispatch_action": True,
            "label": {"type": "plain_text", "text": label},
            "element": {
                "type": "static_select",
                "action_id": ids.CANNED_INPUT,
                "placeholder": {"type": "plain_text", "text": say("None")},
                "options": options,
            },
        }
    ]


def counter(view: dict[str, Any]) -> Block:
    """ "231/280 · X · public · signed – Mia" right below the text, as it counts now, and the team's guide beside it."""
    private = view["private"]
    limit = view["private_limit"] if private else view["public_limit"]
    parts = [f"*{view['size']}/{limit}*"]
    if view["size"] > limit:
        parts.append(f":red_circle: *{escape(say('{n} too long', n=view['size'] - limit))}*")
    parts.append(escape(view["platform"]))
    parts.append(escape(say("only the customer reads it") if private else say("everybody can read it")))
    if view["sign"]:
        parts.append(say("signed {sign}", sign=f"`{escape(view['sign'])}`"))
    told = section(" · ".join(parts), button(Button(ids.GUIDE, say("Tone and limits…"))))
    return {**told, "block_id": ids.COUNTER_BLOCK}


def guide_page(answer: Answer) -> dict[str, Any]:
    """The team's guide, on top of a form."""
    return {
        "type": "modal",
        "callback_id": ids.GUIDE,
        "title": {"type": "plain_text", "text": say("The guide")},
        "close": {"type": "plain_text", "text": say("Back")},
        "blocks": [said(answer.sentence), *rows(answer.lines)],
    }


def note_form(inquiry: Inquiry, key: str) -> dict[str, Any]:
    """The form for a note: for the team only. `key` names this opening."""
    return {
        "type": "modal",
        "callback_id": ids.NOTE_FORM,
        "private_metadata": json.dumps({"number": inquiry.number, "key": key}),
        "title": {"type": "plain_text", "text": say("Note on #{number}", number=inquiry.number)[:24]},
        "submit": {"type": "plain_text", "text": say("Keep")},
        "close": {"type": "plain_text", "text": say("Cancel")},
        "blocks": [_words(say("For the team; customers never see it"))],
    }


def correct_form(view: dict[str, Any], key: str) -> dict[str, Any]:
    """The form for other words in place of a published answer. `view`: number, nth, text, platform."""
    return {
        "type": "modal",
        "callback_id": ids.CORRECT_FORM,
        "private_metadata": json.dumps({"number": view["number"], "key": key, "nth": view["nth"]}),
        "title": {"type": "plain_text", "text": say("Correct #{number}", number=view["number"])[:24]},
        "submit": {"type": "plain_text", "text": say("Correct")},
        "close": {"type": "plain_text", "text": say("Cancel")},
        "blocks": [
            _words(
                say("What stands on {platform}; your name is added", platform=view["platform"]),
                (view["text"] or "")[:LONGEST],
                hint=say("The thread keeps what was said before."),
            )
        ],
    }


def _words(label: str, text: str = "", *, hint: str = "", filled: Any = None, counted: bool = False) -> Block:
    """The input that takes what a form is about, ready to be typed into. `filled` names what the desk put there itself:
    Slack shows other words only in a block of another name. `counted`: each character that is typed is told."""
    return {
        "type": "input",
        "block_id": f"{ids.TEXT_BLOCK}:{filled}" if filled else ids.TEXT_BLOCK,
        **({"dispatch_action": True} if counted else {}),
        "label": {"type": "plain_text", "text": label},
        **({"hint": {"type": "plain_text", "text": hint}} if hint else {}),
        "element": {
            "type": "plain_text_input",
            "action_id": ids.TEXT_INPUT,
            "multiline": True,
            "focus_on_load": True,
            "max_length": LONGEST,
            **({"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}} if counted else {}),
            **({"initial_value": text} if text else {}),
        },
    }


def _option(text: str, value: str, description: str = "") -> Block:
    option: Block = {"text": {"type": "plain_text", "text": text[:75]}, "value": value}
    if description:
        option["description"] = {"type": "plain_text", "text": description[:75]}
    return option
