"""The configuration: one file, checked whole; all mistakes at once, each with its line and the form to write."""

import re
import subprocess
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config import reading
from config.settings import LARGEST, ConfigError, Settings, environment, load, options, parse, secret_names
from desk.model.errors import DeskError
from desk.model.ladder import Shares, Time
from desk.model.notice import PUBLIC, Occasion
from desk.model.policies import Facts, choose

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "config" / "frontdesk.example.toml"
SLACK = """[slack]
channel = "C0DESK"
leads_channel = "C0LEADS"
agents_group = "S0AGENTS"
leads_group = "S0LEADS"
"""
TOKENS = {
    "FRONTDESK_SLACK_BOT_TOKEN": "xoxb-sandbox",
    "FRONTDESK_SLACK_APP_TOKEN": "xapp-sandbox",
    "FRONTDESK_X_BEARER_TOKEN": "bearer",
    "FRONTDESK_X_CONSUMER_KEY": "key",
    "FRONTDESK_X_CONSUMER_SECRET": "consumer",
    "FRONTDESK_X_ACCESS_TOKEN": "access",
    "FRONTDESK_X_ACCESS_TOKEN_SECRET": "other",
    "FRONTDESK_FACEBOOK_PAGE_TOKEN": "EAA-sandbox",
    "FRONTDESK_FACEBOOK_APP_SECRET": "app",
}


def good(text: str = "", **env: str) -> Settings:
    """The settings of a file with everything that must be there, and `text` after it."""
    return parse(SLACK + text, TOKENS | env)


def mistakes(text: str, env: dict[str, str] | None = None) -> list[str]:
    """What is wrong with a file; nothing else may be wrong than what `text` brings."""
    with pytest.raises(ConfigError) as caught:
        parse(SLACK + text, TOKENS if env is None else env)
    return caught.value.mistakes


def outcome(text: str) -> list[str]:
    """What is said about a file; nothing where it is good."""
    try:
        parse(text, TOKENS)
    except ConfigError as error:
        return error.mistakes or ["nothing was said."]
    return []


def only_mistake(text: str) -> str:
    """The single mistake of a file, with its line counted from the start of `text`."""
    found = mistakes(text)
    assert len(found) == 1, found
    return re.sub(r"toml:(\d+)", lambda match: f"toml:{int(match[1]) - 5}", found[0])


def test_the_shipped_example_is_a_good_configuration() -> None:
    settings = load(EXAMPLE, TOKENS)
    assert settings.slack.channel == "C0123ABCD"
    assert settings.data_dir == EXAMPLE.parent / "data"


def test_the_example_shows_the_defaults_except_in_the_lines_that_are_yours() -> None:
    text = EXAMPLE.read_text("utf-8")
    shown = load(EXAMPLE, TOKENS).model_dump()
    default = parse(SLACK, TOKENS).model_dump()
    yours = {
        ("desk", "name"),
        ("slack", "channel"),
        ("slack", "leads_channel"),
        ("slack", "agents_group"),
        ("slack", "leads_group"),
        ("x", "account"),
        ("facebook", "page_id"),
    }
    assert {name: part for name, part in shown.items() if isinstance(part, list)} == {"policies": []}
    sections = {name: part for name, part in shown.items() if isinstance(part, dict)}
    differing = {(a, b) for a, part in sections.items() for b, value in part.items() if value != default[a][b]}
    assert differing == yours
    assert len(re.findall(r"# yours", text)) == len(yours)


def test_the_promises_that_ship_are_15_minutes_on_x_1_hour_on_facebook_30_minutes_in_private() -> None:
    policies = good().sla.policies
    assert policies["x"].first == timedelta(minutes=15)
    assert policies["facebook"].first == timedelta(hours=1)
    assert {policy.next for policy in policies.values()} == {timedelta(hours=1)}
    assert {policy.private for policy in policies.values()} == {timedelta(minutes=30)}
    assert {policy.warn_share for policy in policies.values()} == {0.75}


def test_one_promise_can_be_changed_and_the_others_stay() -> None:
    sla = good('[sla.x]\nnext = "1h 30m"\n').sla
    assert sla.x.next == timedelta(minutes=90)
    assert sla.x.first == timedelta(minutes=15)


