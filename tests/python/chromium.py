"""Headless Chromium over its debugging pipe: open a page, ask it, press keys in it, see what it asked the network for.

The protocol: https://chromedevtools.github.io/devtools-protocol/. Messages are JSON texts that end in a NUL byte, read
by the browser from file descriptor 3 and written by it to 4.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS_FOR_AN_ANSWER = 60


def chromium_program() -> str | None:
    """Return where Chromium is, or Chrome; None where neither is on the PATH."""
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


class Pipe:
    """One running browser: commands go in, answers and events come out."""

    def __init__(self, read_end: int, write_end: int) -> None:
        self.read_end, self.write_end = read_end, write_end
        self.buffer = b""
        self.count = 0
        self.listeners: dict[str, list[dict[str, Any]]] = {}

    def command(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result. Events that come in between are kept for their page."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + SECONDS_FOR_AN_ANSWER
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self.count:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def receive(self, deadline: float) -> dict[str, Any]:
        """Return the next message; an event is also kept for its page."""
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read_end], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(self.read_end, 1 << 20) if ready else b""
            assert chunk, "the browser did not answer" if not ready else "the browser has ended"
            self.buffer += chunk
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        if "method" in message:
            self.listeners.setdefault(message.get("sessionId", ""), []).append(message)
        return message


@dataclass
class Page:
    """A tab, with everything it reported since it was opened."""

    pipe: Pipe
    session: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command to this tab."""
        return self.pipe.command(method, self.session, **parameters)

    def wait_for(self, method: str) -> dict[str, Any]:
        """Return the first event of this name, which may have come already."""
        deadline = time.monotonic() + SECONDS_FOR_AN_ANSWER
        while True:
            for event in self.events:
                if event["method"] == method:
                    return event["params"]
            self.pipe.receive(deadline)

    def open(self, path: Path) -> None:
        """Open a file from disk and wait until it is loaded."""
        self.events.clear()
        self.command("Page.navigate", url=path.resolve().as_uri())
        self.wait_for("Page.loadEventFired")

    def ask(self, expression: str) -> Any:
        """Return the value of a JavaScript expression; of a promise, what it comes to."""
        answer = self.command(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
            allowUnsafeEvalBlockedByCSP=False,
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str, code: int) -> None:
        """Press a key, as a person does."""
        for kind in ("keyDown", "keyUp"):
            self.command("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def size(self, width: int, height: int) -> None:
        """Give the page a window of this size and let it lay itself out."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        self.settle()

    def prefer(self, scheme: str) -> None:
        """Prefer light or dark."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def settle(self) -> None:
        """Wait for two frames: what was asked for is drawn then."""
        self.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def screenshot(self, whole: bool = True) -> bytes:
        """Return a PNG of the page."""
        answer = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(answer["data"])

    def pdf(self) -> bytes:
        """Return the page as it prints."""
        return base64.b64decode(self.command("Page.printToPDF", printBackground=False, preferCSSPageSize=True)["data"])

    def requests(self) -> list[str]:
        """Return every address that the page asked for."""
        return [
            event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[dict[str, Any]]:
        """Return what the console, the content security policy, exceptions and dialogs had to say."""
        names = (
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Log.entryAdded",
            "Audits.issueAdded",
            "Page.javascriptDialogOpening",
        )
        return [event for event in self.events if event["method"] in names]


@contextlib.contextmanager
def run_chromium(program: str, folder: Path) -> Iterator[Callable[[], Page]]:
    """Run the browser with a profile of its own below the folder; yields a function that opens a new tab."""
    to_browser, from_browser = os.pipe(), os.pipe()
    # Above the two numbers that the browser wants, so that neither overwrites the other.
    inputs, outputs = (fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_browser[0], from_browser[1]))
    command = [
        "bash",
        "-c",
        f'exec "$@" 3<&{inputs} 4>&{outputs} {inputs}<&- {outputs}>&-',
        "bash",
        program,
        "--headless=new",
        "--remote-debugging-pipe",
        "--no-sandbox",  # CI runs as root, for whom Chromium has no sandbox
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        f"--user-data-dir={folder / 'profile'}",
        "about:blank",
    ]
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(command, pass_fds=(inputs, outputs), stdout=log, stderr=log, start_new_session=True)
    for end in (to_browser[0], from_browser[1], inputs, outputs):
        os.close(end)
    pipe = Pipe(from_browser[0], to_browser[1])

    def new_page() -> Page:
        target = pipe.command("Target.createTarget", url="about:blank")["targetId"]
        session = pipe.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(pipe, session, pipe.listeners.setdefault(session, []))
        for domain in ("Page", "Runtime", "Network", "Log", "Audits"):
            page.command(f"{domain}.enable")
        return page

    try:
        yield new_page
        with contextlib.suppress(AssertionError, OSError):
            pipe.command("Browser.close")
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=SECONDS_FOR_AN_ANSWER)
        os.close(to_browser[1])
        os.close(from_browser[0])
