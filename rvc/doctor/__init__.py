"""What this machine can do: its parts, its packages, its weights, and the preset that suits it.

Imports nothing but Python's own library, so that it can speak when a package cannot.
"""

from rvc.doctor.diagnosis import Diagnosis, examine
from rvc.doctor.machine import Machine, look_at_machine
from rvc.doctor.packages import PACKAGES, Device, PackageState, probe

__all__ = [
    "PACKAGES",
    "Device",
    "Diagnosis",
    "Machine",
    "PackageState",
    "examine",
    "look_at_machine",
    "probe",
]