def test_all_mistakes_are_told_at_once_with_file_line_and_the_form_to_write() -> None:
    with pytest.raises(ConfigError) as caught:
        parse(
            '[desk]\nundo_seconds = "10"\n\n[slack]\nchannel = "#help"\nleads_channel = "C0LEADS"\n'
            'agents_group = "S0AGENTS"\n\n[facebook]\nenabled = true\n[hours]\nmon = 22:30\n',
            TOKENS,
            name="here.toml",
        )
    assert [mistake.split(": ", 1)[0] for mistake in caught.value.mistakes] == [
        "here.toml:2",
        "here.toml:4",
        "here.toml:5",
        "here.toml:9",
        "here.toml:12",
    ]
    said = "\n".join(caught.value.mistakes)
    assert "Write undo_seconds = 10." in said
    assert 'leads_group is missing. Write leads_group = "S0123EFGH".' in said
    assert '"#help" is not the id of a channel' in said
    assert "page_id is missing" in said
    assert 'Write mon = "22:30".' in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[hours]\nmon = 22:30\n", 'toml:2: [hours] mon: a time needs quotes. Write mon = "22:30".'),
        ("[hours]\nmon = 22:30:00\n", 'toml:2: [hours] mon: a time needs quotes. Write mon = "22:30"'),
        ("[hours]\nmon = 09:00-17:00\n", 'mon: times need quotes. Write mon = "09:00-17:00".'),
        ('[hours]\nmon = ["09:00-12:00", 13:00-17:00]\n', 'Write mon = ["09:00-12:00", "13:00-17:00"].'),
        ("[hours]\nmon = 9\n", "mon = 9: the hours of a day are a text in quotes."),
        ('[hours]\nmon = "9:00 to 17:00"\n', "is no span of time"),
        ('[hours]\nmon = "17:00-09:00"\n', "count on beyond midnight: 17:00-33:00"),
        ('[hours]\nmon = "25:61-26:00"\n', "has more than 59 minutes"),
        ('[hours]\nmon = "25:00-26:00"\n', "toml:2: [hours] mon: 25:00 is no time to open at"),
        ('[hours]\nmon = "17:00–09:00"\n', "toml:2: [hours] mon: 17:00-09:00 ends before it begins"),
        ('[hours]\nmon = ["09:00-12:00", "11:00-14:00"]\n', "overlap. Write them as one: 09:00-14:00"),
        ("[hours]\nzone = 'Europe/Lisbonn'\n", "Did you mean Europe/Lisbon?"),
        ('[hours]\nmon = "closed"\n', "the desk never opens"),
        ('[hours]\nmon = "20:00-30:00"\ntue = "05:00-09:00"\n', "runs into Tuesday"),
        ("[sla.x]\nfirst = 15\n", 'first = 15: a length of time is a text with its unit. Write first = "15m".'),
        ('[sla.x]\nfirst = "0m"\n', "must be more than nothing"),
        ('[sla.x]\nfirst = "-15m"\n', "toml:2: [sla.x] first: "),
        ("[sla.x]\nfirst = -15\n", 'a length of time is a text with its unit. Write first = "15m".'),
        ('[sla.x]\nfirst = "two hours"\n', '"two hours" is no length of time; hours are h, minutes are m'),
        ('[sla]\nholding_within = "-2h"\n', "toml:2: [sla] holding_within: "),
        ('[sla.x]\nfirst = "15 min"\n', "hours are h, minutes are m"),
        ("[sla.x]\nfirst = true\n", "first = true: a length of time is a text"),
        ("[facebook]\npage_id = 2000\n", 'Write page_id = "2000".'),
        ('[x]\npoll_seconds = "30"\n', "Write poll_seconds = 30."),
        ("[x]\npoll_seconds = true\n", "poll_seconds = true is not a whole number"),
        ("[x]\npoll_seconds = 1\n", "is too small; the least is 5"),
        ("[x]\nenabled = yes\n", "Write enabled = true."),
        ('[x]\nenabled = "true"\n', "is neither true nor false (without quotes)"),
        ("[x]\nenabled = 1\n", "is neither true nor false"),
        ("[desk]\nname = Acme\n", 'a text needs quotes. Write name = "Acme".'),
        ('[desk]\nname = "Acme\n', 'the closing quote is missing. Write name = "Acme".'),
        ("[desk]\nname =\n", "name has no value"),
        ("[desk]\nundo_seconds = 010\n", "a number has no zero in front. Write undo_seconds = 10"),
        ('[desk]\nname = "A"\nname = "B"\n', "toml:3: name is set twice, first on line 7. Keep one."),
        ('[desk]\nname = "A"\n[desk]\nzone = "UTC"\n', "toml:3: The section [desk] stands twice, first on line 6."),
        ('[[desk]]\nname = "A"\n', "Write the section with single brackets: [desk]."),
        ("[desk]\nname: Acme\n", 'A setting has an equals sign: name = "Acme".'),
        ("[desk\n", "is no section"),
        ("[desk]\nundo_secs = 3\n", "toml:2: [desk] undo_secs is not known. Did you mean undo_seconds?"),
        ("[desk]\nchannel = 3\n", "channel does not belong here. It stands in [slack]."),
        ("[desc]\n", "toml:1: desc is not known. Did you mean [desk]?"),
        ("[zzz]\n", "zzz is not known. The file has [desk], [slack]"),
        ("[secrets]\n", "secrets is not known."),
        ("[desk]\nzone = 'Berlin'\n", "Did you mean Europe/Berlin?"),
        ("[desk]\nzone = 'CET'\n", "is no time zone"),
        ("[guide]\ntone = 'kind'\n", "is not a list"),
        ("[signature]\nform = '{name}'\n", "has no place for the name, or more than one. Write one of: – {first}"),
        ("[signature]\nform = '{first'\n", "has no place for the name"),
        ("[signature]\nform = ''\n", "if that is meant, write also required = false"),
        ("[availability]\nx = 'Here {when}'\n", "only {hours}, {zone} and {until} are filled in"),
        ("[x]\nbase_url = 'http://example.org'\n", "so the address begins with https://"),
        ("[x]\nbase_url = 'example.org'\n", "is no address"),
        ("[x]\nbase_url = 'https://a:b@example.org'\n", "has no user"),
        ("[x]\nenabled = true\n", "account is missing"),
        ("[x]\naccount = 'two words'\n", "does not have the right form"),
        ("[sla]\nwarn_at = 75\n", "is too large; it is less than 1.0"),
        ("[sla]\nx = 3\n", "x is a section, not a value."),
    ],
)
def test_a_mistake_names_its_line_and_the_form_to_write(text: str, said: str) -> None:
    assert said in only_mistake(text)


