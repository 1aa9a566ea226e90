"""[[slack.routes]]: which inquiries have their threads in a Slack channel of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from pydantic import model_validator

from config.forms import Channel, Language, PlatformName, Section, option, wrong
from config.reading import NTH, Mistake, Read, quoted
from config.times import TITLES
from desk.model.policies import Match
from desk.model.routes import Route, never_taken


class RouteSection(Section):
    """[[slack.routes]]: one of them. The first that matches holds; all else goes to `channel` of [slack]."""

    channel: Channel = option(..., '"C0123MNOP"')
    platform: PlatformName | None = option(None, '"facebook"')
    private: bool | None = option(None, "true")
    language: Language | None = option(None, '"de"')

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if self.platform is None and self.private is None and self.language is None:
            raise wrong(
                "it does not say which inquiries go there, and all that no route takes go to channel of [slack]; "
                'write platform = "facebook", private = true or language = "de"'
            )
        return self

    def as_route(self) -> Route:
        """The desk's own value."""
        platforms = () if self.platform is None else (self.platform,)
        languages = () if self.language is None else (self.language,)
        return Route(self.channel, Match(platforms, self.private, languages=languages))


def odd_routes(
    sections: Sequence[RouteSection], taken: Mapping[str, str], served: Sequence[str], found: Read
) -> Iterator[Mistake]:
    """What is wrong with routes beside the rest of the file: a channel in which no inquiry can live (`taken`: channel →
    what it is), a language that is not answered in (`served` are), and routes that nothing ever comes to."""
    for nth, section in enumerate(sections, start=1):
        here = ("slack", "routes", f"{NTH}{nth}")
        if section.channel in taken:
            why = (
                f"channel: {quoted(section.channel)} is {taken[section.channel]}, and no inquiry can live there. Write "
                'the id of another channel: channel = "C0123MNOP".'
            )
            yield Mistake(_line(found, nth, "channel"), (*here, "channel"), why)
        if section.language is not None and section.language not in served:
            languages = ", ".join(quoted(one) for one in (*served, section.language))
            why = (
                f"language: {quoted(section.language)} is none of the languages that customers are answered in "
                f"({', '.join(served)}). Write [customers] languages = [{languages}], or take this route out."
            )
            yield Mistake(_line(found, nth, "language"), (*here, "language"), why)
    routes = [section.as_route() for section in sections]
    for place, earlier in never_taken(routes, tuple(TITLES)):
        named = [f"on line {line}" if (line := _line(found, nth + 1)) else f"no. {nth + 1}" for nth in earlier]
        if any(routes[nth].match == routes[place].match for nth in earlier):
            nth = next(nth for nth in earlier if routes[nth].match == routes[place].match)
            why = f"it takes the same inquiries as the one {named[earlier.index(nth)]}. Take one of the two out."
        else:
            whose = f"the one {named[0]} stands" if len(named) == 1 else f"those {' and '.join(named)} stand"
            takes = "takes" if len(named) == 1 else "take"
            why = (
                f"no inquiry ever comes to this route, because {whose} before it and {takes} all of its inquiries. Put "
                "the narrower one first, or take it out."
            )
        yield Mistake(_line(found, place + 1), ("slack", "routes", f"{NTH}{place + 1}"), f"[[slack.routes]]: {why}")


def _line(found: Read, nth: int, option: str = "") -> int | None:
    """Where a route, or an option of it, stands in the file."""
    here = ("slack", "routes", f"{NTH}{nth}")
    return found.lines.get((*here, option)) or found.lines.get(here)
