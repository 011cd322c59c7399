"""The packages of the wheel, `weights/` among them as `rvc/weights`; see pyproject.toml for the rest."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["rvc", "rvc.*"]), "rvc.weights"],
    package_dir={"rvc.weights": "weights"},
)
