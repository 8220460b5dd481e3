"""Find mentions of security proposals, with evidence and reasons."""

from streams.logic.tag.engine import THRESHOLD, Tagger
from streams.logic.tag.explain import explain
from streams.logic.tag.findings import Finding, Near, Tagged, document
from streams.logic.tag.language import PACKS, language

__all__ = ["PACKS", "THRESHOLD", "Finding", "Near", "Tagged", "Tagger", "document", "explain", "language"]
