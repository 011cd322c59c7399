"""A local server in place of the hub, with the faults of real ones."""

import http.server

CONTENT = bytes(range(256)) * 20_000  # 5 MB: several chunks


class Hub(http.server.ThreadingHTTPServer):
    """Serves `content` with `fault`: none, cut (once), broken, page, sly_page, no_range, busy.

    `files`: contents of single paths.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.content, self.fault, self.requests = CONTENT, "none", []
        self.files: dict[str, bytes] = {}

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors: some tests interrupt the connection on purpose."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(http.server.BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        hub, wanted = self.server, self.headers.get("Range")
        hub.requests.append((self.path, wanted))
        if hub.fault == "gone":
            return self.send_error(404)
        if hub.fault == "busy" and len(hub.requests) < 3:
            return self.send_error(503)
        if "page" in hub.fault:
            body = b"<!DOCTYPE html><html>Please sign in" + b" " * len(CONTENT)
            kind = "text/html; charset=utf-8" if hub.fault == "page" else "application/octet-stream"
            return self._send(200, body[: len(CONTENT)], {"Content-Type": kind})
        content = hub.files.get(self.path, hub.content)
        start = int(wanted.split("=")[1].rstrip("-")) if wanted else 0
        if wanted and hub.fault != "no_range":
            size = len(content)
            return self._send(
                206, content[start:], {"Content-Range": f"bytes {start}-{size - 1}/{size}"}
            )
        return self._send(200, content, {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        cut = self.server.fault == "broken" or (
            self.server.fault == "cut" and len(self.server.requests) == 1
        )
        self.wfile.write(body[: len(body) // 2] if cut else body)

    def log_message(self, *_arguments) -> None:
        pass
