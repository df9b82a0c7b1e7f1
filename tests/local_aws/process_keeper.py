"""Run a program that must not outlive the process that asked for it, however that process ends.

The keeper stands between the two: it starts the program and then reads its own standard input, which is a pipe from the
asking process. The system closes that pipe when the asking process exits or is killed; the keeper then ends the
program. It works wherever pipes do and needs no cooperation from the program.

Usage: python process_keeper.py PID_FILE PROGRAM [ARGUMENT ..]
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

STOP_SECONDS = 30


def start(command: list[str], log: IO[bytes], pid_file: Path) -> subprocess.Popen[bytes]:
    """Start a program under a keeper, and return the keeper. The program's process id appears in `pid_file`.

    It runs in the folder of that file, so that what it writes to relative paths lands there.
    """
    return subprocess.Popen(
        [sys.executable, __file__, str(pid_file), *command],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        cwd=pid_file.parent,
        start_new_session=True,  # Ctrl-C at a terminal is for the asking process, which then stops the program
    )


def stop(keeper: subprocess.Popen[bytes]) -> None:
    """End the program of a keeper, and wait until both are gone."""
    if keeper.stdin is not None:
        keeper.stdin.close()
    keeper.wait(timeout=STOP_SECONDS)


def keep(pid_file: Path, command: list[str]) -> int:
    """Run the program until it ends or standard input closes; return the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    pid_file.write_text(str(program.pid))

    def end_with_program() -> None:
        os._exit(program.wait() & 0xFF)

    threading.Thread(target=end_with_program, daemon=True).start()
    sys.stdin.buffer.read()
    program.kill()  # nothing of it is worth saving: its data lives in the asking process
    program.wait()
    return 0


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1]), sys.argv[2:]))
