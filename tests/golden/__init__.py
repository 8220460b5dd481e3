"""Texts of our own with labels, and what the tagger must at least make of them."""
