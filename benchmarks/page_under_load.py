"""Response times of the public page under load, with and without heavy work.

    python benchmarks/page_under_load.py [--joins 200] [--uploads 300] [--busy none|report|clean]

Starts `app.py --public` on a free port of 127.0.0.1 with an empty workspace. Then `--joins` clients
join the queue and hold their event streams open, `--uploads` clients upload a file slowly, and one
more client requests the page and its voices every half second. With `--busy`, the recording of
another client is cleaned or assessed meanwhile. Prints the worst and median response times and the
machine's load; the exit code is 1 if a response took longer than LIMIT_SECONDS.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import httpx
from page_server import free_port, made_speech, until_idle, until_up

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS = 2.0
ASK_EVERY_SECONDS = 0.5
CHUNK_EVERY_SECONDS = 1.0
CHUNK_BYTES = 2048
UPLOAD_BYTES = 10_000_000  # declared; no upload completes within the run
SPEECH_SECONDS = 60.0
GIVE_UP_SECONDS = 120.0
JOIN_AGAIN_SECONDS = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--joins", type=int, default=200)
    parser.add_argument("--uploads", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--busy", choices=("none", "clean", "report"), default="none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, str(ROOT / "app.py"), "--public", "--port", str(port)]
        command += ["--workspace", f"{folder}/work"]
        environment = os.environ | {"GRADIO_TEMP_DIR": f"{folder}/gradio"}
        with (Path(folder) / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            until_up(port, server)
            until_idle(server)  # it imports heavy packages after the page is up
            times = asyncio.run(measure(f"http://127.0.0.1:{port}", port, options, Path(folder)))
        finally:
            server.terminate()
            server.wait(30)
    worst = print_times(times, options)
    sys.exit(worst > LIMIT_SECONDS)


async def measure(
    address: str, port: int, options: argparse.Namespace, folder: Path
) -> dict[str, list[float]]:
    """Return the response times in seconds by request; the load comes from another process."""
    async with client_of(address) as client:
        await client.get("/")  # the first rendering is slower
        await call(client, "voices", [""])
        busy = None
        if options.busy != "none":
            token, file = await sent_recording(client, folder)
            busy = asyncio.create_task(
                keep_busy(client, options.busy, token, file, options.seconds)
            )
            await asyncio.sleep(1)
        page = (await client.get("/config")).json()
        place = next(d["id"] for d in page["dependencies"] if d["api_name"] == "report")
        load = (port, place, options.joins, options.uploads)
        crowd = multiprocessing.Process(target=crowd_main, args=load, daemon=True)
        crowd.start()
        times = await ask(client, options.seconds)
        crowd.terminate()
        if busy is not None:
            busy.cancel()
        return times


def client_of(address: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(
        base_url=address, limits=limits, timeout=GIVE_UP_SECONDS, trust_env=False
    )


def crowd_main(port: int, place: int, joins: int, uploads: int) -> None:
    """Run all clients of the load, which start at once and stay, in a separate process."""

    async def come() -> None:
        async with client_of(f"http://127.0.0.1:{port}") as client:
            joining = (join(client, place, number) for number in range(joins))
            sending = (upload_slowly(port) for _ in range(uploads))
            for ended in await asyncio.gather(*joining, *sending, return_exceptions=True):
                print("left the crowd:", repr(ended))

    asyncio.run(come())


async def ask(client: httpx.AsyncClient, seconds: float) -> dict[str, list[float]]:
    """Request the page and the voices in turn until `seconds` have passed; return the times."""
    times: dict[str, list[float]] = {"page": [], "api": []}

    async def page() -> None:
        (await client.get("/")).raise_for_status()

    async def api() -> None:
        await call(client, "voices", [""])

    questions: dict[str, Callable[[], Awaitable[None]]] = {"page": page, "api": api}
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        for name, question in questions.items():
            asked = time.monotonic()
            await question()
            times[name].append(time.monotonic() - asked)
        await asyncio.sleep(ASK_EVERY_SECONDS)
    return times


async def call(client: httpx.AsyncClient, name: str, data: list) -> str:
    """Return the text of an endpoint's event stream."""
    asked = await client.post(f"/gradio_api/call/{name}", json={"data": data})
    asked.raise_for_status()
    return (await client.get(f"/gradio_api/call/{name}/{asked.json()['event_id']}")).text


async def join(client: httpx.AsyncClient, place: int, number: int) -> None:
    """Join the queue for a report, as a page does, and hold the event stream."""
    body = {"data": [""], "fn_index": place, "session_hash": f"crowd{number}"}
    while True:
        await client.post("/gradio_api/queue/join", json=body)
        where = f"/gradio_api/queue/data?session_hash=crowd{number}"
        with suppress(httpx.RemoteProtocolError):  # where the queue was full there is no stream
            async with client.stream("GET", where) as events:
                async for _ in events.aiter_lines():
                    pass
        await asyncio.sleep(JOIN_AGAIN_SECONDS)


async def upload_slowly(port: int) -> None:
    """Send a file CHUNK_BYTES at a time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        '--b\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n'
        "Content-Type: audio/wav\r\n\r\n"
    )
    writer.write(
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {UPLOAD_BYTES}\r\n\r\n{head}".encode()
    )
    try:
        while not reader.at_eof():
            writer.write(bytes(CHUNK_BYTES))
            await writer.drain()
            await asyncio.sleep(CHUNK_EVERY_SECONDS)
    finally:
        writer.close()


async def sent_recording(client: httpx.AsyncClient, folder: Path) -> tuple[str, dict]:
    """Upload and clean a recording; return the visitor's token and the file."""
    sound = made_speech(folder / "speech.wav", SPEECH_SECONDS)
    sent = await client.post(
        "/gradio_api/upload", files={"files": ("speech.wav", sound.read_bytes(), "audio/wav")}
    )
    file = {"path": sent.json()[0], "meta": {"_type": "gradio.FileData"}}
    text = await call(client, "clean", [file, "standard", True, True, ""])
    found = re.search(r"^data: (\[.*)$", text, re.M)
    if found is None:
        raise RuntimeError(f"the recording was not cleaned: {text}")
    return json.loads(found.group(1))[0]["token"], file


async def keep_busy(
    client: httpx.AsyncClient, work: str, token: str, file: dict, seconds: float
) -> None:
    """Clean or assess the recording repeatedly."""
    began = time.monotonic()
    while time.monotonic() - began < seconds + 10:
        asked = time.monotonic()
        data = [token] if work == "report" else [file, "standard", True, True, token]
        text = await call(client, work, data)
        print(f"{work} took {time.monotonic() - asked:.1f} s: {text.splitlines()[0]}")


def print_times(times: dict[str, list[float]], options: argparse.Namespace) -> float:
    """Print the figures; return the worst time in seconds."""
    print(f"{options.joins} joins, {options.uploads} slow uploads, busy: {options.busy}")
    print("load averages:", *(f"{load:.1f}" for load in os.getloadavg()), "cores:", os.cpu_count())
    for name, seconds in times.items():
        ordered = sorted(seconds)
        middle = ordered[len(ordered) // 2]
        print(f"{name}: {len(ordered)} answers, middle {middle:.2f} s, worst {ordered[-1]:.2f} s")
    return max(max(seconds) for seconds in times.values())


if __name__ == "__main__":
    main()
