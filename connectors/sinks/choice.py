"""Which alerts a sink wants. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.sinks.declared import FOR_PEOPLE, Filter, Sink, several
from streams.contracts.records import Alert

COVERAGE = "coverage"
"""Stands for the proposal of alerts about sources."""
UNKNOWN = "und"


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with its defaults filled in."""

    filter: Filter
    people: bool
    """Whether people read it: they are spared updates that only count copies."""

    @staticmethod
    def of(sink: Sink) -> Choice:
        """The choice that a sink declares."""
        return Choice(sink.filter, isinstance(sink, FOR_PEOPLE))

    def takes(self, alert: Alert, follows: bool) -> bool:
        """Whether the sink wants it; `follows`: whether it was given an earlier alert of the same thread.

        Who got an alert gets what corrects or retracts it, whatever the filter says of that.
        """
        if follows and (alert.type in {"corrected", "retracted"} or (alert.type == "updated" and not alert.proposal)):
            return True
        kinds = several(self.filter.type)
        if kinds and alert.type not in kinds:
            return False
        if not kinds and (alert.type == "retracted" or (self.people and alert.type == "updated")):
            return False  # nothing that it was given is retracted
        if self.filter.historical != "yes" and alert.historical != (self.filter.historical == "only"):
            return False
        asked = (
            (self.filter.proposal, alert.proposal or COVERAGE),
            (self.filter.severity, alert.severity),
            (self.filter.language, (alert.article.lang if alert.article else None) or UNKNOWN),
            (self.filter.rule, alert.rule.id),
        )
        return all(not wanted or has in several(wanted) for wanted, has in asked)
