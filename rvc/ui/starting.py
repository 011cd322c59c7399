"""Checks before the page starts; a wrong port, folder or proxy is reported in one sentence."""

import contextlib
import errno
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from rvc.errors import RVCError
from rvc.files import check_writable, storage_error
from rvc.messages import Message
from rvc.proxies import spare_local_addresses, without_proxies

NO_SUCH_ADDRESS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class StartError(RVCError):
    """The page cannot be served with these settings."""


@contextlib.contextmanager
def starting(
    host: str, port: int, *, workspace: Path, weights: Path | None, language: str
) -> Iterator[None]:
    """Check what the page needs; while the block launches it, its own requests use no proxy.

    `weights`: a folder that was named; one that is not there is made. What cannot be is printed as
    one sentence in `language`, and ends the program with exit code 2.
    """
    try:
        check_port(host, port)
        check_writable(workspace)
        if weights is not None and _made(weights):
            print(_made_text(weights).in_language(language))
        spare_local_addresses(host)
        with without_proxies():  # Gradio requests its own page
            yield
    except RVCError as error:
        print(error.text.in_language(language), file=sys.stderr)
        sys.exit(2)
    except OSError as error:  # another program took the port meanwhile
        if "empty port" not in str(error):
            raise
        print(_port_taken(port).text.in_language(language), file=sys.stderr)
        sys.exit(2)


def check_port(host: str, port: int) -> None:
    """Raise StartError unless a program can listen on this address and port."""
    try:
        found = socket.getaddrinfo(host.strip("[]") or None, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as trial:
            if os.name == "posix":  # elsewhere it would let two programs share the port
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        raise _refused(error, host, port) from error


def _refused(error: OSError, host: str, port: int) -> StartError:
    if isinstance(error, socket.gaierror) or error.errno in NO_SUCH_ADDRESS:
        return StartError(
            "This machine has no address '{host}'. Give one of its own with --host, or leave "
            "--host out.",
            host=host,
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return StartError(
            "Port {port} is kept for the system. Choose one from 1024 on: --port 7860.",
            port=port,
        )
    return _port_taken(port)


def _port_taken(port: int) -> StartError:
    other = port + 1 if port < 65_535 else 7860
    return StartError(
        "Port {port} is in use, perhaps by another Moksori. Close that program, or choose another "
        "port: --port {other}.",
        port=port,
        other=other,
    )


def _made(weights: Path) -> bool:
    """Make the weights folder if need be; True when it was not there."""
    if weights.is_dir():
        return False
    try:
        weights.mkdir(parents=True)
    except OSError as error:
        raise storage_error(error, weights) from error
    return True


def _made_text(weights: Path) -> Message:
    return Message(
        "The weights folder '{name}' was not there; an empty one was made.",
        name=weights.name,
    )
