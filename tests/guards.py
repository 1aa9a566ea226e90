"""Take out one guard after the other, and see that a test notices: `make guards`, or `make guards ONLY=dedupe`.

A guard is a line of the source that keeps the promise "nothing lost, nothing said twice". Each is changed in a copy of
the tree, never here, and the tests that are named beside it must then be red. A marker that does not stand exactly once
in its file is refused: the source has moved on, and this list must follow.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("bot.py", "pyproject.toml", "desk", "handlers", "platforms", "config", "tests", "docs", "README.md")
SECONDS = 180
"""So long may the tests of one guard take; a desk without it may well hang."""
JOURNEYS = "tests/journeys"


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: where it stands, what stands there instead when it is out, and the tests that must turn red."""

    name: str
    file: str
    marker: str
    instead: str
    tests: tuple[str, ...]


class Stale(Exception):
    """A marker that does not stand exactly once in its file."""


def journey(file: str, test: str) -> tuple[str, ...]:
    return (f"{JOURNEYS}/test_{file}.py::test_{test}",)


GUARDS: tuple[Guard, ...] = (
    # what comes in
    Guard(
        "dedupe",
        "desk/flows/receive.py",
        "    known = tx.entry_of(message.platform, message.remote_id)\n",
        "    known = None\n",
        journey("receive", "what_a_platform_gives_again_is_known_although_the_cursor_was_lost"),
    ),
    Guard(
        "own posts are no inquiries",
        "desk/flows/receive.py",
        "    if message.own:\n",
        "    if False:\n",
        journey("edits", "our_account_speaking_where_nobody_asked_is_no_inquiry"),
    ),
    Guard(
        "one inquiry for one matter",
        "desk/flows/receive.py",
        "    number = known.number if known else goes_on_in(tx, tx.by_identity(identity_of(message)))\n",
        "    number = known.number if known else None\n",
        journey("identity", "several_people_in_one_conversation_stand_in_one_thread_each_named"),
    ),
    Guard(
        "poison is set aside",
        "desk/flows/receive.py",
        "            for message in batch:\n                fresh += await _keep_or_set_aside(",
        "            raise\n            for message in batch:\n                fresh += await _keep_or_set_aside(",
        journey("receive", "a_message_that_cannot_be_kept_is_set_aside_with_its_id_and_holds_up_nobody"),
    ),
    Guard(
        "customers' words are made harmless",
        "desk/flows/receive.py",
        "        return neutral(clean(text))\n\n    author",
        "        return text\n\n    author",
        journey("bad_input", "characters_that_deceive_are_shown_or_left_out"),
    ),
    Guard(
        "escape",
        "platforms/slack/wording.py",
        '.replace("<", "&lt;").replace(">", "&gt;")',
        "",
        journey("bad_input", "what_customers_write_is_shown_as_it_is_and_nothing_in_it_lives"),
    ),
    Guard(
        "a delivery that comes again undoes no edit",
        "desk/flows/inbox.py",
        "                if tx.answer(_seen(name, key)) is None:\n",
        "                if True:\n",
        journey("webhooks", "what_was_edited_before_anybody_saw_it_is_not_undone_by_a_delivery_that_comes_again"),
    ),
    # the outbox
    Guard(
        "sending is on the disk before the call",
        "desk/flows/publish.py",
        "        tx.keep_op(sending)\n",
        "",
        (
            *journey("kill", "killed_while_the_platform_has_not_answered"),
            *journey("kill", "killed_after_the_platform_took_it_and_before_we_heard"),
        ),
    ),
    Guard(
        "what was being sent when the desk died is in doubt",
        "desk/flows/deliver.py",
        "replace(op, state=Delivery.UNSURE, not_before=now, looks=0)",
        "replace(op, state=Delivery.OWED, not_before=now, looks=0)",
        journey("kill", "killed_while_the_platform_has_not_answered"),
    ),
    Guard(
        "reconcile before anything else",
        "desk/flows/publish.py",
        "        await unsure(desk, sending, desk.now() + LOOKS[0])\n",
        "        await again(desk, sending, desk.now() + LOOKS[0])\n",
        journey("delivery", "not_published_and_no_word_of_it_is_looked_for_three_times_and_then_asked"),
    ),
    Guard(
        "an answer in doubt is never said again by itself",
        "desk/flows/doubt.py",
        "            tx.keep_op(replace(fresh, looks=count))\n            ask_agent(tx, fresh, now)\n",
        "            tx.keep_op(replace(fresh, state=Delivery.OWED, not_before=now))\n",
        journey("delivery", "not_published_and_no_word_of_it_is_looked_for_three_times_and_then_asked"),
    ),
    Guard(
        "a duplicate may be ours",
        "desk/flows/publish.py",
        '        if error.code == "duplicate":\n',
        "        if False:\n",
        journey("delivery", "send_again_while_x_still_hides_it_is_a_duplicate_and_adopts_the_first"),
    ),
    Guard(
        "Send again looks first",
        "desk/flows/publish.py",
        'if sending.payload.get("look_first") and not',
        "if False and not",
        journey("ambiguity", "send_again_looks_first_where_nothing_else_has_looked"),
    ),
    Guard(
        "a look takes no other answer's post",
        "desk/flows/doubt.py",
        "if receipt is not None and not taken(tx, fresh, receipt.remote_id):",
        "if receipt is not None:",
        journey("delivery", "the_same_words_said_before_are_not_taken_for_the_lost_ones"),
    ),
    Guard(
        "a bug in delivery leaves a doubt, not a second try",
        "desk/flows/deliver.py",
        "        await unsure(desk, begun, desk.now())\n",
        "        await again(desk, begun, desk.now())\n",
        journey("ambiguity", "an_answer_that_the_connector_cannot_read_is_a_doubt_and_is_looked_for"),
    ),
    Guard(
        "a yes without an id is no yes",
        "platforms/x.py",
        '        if key is None:\n            raise Unreachable("X did not say under which id the post stands")\n',
        "",
        journey("ambiguity", "whatever_x_answers_that_is_no_yes_and_no_no_is_a_doubt"),
    ),
    Guard(
        "a held answer that is too late asks first",
        "desk/flows/deliver.py",
        "            elif _held_too_long(op, now, desk.rules.late):\n",
        "            elif False:\n",
        journey("delivery", "after_a_long_time_down_the_agent_is_asked_before_a_held_answer_goes_out"),
    ),
    Guard(
        "nothing of an inquiry goes past what is in doubt",
        "desk/flows/deliver.py",
        "op.number is not None and (op.line, op.number) in self._doubtful)",
        "False)",
        journey("slack_trouble", "messages_of_a_thread_keep_their_order_while_one_is_in_doubt"),
    ),
    Guard(
        "the next part waits for the one before",
        "desk/store/owed.py",
        "        if after not in self._unsent:\n            self._add(seq, place)\n        if op",
        "        self._add(seq, place)\n        if op",
        journey("split", "a_lost_part_is_said_again_only_when_the_agent_wants_and_the_first_never"),
    ),
    Guard(
        "only a 200 is a yes",
        "platforms/graph.py",
        "        if self.wire.last.status == 200 and isinstance",
        "        if isinstance",
        journey("delivery", "a_500_is_no_success_though_its_body_names_an_id"),
    ),
    # Slack
    Guard(
        "a Slack post in doubt is looked for",
        "desk/flows/post.py",
        "                await unsure(desk, op, now + SLACK_LOOKS[0])\n",
        "                await again(desk, op, now + SLACK_LOOKS[0])\n",
        journey("slack_trouble", "slack_took_the_thread_but_not_a_word_of_it_came_back"),
    ),
    Guard(
        "two looks before it is posted again",
        "desk/flows/doubt.py",
        "        enough = count >= len(SLACK_LOOKS) or",
        "        enough = True or",
        journey("slack_trouble", "a_history_that_lags_ten_seconds_does_not_double_the_thread"),
    ),
    Guard(
        "fold",
        "desk/flows/outcome.py",
        "            _owe_fold(tx, fresh, now)\n",
        "            pass\n",
        (
            *journey("slack_trouble", "a_thread_that_stands_twice_after_all_is_folded_into_the_elder"),
            *journey("slack_trouble", "a_line_that_stands_twice_after_all_is_folded_too_and_the_elder_says_what_is_so"),
        ),
    ),
    Guard(
        "our Slack client tries nothing again by itself",
        "platforms/slack/client.py",
        "    if status >= 500 or not code or code in UNKNOWN:\n",
        "    if False:\n",
        journey("slack_trouble", "a_200_that_is_no_answer_is_not_taken_for_a_no"),
    ),
    Guard(
        "a shut channel keeps what is owed",
        "desk/flows/post.py",
        "            await trouble(desk, lane[:2], error.why)\n            await again(desk, op, now, spent=False)\n",
        "            await failed_in_slack(desk, op, error.why)\n",
        journey("slack_trouble", "a_channel_that_is_shut_keeps_everything_waiting_and_drains_in_order"),
    ),
    # agents
    Guard(
        "compare and set of a claim",
        "desk/flows/finding.py",
        "    if inquiry.assignee not in (None, ask.agent.user) and not ask.force:\n",
        "    if False:\n",
        (f"{JOURNEYS}/test_races.py::test_two_claim_at_once_and_one_has_it",),
    ),
    Guard(
        "the same command again gets the first answer",
        "desk/desk.py",
        "            if kept is not None:\n                return Answer.from_json(kept)\n",
        "",
        journey("doors", "a_command_that_slack_delivers_again_acts_once_and_answers_as_the_first_time"),
    ),
    Guard(
        "a form acts once",
        "desk/desk.py",
        "keys = [key for key in (ask.key, ask.form) if key]",
        "keys = [key for key in (ask.key,) if key]",
        journey("forms", "a_form_that_is_sent_twice_sends_once"),
    ),
    Guard(
        "a reply to an older state of the talk asks",
        "desk/flows/reply.py",
        "    if seen is None or seen == inquiry.version or ask.force:\n",
        "    if True:\n",
        journey("forms", "when_the_customer_wrote_meanwhile_the_form_shows_it_before_anything_is_sent"),
    ),
    Guard(
        "access",
        "handlers/access.py",
        "        if person is None:\n            raise NotAllowed(",
        "        if person is None and False:\n            raise NotAllowed(",
        (f"{JOURNEYS}/test_access.py::test_no_button_whatsoever_works_for_a_stranger",),
    ),
    Guard(
        "another workspace",
        "handlers/access.py",
        "        if self.team and request.teams != {self.team}:\n",
        "        if False:\n",
        journey("access", "a_request_of_another_workspace_is_refused_through_every_door"),
    ),
    Guard(
        "who left publishes nothing",
        "desk/flows/publish.py",
        "        if agent and desk.people.person(agent) is None:\n",
        "        if False:\n",
        journey("delivery", "an_agent_who_left_the_team_meanwhile_publishes_nothing"),
    ),
    Guard(
        "nobody publishes while nobody knows who belongs to the team",
        "desk/flows/publish.py",
        "        elif agent and desk.people.stale():\n",
        "        elif False:\n",
        journey("delivery", "nothing_goes_out_while_nobody_can_say_who_is_in_the_team"),
    ),
    Guard(
        "kill switch",
        "desk/flows/publish.py",
        '        if tx.setting("hold"):\n',
        "        if False:\n",
        (f"{JOURNEYS}/test_ambiguity.py::test_what_waits_when_a_lead_holds_the_desk_stays",),
    ),
    Guard(
        "the length is counted before the network is asked",
        "desk/flows/reply.py",
        "    if length(whole) <= limit:\n        return draft\n",
        "    return draft\n",
        journey("split", "too_long_is_refused_before_the_network_with_the_count_and_two_ways_on"),
    ),
    Guard(
        "a closed window is refused before the network is asked",
        "desk/flows/chances.py",
        "        if can.window is not None and now > last + can.window:\n",
        "        if False:\n",
        journey("delivery", "messengers_window_is_closed_before_the_network_is_asked"),
    ),
    Guard(
        "what was also sent to the channel is not published",
        "handlers/thread.py",
        '    if request.broadcast and what.verb.name in ("reply", "private"):\n',
        "    if False:\n",
        journey("talk", "a_reply_that_was_also_sent_to_the_channel_is_not_published"),
    ),
    # the clock
    Guard(
        "a ping that comes too late is not posted",
        "desk/flows/drawing.py",
        "        if inquiry is None or _overtaken(inquiry, op):\n",
        "        if inquiry is None:\n",
        journey("clock", "a_warning_that_was_overtaken_while_it_waited_for_slack_is_not_posted"),
    ),
    # the disk
    Guard(
        "one desk for one folder",
        "desk/store/lock.py",
        "            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "            pass\n",
        ("tests/store/test_recovery.py::test_a_second_store_is_locked_out_by_pid_and_the_first_goes_on",),
    ),
    Guard(
        "checksum",
        "desk/store/lines.py",
        "        if int(line[:_CRC], 16) != zlib.crc32(body):\n            return None\n",
        "",
        ("tests/store/test_recovery.py::test_a_flipped_bit_is_refused_with_file_and_offset",),
    ),
    Guard(
        "no transaction is missing",
        "desk/store/journal.py",
        "        if number != after + 1:\n",
        "        if False:\n",
        ("tests/store/test_recovery.py::test_a_line_that_is_missing_is_noticed",),
    ),
    Guard(
        "sync before anybody is answered",
        "desk/store/journal.py",
        "        self._disk.sync(self._fd)\n        self.size += len(data)\n",
        "        self.size += len(data)\n",
        ("tests/store/test_crashes.py::test_dying_between_any_two_steps_on_the_disk_loses_nothing",),
    ),
    Guard(
        "a torn end is set aside and named",
        "desk/store/journal.py",
        "            _set_aside(folder, disk, path, offset)\n",
        "",
        ("tests/store/test_recovery.py::test_a_torn_last_line_is_set_aside_and_named",),
    ),
    Guard(
        "an answer waits for the disk",
        "desk/store/tiny.py",
        "        if seen > self._durable:\n            await self._wait_for(seen)\n",
        "",
        ("tests/store/test_waiting.py",),
    ),
    # secrets
    Guard(
        "no token in the log",
        "config/logs.py",
        '            text = text.replace(secret, "•••")\n        return _SHAPES.sub("•••", text)\n',
        "            pass\n        return text\n",
        ("tests/config/test_logs.py",),
    ),
    Guard(
        "signature",
        "handlers/inbound/webhook.py",
        "    if not hook.genuine(raw, headers):\n",
        "    if False:\n",
        ("tests/handlers/test_web.py::test_36_a_delivery_that_meta_did_not_sign_is_refused",),
    ),
)


