"""Packages of the wheel, with weights/ as `rvc/weights`; the rest is in pyproject.toml."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["rvc", "rvc.*"]), "rvc.weights"],
    package_dir={"rvc.weights": "weights"},
)
