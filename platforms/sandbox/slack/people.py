"""What people do in the workspace: they type, press, choose, submit and react, and the app is asked at once."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from platforms.sandbox.slack import blocks as block_kit
from platforms.sandbox.slack.files import refused_files
from platforms.sandbox.slack.objects import Address, Channel, Message, View, micros
from platforms.sandbox.slack.socket import Ack
from platforms.sandbox.slack.workspace import Workspace

TYPED = re.compile(r"(/\S+)(?:\s+(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of something a person did.

    `ok` is False where Slack refused it or the app did not acknowledge in time; `error` then says why, in Slack's own
    words or its error name. `response` is what the app put into its acknowledgement, or None.
    """

    ok: bool
    error: str | None = None
    response: dict[str, Any] | None = None
    envelope_id: str = ""


class People(Workspace):
    """The workspace with people who act in it. Each act returns when the app has acknowledged, or its time is over."""

    # --- writing ---

    async def command(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Reply:
        """A person sends a slash command. `text` is what stands in the composer, escaped as Slack does (`&amp;`).

        What goes wrong is shown to the person as Slack shows it, as an ephemeral, and named in the reply: a command in
        a thread, an unknown command, `operation_timeout` (no acknowledgement in 3 real seconds), `dispatch_failed` (no
        connection to the app), `invalid_command_response`.
        """
        typed = TYPED.fullmatch(text.strip())
        if typed is None:
            return Reply(False, "no_command")
        name, rest = typed.group(1), (typed.group(2) or "").strip()
        place = self.channels[channel]
        refusal = self._refuses(user, place)
        if refusal is not None:
            return refusal
        if thread_ts is not None:
            return self._slackbot(user, channel, f"{name} is not supported in threads. Sorry!", thread_ts=thread_ts)
        if self.commands and name not in {one.name for one in self.commands}:
            return self._slackbot(
                user,
                channel,
                f"`{name}` is not a valid command. In Slack, everything that starts with the `/` character is "
                "interpreted as a command. If you are trying to send a message and not run a command, try preceding "
                "the `/` with an empty space.",
                error="invalid_command",
            )
        address = Address(user, channel, micros(self.now()), ephemeral=True)
        payload = {
            "token": "sandbox-verification-token",
            "team_id": self.team_id,
            "team_domain": self.team_domain,
            "channel_id": channel,
            "channel_name": {"im": "directmessage", "group": "privategroup"}.get(place.kind, place.name),
            "user_id": user,
            "user_name": self.users[user]["name"],
            "command": name,
            "text": rest,
            "api_app_id": self.app_id,
            "is_enterprise_install": "false",
            "response_url": self.response_url("commands", address),
            "trigger_id": self.new_trigger(user),
        }
        ack = await self.doors.send("slash_commands", payload, accepts=True)
        if not ack.ok:
            return self._slackbot(
                user, channel, f'{name} failed with the error "{ack.error}"', error=ack.error, envelope=ack.envelope_id
            )
        return self._answered(ack, user, place, name)

    def _answered(self, ack: Ack, user: str, place: Channel, name: str) -> Reply:
        """Show what stands in a command's acknowledgement."""
        answer = ack.payload
        if not isinstance(answer, dict) or not (answer.get("text") or answer.get("blocks")):
            return Reply(True, None, answer if isinstance(answer, dict) else None, ack.envelope_id)
        blocks = answer.get("blocks") or None
        wrong = block_kit.check_message(blocks) if blocks else []
        if wrong:
            return self._slackbot(
                user,
                place.id,
                f'{name} failed with the error "invalid_command_response"',
                error="invalid_command_response: " + "; ".join(wrong),
                envelope=ack.envelope_id,
            )
        message = self.bot_message(str(answer.get("text") or ""), blocks)
        if answer.get("response_type") == "in_channel":
            self.post(place, message)
        else:
            self.show_only(user, place.id, message)
        return Reply(True, None, answer, ack.envelope_id)

    def _slackbot(
        self,
        user: str,
        channel: str,
        sentence: str,
        *,
        error: str | None = None,
        thread_ts: str | None = None,
        envelope: str = "",
    ) -> Reply:
        message: Message = {"type": "message", "user": "USLACKBOT", "text": sentence, "team": self.team_id}
        self.show_only(user, channel, message, thread_ts)
        return Reply(False, error or sentence, None, envelope)

    def _refuses(self, user: str, place: Channel) -> Reply | None:
        if place.archived:
            return Reply(False, "is_archived")
        if user not in place.members:
            return Reply(False, "not_in_channel")
        if self.users[user]["deleted"]:
            return Reply(False, "account_inactive")
        return None

    async def say(
        self, user: str, channel: str, text: str, thread_ts: str | None = None, *, broadcast: bool = False
    ) -> str:
        """A person posts a message or a reply; its ts. `text` is in Slack's form (`&lt;`, `<@U0BOT>`).

        `broadcast` is the composer's "Also send to the channel".

        Raises ValueError where this person cannot write in this channel.
        """
        place = self.channels[channel]
        refusal = self._refuses(user, place)
        if refusal is not None:
            raise ValueError(f"{user} cannot write in {channel}: {refusal.error}")
        async with self._told():
            message = self.post(place, self.user_message(user, text), thread_ts=thread_ts, broadcast=broadcast)
        return str(message["ts"])

    async def other_bot_says(
        self, channel: str, text: str, *, bot_id: str = "B0OTHER", name: str = "other-app", classic: bool = False
    ) -> str:
        """Another app posts; its ts. `classic` gives the older form (subtype bot_message, no user)."""
        message: Message = {"bot_id": bot_id, "type": "message", "text": text, "ts": ""}
        if classic:
            message.update(subtype="bot_message", username=name)
        else:
            profile = {**self._bot_profile, "id": bot_id, "name": name, "app_id": "A0OTHER", "user_id": "U0OTHER"}
            message.update(user="U0OTHER", team=self.team_id, bot_profile=profile)
        async with self._told():
            self.post(self.channels[channel], message)
        return str(message["ts"])

    async def edit(self, channel: str, ts: str, text: str) -> None:
        """The author of a message edits it."""
        async with self._told():
            self.edit_message(channel, ts, text)

    async def react(self, user: str, channel: str, ts: str, name: str, remove: bool = False) -> None:
        """A person adds (or takes away) a reaction; `name` is without colons. Doing it twice changes nothing."""
        async with self._told():
            self.put_reaction(user, channel, ts, name, remove)

    def put_reaction(self, user: str, channel: str, ts: str, name: str, remove: bool = False) -> bool:
        """Change a message's reactions; False where nothing changed. KeyError where there is no such message."""
        place = self.channels[channel]
        message = place.messages[ts]
        reactions = {one["name"]: list(one["users"]) for one in message.get("reactions", ())}
        users = reactions.setdefault(name, [])
        if (user in users) != remove:
            return False
        if remove:
            users.remove(user)
        else:
            users.append(user)
        kept = [{"name": n, "users": u, "count": len(u)} for n, u in reactions.items() if u]
        new = {**message, "reactions": kept}
        if not kept:
            del new["reactions"]
        place.messages[ts] = new
        self.changed("changed", channel=channel, message=new, user=user)
        kind = "reaction_removed" if remove else "reaction_added"
        event = {
            "type": kind,
            "user": user,
            "item": {"type": "message", "channel": channel, "ts": ts},
            "reaction": name,
            "item_user": message.get("user", ""),
            "event_ts": self.new_ts(),
        }
        self.tell(kind, event, place)
        return True

    async def open_home(self, user: str) -> None:
        """A person opens the app's Home tab."""
        async with self._told():
            event: dict[str, Any] = {
                "type": "app_home_opened",
                "user": user,
                "channel": self.im(user).id,
                "tab": "home",
                "event_ts": self.new_ts(),
            }
            if user in self.homes:
                event["view"] = self.homes[user].body
            self.tell("app_home_opened", event)

    # --- pressing ---

    async def press(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        *,
        value: str | None = None,
        block_id: str | None = None,
        selected: Any = None,
    ) -> Reply:
        """A person presses a button or chooses in a menu, in a message or in what only they see.

        Where several elements have this action_id, `value` (a button's) or `block_id` says which. `selected` is the
        value of the chosen option, a person's or channel's id, a date, or a list of them for menus of several. An
        element that is not there: ok False, error "no_such_element: …".
        """
        ephemeral = next((one for one in self.ephemerals(user, channel) if one["ts"] == ts), None)
        message = ephemeral or self.message(channel, ts)
        if message is None:
            return Reply(False, "message_not_found")
        found = _find(message.get("blocks", ()), action_id, block_id, value)
        if found is None:
            there = [element["action_id"] for _, element in block_kit.acting(message.get("blocks", ()))]
            return Reply(False, f"no_such_element: {action_id} (there are: {', '.join(there) or 'none'})")
        block, element = found
        container: dict[str, Any] = {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel,
            "is_ephemeral": ephemeral is not None,
        }
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        place = self.channels[channel]
        address = Address(user, channel, micros(self.now()), ts, ephemeral is not None, message.get("thread_ts"))
        payload = {
            **self._from(user, "block_actions"),
            "container": container,
            "trigger_id": self.new_trigger(user),
            "channel": {"id": channel, "name": place.name},
            "state": {"values": {}},
            "response_url": self.response_url("actions", address),
            "actions": [self._action(block, element, selected)],
        }
        if ephemeral is None:
            payload["message"] = {k: v for k, v in message.items() if k != "metadata"}
        return await self._interact(payload)

    async def _interact(self, payload: dict[str, Any]) -> Reply:
        ack = await self.doors.send("interactive", payload, accepts=payload["type"] != "block_actions")
        answer = ack.payload if isinstance(ack.payload, dict) else None
        return Reply(ack.ok, ack.error, answer, ack.envelope_id)

    def _from(self, user: str, kind: str) -> dict[str, Any]:
        """What every interaction begins with."""
        name = self.users[user]["name"]
        return {
            "type": kind,
            "user": {"id": user, "username": name, "name": name, "team_id": self.users[user]["team_id"]},
            "api_app_id": self.app_id,
            "token": "sandbox-verification-token",
            "team": {"id": self.team_id, "domain": self.team_domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _action(self, block: dict[str, Any], element: dict[str, Any], selected: Any) -> dict[str, Any]:
        action: dict[str, Any] = {"action_id": element["action_id"], "block_id": block["block_id"]}
        if element["type"] == "button":
            action["text"] = element["text"]
            if "value" in element:
                action["value"] = element["value"]
        else:
            action.update(_chosen(element, selected))
            if "placeholder" in element and element["type"] != "plain_text_input":
                action["placeholder"] = element["placeholder"]
        return {**action, "type": element["type"], "action_ts": self.new_ts()}

    async def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Reply:
        """A person uses a message shortcut."""
        message = self.message(channel, ts)
        if message is None:
            return Reply(False, "message_not_found")
        name = self.users[user]["name"]
        address = Address(user, channel, micros(self.now()), ts, thread_ts=message.get("thread_ts"))
        payload = {
            "type": "message_action",
            "token": "sandbox-verification-token",
            "action_ts": self.new_ts(),
            "team": {"id": self.team_id, "domain": self.team_domain},
            "user": {"id": user, "username": name, "team_id": self.users[user]["team_id"], "name": name},
            "channel": {"id": channel, "name": self.channels[channel].name},
            "is_enterprise_install": False,
            "enterprise": None,
            "callback_id": callback_id,
            "trigger_id": self.new_trigger(user),
            "message_ts": ts,
            "message": {k: v for k, v in message.items() if k != "metadata"},
            "response_url": self.response_url("app", address),
        }
        return await self._interact(payload)

    async def global_shortcut(self, user: str, callback_id: str) -> Reply:
        """A person uses a global shortcut."""
        payload = {
            "type": "shortcut",
            "token": "sandbox-verification-token",
            "action_ts": self.new_ts(),
            "team": {"id": self.team_id, "domain": self.team_domain},
            "user": {
                "id": user,
                "username": self.users[user]["name"],
                "team_id": self.users[user]["team_id"],
            },
            "is_enterprise_install": False,
            "enterprise": None,
            "callback_id": callback_id,
            "trigger_id": self.new_trigger(user),
        }
        return await self._interact(payload)

    # --- modals ---

    def _view(self, user: str, view_id: str) -> View:
        for view in self.views.get(user, ()):
            if view.body["id"] == view_id:
                return view
        home = self.homes.get(user)
        if home is not None and home.body["id"] == view_id:
            return home
        raise LookupError(f"{user} has no view {view_id} open")

    async def submit(self, user: str, view_id: str, values: dict[str, dict[str, Any]] | None = None) -> Reply:
        """A person fills in `values` (block_id → action_id → value) and submits a modal.

        A required input left empty, or one that is too short or too long, is refused by Slack itself: ok False, error
        "invalid_input", and `response["errors"]`. When the app answers with errors, the modal stays open and shows
        them; otherwise it closes, is updated, or another is pushed on top, as the app says.
        """
        view = self._view(user, view_id)
        state = self._filled(view, values or {})
        refused = _refused(view.body["blocks"], state)
        if refused:
            view.errors = refused
            self.changed("view", user=user, view=view.body)
            return Reply(False, "invalid_input", {"errors": refused})
        view.body = {**view.body, "state": {"values": state}}
        view.errors = {}
        payload = {
            **self._from(user, "view_submission"),
            "trigger_id": self.new_trigger(user),
            "view": view.body,
            "response_urls": self._response_urls(user, view),
        }
        ack = await self.doors.send("interactive", payload, accepts=True)
        if not ack.ok:
            view.errors = {"": "We had some trouble connecting. Try again?"}
            self.changed("view", user=user, view=view.body)
            return Reply(False, ack.error, None, ack.envelope_id)
        return self._submitted(user, view, ack)

    def _response_urls(self, user: str, view: View) -> list[dict[str, Any]]:
        """A response_url for each channel that was chosen in a menu with `response_url_enabled`."""
        urls = []
        for block, element in block_kit.acting(view.body["blocks"]):
            if element.get("response_url_enabled"):
                state = view.body["state"]["values"][block["block_id"]][element["action_id"]]
                channel = state.get("selected_conversation") or state.get("selected_channel")
                if channel:
                    url = self.response_url("app", Address(user, channel, micros(self.now())))
                    ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
                    urls.append({**ids, "channel_id": channel, "response_url": url})
        return urls

    def _submitted(self, user: str, view: View, ack: Ack) -> Reply:
        answer = ack.payload if isinstance(ack.payload, dict) else None
        says = (answer or {}).get("response_action")
        wrong: list[str] = []
        if says == "errors":
            errors = (answer or {}).get("errors") or {}
            inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
            wrong = [f"{name} is not an input block" for name in errors if name not in inputs]
            if not errors or wrong:
                wrong = wrong or ["errors is empty"]
            else:
                view.errors = dict(errors)
                self.changed("view", user=user, view=view.body)
        elif says in ("update", "push"):
            new = (answer or {}).get("view")
            wrong = block_kit.check_view(new)
            if not wrong and isinstance(new, dict):
                if says == "update":
                    self.redraw(view, new)
                else:
                    self.open_view(user, new, on_top=True)
        elif says == "clear":
            for one in self.views.pop(user, []):
                self.changed("view_closed", user=user, view=one.body)
        elif says is None:
            self._close(user, view)
        else:
            wrong = [f"unknown response_action {says}"]
        if wrong:
            view.errors = {"": "We had some trouble connecting. Try again?"}
            self.changed("view", user=user, view=view.body)
            return Reply(False, "invalid_response: " + "; ".join(wrong), answer, ack.envelope_id)
        return Reply(True, None, answer, ack.envelope_id)

    def _filled(self, view: View, values: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """The state of a view: what was there, what stands in its inputs from the start, and what a person gave."""
        state: dict[str, dict[str, Any]] = {}
        before = view.body["state"]["values"]
        for block, element in block_kit.acting(view.body["blocks"]):
            if element["type"] in ("button", "overflow"):
                continue
            block_id, action_id = block["block_id"], element["action_id"]
            if block_id in values and action_id in values[block_id]:
                chosen = _chosen(element, values[block_id][action_id])
            elif action_id in before.get(block_id, {}):
                chosen = {k: v for k, v in before[block_id][action_id].items() if k != "type"}
            else:
                chosen = _initial(element)
            state.setdefault(block_id, {})[action_id] = {"type": element["type"], **chosen}
        for block_id, actions in values.items():
            for action_id in actions:
                if action_id not in state.get(block_id, {}):
                    raise LookupError(f"the view has no input {block_id}/{action_id}; it has {_names(state)}")
        return state

    async def type_in_view(self, user: str, view_id: str, block_id: str, action_id: str, value: Any) -> Reply | None:
        """A person types or chooses in a view without submitting it.

        The app hears of it (block_actions) where the element asks for that: always for elements outside input blocks,
        for typed text only with `dispatch_action` and `on_character_entered`. None where the app is not asked.
        """
        view = self._view(user, view_id)
        found = _find(view.body["blocks"], action_id, block_id, None)
        if found is None:
            raise LookupError(f"the view has no element {block_id}/{action_id}")
        block, element = found
        if element["type"] != "button":
            view.body = {**view.body, "state": {"values": self._filled(view, {block_id: {action_id: value}})}}
            self.changed("view", user=user, view=view.body)
        if block["type"] == "input":
            triggers = element.get("dispatch_action_config", {}).get("trigger_actions_on", ["on_enter_pressed"])
            if not block.get("dispatch_action"):
                return None
            if element["type"] in block_kit.TYPED and "on_character_entered" not in triggers:
                return None
        payload = {
            **self._from(user, "block_actions"),
            "container": {"type": "view", "view_id": view_id},
            "trigger_id": self.new_trigger(user),
            "view": view.body,
            "actions": [self._action(block, element, value)],
        }
        return await self._interact(payload)

    async def press_in_view(self, user: str, view_id: str, action_id: str, *, value: str | None = None) -> Reply:
        """A person presses a button in a modal or on the Home tab."""
        view = self._view(user, view_id)
        found = _find(view.body["blocks"], action_id, None, value)
        if found is None:
            return Reply(False, f"no_such_element: {action_id}")
        block, element = found
        payload = {
            **self._from(user, "block_actions"),
            "container": {"type": "view", "view_id": view_id},
            "trigger_id": self.new_trigger(user),
            "view": view.body,
            "actions": [self._action(block, element, None)],
        }
        return await self._interact(payload)

    async def suggest(self, user: str, view_id: str, block_id: str, action_id: str, typed: str) -> Reply:
        """A person types into an external_select of a view; `response` holds the app's options or option_groups."""
        view = self._view(user, view_id)
        found = _find(view.body["blocks"], action_id, block_id, None)
        if found is None or "external_select" not in found[1]["type"]:
            return Reply(False, f"no_such_element: {action_id}")
        payload = {
            **self._from(user, "block_suggestion"),
            "container": {"type": "view", "view_id": view_id},
            "action_id": action_id,
            "block_id": block_id,
            "value": typed,
            "view": view.body,
        }
        reply = await self._interact(payload)
        answer = reply.response or {}
        wrong = block_kit.check_options(answer) if reply.ok else []
        if wrong:
            return Reply(False, "invalid_options: " + "; ".join(wrong), answer, reply.envelope_id)
        return reply

    async def close_view(self, user: str, view_id: str) -> Reply:
        """A person closes a modal without submitting it; the app hears of it where it asked to."""
        view = self._view(user, view_id)
        self._close(user, view)
        if not view.body["notify_on_close"]:
            return Reply(True)
        payload = {
            **self._from(user, "view_closed"),
            "view": view.body,
            "is_cleared": False,
            "response_urls": [],
        }
        return await self._interact(payload)

    def _close(self, user: str, view: View) -> None:
        stack = self.views.get(user, [])
        if view in stack:
            stack.remove(view)
        self.changed("view_closed", user=user, view=view.body)

    def open_view(self, user: str, given: dict[str, Any], *, on_top: bool = False) -> View:
        """Open a valid modal for a person; without `on_top` it takes the place of what they had open."""
        if not on_top:
            for old in list(self.views.get(user, [])):
                self._close(user, old)
        stack = self.views.setdefault(user, [])
        view = View(self.view_body(given, "V" + self.new_id(10).upper()), user)
        if stack:
            view.body["previous_view_id"] = stack[-1].body["id"]
            view.body["root_view_id"] = stack[0].body["id"]
        stack.append(view)
        self.changed("view", user=user, view=view.body)
        return view

    def redraw(self, view: View, given: dict[str, Any]) -> None:
        """Put a new version of a view in its place; what was typed stays where block_id and action_id are the same."""
        fresh = self.view_body(given, view.body["id"])
        fresh["previous_view_id"] = view.body["previous_view_id"]
        fresh["root_view_id"] = view.body["root_view_id"]
        names = {(b["block_id"], e["action_id"]) for b, e in block_kit.acting(fresh["blocks"])}
        values: dict[str, dict[str, Any]] = {}
        for block_id, actions in view.body["state"]["values"].items():
            for action_id, value in actions.items():
                if (block_id, action_id) in names:
                    values.setdefault(block_id, {})[action_id] = value
        fresh["state"] = {"values": values}
        view.body = fresh
        view.errors = {}
        self.changed("view", user=view.user, view=view.body)

    def view_body(self, given: dict[str, Any], id: str) -> dict[str, Any]:
        """A view as Slack sends it to the app."""
        body: dict[str, Any] = {
            "id": id,
            "team_id": self.team_id,
            "type": given["type"],
            "blocks": block_kit.normalised(given["blocks"], self.new_id),
            "private_metadata": given.get("private_metadata") or "",
            "callback_id": given.get("callback_id") or "",
            "state": {"values": {}},
            "hash": f"{micros(self.now()) // 1_000_000}.{self.new_id(8)}",
            "title": block_kit.with_texts(given.get("title") or {"type": "plain_text", "text": "View Title"}),
            "clear_on_close": bool(given.get("clear_on_close")),
            "notify_on_close": bool(given.get("notify_on_close")),
            "close": block_kit.with_texts(given.get("close")),
            "submit": block_kit.with_texts(given.get("submit")),
            "previous_view_id": None,
            "root_view_id": id,
            "app_id": self.app_id,
            "external_id": given.get("external_id") or "",
            "app_installed_team_id": self.team_id,
            "bot_id": self.bot_id,
        }
        return body

    def _told(self) -> _Told:
        return _Told(self)


class _Told:
    """Waits, at its end, until the app has acknowledged (or missed) the events that were sent meanwhile."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.before: set[asyncio.Future[None]] = set()

    async def __aenter__(self) -> None:
        self.before = set(self.people.doors.firsts)

    async def __aexit__(self, *_: object) -> None:
        mine = self.people.doors.firsts - self.before
        if mine:
            await asyncio.wait(mine)


def _names(state: dict[str, dict[str, Any]]) -> str:
    return ", ".join(f"{block}/{action}" for block, actions in state.items() for action in actions) or "none"


def _find(
    blocks: Any, action_id: str, block_id: str | None, value: str | None
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    for block, element in block_kit.acting(blocks):
        if (
            element.get("action_id") == action_id
            and (block_id is None or block["block_id"] == block_id)
            and (value is None or element.get("value") == value)
        ):
            return block, element
    return None


def _option(element: dict[str, Any], value: Any) -> Any:
    groups = element.get("option_groups")
    options = [o for group in groups for o in group["options"]] if groups else element.get("options", [])
    for option in options:
        if option["value"] == value:
            return option
    if element["type"].endswith("external_select"):
        return {"text": {"type": "plain_text", "text": str(value), "emoji": True}, "value": str(value)}
    raise LookupError(f"{element['action_id']} has no option {value!r}; it has {[o['value'] for o in options]}")


PLAIN: dict[str, str] = {
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "rich_text_input": "rich_text_value",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
}
"""The name under which Slack sends what was typed or chosen in an element."""
ONE_OPTION = frozenset({"static_select", "external_select", "radio_buttons", "overflow"})
INITIAL: dict[str, str] = {
    "value": "initial_value",
    "rich_text_value": "initial_value",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
}


def _chosen(element: dict[str, Any], value: Any) -> dict[str, Any]:
    """What Slack sends for a value that a person typed or chose."""
    kind = element["type"]
    if kind in PLAIN:
        return {PLAIN[kind]: value if value != "" else None}
    if kind in ONE_OPTION:
        return {"selected_option": None if value is None else _option(element, value)}
    return {"selected_options": [_option(element, one) for one in value or []]}


def _initial(element: dict[str, Any]) -> dict[str, Any]:
    kind = element["type"]
    if kind in PLAIN:
        name = PLAIN[kind]
        return {name: element.get(INITIAL.get(name, ""))}
    if kind in ONE_OPTION:
        return {"selected_option": element.get("initial_option")}
    return {"selected_options": element.get("initial_options", [])}


def _refused(blocks: list[dict[str, Any]], state: dict[str, dict[str, Any]]) -> dict[str, str]:
    """What Slack's own form check says, by block_id."""
    refused: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        given = {k: v for k, v in state[block["block_id"]][element["action_id"]].items() if k != "type"}
        value = next(iter(given.values()), None)
        if value in (None, "", []):
            if not block.get("optional"):
                refused[block["block_id"]] = "Please complete this required field."
        elif element["type"] == "file_input":
            if wrong := refused_files(element, value):
                refused[block["block_id"]] = wrong
        elif element["type"] == "plain_text_input":
            least, most = element.get("min_length", 0), element.get("max_length", 3_000)
            if len(value) < least:
                refused[block["block_id"]] = f"Must be at least {least} characters."
            elif len(value) > most:
                refused[block["block_id"]] = f"Must be at most {most} characters."
    return refused
