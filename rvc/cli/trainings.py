"""python -m rvc trainings list | rename NAME NEW | delete NAME | restore NAME"""

import argparse

from rvc import assets
from rvc.cli.console import Console, UsageError
from rvc.errors import RVCError
from rvc.messages import Message
from rvc.training.listing import (
    delete_training,
    rename_training,
    restore_deleted,
    trainings,
    when,
)
from rvc.trash import Trash

OPERANDS = {"list": 0, "rename": 2, "delete": 1, "restore": 1}


def run(arguments: argparse.Namespace, console: Console) -> None:
    """List, rename or delete trainings, or bring a deleted voice or training back."""
    action, operands = arguments.action, arguments.operands
    if len(operands) != OPERANDS[action]:
        usage = __doc__.strip()
        raise UsageError(
            "trainings {action} takes {most} names. Usage: {usage}",
            action=action,
            most=OPERANDS[action],
            usage=usage,
        )
    home = assets.weights_dir(arguments.weights)
    assets.check_weights(home)
    if action == "list":
        found = trainings(home)
        rows = [
            {"name": t.name, "preset": t.preset, "state": t.state, "saved": when(t.changed_at)}
            | {key: getattr(t.standing, key) for key in ("step", "total_steps", "best_step")}
            for t in found
        ]
        lines = [
            "{name}: {state}, {preset}, {step}/{total_steps}, {saved}".format(**r) for r in rows
        ]
        console.result({"trainings": rows}, lines or [Message("There is no training yet.")])
    elif action == "rename":
        name = rename_training(home, *operands)
        console.result({"name": name}, [Message("Renamed: {name}", name=name)])
    elif action == "delete":
        delete_training(home, operands[0])
        deleted = Message(
            "Deleted: {name}. Its voice is kept. For a day, `trainings restore` brings it back.",
            name=operands[0],
        )
        console.result({"deleted": operands[0]}, [deleted])
    else:
        entry = next((e for e in Trash(home).entries() if e.name == operands[0]), None)
        if entry is None:
            raise RVCError("Nothing called '{name}' was deleted in the last day.", name=operands[0])
        restore_deleted(home, entry.id)
        console.result({"restored": entry.name}, [Message("Back again: {name}", name=entry.name)])
