"""Slack's block validator: what it refuses, where, and in its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from platforms.sandbox.slack import limits

Block = dict[str, Any]

SELECTS = frozenset(
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
)
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
CHOICES = frozenset({"checkboxes", "radio_buttons"})
TYPED = frozenset(
    {"plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input", "file_input"}
)
IN_ACTIONS = SELECTS | PICKERS | CHOICES | {"button", "overflow", "workflow_button", "rich_text_input"}
IN_SECTION = SELECTS | PICKERS | CHOICES | {"button", "overflow", "image", "workflow_button"}
IN_INPUT = SELECTS | PICKERS | CHOICES | TYPED

_COMMON = frozenset({"type", "action_id"})
_SELECT = _COMMON | {"placeholder", "confirm", "focus_on_load", "max_selected_items"}
ELEMENT_FIELDS: dict[str, frozenset[str]] = {
    "button": _COMMON | {"text", "url", "value", "style", "confirm", "accessibility_label"},
    "workflow_button": _COMMON | {"text", "workflow", "style", "accessibility_label"},
    "overflow": _COMMON | {"options", "confirm"},
    "static_select": _SELECT | {"options", "option_groups", "initial_option"},
    "multi_static_select": _SELECT | {"options", "option_groups", "initial_options"},
    "external_select": _SELECT | {"initial_option", "min_query_length"},
    "multi_external_select": _SELECT | {"initial_options", "min_query_length"},
    "users_select": _SELECT | {"initial_user"},
    "multi_users_select": _SELECT | {"initial_users"},
    "conversations_select": _SELECT
    | {"initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter"},
    "multi_conversations_select": _SELECT | {"initial_conversations", "default_to_current_conversation", "filter"},
    "channels_select": _SELECT | {"initial_channel", "response_url_enabled"},
    "multi_channels_select": _SELECT | {"initial_channels"},
    "datepicker": _COMMON | {"placeholder", "initial_date", "confirm", "focus_on_load"},
    "timepicker": _COMMON | {"placeholder", "initial_time", "confirm", "focus_on_load", "timezone"},
    "datetimepicker": _COMMON | {"initial_date_time", "confirm", "focus_on_load"},
    "checkboxes": _COMMON | {"options", "initial_options", "confirm", "focus_on_load"},
    "radio_buttons": _COMMON | {"options", "initial_option", "confirm", "focus_on_load"},
    "plain_text_input": _COMMON
    | {
        "placeholder",
        "initial_value",
        "multiline",
        "min_length",
        "max_length",
        "dispatch_action_config",
        "focus_on_load",
    },
    "number_input": _COMMON
    | {
        "is_decimal_allowed",
        "initial_value",
        "min_value",
        "max_value",
        "dispatch_action_config",
        "focus_on_load",
        "placeholder",
    },
    "email_text_input": _COMMON | {"initial_value", "dispatch_action_config", "focus_on_load", "placeholder"},
    "url_text_input": _COMMON | {"initial_value", "dispatch_action_config", "focus_on_load", "placeholder"},
    "rich_text_input": _COMMON | {"initial_value", "dispatch_action_config", "focus_on_load", "placeholder"},
    "file_input": _COMMON | {"filetypes", "max_files"},
    "image": frozenset({"type", "alt_text", "image_url", "slack_file"}),
}
BLOCK_FIELDS: dict[str, frozenset[str]] = {
    "section": frozenset({"type", "block_id", "text", "fields", "accessory", "expand"}),
    "context": frozenset({"type", "block_id", "elements"}),
    "actions": frozenset({"type", "block_id", "elements"}),
    "header": frozenset({"type", "block_id", "text", "level"}),
    "divider": frozenset({"type", "block_id"}),
    "image": frozenset({"type", "block_id", "alt_text", "image_url", "slack_file", "title"}),
    "rich_text": frozenset({"type", "block_id", "elements"}),
    "markdown": frozenset({"type", "block_id", "text"}),
    "input": frozenset({"type", "block_id", "label", "element", "hint", "optional", "dispatch_action"}),
}
NEWER = frozenset({"alert", "card", "carousel", "context_actions", "file", "table", "video", "call"})
"""Blocks that exist and whose insides the stand-in does not check (what it lets pass here is guessed)."""

Where = str
Complain = Callable[[str, Where], None]


class Checker:
    """Collects what is wrong with some blocks, as Slack's `response_metadata.messages` would say it."""

    def __init__(self, root: str = "/blocks") -> None:
        self.root = root
        self.messages: list[str] = []

    def bad(self, what: str, where: Where) -> None:
        self.messages.append(f"[ERROR] {what} [json-pointer:{where}]")

    def length(self, text: object, most: int, where: Where, least: int = 1) -> None:
        if not isinstance(text, str):
            self.bad("must be a string" if text is not None else "missing required field", where)
        elif len(text) < least:
            self.bad(f"must be more than {least - 1} characters", where)
        elif len(text) > most:
            self.bad(f"must be less than {most + 1} characters", where)

    def known(self, thing: Block, fields: frozenset[str], where: Where) -> None:
        for name in thing:
            if name not in fields:
                self.bad(f"invalid additional property: {name}", where)

    def text(self, text: object, most: int, where: Where, *, plain: bool = False) -> None:
        """A text object: plain_text or mrkdwn."""
        if not isinstance(text, dict):
            self.bad("must provide an object" if text is not None else "missing required field: text", where)
            return
        kind = text.get("type")
        if kind == "plain_text":
            self.known(text, frozenset({"type", "text", "emoji"}), where)
        elif kind == "mrkdwn" and not plain:
            self.known(text, frozenset({"type", "text", "verbatim"}), where)
        else:
            self.bad(f"unsupported type: {kind}", f"{where}/type")
        self.length(text.get("text"), most, f"{where}/text")

    def blocks(self, blocks: object, most: int, *, view: bool = False) -> None:
        """All blocks of a message or view, at most `most` of them."""
        if not isinstance(blocks, list):
            self.bad("must provide an array", self.root)
            return
        if len(blocks) > most:
            self.bad(f"no more than {most} items allowed", self.root)
        seen: set[str] = set()
        for index, block in enumerate(blocks):
            where = f"{self.root}/{index}"
            if not isinstance(block, dict):
                self.bad("must provide an object", where)
                continue
            self.block(block, where, view=view)
            block_id = block.get("block_id")
            if block_id is not None:
                self.length(block_id, limits.CALLBACK_ID, f"{where}/block_id")
                if isinstance(block_id, str):
                    if block_id in seen:
                        self.bad(f"`block_id` {block_id} already exists", f"{where}/block_id")
                    seen.add(block_id)

    def block(self, block: Block, where: Where, *, view: bool) -> None:
        kind = block.get("type")
        if kind in NEWER:
            return
        fields = BLOCK_FIELDS.get(str(kind))
        if fields is None or (view and kind == "markdown"):
            self.bad(f"unsupported type: {kind}", f"{where}/type")
            return
        self.known(block, fields, where)
        check = getattr(self, f"_{kind}")
        check(block, where)

    def _divider(self, block: Block, where: Where) -> None:
        pass

    def _section(self, block: Block, where: Where) -> None:
        if "text" not in block and "fields" not in block:
            self.bad("missing required field: text", where)
        if "text" in block:
            self.text(block["text"], 3_000, f"{where}/text")
        if "fields" in block:
            fields = block["fields"]
            if not isinstance(fields, list) or not fields:
                self.bad("must provide an array", f"{where}/fields")
                fields = []
            if len(fields) > 10:
                self.bad("no more than 10 items allowed", f"{where}/fields")
            for index, one in enumerate(fields):
                self.text(one, 2_000, f"{where}/fields/{index}")
        if "accessory" in block:
            self.element(block["accessory"], IN_SECTION, f"{where}/accessory")

    def _context(self, block: Block, where: Where) -> None:
        for index, one in self._elements(block, 10, where):
            here = f"{where}/elements/{index}"
            if one.get("type") == "image":
                self.element(one, frozenset({"image"}), here)
            else:
                self.text(one, 3_000, here)

    def _actions(self, block: Block, where: Where) -> None:
        seen: set[str] = set()
        for index, one in self._elements(block, 25, where):
            here = f"{where}/elements/{index}"
            self.element(one, IN_ACTIONS, here)
            name = one.get("action_id")
            if isinstance(name, str):
                if name in seen:
                    self.bad(f"`action_id` {name} already exists", f"{here}/action_id")
                seen.add(name)

    def _header(self, block: Block, where: Where) -> None:
        self.text(block.get("text"), 150, f"{where}/text", plain=True)

    def _image(self, block: Block, where: Where) -> None:
        self._picture(block, where)
        if "title" in block:
            self.text(block["title"], 2_000, f"{where}/title", plain=True)

    def _picture(self, thing: Block, where: Where) -> None:
        self.length(thing.get("alt_text"), 2_000, f"{where}/alt_text")
        if "slack_file" not in thing:
            self.length(thing.get("image_url"), 3_000, f"{where}/image_url")

    def _markdown(self, block: Block, where: Where) -> None:
        self.length(block.get("text"), 12_000, f"{where}/text")

    def _input(self, block: Block, where: Where) -> None:
        self.text(block.get("label"), 2_000, f"{where}/label", plain=True)
        if "hint" in block:
            self.text(block["hint"], 2_000, f"{where}/hint", plain=True)
        self.element(block.get("element"), IN_INPUT, f"{where}/element")

    def _rich_text(self, block: Block, where: Where) -> None:
        for index, one in self._elements(block, 10_000, where, least=0):
            here = f"{where}/elements/{index}"
            kind = one.get("type")
            if kind == "rich_text_list":
                if one.get("style") not in ("bullet", "ordered"):
                    self.bad("must be one of: bullet, ordered", f"{here}/style")
                for line, section in self._elements(one, 10_000, here):
                    self._rich_words(section, f"{here}/elements/{line}")
            elif kind in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
                self._rich_words(one, here)
            else:
                self.bad(f"unsupported type: {kind}", f"{here}/type")

    def _rich_words(self, section: Block, where: Where) -> None:
        for index, one in self._elements(section, 100_000, where, least=0):
            need = RICH.get(str(one.get("type")))
            here = f"{where}/elements/{index}"
            if need is None:
                self.bad(f"unsupported type: {one.get('type')}", f"{here}/type")
                continue
            for name in need:
                value = one.get(name)
                if value is None:
                    self.bad(f"missing required field: {name}", here)
                elif value == "" and name == "text":
                    self.bad("must be more than 0 characters", f"{here}/text")

    def _elements(self, block: Block, most: int, where: Where, least: int = 1) -> Iterable[tuple[int, Block]]:
        elements = block.get("elements")
        if not isinstance(elements, list):
            self.bad("missing required field: elements" if elements is None else "must provide an array", where)
            return
        if len(elements) < least:
            self.bad(f"no less than {least} items allowed", f"{where}/elements")
        if len(elements) > most:
            self.bad(f"no more than {most} items allowed", f"{where}/elements")
        for index, one in enumerate(elements):
            if isinstance(one, dict):
                yield index, one
            else:
                self.bad("must provide an object", f"{where}/elements/{index}")

    def element(self, element: object, allowed: frozenset[str], where: Where) -> None:
        """A button, menu, picker, input or image."""
        if not isinstance(element, dict):
            self.bad("missing required field: element" if element is None else "must provide an object", where)
            return
        kind = str(element.get("type"))
        if kind not in allowed:
            self.bad(f"unsupported type: {element.get('type')}", f"{where}/type")
            return
        self.known(element, ELEMENT_FIELDS[kind], where)
        if kind == "image":
            self._picture(element, where)
            return
        if "action_id" in element:
            self.length(element["action_id"], limits.CALLBACK_ID, f"{where}/action_id")
        if "placeholder" in element:
            self.text(element["placeholder"], 150, f"{where}/placeholder", plain=True)
        if "confirm" in element:
            self._confirm(element["confirm"], f"{where}/confirm")
        if kind in ("button", "workflow_button"):
            self._button(element, where)
        elif kind in ("static_select", "multi_static_select"):
            self._menu(element, where)
        elif kind == "overflow":
            self._options(element, where, 5)
        elif kind in CHOICES:
            self._options(element, where, 10)
        elif kind == "plain_text_input":
            self._plain_text_input(element, where)
        elif kind == "file_input":
            self._file_input(element, where)

    def _file_input(self, element: Block, where: Where) -> None:
        most, types = element.get("max_files", 10), element.get("filetypes", [])
        if not isinstance(most, int) or not 1 <= most <= 10:
            self.bad("must be 1 to 10", f"{where}/max_files")
        if not isinstance(types, list) or not all(isinstance(one, str) and one for one in types):
            self.bad("must be a list of strings", f"{where}/filetypes")

    def _button(self, element: Block, where: Where) -> None:
        self.text(element.get("text"), 75, f"{where}/text", plain=True)
        if "value" in element:
            self.length(element["value"], 2_000, f"{where}/value", least=0)
        if "url" in element:
            self.length(element["url"], 3_000, f"{where}/url")
        if "accessibility_label" in element:
            self.length(element["accessibility_label"], 75, f"{where}/accessibility_label")
        if element.get("style", "primary") not in ("primary", "danger"):
            self.bad("must be one of: primary, danger", f"{where}/style")

    def _menu(self, element: Block, where: Where) -> None:
        if "option_groups" not in element:
            self._options(element, where, 100)
            return
        groups = element["option_groups"]
        if not isinstance(groups, list) or not 1 <= len(groups) <= 100:
            self.bad("no more than 100 items allowed", f"{where}/option_groups")
            return
        for index, group in enumerate(groups):
            here = f"{where}/option_groups/{index}"
            self.text(group.get("label"), 75, f"{here}/label", plain=True)
            self._options(group, here, 100)

    def _options(self, element: Block, where: Where, most: int) -> None:
        options = element.get("options")
        if not isinstance(options, list) or not options:
            self.bad("no less than 1 items allowed", f"{where}/options")
            return
        if len(options) > most:
            self.bad(f"no more than {most} items allowed", f"{where}/options")
        for index, option in enumerate(options):
            here = f"{where}/options/{index}"
            if not isinstance(option, dict):
                self.bad("must provide an object", here)
                continue
            self.text(option.get("text"), 75, f"{here}/text")
            self.length(option.get("value"), 150, f"{here}/value")
            if "description" in option:
                self.text(option["description"], 75, f"{here}/description")
        for name in ("initial_option", "initial_options"):
            chosen = element.get(name)
            for one in chosen if isinstance(chosen, list) else [chosen] if chosen else []:
                if one not in options:
                    self.bad(f"{name} must match one of the options", f"{where}/{name}")

    def _confirm(self, confirm: object, where: Where) -> None:
        if not isinstance(confirm, dict):
            self.bad("must provide an object", where)
            return
        for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            if name in confirm or name in ("title", "text"):
                self.text(confirm.get(name), most, f"{where}/{name}", plain=name != "text")

    def _plain_text_input(self, element: Block, where: Where) -> None:
        for name in ("min_length", "max_length"):
            value = element.get(name)
            if value is not None and not (isinstance(value, int) and 0 <= value <= 3_000):
                self.bad("must be between 0 and 3000", f"{where}/{name}")
        if "initial_value" in element:
            self.length(element["initial_value"], 3_000, f"{where}/initial_value", least=0)


