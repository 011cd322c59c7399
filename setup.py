"""The packages of the wheel, with weights/ as `rvc/weights`; pyproject.toml has the rest."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["rvc", "rvc.*"]), "rvc.weights"],
    package_dir={"rvc.weights": "weights"},
)