def test_a_value_in_the_place_of_a_section_is_told_so() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("desk = 3\n" + SLACK, TOKENS)
    assert caught.value.mistakes == [
        "frontdesk.toml:1: desk is a section, not a value. Write [desk] as a section of its own."
    ]


def test_an_option_in_the_wrong_section_of_promises_is_known_by_its_name() -> None:
    assert "Did you mean first?" in only_mistake('[sla.x]\nfrist = "15m"\n')


def test_a_list_that_is_never_closed_does_not_hide_the_next_mistake() -> None:
    found = mistakes('[guide]\ntone = ["kind"\n[x]\npoll_seconds = "30"\n')
    assert len(found) == 2
    assert "the list cannot be read" in found[0]
    assert "poll_seconds" in found[1]


def test_a_text_of_several_lines_with_odd_lines_in_it_is_read() -> None:
    text = '[availability]\nfacebook = """\nWe are here.\n[x]\nname = 22:30 # no comment\n"""\n[x]\npoll_seconds = 30\n'
    settings = good(text)
    assert settings.availability.facebook == "We are here.\n[x]\nname = 22:30 # no comment\n"
    assert settings.x.poll_seconds == 30


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.toml"
    file.write_bytes(b"\xef\xbb\xbf" + (SLACK + "[desk]\nname = 'Käse'\n").replace("\n", "\r\n").encode())
    assert load(file, TOKENS).desk.name == "Käse"


