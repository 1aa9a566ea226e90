"""What can go wrong, in words: a refusal carries its own sentence, and the outside world has four ways to say no."""

from __future__ import annotations

from datetime import datetime


class DeskError(Exception):
    """A refusal that people read. `sentence` says what is so, then what to do; it may hold tokens of `words`."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self._sentence = sentence

    @property
    def sentence(self) -> str:
        return self._sentence


class NotKept(Exception):
    """The desk's memory could not keep it, so nothing was done, and nobody may be told that anything was."""


class OutsideError(Exception):
    """A call to Slack or to a platform did not end well; the subclass says what is known about its effect."""


class Busy(OutsideError):
    """Definitely not done, for now: the other side asks us to wait until `retry_at` (story time, UTC)."""

    def __init__(self, retry_at: datetime, why: str = "rate limit") -> None:
        super().__init__(f"{why}; again at {retry_at.isoformat()}")
        self.retry_at = retry_at
        self.why = why


class Unreachable(OutsideError):
    """Unknown whether it was done: the connection broke, timed out, or the answer made no sense."""


class Refused(OutsideError):
    """Definitely not done, and doing the same again will not help. `why` is a sentence for people; `code` is a short
    stable word for programs: "duplicate", "gone", "window", "too_long", "not_allowed", "already_replied", "other"."""

    def __init__(self, why: str, code: str = "other") -> None:
        super().__init__(why)
        self.why = why
        self.code = code


class Unauthorised(OutsideError):
    """Definitely not done: the token is wrong, revoked or lacks a permission. `why` says which, never the token."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
