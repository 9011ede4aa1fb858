"""zhprobe: probes for what language models can do in Chinese.

The names a script needs, each loaded when it is first used:

>>> from zhprobe import load_probes
>>> any(probe.id.startswith("poetry/") for probe in load_probes().probes)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zhprobe.checks.registry import check as check
    from zhprobe.errors import UserError as UserError
    from zhprobe.grading.automatic import grade_run as grade_run
    from zhprobe.models import open_model as open_model
    from zhprobe.probes import load_probes as load_probes
    from zhprobe.records import Item as Item
    from zhprobe.records import Probe as Probe
    from zhprobe.records import Reply as Reply
    from zhprobe.records import Settings as Settings
    from zhprobe.records import Verdict as Verdict
    from zhprobe.report.compare import compare_runs as compare_runs
    from zhprobe.report.render import write_report as write_report
    from zhprobe.runner import run as run

_PLACES = {
    "Item": "records",
    "Probe": "records",
    "Reply": "records",
    "Settings": "records",
    "UserError": "errors",
    "Verdict": "records",
    "check": "checks.registry",
    "compare_runs": "report.compare",
    "grade_run": "grading.automatic",
    "load_probes": "probes",
    "open_model": "models",
    "run": "runner",
    "write_report": "report.render",
}
__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'zhprobe' has no attribute {name!r}")
    return getattr(import_module(f"zhprobe.{_PLACES[name]}"), name)
