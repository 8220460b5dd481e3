"""Mentions become the life of a proposal, and alerts when its state changes. Pure.

`decide` takes one record of `news.mentions` and what a partition remembers; `state` says what that is, `life` how a
dossier is told from it, `story` what reports of one event are, `alert` what leaves.
"""

from streams.logic.dossier.decide import decide
from streams.logic.dossier.sight import notice
from streams.logic.dossier.state import Mark, waiting_until

__all__ = ["Mark", "decide", "notice", "waiting_until"]
