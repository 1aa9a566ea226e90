"""What one can ask the desk to do: one list, written by hand."""

from __future__ import annotations

from handlers.verbs.assign import assign
from handlers.verbs.canned import canned
from handlers.verbs.claim import claim
from handlers.verbs.correct import correct
from handlers.verbs.customer import customer
from handlers.verbs.delete import delete
from handlers.verbs.desk import desk
from handlers.verbs.done import done
from handlers.verbs.find import find
from handlers.verbs.follow import follow
from handlers.verbs.guide import guide
from handlers.verbs.hide import hide
from handlers.verbs.hours import hours
from handlers.verbs.ignore import ignore
from handlers.verbs.merge import merge
from handlers.verbs.note import note
from handlers.verbs.practice import practice
from handlers.verbs.priority import priority
from handlers.verbs.private import private
from handlers.verbs.promise import promise
from handlers.verbs.queue import queue
from handlers.verbs.release import release
from handlers.verbs.reopen import reopen
from handlers.verbs.reply import reply
from handlers.verbs.shift import shift
from handlers.verbs.show import show
from handlers.verbs.sla import sla
from handlers.verbs.snooze import snooze
from handlers.verbs.split import split
from handlers.verbs.thank import thank
from handlers.verbs.verb import Verb
from handlers.verbs.wow import wow

VERBS: tuple[Verb, ...] = (
    claim,
    release,
    assign,
    reply,
    private,
    canned,
    note,
    done,
    reopen,
    snooze,
    promise,
    priority,
    customer,
    thank,
    wow,
    ignore,
    correct,
    delete,
    hide,
    merge,
    split,
    follow,
    show,
    find,
    queue,
    sla,
    hours,
    shift,
    guide,
    practice,
    desk,
)
BY_NAME = {verb.name: verb for verb in VERBS}

__all__ = ["BY_NAME", "VERBS", "Verb"]