RICH: dict[str, tuple[str, ...]] = {
    "text": ("text",),
    "link": ("url",),
    "emoji": ("name",),
    "user": ("user_id",),
    "usergroup": ("usergroup_id",),
    "channel": ("channel_id",),
    "date": ("timestamp", "format"),
    "broadcast": ("range",),
    "color": ("value",),
    "team": ("team_id",),
}
"""Elements of rich text and the fields that each must have."""


def check_message(blocks: object) -> list[str]:
    """What is wrong with a message's blocks, in Slack's words; empty where Slack would take them."""
    checker = Checker()
    checker.blocks(blocks, limits.MESSAGE_BLOCKS)
    return checker.messages


def check_view(view: object) -> list[str]:
    """What is wrong with a modal or a Home view, in Slack's words; empty where Slack would take it."""
    checker = Checker("/view/blocks")
    if not isinstance(view, dict):
        return ["[ERROR] must provide an object [json-pointer:/view]"]
    checker.known(view, VIEW_FIELDS, "/view")
    if view.get("type") not in ("modal", "home"):
        checker.bad("must be one of: modal, home", "/view/type")
    if view.get("type") == "modal":
        checker.text(view.get("title"), limits.VIEW_TITLE, "/view/title", plain=True)
        for name in ("submit", "close"):
            if view.get(name) is not None:
                checker.text(view[name], limits.VIEW_TITLE, f"/view/{name}", plain=True)
        has_input = any(isinstance(b, dict) and b.get("type") == "input" for b in view.get("blocks") or [])
        if has_input and not view.get("submit"):
            checker.bad("missing required field: submit", "/view")
    for name, most in (
        ("private_metadata", limits.PRIVATE_METADATA),
        ("callback_id", limits.CALLBACK_ID),
        ("external_id", limits.CALLBACK_ID),
    ):
        if view.get(name):
            checker.length(view[name], most, f"/view/{name}")
    checker.blocks(view.get("blocks"), limits.VIEW_BLOCKS, view=True)
    return checker.messages