def test_a_file_of_more_than_256_kib_is_refused_with_the_line_where_it_grows_too_large(tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.toml"
    file.write_bytes(b"#" * 99 + b"\n" + b"# more\n" * (LARGEST // 7))
    with pytest.raises(ConfigError, match=r"frontdesk\.toml:3743\d: this is more than 256 KiB") as caught:
        load(file, TOKENS)
    assert len(caught.value.mistakes) == 1


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.toml"
    file.write_bytes(b"[desk]\nname = 'K\xe4se'\n")
    with pytest.raises(ConfigError, match=r"frontdesk\.toml:2: this is not UTF-8"):
        load(file, TOKENS)


def test_a_missing_file_says_what_to_copy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file\. .* cp config/frontdesk\.example\.toml "):
        load(tmp_path / "frontdesk.toml", TOKENS)


def test_a_folder_in_place_of_the_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="it cannot be read"):
        load(tmp_path, TOKENS)


def test_without_a_file_the_section_that_must_be_there_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, TOKENS)
    assert caught.value.mistakes == [
        "frontdesk.toml: The section [slack] is missing. Copy it from config/frontdesk.example.toml."
    ]


# Secrets


def test_secrets_come_from_the_environment_and_are_shown_as_dots() -> None:
    settings = good(FRONTDESK_SLACK_BOT_TOKEN=" xoxb-very-secret\n")
    token = settings.secrets.slack_bot_token
    assert token is not None
    assert token.get_secret_value() == "xoxb-very-secret"
    for shown in (str(token), repr(token), str(settings), repr(settings), str(settings.model_dump()), f"{token}"):
        assert "very" not in shown
    assert str(token) == "•••"
    assert "very" not in settings.model_dump_json()


def test_missing_tokens_of_what_is_switched_on_are_named_with_the_other_mistakes() -> None:
    found = mistakes('[x]\nenabled = true\naccount = "acme"\npoll_seconds = 0\n', {})
    assert "poll_seconds" in found[0]
    assert [re.findall(r"FRONTDESK_\w+", one)[0] for one in found[1:]] == secret_names()[:7]
    assert "docs/install/x.md" in found[-1]


def test_what_needs_no_secrets_can_be_read_without_them() -> None:
    settings = parse(SLACK, {}, need_secrets=False)
    assert [one.split()[0] for one in settings.missing_secrets()] == secret_names()[:2]


def test_an_empty_variable_is_a_missing_one() -> None:
    assert "FRONTDESK_SLACK_BOT_TOKEN is not set" in mistakes("", TOKENS | {"FRONTDESK_SLACK_BOT_TOKEN": " "})[0]


@pytest.mark.parametrize(
    "line",
    [
        'bot_token = "hunter2x"',
        'channel_password = "hunter2x"',
        'name = "xoxb-hunter2x-1"',
        "token = xoxb-hunter2x-1",
        "ops = 'xapp-1-hunter2x'",
        'command_prefix = "EAAGhunter2xhunter2x"',
        'command_prefix = "hunter2xhunter2xhunter2xhunter2xhunter2x"',
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_repeated(line: str) -> None:
    said = only_mistake(line + "\n")
    assert "looks like a secret" in said
    assert "toml:1" in said
    assert "hunter" not in said


def test_a_secret_in_the_file_names_its_variable() -> None:
    assert "put it into FRONTDESK_SLACK_BOT_TOKEN" in only_mistake('bot_token = "x"\n')


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FRONTDESK_SLACK_BOT_TOKEN", "xapp-1-hunter", "is not the bot token, which begins with xoxb-"),
        ("FRONTDESK_SLACK_APP_TOKEN", "xoxb-1-hunter", "is not the app-level token, which begins with xapp-"),
        ("FRONTDESK_X_ACCESS_TOKEN", '"hunter"', "holds spaces, quotes or odd characters"),
        ("FRONTDESK_X_BEARER", "hunter", "is not known. Did you mean FRONTDESK_X_BEARER_TOKEN?"),
    ],
)
def test_a_token_that_cannot_be_right_is_refused_and_never_repeated(name: str, value: str, said: str) -> None:
    found = mistakes("", TOKENS | {name: value})
    assert len(found) == 1
    assert said in found[0]
    assert "hunter" not in found[0]


def test_the_environment_is_a_copy() -> None:
    first = environment()
    first["FRONTDESK_SLACK_BOT_TOKEN"] = "changed"
    assert environment().get("FRONTDESK_SLACK_BOT_TOKEN") != "changed"


# What comes out


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        good().desk.name = "Other"


def test_the_zone_of_the_hours_is_the_desks_unless_they_have_their_own() -> None:
    assert good('[desk]\nzone = "Asia/Manila"\n').zone == ZoneInfo("Asia/Manila")
    own = good('[desk]\nzone = "Asia/Manila"\n[hours]\nzone = "europe/lisbon"\n')
    assert own.business_hours.zone == ZoneInfo("Europe/Lisbon")


def test_the_days_without_a_line_are_closed_once_one_is_written() -> None:
    assert good('[hours]\nsat = ["10:00-12:00", "13:00-14:00"]\n').hours.week == {
        "sat": (("10:00", "12:00"), ("13:00", "14:00"))
    }
    assert list(good().hours.week) == ["mon", "tue", "wed", "thu", "fri"]


def test_a_stand_in_on_this_machine_may_be_spoken_to_in_clear_text() -> None:
    settings = good(
        'base_url = "http://127.0.0.1:8765/api"\n[x]\nbase_url = "http://127.0.0.1:1/"\n'
        '[facebook]\nbase_url = "http://localhost:2"\n'
    )
    assert settings.slack.base_url == "http://127.0.0.1:8765/api/"
    assert settings.x.base_url == "http://127.0.0.1:1"


def test_an_account_may_be_written_with_its_at_sign() -> None:
    assert good('[x]\nenabled = true\naccount = "@acme"\n').x.account == "acme"


def test_a_desk_that_signs_nothing_has_to_say_so_twice() -> None:
    assert good('[signature]\nform = ""\nrequired = false\n').rules().sign_off == ""


def test_the_desks_rules_carry_what_was_written() -> None:
    rules = good(
        '[desk]\nundo_seconds = 0\n[x]\nenabled = true\naccount = "acme"\nmonthly_reads = 5\n'
        '[guide]\ndecisions = ["Refunds up to 20 euros."]\n'
    ).rules()
    assert rules.undo == timedelta(0)
    assert rules.monthly_reads == {"x": 5}
    assert rules.poll_every == {"x": timedelta(seconds=60)}
    assert rules.decisions == ("Refunds up to 20 euros.",)
    assert rules.channel == "C0DESK"


SEVERAL = ("slack.routes", "policies", "hours.exceptions", "teams.lisbon.exceptions")
NEEDED = {
    "policies": 'name = "VIP"\n',
    "teams.lisbon": 'group = "S0LISBON"\n',
    "exceptions": 'date = "2026-12-24"\n',
    "slack.routes": 'channel = "C0FACE"\n',
    "routes": 'platform = "x"\n',
}


def test_every_option_has_a_form_to_write_that_is_itself_accepted() -> None:
    for place, info in options():
        section, _, key = place.rpartition(".")
        section = section.replace("<name>", "lisbon").replace("<language>", "en")
        form = (info.examples or [""])[0]
        text = SLACK if section != "slack" else "\n".join(x for x in SLACK.splitlines() if not x.startswith(key + " "))
        header = f"[[{section}]]" if section in SEVERAL else f"[{section}]"
        extra = f"{key} = {form}\n" if section == "slack" else f"{header}\n{key} = {form}\n"
        for needed, line in NEEDED.items():
            if section.endswith(needed) and not line.startswith(f"{key} "):
                extra += line
        if place in ("x.enabled", "facebook.enabled"):
            extra += 'account = "acme"\n' if section == "x" else 'page_id = "1"\n'
        if section == "policies" and key not in ("first", "next", "resolution", "preset"):
            extra += 'preset = "1h"\n'
        if section == "teams.lisbon.exceptions":
            extra += '[teams.lisbon]\ngroup = "S0LISBON"\n'
        if place in ("hours.sun", "teams.<name>.sun"):
            extra += 'mon = "09:00-17:00"\n'
        parse(text.rstrip() + "\n" + extra, TOKENS)


values = st.one_of(
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20),
    st.lists(st.integers(0, 9), max_size=3),
)


