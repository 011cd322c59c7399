"""The quality report: `assess(cleaned) -> QualityReport`; one file per measure.

    Cleaned, ... -> measures before and after -> score of each segment -> keep, review or drop
                 -> usable minutes, verdict, and the one fault that costs the most of them

`report_json(report)` follows the schema in rvc/quality/schema.py.
"""

from rvc.quality.assess import assess
from rvc.quality.check import InputChecks, check_input
from rvc.quality.expression import Speaking
from rvc.quality.faults import BY_NAME, FAULTS, Fault
from rvc.quality.measures import Measures
from rvc.quality.report import QualityReport, SegmentReport, TakeReport
from rvc.quality.schema import report_json
from rvc.quality.score import DECISIONS
from rvc.quality.variety import Variety

__all__ = [
    "BY_NAME",
    "DECISIONS",
    "FAULTS",
    "Fault",
    "InputChecks",
    "Measures",
    "QualityReport",
    "SegmentReport",
    "Speaking",
    "TakeReport",
    "Variety",
    "assess",
    "check_input",
    "report_json",
]