VIEW_FIELDS = frozenset(
    {
        "type",
        "title",
        "blocks",
        "close",
        "submit",
        "private_metadata",
        "callback_id",
        "clear_on_close",
        "notify_on_close",
        "external_id",
        "submit_disabled",
    }
)


def check_options(answer: Block) -> list[str]:
    """What is wrong with an app's answer to somebody who types into an external_select."""
    checker = Checker("")
    if "option_groups" in answer:
        checker._menu(answer, "")
    elif answer.get("options") != []:
        checker._options(answer, "", 100)
    return checker.messages


def text_length(blocks: object) -> int:
    """Characters of all texts in some blocks together: what Slack adds up before it says msg_blocks_too_long."""
    if isinstance(blocks, list):
        return sum(text_length(one) for one in blocks)
    if not isinstance(blocks, dict):
        return 0
    total = 0
    for name, value in blocks.items():
        if isinstance(value, (dict, list)):
            total += text_length(value)
        elif name == "text" and isinstance(value, str):
            total += len(value)
    return total


def normalised(blocks: list[Block], make_id: Callable[[], str]) -> list[Block]:
    """A copy of valid blocks as Slack keeps them: each has a block_id, each element that acts an action_id, and each
    text says whether it shows emoji (plain_text) or is taken verbatim (mrkdwn)."""
    kept: list[Block] = []
    for block in blocks:
        copy: Block = block.copy() if block["type"] == "rich_text" else with_texts(block)
        copy.setdefault("block_id", make_id())
        kept.append(copy)
    for _, element in acting(kept):
        element.setdefault("action_id", make_id())
    return kept


def with_texts(thing: Any) -> Any:
    """A copy of blocks, or of a part of them, in which each text says `emoji` or `verbatim`, as Slack fills them in."""
    if isinstance(thing, list):
        return [with_texts(one) for one in thing]
    if not isinstance(thing, dict):
        return thing
    kind = thing.get("type")
    if kind == "plain_text":
        return {"emoji": True, **thing}
    if kind == "mrkdwn":
        return {"verbatim": False, **thing}
    return {name: with_texts(one) if isinstance(one, (dict, list)) else one for name, one in thing.items()}


def acting(blocks: Iterable[Block]) -> Iterable[tuple[Block, Block]]:
    """Each (block, element) of some blocks that a person can press, choose in or type in."""
    for block in blocks:
        if block.get("type") == "actions":
            for element in block["elements"]:
                yield block, element
        elif block.get("type") == "section" and "accessory" in block and block["accessory"]["type"] != "image":
            yield block, block["accessory"]
        elif block.get("type") == "input":
            yield block, block["element"]
