"""The one global, for `faust -A streams.worker worker`."""

from streams.app import build
from streams.settings import load

app = build(load())
