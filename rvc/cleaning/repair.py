"""The description of one repair: a message and figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rvc.messages import Message


@dataclass(frozen=True)
class Repair:
    """`name`: high_pass, hum, clicks, echo, noise, gate, trim or level; `ran`: it changed the
    sound; `text`: what was found and done; `figures`: the measures behind the decision."""

    name: str
    ran: bool
    text: Message
    figures: Mapping[str, float | str] = field(default_factory=dict)