def source_without(guard: Guard, root: Path = ROOT) -> str:
    """The file of a guard as it is without it. Raises `Stale`."""
    text = (root / guard.file).read_text("utf-8")
    if text.count(guard.marker) != 1:
        raise Stale(f"{guard.name}: its marker stands {text.count(guard.marker)} times in {guard.file}")
    return text.replace(guard.marker, guard.instead)


def copied(folder: Path) -> Path:
    """The tree in another folder."""
    tree = folder / "tree"
    tree.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, tree / name)
    return tree


def noticed(guard: Guard, tree: Path) -> bool:
    """Whether the guard's tests turn red in `tree` once it is out. The tree is as before afterwards."""
    file = tree / guard.file
    kept = file.read_text("utf-8")
    file.write_text(source_without(guard, tree), encoding="utf-8")
    try:
        return run(guard.tests, tree) == 1
    finally:
        file.write_text(kept, encoding="utf-8")


def run(tests: tuple[str, ...], tree: Path) -> int:
    """pytest's exit code: 0 green, 1 red (too slow counts as red), anything else: they could not be run."""
    command = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *tests)
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return 1
    return done.returncode


def main() -> int:
    """Exit code 0: every guard that was taken out was missed by a test."""
    parser = argparse.ArgumentParser(prog="python -m tests.guards", description=__doc__)
    parser.add_argument("only", nargs="*", help="names of guards, or words in them (all)")
    only = [word.casefold() for word in parser.parse_args().only]
    chosen = [g for g in GUARDS if not only or any(word in g.name.casefold() for word in only)]
    unseen: list[str] = []
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
        tree = copied(Path(folder))
        for guard in chosen:
            began = time.monotonic()
            try:
                red = noticed(guard, tree)
                said = "red, as it must be" if red else "NOBODY NOTICED"
            except Stale as stale:
                red, said = False, f"STALE: {stale}"
            if not red:
                unseen.append(guard.name)
            print(f"{time.monotonic() - began:6.1f} s  {guard.name}: {said}", flush=True)
    print(f"{len(chosen) - len(unseen)} of {len(chosen)} guards are guarded by a test.")
    return 1 if unseen or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
