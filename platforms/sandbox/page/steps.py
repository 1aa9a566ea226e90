"""The strip "Try: 1 … 4": four steps that tick themselves off from what really happened in the sandbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


class Steps:
    """Follows the newest thing that a visitor wrote as a customer, from the post to the answer under it.

    1 a customer wrote · 2 the inquiry was claimed · 3 somebody answered · 4 the answer stands on the network.
    """

    def __init__(self, world: Any) -> None:
        self.world = world
        self.place = ""
        self.message = ""
        self.name = ""
        self.number: int | None = None
        self.root: tuple[str, str] | None = None
        self._frames_from = 0
        self._edits = 0
        self._done: set[int] = set()

    def wrote(self, place: str, message: str, name: str, *, goes_on: bool = False) -> None:
        """A visitor wrote as a customer. A further word in a conversation (`goes_on`) does not begin the strip anew."""
        if 4 in self._done or (goes_on and self.message):
            return
        self.place, self.message, self.name = place, message, name
        self.number, self.root = None, None
        self._frames_from = len(self.world.slack.frames)
        self._edits = 0
        self._done = {1}
        for channel in list(self.world.slack.channels):
            for root in self.world.slack.messages(channel)[-20:]:
                self._look(channel, root)

    def slack(self, change: Mapping[str, Any]) -> None:
        """Something changed in Slack: is it our thread, or did its card change?"""
        if not self.message or change["type"] not in ("message", "changed"):
            return
        message = change["message"]
        channel = str(change.get("channel", ""))
        self._look(channel, message)
        if change["type"] == "changed" and self.root == (channel, message.get("ts")):
            self._edits += 1

    def _look(self, channel: str, message: Mapping[str, Any]) -> None:
        if self.root is not None:
            return
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        if (
            self.message in (payload.get("message_id"), *payload.get("message_ids", ()))
            and payload.get("inquiry") is not None
        ):
            self.number = int(payload["inquiry"])
            self.root = (channel, str(message.get("thread_ts") or message["ts"]))

    def now(self) -> dict[str, Any]:
        """The state of the strip: which steps are done, and the inquiry's number once there is one."""
        if self.message and self.number is not None and 4 not in self._done:
            self._follow()
        return {
            "done": sorted(self._done),
            "number": self.number,
            "place": self.place,
            "name": self.name,
            "message": self.message,
            "root": list(self.root) if self.root else None,
        }

    def _follow(self) -> None:
        frames = self.world.slack.frames[self._frames_from :]
        acked = {frame["envelope_id"] for frame in frames if frame["type"] == "ack"}
        claimed = replied = False
        for frame in frames:
            if frame["direction"] != "out" or frame["envelope_id"] not in acked:
                continue
            payload = _payload(frame)
            if self._is(payload, "claim"):
                claimed = True
            elif self._is(payload, "reply"):
                claimed = replied = True  # answering takes what is free
            elif self._is(payload, "release"):
                claimed = False
            elif self._is(payload, "undo"):
                replied = False
        self._done = {1}
        if claimed and self._edits:
            self._done.add(2)
        if replied:
            self._done.add(3)
        if self._answered():
            self._done.update((2, 3, 4))

    def _is(self, payload: Mapping[str, Any], verb: str) -> bool:
        """Whether an envelope asks for that verb: by command, button, modal, or a word in the thread."""
        number = str(self.number)
        if command := payload.get("command"):
            words = f"{command} {payload.get('text', '')}".lstrip("/").replace("#", "").split()
            at = next((at for at, word in enumerate(words[:2]) if word == verb or word.endswith(f"-{verb}")), None)
            if at is None:
                return False
            rest = words[at + 1 :]
            if rest and rest[0].isdigit():
                return rest[0] == number and (verb != "reply" or len(rest) > 1)
            return verb != "reply" or bool(rest)
        for action in payload.get("actions") or ():
            if action.get("action_id") == verb and str(action.get("value", "")).split(":")[0] == number:
                return verb != "reply"  # that button only opens the modal
        view = payload.get("view") or {}
        if payload.get("type") == "view_submission" and verb in str(view.get("callback_id", "")):
            return number in re.findall(
                r"\d+", f"{view.get('private_metadata')} {(view.get('title') or {}).get('text')}"
            )
        event = payload.get("event") or {}
        if self.root and event.get("thread_ts") == self.root[1] and "bot_id" not in event:
            said = str(event.get("text", "")).strip()
            return said.startswith(f"!{verb}") or bool(re.match(rf"<@\w+>\s+{verb}\b", said))
        return False

    def _answered(self) -> bool:
        x, graph = self.world.x, self.world.graph
        if self.place == "x":
            ours = next((post for post in x.all_posts() if post["id"] == self.message), None)
            return ours is not None and any(
                post["ours"] and post["in_reply_to"] for post in x.thread(ours["conversation_id"])
            )
        if self.place == "x_direct":
            return any(one["at"] >= self._at(x) for one in x.sent_directs)
        if self.place == "facebook":
            return any(one["on"] == self.message for one in graph.published)
        return any(one["to"] == graph.person(self.name).id for one in graph.published)

    def _at(self, x: Any) -> Any:
        return x.at_of(self.message)


def _payload(frame: Mapping[str, Any]) -> dict[str, Any]:
    payload = frame.get("payload")
    if not isinstance(payload, dict):
        return {}
    inner = payload.get("payload")
    return inner if isinstance(inner, dict) else payload
