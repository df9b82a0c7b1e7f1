"""Run a program that must not outlive the processes that asked for it, however those end.

A keeper stands in between. Each asking process holds a shared lock on a file; the system releases it when the process
exits or is killed. The keeper starts the program and waits for the exclusive lock on that file, which it gets when
nobody asks any more; it then ends the program. That needs no cooperation from the program.

Usage: python process_keeper.py FOLDER PROGRAM [ARGUMENT ..]
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

WAIT_SECONDS = 30
ASKERS = "askers.lock"
PROCESS_ID = "pid"


class KeptProgram:
    """A program that runs in a folder while a process asks for it there, or several do of one that is shared."""

    def __init__(self, folder: Path, *, is_shared: bool = False) -> None:
        self.folder = folder
        self.is_shared = is_shared
        self._asking: IO[str] | None = None
        self._keeper: subprocess.Popen[bytes] | None = None

    def ask(self, command: Callable[[], list[str]], log: Path) -> None:
        """Have the program run: start it, or share the one that another process has started in this folder.

        command: called when the program has to be started. log: where its output goes. Raises RuntimeError when another
        process has started one that is not shared.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "start.lock").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            self._asking = (self.folder / ASKERS).open("w")
            fcntl.flock(self._asking, fcntl.LOCK_SH)  # waits while a keeper is ending its program
            if self.is_running() and self.is_shared:
                return
            if self.is_running():
                self._asking.close()
                raise RuntimeError(
                    f"another process uses the program in {self.folder}; stop it or choose another folder"
                )
            with log.open("wb") as output:
                self._keeper = subprocess.Popen(
                    [sys.executable, __file__, str(self.folder), *command()],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=self.folder,  # what the program writes to relative paths lands there
                    start_new_session=True,  # Ctrl-C at a terminal is for the asking process
                )
            self._wait_until(lambda: self.process_id() is not None or self._keeper.poll() is not None, "start")

    def process_id(self) -> int | None:
        """Return the program's process id, None before it has one."""
        try:
            return int((self.folder / PROCESS_ID).read_text())
        except (FileNotFoundError, ValueError):
            return None

    def is_running(self) -> bool:
        """Tell whether the program runs."""
        process_id = self.process_id()
        try:
            if process_id is not None:
                os.kill(process_id, 0)
        except ProcessLookupError:
            return False
        return process_id is not None

    def leave(self) -> None:
        """Ask no longer. Wait for the program's end, unless other processes may still ask for it."""
        if self._asking is None:
            return
        self._asking.close()
        self._asking = None
        if not self.is_shared:
            self._wait_until(lambda: not self.is_running(), "end")
            if self._keeper is not None:
                self._keeper.wait(timeout=WAIT_SECONDS)

    def _wait_until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"the program kept in {self.folder} did not {what} within {WAIT_SECONDS} seconds")
            time.sleep(0.02)


def keep(folder: Path, command: list[str]) -> int:
    """Run the program until it ends or nobody asks for it any more; return the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    written = folder / f"{PROCESS_ID}.new"
    written.write_text(str(program.pid))
    written.rename(folder / PROCESS_ID)

    def end_with_program() -> None:
        exit_code = program.wait() & 0xFF
        (folder / PROCESS_ID).unlink(missing_ok=True)
        os._exit(exit_code)

    threading.Thread(target=end_with_program, daemon=True).start()
    with (folder / ASKERS).open("w") as askers:
        fcntl.flock(askers, fcntl.LOCK_EX)
        program.kill()  # nothing of it is worth saving: its data lives in the asking processes
        program.wait()
        (folder / PROCESS_ID).unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1]), sys.argv[2:]))
