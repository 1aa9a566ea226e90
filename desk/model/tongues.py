"""The few words about days and times that customers read and agents write, in each language that the desk speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language's words about time. Days begin with Monday, months with January.

    `short` are days in a table of hours; `days` as they stand behind `by_day`; texts with braces are filled in.
    """

    code: str
    short: tuple[str, ...]
    days: tuple[str, ...]
    months: tuple[str, ...]
    minutes: str
    hour: str
    hours: str
    today: str
    tomorrow: str
    by_day: str
    by_date: str
    on_day: str
    """When we are back: {day}, {time}."""
    on_date: str
    back_today: str
    back_tomorrow: str
    closed: str
    always: str
    next_day: str
    and_: str
    email: str
    phone: str
    web: str


def _list(words: str) -> tuple[str, ...]:
    return tuple(words.split())


TONGUES: Mapping[str, Tongue] = {
    tongue.code: tongue
    for tongue in (
        Tongue(
            "en",
            _list("Mon Tue Wed Thu Fri Sat Sun"),
            _list("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
            _list("January February March April May June July August September October November December"),
            minutes="in about {n} minutes",
            hour="in about an hour",
            hours="in about {n} hours",
            today="today by {time}",
            tomorrow="tomorrow by {time}",
            by_day="by {day} {time}",
            by_date="by {d} {month}, {time}",
            on_day="on {day} at {time}",
            on_date="on {d} {month} at {time}",
            back_today="today at {time}",
            back_tomorrow="tomorrow at {time}",
            closed="closed",
            always="every day, around the clock",
            next_day="next day",
            and_="and",
            email="by e-mail: {way}",
            phone="by phone: {way}",
            web="on the web: {way}",
        ),
        Tongue(
            "de",
            _list("Mo Di Mi Do Fr Sa So"),
            _list("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
            _list("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
            minutes="in etwa {n} Minuten",
            hour="in etwa einer Stunde",
            hours="in etwa {n} Stunden",
            today="heute bis {time} Uhr",
            tomorrow="morgen bis {time} Uhr",
            by_day="bis {day}, {time} Uhr",
            by_date="bis zum {d}. {month}, {time} Uhr",
            on_day="am {day} um {time} Uhr",
            on_date="am {d}. {month} um {time} Uhr",
            back_today="heute um {time} Uhr",
            back_tomorrow="morgen um {time} Uhr",
            closed="geschlossen",
            always="jeden Tag rund um die Uhr",
            next_day="am nächsten Tag",
            and_="und",
            email="per E-Mail: {way}",
            phone="telefonisch: {way}",
            web="im Netz: {way}",
        ),
        Tongue(
            "da",
            _list("man tirs ons tors fre lør søn"),
            _list("mandag tirsdag onsdag torsdag fredag lørdag søndag"),
            _list("januar februar marts april maj juni juli august september oktober november december"),
            minutes="om cirka {n} minutter",
            hour="om cirka en time",
            hours="om cirka {n} timer",
            today="i dag senest kl. {time}",
            tomorrow="i morgen senest kl. {time}",
            by_day="senest {day} kl. {time}",
            by_date="senest {d}. {month} kl. {time}",
            on_day="{day} kl. {time}",
            on_date="{d}. {month} kl. {time}",
            back_today="i dag kl. {time}",
            back_tomorrow="i morgen kl. {time}",
            closed="lukket",
            always="hver dag, døgnet rundt",
            next_day="næste dag",
            and_="og",
            email="på e-mail: {way}",
            phone="på telefon: {way}",
            web="på nettet: {way}",
        ),
        Tongue(
            "cs",
            _list("po út st čt pá so ne"),
            _list("pondělí úterý středy čtvrtka pátku soboty neděle"),
            _list("ledna února března dubna května června července srpna září října listopadu prosince"),
            minutes="asi za {n} minut",
            hour="asi za hodinu",
            hours="asi za {n} hodiny",
            today="dnes do {time}",
            tomorrow="zítra do {time}",
            by_day="do {day}, {time}",
            by_date="do {d}. {month}, {time}",
            on_day="{day_on} v {time}",
            on_date="{d}. {month} v {time}",
            back_today="dnes v {time}",
            back_tomorrow="zítra v {time}",
            closed="zavřeno",
            always="každý den nepřetržitě",
            next_day="následující den",
            and_="a",
            email="e-mailem: {way}",
            phone="telefonicky: {way}",
            web="na webu: {way}",
        ),
        Tongue(
            "hu",
            _list("H K Sze Cs P Szo V"),
            _list("hétfő kedd szerda csütörtök péntek szombat vasárnap"),
            _list("január február március április május június július augusztus szeptember október november december"),
            minutes="körülbelül {n} percen belül",
            hour="körülbelül egy órán belül",
            hours="körülbelül {n} órán belül",
            today="ma {time}-ig",
            tomorrow="holnap {time}-ig",
            by_day="{day} {time}-ig",
            by_date="{month} {d}., {time}-ig",
            on_day="{day_on} {time}-kor",
            on_date="{month} {d}., {time}-kor",
            back_today="ma {time}-kor",
            back_tomorrow="holnap {time}-kor",
            closed="zárva",
            always="minden nap, éjjel-nappal",
            next_day="másnap",
            and_="és",
            email="e-mailben: {way}",
            phone="telefonon: {way}",
            web="a weben: {way}",
        ),
    )
}
"""The languages of the guides that Frontdesk is made from; a team may write texts in any other."""

DAYS_ON: Mapping[str, tuple[str, ...]] = {
    "cs": tuple("v_pondělí v_úterý ve_středu ve_čtvrtek v_pátek v_sobotu v_neděli".replace("_", "\u00a0").split(" ")),
    "hu": _list("hétfőn kedden szerdán csütörtökön pénteken szombaton vasárnap"),
}
"""The days with their "on", where a language bends them."""


def tongue(language: str) -> Tongue:
    """The words of a language ("de", "de-AT", "DE"); English where the desk has none of it."""
    return TONGUES.get(language.casefold().replace("_", "-").split("-")[0], TONGUES[ENGLISH])
