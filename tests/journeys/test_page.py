"""The sandbox page alone, in a real browser: what each part of it shows, before a desk small enough to script."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect
from slack_sdk.errors import SlackApiError

from platforms.sandbox.page import Page
from platforms.sandbox.world import World
from tests.journeys.little_desk import LittleClock, LittleDesk, actions, button, plain, words
from tests.journeys.visitor import PATIENCE, ROOT, Visitor, for_all, there


@dataclass
class Stage:
    """The stand-ins, the page, and the little desk behind it."""

    world: World
    clock: LittleClock
    desk: LittleDesk
    page: Page


@for_all
async def stage() -> AsyncIterator[Stage]:
    clock = LittleClock()
    world = World(clock.now)
    await world.start()
    desk = LittleDesk(world, clock)
    await desk.start()
    page = Page(world, clock)
    await page.start(0)
    yield Stage(world, clock, desk, page)
    await page.stop()
    await desk.stop()
    await world.stop()


@there
async def test_the_front_page_comes_at_once_and_needs_nothing_from_outside(stage: Stage) -> None:
    async with aiohttp.ClientSession() as session:
        began = time.monotonic()
        async with session.get(stage.page.url) as answer:
            html = await answer.text()
        assert time.monotonic() - began < 0.5
        assert answer.status == 200
        for name in re.findall(r'(?:src|href)="/([^"]+)"', html):
            async with session.get(f"{stage.page.url}/{name}") as part:
                assert part.status == 200, name
                html += await part.text()
    assert not re.search(r"(?:src|href|url|import)\s*[=(]?\s*[\"'(]https?:", html)


@there
async def test_another_web_site_can_neither_read_the_sandbox_nor_act_in_it(stage: Stage) -> None:
    url = f"{stage.page.url}/do/clock"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json={"pause": True}, headers={"Origin": "https://evil.example"}) as answer:
            assert answer.status == 403
        async with session.post(url, json={"pause": True}, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
        for name in ("server.py", "..%2fserver.py", "__pycache__", "nothing.js"):
            async with session.get(f"{stage.page.url}/{name}") as answer:
                assert answer.status == 404
    assert stage.clock.rate == 1.0


@there
async def test_an_empty_or_nameless_post_is_refused_with_a_sentence(stage: Stage) -> None:
    async def do(what: str, **body: Any) -> dict[str, Any]:
        async with aiohttp.ClientSession() as session, session.post(f"{stage.page.url}/do/{what}", json=body) as answer:
            said: dict[str, Any] = await answer.json()
            return said

    assert "empty" in (await do("write", place="x", name="Maria", text="  "))["error"]
    assert "Who writes?" in (await do("write", place="x", name="", text="Hello"))["error"]
    assert (await do("write", place="x", name="Žofie Nováková", text="@acme hello"))["ok"]
    assert stage.world.x.all_posts()[0]["username"] == "zofie_novakova"
    assert "only goes forward" in (await do("clock", jump="2020-01-01T00:00:00+00:00"))["error"]
    assert "no trouble called" in (await do("fault", network="x", kind="meteor", on=True))["error"]


@there
@pytest.mark.browser
async def test_the_strip_of_things_to_try_ticks_off_what_really_happened(visitor: Visitor, stage: Stage) -> None:
    tab = visitor.tab
    done = tab.locator("#steps li.done")
    await visitor.come(stage.page.url)
    number = await visitor.asks("@acme is breakfast included?")
    await expect(done).to_have_count(1)
    await visitor.say("/claim 99")
    await expect(visitor.messages("No inquiry 99")).to_be_visible()
    await expect(done).to_have_count(1)
    await visitor.messages("is breakfast included?").first.locator("[data-action='claim']").click()
    await expect(done).to_have_count(2)
    await visitor.say(f"/reply {number} It is.")
    await expect(done).to_have_count(3)
    await visitor.messages("It is.").last.get_by_role("button", name="Undo").click()
    await expect(done).to_have_count(2)
    lunch = await visitor.asks("@acme and lunch?", "Jonas")
    await expect(tab.locator("#steps li.now")).to_contain_text(f"/claim {lunch}")
    await tab.click("[data-step='2']")
    await expect(tab.locator("#composer textarea")).to_have_value(f"/claim {lunch}")
    await visitor.say(f"/reply {lunch} That as well.")
    await visitor.jump("+1 minute")
    await expect(tab.locator("#steps")).to_contain_text("That is the whole job")
    await tab.click("#steps .close")
    await expect(tab.locator("#steps")).to_be_hidden()


@there
@pytest.mark.browser
async def test_each_person_sees_their_own_times_and_only_what_is_theirs(visitor: Visitor, stage: Stage) -> None:
    await visitor.come(stage.page.url)
    number = await visitor.asks("@acme is the museum shop open?")
    await visitor.say(f"/claim {number}")
    mine = visitor.messages(f"#{number} is yours")
    await expect(mine).to_contain_text("14:45")
    await expect(mine).to_contain_text("Only visible to you")
    card = visitor.messages("is the museum shop open?").first
    await expect(card).to_contain_text("today at 14:45")
    await visitor.be("Ben")
    await expect(card).to_contain_text("today at 09:45")
    await expect(mine).to_have_count(0)
    await visitor.be("Lee")
    await expect(card).to_contain_text("today at 22:45")
    await visitor.be("Ana")
    await expect(mine).to_have_count(1)
    await mine.get_by_role("button", name="Dismiss").click()
    await expect(mine).to_have_count(0)


@there
@pytest.mark.browser
async def test_a_command_in_a_thread_is_refused_in_slacks_own_words(visitor: Visitor, stage: Stage) -> None:
    await visitor.come(stage.page.url)
    number = await visitor.asks("@acme do you repair umbrellas?")
    card = await visitor.opens_thread("do you repair umbrellas?")
    await visitor.say(f"/claim {number}", "#thread-composer")
    await expect(visitor.messages("/claim is not supported in threads. Sorry!", "#replies")).to_be_visible()
    await expect(visitor.tab.locator("#thread-composer textarea")).to_have_value(f"/claim {number}")
    await expect(card).to_contain_text("OPEN")
    await visitor.say("!reply We do, in May.", "#thread-composer")
    await visitor.jump("+1 minute")
    await expect(visitor.posts("We do, in May.")).to_contain_text("the desk")
    await visitor.tab.keyboard.press("Escape")
    await expect(visitor.tab.locator("#thread")).to_be_hidden()


@there
@pytest.mark.browser
async def test_a_modal_says_what_is_wrong_and_keeps_the_words(visitor: Visitor, stage: Stage) -> None:
    await visitor.come(stage.page.url)
    await visitor.write("x", "Maria", "@acme can I bring my dog?")
    card = visitor.messages("can I bring my dog?").first
    await card.locator("[data-action='reply']").click(timeout=PATIENCE)
    dialog = visitor.tab.locator("dialog.modal")
    await dialog.locator("[data-submit]").click()
    await expect(dialog.get_by_role("alert").first).to_contain_text("Please complete this required field.")
    await dialog.locator("textarea").fill("woof " * 60)
    await expect(dialog).to_contain_text("300/280")
    await dialog.locator("[data-submit]").click()
    await expect(dialog).to_contain_text("20 too many for X")
    await expect(dialog.locator("textarea")).to_have_value("woof " * 60)
    await visitor.picture("too-long")
    await visitor.tab.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    assert stage.world.slack.open_views("U0ANA") == []


@there
@pytest.mark.browser
async def test_a_button_that_asks_first_does_nothing_until_one_agrees(visitor: Visitor, stage: Stage) -> None:
    await visitor.come(stage.page.url)
    await visitor.write("x", "Maria", "@acme where is the lost property?")
    card = visitor.messages("where is the lost property?").first
    await card.locator("[data-action='done']").click(timeout=PATIENCE)
    dialog = visitor.tab.locator("dialog.confirm")
    await expect(dialog).to_contain_text("Close without an answer?")
    before = len(stage.world.slack.frames)
    await dialog.get_by_role("button", name="Keep it open").click()
    await expect(dialog).to_have_count(0)
    assert len(stage.world.slack.frames) == before
    await card.locator("[data-action='done']").click()
    await dialog.get_by_role("button", name="Close", exact=True).click()
    await expect(dialog).to_have_count(0)
    assert any(frame["type"] == "interactive" for frame in stage.world.slack.frames[before:])


@there
@pytest.mark.browser
async def test_unread_channels_have_a_dot_and_a_mention_a_number(visitor: Visitor, stage: Stage) -> None:
    await visitor.come(stage.page.url)
    await visitor.asks("@acme is it raining?")
    leads = visitor.tab.locator("#channels [data-channel='C0LEADS']")
    await expect(leads.locator(".news-dot, .pings")).to_have_count(0)
    await visitor.jump("+15 minutes")
    await expect(leads.locator(".news-dot")).to_be_visible()
    await visitor.be("Lee")
    await expect(leads.locator(".pings")).to_have_text(re.compile("^1"))
    await leads.click()
    await expect(leads.locator(".news-dot, .pings")).to_have_count(0)
    await expect(visitor.messages("missed its first reply").locator(".mention.mine")).to_have_text("@frontdesk-leads")
    await visitor.picture("leads")


@there
@pytest.mark.browser
async def test_what_customers_write_is_shown_as_they_wrote_it_and_runs_nowhere(visitor: Visitor, stage: Stage) -> None:
    nasty = '@acme <img src=x onerror="window.hacked=1"> <script>hacked=1</script> &amp; <!channel> *bold* <@U0BEN>'
    await visitor.come(stage.page.url)
    await visitor.write("x", "<b>Eve</b>", nasty)
    await visitor.number_of("onerror")
    quote = visitor.messages("onerror").first.locator("blockquote")
    assert await quote.inner_text() == nasty
    assert await visitor.posts("onerror").locator("p").inner_text() == nasty
    assert await quote.locator(".mention, img, script, strong").count() == 0
    assert await visitor.tab.evaluate("window.hacked") is None


@there
@pytest.mark.browser
async def test_every_kind_of_block_is_drawn(visitor: Visitor, stage: Stage) -> None:
    text = (
        "*bold* _it_ ~gone~ `code *not bold*` 2*3*4 <https://example.com|a link> <@U0BEN> <#C0RANDOM> "
        "<!subteam^S0LEADS> R&amp;D :tada: :no_such_emoji:\n&gt; quoted\n```let x = 1;```\n"
        "<!date^1764081000^{date_short_pretty} at {time}|25 Nov 14:30 UTC>"
    )
    leaves: list[dict[str, Any]] = [
        {"type": "text", "text": "strong", "style": {"bold": True, "italic": True}},
        {"type": "text", "text": " *stars stay* "},
        {"type": "user", "user_id": "U0ANA"},
        {"type": "usergroup", "usergroup_id": "S0AGENTS"},
        {"type": "emoji", "name": "eyes"},
        {"type": "link", "url": "https://example.com", "text": "there"},
        {"type": "date", "timestamp": 1764081000, "format": "{time}", "fallback": "14:30"},
    ]
    section = [{"type": "rich_text_section", "elements": [{"type": "text", "text": "first"}]}]
    rich = [
        {"type": "rich_text_section", "elements": leaves},
        {"type": "rich_text_list", "style": "ordered", "elements": section},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a  b"}]},
    ]
    option = {"text": plain("One"), "value": "1"}
    await stage.desk.slack.chat_postMessage(
        channel="C0RANDOM",
        text="all",
        blocks=[
            {"type": "header", "text": plain("A header")},
            words(text),
            {
                "type": "section",
                "fields": [{"type": "mrkdwn", "text": "*Left*\n1"}, {"type": "mrkdwn", "text": "right"}],
            },
            {"type": "divider"},
            {"type": "rich_text", "elements": rich},
            {"type": "image", "image_url": "https://example.com/cat.png", "alt_text": "a cat"},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]},
            actions(
                button("one", "Go", "1", style="primary"),
                {"type": "static_select", "action_id": "two", "placeholder": plain("Pick"), "options": [option]},
                {"type": "users_select", "action_id": "three", "placeholder": plain("Who?")},
                {"type": "overflow", "action_id": "four", "options": [option, {**option, "value": "2"}]},
                {"type": "datepicker", "action_id": "five"},
                {"type": "radio_buttons", "action_id": "six", "options": [option]},
                {"type": "checkboxes", "action_id": "seven", "options": [option]},
            ),
        ],
    )
    await visitor.come(stage.page.url)
    await visitor.tab.click("[data-channel='C0RANDOM']")
    message = visitor.tab.locator("#messages .message")
    await expect(message.locator(".b-header")).to_have_text("A header")
    for tag, said in (("strong", "bold"), ("em", "it"), ("s", "gone"), ("code", "code *not bold*")):
        await expect(message.locator(f".words {tag}").first).to_have_text(said)
    await expect(message).to_contain_text("2*3*4")
    await expect(message).to_contain_text("R&D 🎉 :no_such_emoji:")
    await expect(message.locator(".words blockquote")).to_have_text("quoted")
    await expect(message.locator("pre").first).to_have_text("let x = 1;")
    await expect(message.locator(".mention")).to_have_text(
        ["@Ben", "#random", "@frontdesk-leads", "@Ana", "@frontdesk-agents"]
    )
    await expect(message.locator(".words time.when")).to_have_text("25 Nov 2025 at 14:30")
    await expect(message.locator(".b-rich")).to_contain_text("*stars stay*")
    await expect(message.locator("select")).to_have_count(2)
    await expect(message.locator(".b-unknown")).to_have_count(0)
    assert await message.locator("img").count() == 0, "a picture from outside is never fetched"
    await visitor.picture("blocks")
    await visitor.tab.click(".message a.out >> nth=0")
    await expect(visitor.tab.locator(".toast")).to_contain_text("does not leave this machine")
    await message.locator("select").first.select_option("1")
    await message.locator("details.overflow summary").click()
    await message.locator("details.overflow [role=menuitem]").first.click()
    await expect(visitor.tab.locator("[aria-busy]")).to_have_count(0)
    sent = [frame["payload"] for frame in stage.world.slack.frames if frame["type"] == "interactive"]
    assert [(one["actions"][0]["action_id"], one["actions"][0]["selected_option"]["value"]) for one in sent] == [
        ("two", "1"),
        ("four", "1"),
    ]


@there
@pytest.mark.browser
async def test_the_wire_shows_what_was_asked_and_answered(visitor: Visitor, stage: Stage) -> None:
    tab = visitor.tab
    await visitor.come(stage.page.url)
    await visitor.asks("@acme how much is the fish?")
    await tab.click("#wire-toggle")
    row = tab.locator("#wire tbody tr", has_text="chat.postMessage").first
    await row.click()
    await expect(tab.locator("#wire .detail")).to_contain_text("how much is the fish?")
    await expect(tab.locator("#wire .detail")).to_contain_text('"ok": true')
    await expect(tab.locator("#wire .detail")).not_to_contain_text("xoxb-")
    await tab.click("[data-filter='socket']")
    await visitor.say("/claim 1")
    command = tab.locator("#wire tbody tr", has_text="slash_commands").first
    await expect(command).to_contain_text(re.compile(r"/claim\s*\d+ ms"))
    await visitor.picture("wire")


@there
@pytest.mark.browser
@pytest.mark.parametrize(("network", "kind"), [("x", "429"), ("x", "after"), ("x", "before"), ("graph", "503")])
async def test_trouble_meets_what_the_desk_sends_until_it_is_turned_off(
    visitor: Visitor, stage: Stage, network: str, kind: str
) -> None:
    tab = visitor.tab
    place = "x" if network == "x" else "facebook"
    await visitor.come(stage.page.url)
    number = await visitor.asks("@acme is this seat taken?", "Maria", place)
    await tab.click("#customers .trouble summary")
    await tab.click(f"#customers [data-trouble='{kind}']")
    await expect(tab.locator("#chips .chip")).to_have_count(1)
    await visitor.say(f"/reply {number} No, please.")
    await visitor.jump("+1 minute")
    await visitor.messages("is this seat taken?").first.locator(".replies").click()
    await expect(visitor.messages("Not sent.", "#replies")).to_be_visible()
    await expect(visitor.posts("No, please.")).to_have_count(1 if kind == "after" else 0)
    await tab.click("#customers [data-trouble='off']")
    await expect(tab.locator("#chips .chip")).to_have_count(0)
    assert stage.world.wire.faults == []


@there
@pytest.mark.browser
async def test_slack_can_be_made_to_fail_as_well(visitor: Visitor, stage: Stage) -> None:
    tab = visitor.tab
    await visitor.come(stage.page.url)
    await tab.click("#slack-trouble summary")
    await tab.click("#slack-trouble [data-trouble='403']")
    await expect(tab.locator("#chips .chip")).to_contain_text("Slack Channel archived")
    answer = await stage.desk.slack.api_call("auth.test")
    assert answer["ok"], "only what is posted meets it"
    with pytest.raises(SlackApiError, match="is_archived"):
        await stage.desk.slack.chat_postMessage(channel="C0DESK", text="Nobody hears this.")
    await tab.click("#chips .chip")
    await expect(tab.locator("#chips .chip")).to_have_count(0)
    await stage.desk.slack.chat_postMessage(channel="C0DESK", text="Everybody hears this.")
    await expect(visitor.messages("Everybody hears this.")).to_be_visible()
    await expect(visitor.messages("Nobody hears this.")).to_have_count(0)


@there
@pytest.mark.browser
async def test_the_apps_own_page_is_each_persons_and_its_buttons_work(visitor: Visitor, stage: Stage) -> None:
    tab = visitor.tab
    await visitor.come(stage.page.url)
    number = await visitor.asks("@acme do you open on Sunday?")
    await tab.click("#channels [data-channel='home']")
    await expect(tab.locator("#home")).to_contain_text("The page of @Ana")
    await expect(tab.locator("#channel")).to_be_hidden()
    await visitor.be("Ben")
    await expect(tab.locator("#home")).to_contain_text("The page of @Ben")
    await tab.click("#home [data-action='claim']")
    await tab.click("#channels [data-channel='C0DESK']")
    await expect(tab.locator("#home")).to_be_hidden()
    await expect(visitor.messages(f"#{number}").first).to_contain_text("CLAIMED by @Ben")


@there
@pytest.mark.browser
async def test_what_is_pressed_is_not_drawn_anew_under_the_finger(visitor: Visitor, stage: Stage) -> None:
    tab = visitor.tab
    await visitor.come(stage.page.url)
    await tab.click("#channels [data-channel='C0LEADS']")
    await tab.hover("#channels [data-channel='C0DESK']")
    await tab.mouse.down()
    desk = stage.world.slack.channels["C0DESK"]
    stage.world.slack.post(desk, stage.world.slack.bot_message("A customer writes", []))
    await tab.wait_for_timeout(200)
    await tab.mouse.up()
    await expect(visitor.messages("A customer writes")).to_be_visible()
    await expect(tab.locator("#channels [data-channel='C0DESK']")).to_have_class("here")


@there
@pytest.mark.browser
async def test_the_menu_of_a_message_has_what_the_app_adds(visitor: Visitor, stage: Stage) -> None:
    tab = visitor.tab
    await visitor.come(stage.page.url)
    await visitor.asks("@acme do you open on Monday?")
    card = visitor.messages("do you open on Monday?").first
    await card.hover()
    await card.locator(".more summary").click()
    await visitor.picture("menu")
    await card.locator(".more [role=menuitem]", has_text="Reply to customer").click()
    await expect(tab.locator("dialog.modal")).to_be_visible()


@there
@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1100, 760), (1280, 800), (1600, 1000)])
async def test_the_page_fits_the_window(visitor: Visitor, stage: Stage, width: int, height: int) -> None:
    tab = visitor.tab
    await tab.set_viewport_size({"width": width, "height": height})
    await visitor.come(stage.page.url)
    await visitor.write("x", "Maria", "@acme " + "a very long word: " + "Donaudampfschiffahrt" * 6)
    await visitor.number_of("a very long word")
    await visitor.opens_thread("a very long word")
    await visitor.picture(f"{width}x{height}")
    assert await tab.evaluate("document.documentElement.scrollWidth") <= width
    for part in ("#thread", "#customers", "#channels", "#people"):
        box = await tab.locator(part).bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width, part
        cut = await tab.locator(part).evaluate("(part) => part.scrollWidth - part.clientWidth")
        assert cut <= 1, f"{part} is {cut} px too narrow for what stands in it"


@there
@pytest.mark.browser
async def test_the_whole_path_can_be_gone_with_the_keyboard(visitor: Visitor, stage: Stage) -> None:
    tab = visitor.tab
    await visitor.come(stage.page.url)
    number = await visitor.asks("@acme is there a lift?")
    await tab.focus("#messages")
    await tab.keyboard.press("/")
    await expect(tab.locator("#composer textarea")).to_be_focused()
    await tab.keyboard.type("re")
    await expect(tab.locator("#composer .suggest li.on")).to_contain_text("/reply")
    await tab.keyboard.press("Enter")
    await tab.keyboard.type(f"{number}")
    await tab.keyboard.press("Enter")
    await expect(tab.locator("dialog.modal textarea").first).to_be_focused()
    await tab.keyboard.type("Yes, two.")
    await tab.keyboard.press("Control+Enter")
    await expect(tab.locator("dialog.modal")).to_have_count(0)
    await visitor.jump("+1 minute")
    await expect(visitor.posts("Yes, two.")).to_be_visible()
    nameless = (
        "[...document.querySelectorAll('button, input, select, textarea')].filter((one) => one.offsetParent && "
        "!one.textContent.trim() && !one.getAttribute('aria-label') && !one.labels?.length).map((one) => one.outerHTML)"
    )
    assert await tab.evaluate(nameless) == []


@there
@pytest.mark.browser
async def test_a_page_that_lost_the_sandbox_says_so_and_comes_back(visitor: Visitor, stage: Stage) -> None:
    await visitor.come(stage.page.url)
    port = int(stage.page.url.rpartition(":")[2])
    await stage.page.stop()
    await expect(visitor.tab.locator("body.away")).to_have_count(1)
    await stage.page.start(port)
    await expect(visitor.tab.locator("body.away")).to_have_count(0)
    await visitor.asks("@acme are you back?")


def test_every_emoji_that_the_desk_writes_is_known_to_the_page() -> None:
    known = set(re.findall(r"([a-z0-9_+'-]+) [^\s|]+", (ROOT / "platforms/sandbox/page/emoji.js").read_text("utf-8")))
    written: set[str] = set()
    for path in [*(ROOT / "platforms/slack").rglob("*.py"), *(ROOT / "desk").rglob("*.py")]:
        source = path.read_text("utf-8")
        written.update(re.findall(r"""["' ]:([a-z][a-z_0-9+]+):(?=["' *<{])""", source))
        written.update(re.findall(r'"(?:emoji|mark|sign)": "([a-z_]+)"', source))
        if table := re.search(r"^MARKS = (\{.*?\})", source, re.MULTILINE | re.DOTALL):
            written.update(re.findall(r': "([a-z_]+)"', table[1]))
    assert written
    assert written - known == set()
