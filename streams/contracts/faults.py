"""Whose fault an error is. A bug is nobody's named error: it is set aside and rings."""

from __future__ import annotations


class RecordFault(Exception):  # noqa: N818 - named for whose fault it is, as all our faults
    """A record that its producer should not have written; the text says why."""


class NotYet(RecordFault):
    """A record of a newer version than this one; what was noted of it is kept, for that version to take up."""


class WorldFault(Exception):  # noqa: N818 - named for whose fault it is, as all our faults
    """The outside world failed; the text says what, and what to do. Commands exit with 3."""


class BrokerFault(WorldFault):
    """Kafka did not start, does not answer, was lost, or did not take what was sent."""


class BrokerRefuses(BrokerFault):
    """Kafka answers, and does not let us: a login, a permission. Waiting and asking again change nothing."""
