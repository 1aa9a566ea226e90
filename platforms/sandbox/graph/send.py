"""The Send API's rules: who may be written to, when, with which tag, and how long a text may be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from platforms.sandbox.graph.errors import GraphError, missing_permission, outside_window, parameter
from platforms.sandbox.graph.page import Page, Person, Said, Thing, Upload

WINDOW = timedelta(hours=24)
"""Ordinary messages, after the person's last one (Meta's Messenger policy)."""
HUMAN_AGENT_WINDOW = timedelta(days=7)
"""The same with the HUMAN_AGENT tag."""
PRIVATE_REPLY_WINDOW = timedelta(days=7)
"""After the comment or visitor post that is answered."""
MESSAGE_LIMIT = 2_000
METADATA_LIMIT = 1_000
IMAGE_LIMIT, FILE_LIMIT = 8_000_000, 25_000_000
"""Bytes of an attachment (Send API reference)."""
KINDS = {"image": True, "video": True, "audio": True, "file": False}
"""Kinds of attachments, and whether the file's own must be the same."""
TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG")


def send(page: Page, params: Mapping[str, Any], permissions: set[str]) -> tuple[Person, Said]:
    """Check one Send API call and do it; raises GraphError where the real one would refuse."""
    recipient = _object(params.get("recipient"), "recipient")
    text, metadata, pictures = _message(page, params.get("message"))
    kind = params.get("messaging_type", "RESPONSE")
    if kind not in TYPES:
        raise parameter("Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}")
    tag = params.get("tag")
    if (kind == "MESSAGE_TAG") != (tag is not None):
        raise parameter("Param messaging_type must be MESSAGE_TAG where a tag is given, and a tag must be given then")
    if tag not in (None, "HUMAN_AGENT"):
        raise parameter("Invalid message tag")
    for key in ("comment_id", "post_id"):
        if key in recipient:
            answered = _answered(page, key, _id(recipient, key))
            if answered.author.blocks_us:
                raise GraphError(551, subcode=1545041)
            return answered.author, page.publish_message(answered.author, text, answered, metadata, pictures)
    person = page.people.get(_id(recipient, "id"))
    if person is None:
        raise parameter("No matching user found", subcode=2018001)
    last = page.conversation_with(person).last_from_them()
    if tag is not None and "human_agent" not in permissions:
        raise missing_permission("human_agent")
    if last is None or page.now() - last > (WINDOW if tag is None else HUMAN_AGENT_WINDOW):
        raise outside_window()
    if person.blocks_us:
        raise GraphError(551, subcode=1545041)
    return person, page.publish_message(person, text, metadata=metadata, pictures=pictures)


def _object(value: Any, name: str) -> dict[str, Any]:
    """A nested parameter: an object in a JSON body, or its JSON in a form field. `recipient=id` is neither."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, dict) or not value:
        raise parameter(f"param {name} must be non-empty.")
    return value


def _id(recipient: Mapping[str, Any], key: str) -> str:
    value = recipient.get(key)
    if not isinstance(value, str) or not value:
        raise parameter(f'Param recipient[{key}] must be a valid ID string (e.g., "123")')
    return value


def take_attachment(page: Page, params: Mapping[str, Any], files: Mapping[str, Upload]) -> str:
    """Keep what is to be sent later; its attachment_id. Raises GraphError where the real one would refuse."""
    attachment = _object(_object(params.get("message"), "message").get("attachment"), "message[attachment]")
    kind, file = attachment.get("type"), files.get("filedata")
    if kind not in KINDS or file is None:
        raise parameter("(#100) Param message[attachment][type] must be one of {image, video, audio, file}")
    if KINDS[kind] and not file.mime.startswith(f"{kind}/"):
        raise GraphError(100, "(#100) Upload attachment failure.", subcode=2018047)
    if len(file.data) > (IMAGE_LIMIT if kind == "image" else FILE_LIMIT):
        raise GraphError(100, "(#100) Attachment size exceeds allowable limit", subcode=2018294)
    key = str(1_857_000_000 + len(page.attachments))
    page.attachments[key] = (kind, page.picture(file.data, file.name))
    return key


def _attachment(page: Page, message: Mapping[str, Any]) -> list[str]:
    """Where the attachment is that a message names; a message has words or one attachment."""
    attachment = _object(message.get("attachment"), "message[attachment]")
    if "text" in message:
        raise parameter("(#100) Message cannot have both text and attachment")
    kind, place = page.attachments.get(str(attachment.get("payload", {}).get("attachment_id")), ("", ""))
    if not kind or kind != attachment.get("type"):
        raise GraphError(100, "(#100) Invalid attachment id", subcode=2018008)
    return [place]


def _message(page: Page, value: Any) -> tuple[str, str, list[str]]:
    message = _object(value, "message")
    text, metadata = message.get("text"), message.get("metadata", "")
    if "attachment" in message:
        return "", metadata, _attachment(page, message)
    if not isinstance(text, str) or not text.strip():
        raise parameter("Message cannot be empty, must provide valid attachment or text")
    if len(text) > MESSAGE_LIMIT:
        raise parameter(f"Length of param message[text] must be less than or equal to {MESSAGE_LIMIT}")
    if not isinstance(metadata, str) or len(metadata) > METADATA_LIMIT:
        raise parameter(f"Length of param message[metadata] must be less than or equal to {METADATA_LIMIT}")
    return text, metadata, []


def _answered(page: Page, key: str, thing_id: str) -> Thing:
    """What a private reply answers: once, within seven days, and nothing of our own."""
    thing = page.things.get(thing_id)
    if thing is None or thing.deleted or (thing.kind == "comment") != (key == "comment_id"):
        raise parameter(f"Invalid {key} parameter", subcode=2018292)
    if thing.by_page:
        raise GraphError(10902, "(#10902) This is not a Replyable activity")
    if thing.privately_answered:
        raise GraphError(10900)
    if page.now() - thing.at > PRIVATE_REPLY_WINDOW:
        raise GraphError(10901, "(#10901) Activity is too old to be replied to")
    return thing
