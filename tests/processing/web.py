"""A web server on 127.0.0.1 that answers a video's range requests, well or badly."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Web"

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        route = self.path.split("?")[0].strip("/").split("/")[0]
        getattr(self, f"say_{route}", self.say_range)()

    def say_range(self):
        self.send_part(self.server.content)

    def send_part(self, content, cut=0, **headers):
        """`cut`: bytes that are promised and not sent."""
        first, last = self.headers["Range"].removeprefix("bytes=").split("-")
        part = content[int(first) : int(last) + 1]
        if not part:
            return self.send(416, b"", **{"Content-Range": f"bytes */{len(content)}"})
        place = f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"
        return self.send(206, part, cut, **{"Content-Range": place, "ETag": '"1"', **headers})

    def send(self, status, body, cut=0, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) - cut])
        if cut:
            self.close_connection = True

    def say_whole(self):
        """No ranges: a stream of a gigabyte, as long as anybody listens."""
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 30))
        self.end_headers()
        self.close_connection = True
        try:
            for _ in range(1 << 14):
                self.wfile.write(bytes(1 << 16))
                self.server.sent += 1 << 16
        except OSError:
            return

    def say_status(self):
        status = int(self.path.split("?")[0].rsplit("/", 1)[-1])
        self.send(status, b"no", **({"Retry-After": "7"} if status in (429, 503) else {}))

    def say_flaky(self):
        """Busy at the first request."""
        return self.send(503, b"busy") if len(self.server.requests) == 1 else self.send_part(self.server.content)

    def say_cut(self):
        """Good for the first byte, which tells the size; then half of what was promised."""
        if self.headers["Range"] == "bytes=0-0":
            return self.send_part(self.server.content)
        return self.send_part(self.server.content, cut=50)

    def say_short(self):
        """A shorter part than was asked for, but a proper answer."""
        first, last = self.headers["Range"].removeprefix("bytes=").split("-")
        if first != last:
            self.headers.replace_header("Range", f"bytes={first}-{int(last) - 10}")
        self.send_part(self.server.content)

    def say_redirect(self):
        self.send(302, b"", Location="/moved/video.mp4")

    def say_loop(self):
        self.send(302, b"", Location="/loop")

    def say_elsewhere(self):
        self.send(302, b"", Location="ftp://127.0.0.1/video.mp4")

    def say_packed(self):
        """Compresses for everybody who takes it: ranges then count compressed bytes."""
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            return self.send_part(gzip.compress(self.server.content), **{"Content-Encoding": "gzip"})
        return self.send_part(self.server.content)

    def log_message(self, *_):
        pass


class Web(ThreadingHTTPServer):
    """Use as a context manager; `url(path)` leads to it."""

    daemon_threads = True

    def __init__(self, content=b""):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.requests, self.sent = content, [], 0

    def url(self, path="/video.mp4"):
        return f"http://127.0.0.1:{self.server_port}{path}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
