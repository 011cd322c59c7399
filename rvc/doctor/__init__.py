"""Diagnosis of this machine: hardware, packages, weights, and the recommended preset.

Imports only the standard library, so that it works when a package does not.
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