def written(value: Any) -> str:
    """A value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return reading.quoted(value)
    return str(value)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), values, max_size=5))
def test_what_is_read_is_what_the_standard_library_reads(pairs: dict[str, Any]) -> None:
    text = "[s]\n" + "".join(f"{key} = {written(value)} # said\n" for key, value in pairs.items())
    found = reading.read(text)
    assert found.mistakes == []
    assert found.values == tomllib.loads(text)
    assert [found.lines[("s", key)] for key in pairs] == list(range(2, 2 + len(pairs)))


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_file_whatsoever_gives_anything_but_settings_or_sentences(text: str) -> None:
    for whole in (text, SLACK + text, f"[desk]\nname = {text}\n{SLACK}", f"[hours]\nmon = '{text}'\n{SLACK}"):
        for mistake in outcome(whole):
            assert mistake.endswith((".", "?"))


def test_a_refusal_of_the_configuration_is_no_refusal_of_the_desk() -> None:
    assert not issubclass(ConfigError, DeskError)


# Hours, holidays, teams


def test_breaks_are_cut_out_of_every_day() -> None:
    hours = good('[hours]\nmon = "09:00-17:00"\ntue = ["09:00-11:00", "13:00-17:00"]\nbreaks = ["12:00-12:30"]\n').hours
    assert hours.week == {
        "mon": (("09:00", "12:00"), ("12:30", "17:00")),
        "tue": (("09:00", "11:00"), ("13:00", "17:00")),
    }


def test_holidays_of_a_country_or_region_are_closed_and_have_their_names() -> None:
    bavaria = good('[hours]\nholidays = "DE-BY"\n')
    epiphany = date(2027, 1, 6)
    assert bavaria.business_hours.on(epiphany) == ()
    assert bavaria.rules().dates[epiphany] == "Epiphany"
    assert good('[hours]\nholidays = "DE"\n').business_hours.on(epiphany) == (("09:00", "17:00"),)
    assert date(2045, 12, 25) in bavaria.business_hours.holidays


def test_an_exception_beats_a_holiday_and_closes_shortens_or_adds() -> None:
    settings = good(
        '[hours]\nholidays = "PT"\nclosed_on = ["2026-12-31"]\nbreaks = ["12:00-13:00"]\n'
        '[[hours.exceptions]]\ndate = "2026-12-24"\nhours = "09:00-13:00"\nwhy = "Christmas Eve"\n'
        '[[hours.exceptions]]\ndate = "2026-12-25"\nhours = "10:00-12:00"\n'
        '[[hours.exceptions]]\ndate = "2026-12-28"\n'
    )
    on = settings.business_hours.on
    assert on(date(2026, 12, 24)) == (("09:00", "13:00"),)
    assert on(date(2026, 12, 25)) == (("10:00", "12:00"),)
    assert on(date(2026, 12, 28)) == ()
    assert on(date(2026, 12, 31)) == ()
    assert settings.rules().dates[date(2026, 12, 24)] == "Christmas Eve"


def test_a_team_has_its_own_hours_and_what_is_not_written_is_the_desks() -> None:
    first, second = (
        good(
            '[desk]\nzone = "Europe/Lisbon"\n[hours]\nmon = "09:00-17:00"\nclosed_on = ["2026-11-30"]\n'
            '[teams.manila]\ngroup = "S0MANILA"\nzone = "Asia/Manila"\ntue = "08:00-16:00"\n'
            '[teams.lisbon]\ngroup = "S0LISBON"\nbreaks = ["12:00-13:00"]\n'
        )
        .rules()
        .teams
    )
    assert (first.name, first.group, first.hours.zone) == ("manila", "S0MANILA", ZoneInfo("Asia/Manila"))
    assert first.hours.week == {"tue": (("08:00", "16:00"),)}
    assert second.hours.zone == ZoneInfo("Europe/Lisbon")
    assert second.hours.week == {"mon": (("09:00", "12:00"), ("13:00", "17:00"))}
    assert date(2026, 11, 30) in second.hours.holidays


def test_the_library_of_holidays_is_only_loaded_where_a_country_is_set() -> None:
    script = (
        "import sys\nfrom config.settings import parse\n"
        "slack, hours = sys.argv[1:]\n"
        "parse(slack, {}, need_secrets=False).rules()\nprint('holidays' in sys.modules)\n"
        "parse(slack + hours, {}, need_secrets=False).rules()\nprint('holidays' in sys.modules)\n"
    )
    command = [sys.executable, "-c", script, SLACK, '[hours]\nholidays = "PT"\n']
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]


# Promises, ladder, texts


def test_without_policies_the_promises_are_those_of_the_two_platforms() -> None:
    promises = good().rules().promises
    assert [policy.name for policy in promises] == ["X, private", "X, public", "Facebook, private", "Facebook, public"]
    chosen = choose(promises, Facts("x", private=False))
    assert (chosen.policy.first, chosen.policy.next) == (timedelta(minutes=15), timedelta(hours=1))
    assert choose(promises, Facts("facebook", private=True)).policy.first == timedelta(minutes=30)


def test_policies_come_first_in_the_order_of_the_file() -> None:
    promises = (
        good(
            '[[policies]]\nname = "VIP"\nvip = true\npreset = "5m"\nresolution = "24h"\ntime = "calendar"\n'
            '[[policies]]\nname = "German"\nlanguages = ["de"]\nfirst = "2h"\nladder = [0, 0.5, 0.9]\n'
        )
        .rules()
        .promises
    )
    assert [policy.name for policy in promises][:3] == ["VIP", "German", "X, private"]
    vip, german = promises[:2]
    assert (vip.first, vip.next, vip.time) == (timedelta(minutes=5), timedelta(minutes=5), Time.CALENDAR)
    assert (german.next, german.shares) == (None, Shares(None, 0.5, 0.9))


def test_the_ladder_takes_the_warning_of_the_promises_unless_it_has_its_own() -> None:
    assert good().rules().promises[0].shares == Shares(0.5, 0.75, 0.9)
    assert good("[sla]\nwarn_at = 0.6\n").rules().promises[0].shares == Shares(0.5, 0.6, 0.9)
    assert good("[ladder]\nping = 0.8\ncolour = 0\n").rules().promises[0].shares == Shares(None, 0.8, 0.9)
    assert good("[sla]\nwarn_at = 0.4\n").rules().promises[0].shares == Shares(None, 0.4, 0.9)
    assert good("[sla]\nwarn_at = 0.95\n").rules().promises[0].shares == Shares(0.5, 0.95, None)
    assert good('[ladder]\nmerge_minutes = 0\nquiet = "1h"\n').rules().ladder.quiet == timedelta(hours=1)


def test_the_desk_says_nothing_by_itself_unless_it_is_switched_on() -> None:
    rules = good().rules()
    assert (rules.acknowledge.arrival, rules.acknowledge.closed, rules.post_at, rules.languages) == (
        False,
        False,
        (),
        (),
    )


def test_texts_of_a_language_are_the_owners_where_written_and_the_shipped_ones_else() -> None:
    rules = good(
        '[availability]\nlanguages = ["de"]\n[availability.de]\nopen = "Da bis {until}.[ {ways}.]"\n'
        '[acknowledge]\nclosed = true\n[acknowledge.fr]\nclosed = "Merci[, {name}]."\n[contact]\nphone = "0800 1"\n'
    ).rules()
    assert rules.public_texts["de"].open == "Da bis {until}.[ {ways}.]"
    assert rules.public_texts["de"].closed == PUBLIC["de"].closed
    assert rules.acknowledge.text(Occasion.CLOSED, "fr") == "Merci[, {name}]."
    assert rules.contact.ways() == "by phone: 0800 1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[hours]\nbreaks = ["13:00-12:00"]\n', "breaks: 13:00-12:00 ends before it begins"),
        ("[hours]\nbreaks = 12\n", "breaks = 12: breaks are a list of texts in quotes"),
        ('[hours]\nholidays = "Portugal"\n', 'did you mean "PT"?'),
        ('[hours]\nholidays = "DE-XX"\n', "DE has no region XX; write DE alone, or one of: DE-BB"),
        ('[hours]\nclosed_on = ["2027-02-29"]\n', '"2027-02-29": 2027 has no 29 February. Write closed_on'),
        ("[hours]\nclosed_on = [2027-02-29]\n", "toml:2: [hours] closed_on: "),
        ('[[hours.exceptions]]\ndate = "2027-02-29"\n', "2027 has no 29 February"),
        ('[hours]\nclosed_on = ["24.12.2026"]\n', "is no date; dates are written year, month, day"),
        ('[hours]\nclosed_on = ["2026-13-01"]\n', "there is no month 13"),
        ('[hours.exceptions]\ndate = "2026-12-24"\n', "Write the section with double brackets: [[hours.exceptions]]."),
        (
            '[[hours.exceptions]]\nhours = "closed"\n',
            'toml:1: [[hours.exceptions]] date is missing. Write date = "2026',
        ),
        (
            '[[hours.exceptions]]\ndate = "2026-12-24"\nhours = 22:30\n',
            "toml:3: [[hours.exceptions]] hours: a time needs",
        ),
        (
            '[[hours.exceptions]]\ndate = "2026-12-24"\n[[hours.exceptions]]\ndate = "2026-12-24"\n',
            "2026-12-24 stands in two exceptions",
        ),
        (
            '[[hours.exceptions]]\ndate = "2026-12-24"\n[[hours.exceptions]]\ndate = "x"\n',
            'toml:4: [[hours.exceptions]] date: "x" is no date',
        ),
        ("[teams.manila]\nzone = 'Asia/Manila'\n", "toml:1: [teams.manila] group is missing."),
        (
            "[teams.manila]\ngroup = 'S0A1'\nzoen = 'Asia/Manila'\n",
            "[teams.manila] zoen is not known. Did you mean zone?",
        ),
        ("[teams.manila]\ngroup = 'S0A1'\nmon = 'closed'\n", "the desk never opens"),
        ("[team.manila]\ngroup = 'S0A1'\n", "toml:1: team is not known. Did you mean [teams]?"),
        ("[teams]\nmanila = 3\n", "manila is a section, not a value. Write [teams.manila] as a section of its own."),
        (
            '[[hours.exceptions]]\ndate = "2026-11-24"\nhours = "20:00-34:00"\n'
            '[teams.a]\ngroup = "S0A1"\nwed = "08:00-10:00"\n[hours]\nmon = "09:00-17:00"\n',
            "toml:4: [teams.a]: with the desk's own dates: Tuesday 2026-11-24 20:00-34:00 runs into",
        ),
        ('[policies]\nname = "VIP"\n', "Write the section with double brackets: [[policies]]."),
        ('[[policies]]\nfirst = "1h"\n', 'toml:1: [[policies]] name is missing. Write name = "VIP".'),
        ('[[policies]]\nname = "VIP"\n', '"VIP" promises nothing; write first = "1h", or preset = "1h"'),
        ('[[policies]]\nname = "V"\nfirst = "-5m"\n', "is no length of time"),
        ('[[policies]]\nname = "V"\nfirst = "two hours"\n', "is no length of time; hours are h, minutes are m"),
        ('[[policies]]\nname = "V"\npreset = "3m"\n', '"3m" is no preset; known are "5m" (S2: better than 15 minutes)'),
        ('[[policies]]\nname = "V"\nfirst = "1h"\nplatforms = ["myspace"]\n', '"myspace" is no platform; known are x'),
        (
            '[[policies]]\nname = "V"\nfirst = "1h"\ntime = "night"\n',
            "is no kind of time; known are business, calendar",
        ),
        ('[[policies]]\nname = "V"\nfirst = "1h"\nladder = [0.9, 0.5, 0.7]\n', "the shares rise"),
        ('[[policies]]\nname = "V"\nfirst = "1h"\nladder = [0.5]\n', "three shares below 1"),
        ('[[policies]]\nname = "V"\nfrist = "1h"\npreset = "1h"\n', "frist is not known. Did you mean first?"),
        (
            '[[policies]]\nname = "A"\nfirst = "1h"\n[[policies]]\nname = "A"\nvip = true\nfirst = "1h"\n',
            '[[policies]]: two policies are called "A"',
        ),
        (
            '[[policies]]\nname = "All"\nfirst = "1h"\n[[policies]]\nname = "X"\nplatforms = ["x"]\nfirst = "1h"\n',
            '"X" is never reached, because "All" stands before it and takes all of its inquiries',
        ),
        ("[ladder]\ncolour = 0.9\nping = 0.5\n", "the shares rise: colour first, then ping, then channel"),
        ("[ladder]\nchannel = 1\n", "is too large; it is less than 1"),
        ('[availability]\nfacebok = "x"\n', "facebok is not known. Did you mean facebook?"),
        ("[availability.german]\nopen = 'Da'\n", "german is no language; write its short code: [availability.en]"),
        ("[availability.de]\nopen = 'Da {when}'\n", "{when} is not filled in; known are {hours}"),
        ("[availability.de]\nopen = 'Da [bis'\n", "each [ needs its ]"),
        ("[acknowledge]\narrival = 'yes'\n", "is neither true nor false"),
        ("[acknowledge.de]\narival = 'Da'\n", "[acknowledge.de] arival is not known. Did you mean arrival?"),
        ("[contact]\nemail = 'help'\n", "does not have the right form"),
        ("[holding]\nen = 'We look into it.'\n", "toml:2: [holding] en: it must say when the answer comes: {when}."),
        ("[holding]\nde = 'Wir melden uns {wann}.'\n", "toml:2: [holding] de: {wann} is not filled in"),
        ("[holding]\nxx = 'Back {when}.'\n", "toml:2: [holding] xx is not known"),
    ],
)
def test_mistakes_about_time_and_texts_name_their_line_and_the_form_to_write(text: str, said: str) -> None:
    assert said in only_mistake(text)


def test_a_secret_inside_a_policy_is_refused_as_well() -> None:
    found = only_mistake('[[policies]]\nname = "V"\nfirst = "1h"\napi_token = "hunter2x"\n')
    assert "looks like a secret" in found
    assert "hunter" not in found


# The HTTP door


@pytest.mark.parametrize("line", ['[slack]\ndoor = "http"', "[x]\nwebhook = true", "[facebook]\nwebhook = true"])
def test_a_door_by_http_needs_the_server(line: str) -> None:
    section, option = line.split("\n")
    text = SLACK.replace("[slack]", line) if section == "[slack]" else f"{SLACK}{line}\n"
    with pytest.raises(ConfigError) as caught:
        parse(text, TOKENS)
    name = option.split(" ")[0]
    assert f"{section} {name} needs the desk's own server. Write [web] enabled = true" in caught.value.mistakes[0]
    parse(f"{text}[web]\nenabled = true\n", TOKENS, need_secrets=False)


def test_each_door_asks_for_its_own_secret() -> None:
    by_http = SLACK.replace("[slack]", '[slack]\ndoor = "http"') + "[web]\nenabled = true\n"
    assert [one.split()[0] for one in parse(by_http, {}, need_secrets=False).missing_secrets()] == [
        "FRONTDESK_SLACK_BOT_TOKEN",
        "FRONTDESK_SLACK_SIGNING_SECRET",
    ]
    page = '[facebook]\nenabled = true\npage_id = "1"\n'
    asked = parse(SLACK + page + "webhook = true\n[web]\nenabled = true\n", {}, need_secrets=False).missing_secrets()
    assert "FRONTDESK_FACEBOOK_VERIFY_TOKEN" in asked[-1]
    assert "docs/install/http.md" in asked[-1]
    assert not any("VERIFY" in one for one in parse(SLACK + page, {}, need_secrets=False).missing_secrets())
