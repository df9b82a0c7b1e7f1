"""Which files below a folder are opened while something runs, as the kernel tells it (Linux only)."""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path
from types import TracebackType

IN_OPEN = 0x00000020  # from <sys/inotify.h>
IN_NONBLOCK = os.O_NONBLOCK
IN_ISDIR = 0x40000000
IN_Q_OVERFLOW = 0x00004000
EVENT_HEADER = struct.Struct("iIII")


class OpenedFiles:
    """Use as a context; afterwards `paths` holds every file below the folder that any process opened meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths: set[Path] = set()
        self._folders: dict[int, Path] = {}
        self._libc = ctypes.CDLL(None, use_errno=True)

    def __enter__(self) -> OpenedFiles:
        self._descriptor = self._libc.inotify_init1(IN_NONBLOCK)
        for folder in (self.folder, *(path for path in self.folder.rglob("*") if path.is_dir())):
            watch = self._libc.inotify_add_watch(self._descriptor, os.fsencode(folder), IN_OPEN)
            if watch < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch failed", str(folder))
            self._folders[watch] = folder
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while True:
                self._take(os.read(self._descriptor, 1 << 20))
        except BlockingIOError:
            pass
        finally:
            os.close(self._descriptor)

    def _take(self, events: bytes) -> None:
        position = 0
        while position < len(events):
            watch, mask, _, length = EVENT_HEADER.unpack_from(events, position)
            if mask & IN_Q_OVERFLOW:
                raise OSError(
                    "more files were opened than the kernel keeps (fs.inotify.max_queued_events): not all are known"
                )
            name = events[position + EVENT_HEADER.size :][:length].rstrip(b"\0")
            position += EVENT_HEADER.size + length
            if name and not mask & IN_ISDIR:
                self.paths.add(self._folders[watch] / os.fsdecode(name))
