"""[guards] and [reach]: what is worth a second look before a reply goes out, and who many people listen to."""

from __future__ import annotations

from config.forms import Line, Section, Weight, option
from desk.model.guards import SHIPPED, Guards, Level, Rule
from desk.model.reach import Reach


def _weight(rule: Rule) -> str:
    shipped: str = option(SHIPPED[rule].value, '"warn"')
    return shipped


class GuardsSection(Section):
    """[guards]: what each rule does where it finds something: "off", "hint", "warn" or "second"."""

    card: Weight = _weight(Rule.CARD)
    iban: Weight = _weight(Rule.IBAN)
    login: Weight = _weight(Rule.SECRET)
    internal: Weight = _weight(Rule.INTERNAL)
    other_customer: Weight = _weight(Rule.OTHER_CUSTOMER)
    contact: Weight = _weight(Rule.CONTACT)
    personal: Weight = _weight(Rule.PERSONAL)
    asking: Weight = _weight(Rule.ASKING)
    absolute: Weight = _weight(Rule.ABSOLUTE)
    markup: Weight = _weight(Rule.MARKUP)
    language: Weight = _weight(Rule.LANGUAGE)
    shouting: Weight = _weight(Rule.SHOUTING)
    wordless: Weight = _weight(Rule.WORDLESS)
    facts: Weight = _weight(Rule.FACTS)
    same_words: Weight = _weight(Rule.SAME_WORDS)
    ours: list[Line] = option([], '["@acme.example", "+351 21 000 00 00"]', max_length=100)

    def as_guards(self, *more: str) -> Guards:
        """The desk's own value; `more` are addresses of the company that stand elsewhere in the file."""
        levels: dict[Rule, Level] = {rule: Level(getattr(self, rule.value)) for rule in Rule if rule is not Rule.REACH}
        return Guards(levels, (*self.ours, *(one for one in more if one)))


class ReachSection(Section):
    """[reach]: whose words very many people hear. Nothing is counted unless it is switched on."""

    counts: bool = option(False, "true")
    followers: int = option(10_000, "10000", ge=1, le=1_000_000_000)
    journalists: list[Line] = option([], '["@anna_writes", "Zuzana Malá"]', max_length=1000)

    def as_rule(self) -> Reach:
        """The desk's own value."""
        return Reach(self.counts, self.followers, tuple(name.lstrip("@") for name in self.journalists))
