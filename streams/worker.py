"""The one global, for `faust -A streams.worker worker`; with the metrics that `treatywatch worker` has."""

from streams.app import build
from streams.ops import log, meters
from streams.settings import load

_settings = load()
log.setup(_settings.log_format, _settings.log_level, _settings.log_file)
app = build(_settings)
meters.serve("worker", _settings.metrics_host, _settings.metrics_port)
