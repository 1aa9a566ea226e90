"""What Slack writes and customers must not see: turned into the plain words and signs that they are to read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_ADDRESS = re.compile(r"((?:https?://|www\.)\S+)", re.IGNORECASE)
_BOLD = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])")
_ITALIC = re.compile(r"(?<![\w_/])_(?=[^\s_])([^_\n]*[^\s_])_(?![\w_/])")
_CODE = re.compile(r"(?<!`)(`{1,3})(?=[^`\s])([^`]*[^`\s])\1(?!`)")
_EMOJI = re.compile(r"(?<![\w:]):(?P<name>[a-z0-9_+'-]{2,50}|\+1|-1):(?::skin-tone-(?P<tone>[2-6]):)?(?![\w:])")
_PERSON = re.compile(r"<?@(?P<id>[UW][A-Z0-9]*\d[A-Z0-9]*|[UW]0[A-Z0-9]+)(?:\|[^<>]*)?>?(?!\w)")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|#39);")
_LEFT = (
    re.compile(r"<[@#!][A-Za-z0-9^|_-]+>"),
    re.compile(r"(?<!\w)#C[A-Z0-9]*\d[A-Z0-9]*\b"),
    re.compile(r"(?<![\w~])~(?=[^\s~])[^~\n]*[^\s~]~(?![\w~])"),
    re.compile(r"(?<!\w)@(?:here|channel|everyone)\b"),
    re.compile(r"<https?://[^\s<>]+>"),
    re.compile(r"`{3}"),
)


def for_customers(text: str, name: Callable[[str], str] = lambda user: "") -> str:
    """The words as a customer is to read them: no bold, no emoji names, no ids of Slack.

    `name` gives the first name of a person by their Slack id, "" where nobody knows it: then the id stays, and
    `left_over` finds it.
    """
    parts = _ADDRESS.split(text)
    parts[::2] = [_converted(part, name) for part in parts[::2]]  # between the web addresses, which stay as they are
    return "".join(parts)


def _converted(text: str, name: Callable[[str], str]) -> str:
    text = _PERSON.sub(lambda match: name(match["id"]) or match[0], text)
    text = _CODE.sub(r"\2", text)
    text = _BOLD.sub(r"\1", text)
    text = _ITALIC.sub(r"\1", text)
    return _EMOJI.sub(lambda match: emoji(match["name"]) or match[0], text)


def tagged(text: str) -> list[str]:
    """The Slack ids of the people that a text calls."""
    return [match["id"] for match in _PERSON.finditer(text)]


def left_over(text: str, people: tuple[str, ...] = ()) -> str:
    """The first piece of Slack's mark-up that a customer would still see, "" where none is.

    `people` are the handles in the conversation: one of them is no id of Slack, whatever it looks like.
    """
    known = {handle.casefold() for handle in people}
    for match in _PERSON.finditer(text):
        if match["id"].casefold() not in known:
            return match[0]
    for match in _EMOJI.finditer(text):
        if not match["name"].isdigit():
            return match[0]
    for pattern in (*_LEFT, _ENTITY):
        if (found := pattern.search(text)) is not None:
            return found[0]
    return ""


def emoji(name: str) -> str:
    """The sign that Slack's short name stands for, "" where it is not known (a team's own, for instance)."""
    if name in _SIGNS:
        return _SIGNS[name]
    try:
        sign = unicodedata.lookup(name.replace("_", " ").replace("-", " "))
    except KeyError:
        return ""
    return sign if unicodedata.category(sign) == "So" else ""


_NAMED = """
smile 😄|smiley 😃|grinning 😀|grin 😁|laughing 😆|satisfied 😆|sweat_smile 😅|joy 😂|rofl 🤣|blush 😊
innocent 😇|slightly_smiling_face 🙂|upside_down_face 🙃|wink 😉|relieved 😌|heart_eyes 😍
kissing_heart 😘|relaxed ☺️|yum 😋|sunglasses 😎|thinking_face 🤔|neutral_face 😐|expressionless 😑
hugging_face 🤗|smirk 😏|disappointed 😞|worried 😟|pensive 😔|confused 😕|slightly_frowning_face 🙁
white_frowning_face ☹️|persevere 😣|confounded 😖|tired_face 😫|weary 😩|cry 😢|sob 😭|frowning 😦
anguished 😧|fearful 😨|open_mouth 😮|astonished 😲|flushed 😳|scream 😱|cold_sweat 😰|sweat 😓
grimacing 😬|sleeping 😴|star-struck 🤩|partying_face 🥳|pleading_face 🥺|face_with_monocle 🧐
zany_face 🤪|melting_face 🫠|+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|wave 👋|clap 👏
raised_hands 🙌|pray 🙏|muscle 💪|point_up ☝️|point_down 👇|point_left 👈|point_right 👉|point_up_2 👆
handshake 🤝|crossed_fingers 🤞|v ✌️|open_hands 👐|writing_hand ✍️|eyes 👀|heart ❤️|orange_heart 🧡
yellow_heart 💛|green_heart 💚|blue_heart 💙|purple_heart 💜|black_heart 🖤|white_heart 🤍
broken_heart 💔|two_hearts 💕|sparkling_heart 💖|heartpulse 💗|gift_heart 💝|tada 🎉|confetti_ball 🎊
balloon 🎈|gift 🎁|birthday 🎂|cake 🍰|fire 🔥|star ⭐|star2 🌟|sparkles ✨|zap ⚡|boom 💥|100 💯
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|heavy_plus_sign ➕|warning ⚠️
exclamation ❗|question ❓|bangbang ‼️|bulb 💡|bell 🔔|mag 🔍|lock 🔒|unlock 🔓|key 🔑|link 🔗|email 📧
envelope ✉️|incoming_envelope 📨|mailbox 📫|package 📦|truck 🚚|airplane ✈️|car 🚗|bus 🚌|train 🚆
bike 🚲|ship 🚢|rocket 🚀|phone ☎️|telephone ☎️|telephone_receiver 📞|iphone 📱|computer 💻|camera 📷
calendar 📆|date 📅|clock1 🕐|hourglass ⌛|hourglass_flowing_sand ⏳|alarm_clock ⏰|moneybag 💰
credit_card 💳|euro 💶|dollar 💵|pound 💷|shopping_bags 🛍️|shopping_trolley 🛒|coffee ☕|tea 🍵|beer 🍺
beers 🍻|pizza 🍕|sunny ☀️|partly_sunny ⛅|cloud ☁️|rain_cloud 🌧️|snowflake ❄️|umbrella ☔|rainbow 🌈
sun_with_face 🌞|earth_africa 🌍|house 🏠|office 🏢|dog 🐶|cat 🐱|bird 🐦|four_leaf_clover 🍀|rose 🌹
tulip 🌷|sunflower 🌻|christmas_tree 🎄|santa 🎅|snowman ⛄|musical_note 🎵|soccer ⚽|trophy 🏆|medal 🏅
arrow_right ➡️|arrow_left ⬅️|arrow_up ⬆️|arrow_down ⬇️|arrow_forward ▶️|memo 📝|pencil ✏️
pencil2 ✏️|paperclip 📎|clipboard 📋|book 📖|books 📚|newspaper 📰|tv 📺|headphones 🎧|ok 🆗|new 🆕
free 🆓|sos 🆘|copyright ©️|registered ®️|tm ™️|recycle ♻️|wrench 🔧|hammer 🔨|gear ⚙️
"""
_SIGNS = dict(pair.rsplit(" ", 1) for pair in _NAMED.strip().replace("\n", "|").split("|"))
