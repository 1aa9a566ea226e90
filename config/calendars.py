"""Public holidays of a country or region as dates; the library is loaded only where a country is set."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator

from config.forms import wrong
from config.reading import quoted

YEARS = range(2020, 2046)
"""The years that are looked up."""


@lru_cache(maxsize=8)
def holidays_of(place: str) -> Mapping[date, str]:
    """The public holidays of a place ("PT", "DE-BY"), each with its name. Raises `ValueError` with a sentence."""
    import holidays  # a tenth of a second that only those pay who ask for it

    country, _, region = place.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise ValueError(_no_country(place, country, known))
    if region and region not in known[country]:
        some = ", ".join(f"{country}-{one}" for one in known[country][:20] if one.isascii()) or "no region is known"
        raise ValueError(f"{quoted(place)}: {country} has no region {region}; write {country} alone, or one of: {some}")
    speaks = holidays.country_holidays(country).supported_languages
    language = next((one for one in ("en_US", "en_GB") if one in speaks), None)
    found = holidays.country_holidays(country, subdiv=region or None, years=YEARS, language=language)
    return dict(sorted(found.items()))


def _no_country(place: str, country: str, known: Mapping[str, object]) -> str:
    from holidays.registry import COUNTRIES

    names = {key.replace("_", " "): codes[1] for key, codes in COUNTRIES.items() if codes[1] in known}
    near = difflib.get_close_matches(place.casefold().replace("_", " "), names, 1, 0.75)
    codes = {codes[2]: codes[1] for codes in COUNTRIES.values()}
    guess = names[near[0]] if near else codes.get(country.upper(), country.upper())
    if guess in known and guess != country:
        return f"{quoted(place)} is no country's code; did you mean {quoted(guess)}? A region has a dash: DE-BY"
    return f"{quoted(place)} is no country whose holidays are known; a country has two letters, a region a dash: DE-BY"


def _place(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("a country is its two letters, in quotes")
    try:
        holidays_of(value.strip())
    except ValueError as error:
        raise wrong(str(error)) from None
    return value.strip()


Place = Annotated[str, BeforeValidator(_place)]
