"""What every store promises; a store's test gives the fixture `store`, which is empty at first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from desk.model.errors import DeskError
from desk.model.inquiry import Inquiry, Status
from desk.model.message import Author
from desk.model.outbox import Delivery, Lane
from desk.ports import Store, Tx
from tests.store.things import (
    DAY,
    HOUR,
    MINUTE,
    NINE,
    a_clock,
    a_sent_op,
    an_entry,
    an_event,
    an_inquiry,
    an_op,
    asked,
)


class Promises:
    """The suite; a class for each store inherits it."""

    async def test_numbers_begin_at_one_and_go_up(self, store: Store) -> None:
        assert await store.transact(asked(lambda tx: tx.highest())) == 0
        assert [await store.transact(asked(lambda tx: tx.next_number())) for _ in range(3)] == [1, 2, 3]
        assert await store.transact(asked(lambda tx: (tx.next_number(), tx.next_number(), tx.highest()))) == (4, 5, 5)

    async def test_a_number_is_free_again_when_its_transaction_fails(self, store: Store) -> None:
        async def work(tx: Tx) -> None:
            assert tx.next_number() == 1
            raise DeskError("no")

        with pytest.raises(DeskError):
            await store.transact(work)
        assert await store.transact(asked(lambda tx: tx.next_number())) == 1

    async def test_what_was_kept_is_given_back_whole(self, store: Store) -> None:
        full = an_inquiry(
            7,
            customer=Author("97", "mia", "Mia “Mi” Berg 😀", "https://x.example/mia"),
            private=True,
            version=4,
            assignee="U0ANA",
            claimed_at=NINE + timedelta(microseconds=1),
            thread_ts="1772442000.000100",
            clock=a_clock(NINE + HOUR, NINE + MINUTE),
            first_answered_at=NINE,
            first_answer_seconds=12.5,
            conversations=("x:1000:direct:97",),
            people=("ben", "zoë"),
            flags=("vip",),
        )
        entry = an_entry(
            7, 2, "line one\nline two \u2028 \ud83d end", edits=("before",), attachments=("photo",), agent="U0ANA"
        )
        op = an_op("say:7:1", 7, payload={"text": "hi", "deep": {"list": [1, None, True, 2.5]}}, attempts=3)
        event = an_event(7, "claimed", agent="U0ANA", business_seconds=3.25, details={"from": None, "n": [1, 2]})

        async def work(tx: Tx) -> None:
            tx.keep_inquiry(full)
            tx.keep_entry(entry)
            tx.keep_op(op)
            tx.log(event)

        await store.transact(work)
        assert await store.transact(asked(lambda tx: tx.inquiry(7))) == full
        assert await store.transact(asked(lambda tx: tx.entries(7))) == [entry]
        assert await store.transact(asked(lambda tx: tx.op("say:7:1"))) == replace(op, seq=1)
        assert await store.transact(asked(lambda tx: tx.events(7))) == [event]

    async def test_what_is_unknown_is_none_or_empty(self, store: Store) -> None:
        def look(tx: Tx) -> list[object]:
            return [
                tx.inquiry(1), tx.by_identity("x"), tx.by_thread("C", "1"), tx.entry_of("x", "1"), tx.op("x"),
                tx.first_alarm(), tx.cursor("x"), tx.setting("x"), tx.answer("x"),
            ]  # fmt: skip

        assert await store.transact(asked(look)) == [None] * 9

        def lists(tx: Tx) -> list[list[object]]:
            found = [tx.open_inquiries(), tx.due_before(NINE), tx.search(["x"]), tx.entries(1), tx.waiting_ops()]
            return [list(one) for one in [*found, tx.ops_of(1), tx.events(1)]]

        assert await store.transact(asked(lists)) == [[]] * 7

    async def test_an_inquiry_is_found_by_each_of_its_conversations_and_by_its_thread(self, store: Store) -> None:
        inquiry = an_inquiry(1, conversations=("x:1000:direct:91",), thread_ts="5.1")
        await store.transact(asked(lambda tx: tx.keep_inquiry(inquiry)))

        def look(tx: Tx) -> list[int | None]:
            return [
                tx.by_identity("x:1000:post:1"), tx.by_identity("x:1000:direct:91"), tx.by_thread("C0DESK", "5.1"),
                tx.by_identity("x:1000:direct"), tx.by_thread("C0LEADS", "5.1"),
            ]  # fmt: skip

        assert await store.transact(asked(look)) == [1, 1, 1, None, None]
        await store.transact(asked(lambda tx: tx.keep_inquiry(replace(inquiry, thread_ts="6.1", conversations=()))))
        assert await store.transact(asked(look)) == [1, None, None, None, None]
        assert await store.transact(asked(lambda tx: tx.by_thread("C0DESK", "6.1"))) == 1

    async def test_of_two_inquiries_with_one_identity_the_newer_is_found(self, store: Store) -> None:
        for number in (2, 3, 1):
            one = an_inquiry(number, identity="x:1000:post:1")
            await store.transact(asked(lambda tx, one=one: tx.keep_inquiry(one)))
        assert await store.transact(asked(lambda tx: tx.by_identity("x:1000:post:1"))) == 3
        await store.transact(asked(lambda tx: tx.keep_inquiry(an_inquiry(3))))
        assert await store.transact(asked(lambda tx: tx.by_identity("x:1000:post:1"))) == 2

    async def test_open_inquiries_are_those_that_are_not_closed_by_number(self, store: Store) -> None:
        for number, status in ((3, Status.OPEN), (1, Status.NEW), (2, Status.CLOSED), (4, Status.PENDING)):
            one = an_inquiry(number, status=status)
            await store.transact(asked(lambda tx, one=one: tx.keep_inquiry(one)))
        assert [i.number for i in await store.transact(asked(lambda tx: tx.open_inquiries()))] == [1, 3, 4]
        await store.transact(asked(lambda tx: tx.keep_inquiry(an_inquiry(3, status=Status.CLOSED))))
        await store.transact(asked(lambda tx: tx.keep_inquiry(an_inquiry(2, status=Status.OPEN))))
        assert [i.number for i in await store.transact(asked(lambda tx: tx.open_inquiries()))] == [1, 2, 4]

    async def test_what_is_due_comes_soonest_first(self, store: Store) -> None:
        def work(tx: Tx) -> None:
            tx.keep_inquiry(an_inquiry(1, clock=a_clock(NINE + HOUR)))
            tx.keep_inquiry(an_inquiry(2, snoozed_until=NINE + MINUTE))
            tx.keep_inquiry(an_inquiry(3, clock=a_clock(NINE + 2 * HOUR)))
            tx.keep_inquiry(an_inquiry(4))
            tx.keep_inquiry(an_inquiry(5, clock=a_clock(NINE), status=Status.CLOSED))

        def due(tx: Tx) -> list[int]:
            return [i.number for i in tx.due_before(NINE + HOUR)]

        await store.transact(asked(work))
        assert await store.transact(asked(lambda tx: tx.first_alarm())) == NINE + MINUTE
        assert await store.transact(asked(due)) == [2, 1]
        assert await store.transact(asked(due)) == [2, 1]
        assert [i.number for i in await store.transact(asked(lambda tx: tx.due_before(NINE + DAY, limit=1)))] == [2]
        await store.transact(asked(lambda tx: tx.keep_inquiry(an_inquiry(2))))
        await store.transact(asked(lambda tx: tx.keep_inquiry(an_inquiry(3, clock=a_clock(NINE)))))
        assert await store.transact(asked(due)) == [3, 1]

    async def test_an_alarm_that_goes_there_and_back_is_due_once(self, store: Store) -> None:
        for due in (HOUR, MINUTE, HOUR, MINUTE, HOUR):
            one = an_inquiry(1, clock=a_clock(NINE + due))
            await store.transact(asked(lambda tx, one=one: tx.keep_inquiry(one)))
        assert [i.number for i in await store.transact(asked(lambda tx: tx.due_before(NINE + DAY)))] == [1]
        assert await store.transact(asked(lambda tx: tx.first_alarm())) == NINE + HOUR

    async def test_search_finds_words_in_texts_names_and_handles_newest_first(self, store: Store) -> None:
        def work(tx: Tx) -> None:
            tx.keep_inquiry(an_inquiry(1, customer=Author("1", "straße", "Zoë")))
            tx.keep_entry(an_entry(1, 0, "My PARCEL is late", author=Author("1", "straße")))
            tx.keep_entry(an_entry(1, 1, "Árvíztűrő tükörfúrógép", author=Author("1", "straße")))
            tx.keep_inquiry(an_inquiry(2))
            tx.keep_entry(an_entry(2, 0, 'A parcel with "quotes"'))
            tx.keep_inquiry(an_inquiry(3, customer=Author("3", "ben"), status=Status.CLOSED))
            tx.keep_entry(an_entry(3, 0, "text platform", author=Author("3", "ben")))

        def found(*words: str, limit: int = 20) -> Callable[[Tx], Awaitable[list[int]]]:
            return asked(lambda tx: [i.number for i in tx.search(words, limit)])

        await store.transact(asked(work))
        assert await store.transact(found("parcel")) == [2, 1]
        assert await store.transact(found("parcel", limit=1)) == [2]
        assert await store.transact(found("parcel", "tükör")) == [1]
        assert await store.transact(found("STRASSE")) == [1]
        assert await store.transact(found("mia", "berg")) == [2]
        assert await store.transact(found('"quotes"')) == [2]
        assert await store.transact(found("zoë")) == [1]
        assert await store.transact(found("ben")) == [3]
        assert await store.transact(found("c0desk")) == []
        assert await store.transact(found("mention")) == []
        assert await store.transact(found()) == []

    async def test_entries_come_by_index_and_are_replaced_by_index(self, store: Store) -> None:
        for index in (2, 0, 1):
            one = an_entry(1, index)
            await store.transact(asked(lambda tx, one=one: tx.keep_entry(one)))
        await store.transact(asked(lambda tx: tx.keep_entry(an_entry(2, 0))))
        await store.transact(asked(lambda tx: tx.keep_entry(an_entry(1, 1, "Edited"))))
        entries = await store.transact(asked(lambda tx: tx.entries(1)))
        assert [(e.index, e.text) for e in entries] == [
            (0, "Where is my parcel?"), (1, "Edited"), (2, "Where is my parcel?"),
        ]  # fmt: skip

    async def test_a_message_is_known_by_platform_and_id(self, store: Store) -> None:
        await store.transact(asked(lambda tx: tx.keep_entry(an_entry(1, 0, remote_id="55"))))
        await store.transact(asked(lambda tx: tx.keep_entry(an_entry(1, 1, remote_id=""))))
        assert await store.transact(asked(lambda tx: tx.entry_of("x", "55"))) == an_entry(1, 0, remote_id="55")
        assert await store.transact(asked(lambda tx: tx.entry_of("facebook", "55"))) is None
        assert await store.transact(asked(lambda tx: tx.entry_of("x", ""))) is None
        await store.transact(asked(lambda tx: tx.keep_entry(an_entry(1, 1, remote_id="56"))))
        found = await store.transact(asked(lambda tx: tx.entry_of("x", "56")))
        assert found is not None and found.index == 1

    async def test_operations_get_their_order_when_they_are_first_owed(self, store: Store) -> None:
        for op_id, lane in (("a", Lane.NOTICE), ("b", Lane.AGENT), ("c", Lane.AGENT), ("d", Lane.SLA)):
            one = an_op(op_id, lane=lane)
            await store.transact(asked(lambda tx, one=one: tx.keep_op(one)))

        def waiting(tx: Tx) -> list[tuple[str, int]]:
            return [(op.op_id, op.seq) for op in tx.waiting_ops()]

        assert await store.transact(asked(waiting)) == [("b", 2), ("c", 3), ("d", 4), ("a", 1)]
        await store.transact(asked(lambda tx: tx.keep_op(an_op("b", lane=Lane.AGENT, seq=2, state=Delivery.SENT))))
        await store.transact(asked(lambda tx: tx.keep_op(an_op("c", lane=Lane.AGENT, seq=3, state=Delivery.UNSURE))))
        await store.transact(asked(lambda tx: tx.keep_op(an_op("a", lane=Lane.NOTICE, seq=1, state=Delivery.SENDING))))
        assert await store.transact(asked(waiting)) == [("c", 3), ("d", 4), ("a", 1)]
        await store.transact(asked(lambda tx: tx.keep_op(an_op("b", lane=Lane.AGENT))))
        assert await store.transact(asked(waiting)) == [("b", 2), ("c", 3), ("d", 4), ("a", 1)]

    async def test_operations_of_an_inquiry_stay_to_be_seen_once_settled(self, store: Store) -> None:
        await store.transact(asked(lambda tx: tx.keep_op(an_op("a", 1))))
        await store.transact(asked(lambda tx: tx.keep_op(a_sent_op("b", 1))))
        await store.transact(asked(lambda tx: tx.keep_op(an_op("c", 2))))
        await store.transact(asked(lambda tx: tx.keep_op(an_op("d", None))))
        assert [o.op_id for o in await store.transact(asked(lambda tx: tx.ops_of(1)))] == ["a", "b"]
        sent = await store.transact(asked(lambda tx: tx.op("b")))
        assert sent is not None and sent.state is Delivery.SENT and sent.remote_id == "1.0"

    async def test_cursors_and_settings_hold_their_last_value(self, store: Store) -> None:
        for value in ("10", "11"):
            await store.transact(asked(lambda tx, value=value: tx.set_cursor("x", value)))
        await store.transact(asked(lambda tx: tx.set_setting("hours", {"mon": [["09:00", "17:00"]], "zone": None})))
        await store.transact(asked(lambda tx: tx.set_setting("hold", False)))

        def look(tx: Tx) -> list[object]:
            return [tx.cursor("x"), tx.setting("hours"), tx.setting("hold"), tx.cursor("hold"), tx.setting("x")]

        week = {"mon": [["09:00", "17:00"]], "zone": None}
        assert await store.transact(asked(look)) == ["11", week, False, None, None]

    async def test_a_first_answer_is_given_again_for_a_day(self, store: Store) -> None:
        await store.transact(asked(lambda tx: tx.remember("t1", {"text": "yours"}, NINE)))
        await store.transact(asked(lambda tx: tx.remember("t2", {}, NINE + HOUR)))
        await store.transact(asked(lambda tx: tx.remember("t1", {"text": "again"}, NINE + 2 * HOUR)))

        def look(tx: Tx) -> list[object]:
            return [tx.answer("t1"), tx.answer("t2"), tx.answer("t3")]

        assert await store.transact(asked(look)) == [{"text": "yours"}, {}, None]
        await store.transact(asked(lambda tx: tx.remember("t3", {"n": 3}, NINE + DAY + MINUTE)))
        assert await store.transact(asked(look)) == [None, {}, {"n": 3}]
        await store.transact(asked(lambda tx: tx.remember("t1", {"text": "later"}, NINE + DAY + HOUR)))
        assert await store.transact(asked(look)) == [{"text": "later"}, None, {"n": 3}]

    async def test_history_keeps_its_order(self, store: Store) -> None:
        for what in ("arrived", "claimed", "released"):
            await store.transact(asked(lambda tx, what=what: tx.log(an_event(1, what))))
        await store.transact(asked(lambda tx: (tx.log(an_event(2, "arrived")), tx.log(an_event(1, "closed")))))
        told = await store.transact(asked(lambda tx: [e.what for e in tx.events(1)]))
        assert told == ["arrived", "claimed", "released", "closed"]

    async def test_a_transaction_sees_what_it_kept(self, store: Store) -> None:
        async def work(tx: Tx) -> None:
            number = tx.next_number()
            inquiry = an_inquiry(number, clock=a_clock(NINE), thread_ts="5.1")
            tx.keep_inquiry(inquiry)
            tx.keep_entry(an_entry(number, text="Bonjour"))
            tx.keep_op(an_op("a", number))
            tx.set_cursor("x", "1")
            tx.remember("k", {"n": 1}, NINE)
            tx.log(an_event(number))
            assert tx.inquiry(number) == inquiry
            assert tx.by_identity(inquiry.identity) == tx.by_thread("C0DESK", "5.1") == number == tx.highest()
            assert [*tx.open_inquiries()] == [*tx.due_before(NINE)] == [*tx.search(["bonjour"])] == [inquiry]
            assert tx.first_alarm() == NINE
            assert tx.entry_of("x", "1-0") == tx.entries(number)[0]
            assert [*tx.waiting_ops()] == [*tx.ops_of(number)] == [tx.op("a")] == [an_op("a", number, seq=1)]
            assert (tx.cursor("x"), tx.answer("k")) == ("1", {"n": 1})
            assert len(tx.events(number)) == 1

        await store.transact(work)

    async def test_of_a_transaction_that_fails_nothing_remains(self, store: Store) -> None:
        def before(tx: Tx) -> None:
            tx.next_number()
            tx.keep_inquiry(an_inquiry(1, clock=a_clock(NINE + HOUR), thread_ts="5.1"))
            tx.keep_entry(an_entry(1))
            tx.keep_op(an_op("a"))
            tx.set_cursor("x", "1")
            tx.set_setting("s", 1)
            tx.remember("k", {"n": 1}, NINE)
            tx.log(an_event(1))

        def look(tx: Tx) -> list[object]:
            return [
                tx.highest(), tx.inquiry(1), tx.inquiry(2), tx.by_identity("x:1000:post:1"), tx.by_identity("other"),
                tx.by_thread("C0DESK", "5.1"), tx.by_thread("C0DESK", "6.1"), list(tx.open_inquiries()),
                list(tx.due_before(NINE + DAY)), tx.first_alarm(), list(tx.entries(1)), tx.entry_of("x", "1-0"),
                tx.entry_of("x", "1-1"), list(tx.waiting_ops()), list(tx.ops_of(1)), tx.op("b"), tx.cursor("x"),
                tx.setting("s"), tx.answer("k"), tx.answer("k2"), list(tx.events(1)), list(tx.search(["new"])),
            ]  # fmt: skip

        async def failing(tx: Tx) -> None:
            tx.next_number()
            changed = an_inquiry(1, identity="other", status=Status.CLOSED, thread_ts="6.1")
            tx.keep_inquiry(changed)
            tx.keep_inquiry(an_inquiry(2, clock=a_clock(NINE)))
            tx.keep_entry(an_entry(1, 0, "new", remote_id="1-1"))
            tx.keep_entry(an_entry(1, 1, "new"))
            tx.keep_op(an_op("a", state=Delivery.SENT))
            tx.keep_op(an_op("b"))
            tx.set_cursor("x", "2")
            tx.set_setting("s", 2)
            tx.remember("k2", {"n": 2}, NINE + 2 * DAY)
            tx.log(an_event(1))
            raise DeskError("no")

        await store.transact(asked(before))
        known = await store.transact(asked(look))
        with pytest.raises(DeskError):
            await store.transact(failing)
        assert await store.transact(asked(look)) == known

    async def test_what_cannot_be_kept_is_refused_and_undone(self, store: Store) -> None:
        def naive(tx: Tx) -> None:
            tx.set_cursor("x", "1")
            tx.keep_inquiry(an_inquiry(1, claimed_at=NINE.replace(tzinfo=None)))

        def odd(tx: Tx) -> None:
            tx.set_cursor("x", "1")
            tx.set_setting("s", object())

        with pytest.raises(ValueError, match="time zone"):
            await store.transact(asked(naive))
        with pytest.raises(TypeError):
            await store.transact(asked(odd))
        assert await store.transact(asked(lambda tx: (tx.cursor("x"), tx.inquiry(1)))) == (None, None)

    async def test_only_one_of_many_who_claim_at_once_gets_it(self, store: Store) -> None:
        await store.transact(asked(lambda tx: tx.keep_inquiry(an_inquiry(1))))

        async def claim(agent: str) -> Inquiry:
            async def work(tx: Tx) -> Inquiry:
                inquiry = tx.inquiry(1)
                assert inquiry is not None
                if inquiry.assignee is not None:
                    raise DeskError(f"#1 is already with {inquiry.assignee}.")
                claimed = replace(inquiry, assignee=agent, version=inquiry.version + 1)
                tx.keep_inquiry(claimed)
                return claimed

            return await store.transact(work)

        results = await asyncio.gather(*[claim(f"U{n}") for n in range(20)], return_exceptions=True)
        won = [r for r in results if isinstance(r, Inquiry)]
        assert len(won) == 1
        assert {str(r) for r in results if isinstance(r, DeskError)} == {f"#1 is already with {won[0].assignee}."}
        assert await store.transact(asked(lambda tx: tx.inquiry(1))) == won[0]

    async def test_many_at_once_are_all_kept(self, store: Store) -> None:
        def work(tx: Tx) -> int:
            number = tx.next_number()
            tx.keep_inquiry(an_inquiry(number))
            tx.keep_entry(an_entry(number))
            return number

        numbers = await asyncio.gather(*[store.transact(asked(work)) for _ in range(30)])
        assert sorted(numbers) == list(range(1, 31))
        assert len(await store.transact(asked(lambda tx: tx.open_inquiries()))) == 30

    async def test_a_view_that_is_over_keeps_nothing(self, store: Store) -> None:
        leaked = await store.transact(asked(lambda tx: tx))
        with pytest.raises(RuntimeError):
            leaked.set_cursor("x", "1")
        assert await store.transact(asked(lambda tx: tx.cursor("x"))) is None
