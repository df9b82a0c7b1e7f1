"""The folder the sample logs go to: it holds this program's files and no others."""

from pathlib import Path, PurePosixPath

from sample_logs.settings import SampleFile

LIST_NAME = "written_files.txt"
LIST_HEADER = "# Files written by scripts/generate_sample_logs.py. The next run deletes them."


class FolderRefusedError(Exception):
    """The folder holds something that this program did not write."""


class OutputFolder:
    """Writes files below a folder and keeps a list of them, so that the next run can replace them.

    A file is put on the list before it is written. A run that was stopped half-way leaves a list that is
    complete, and the next run clears up after it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def check(self) -> None:
        """Raise FolderRefusedError unless the folder is absent, empty, or holds nothing but earlier output."""
        if self.root.exists() and not self.root.is_dir():
            raise FolderRefusedError(f"{self.root} is a file; expected a folder. Name another output folder.")
        present = self._present_files()
        if not present:
            return
        if LIST_NAME not in present:
            raise FolderRefusedError(
                f"{self.root} is not empty and has no {LIST_NAME}, so an earlier run did not write it. "
                "Name a new or empty folder."
            )
        strangers = sorted(set(present) - set(self._listed_files()) - {LIST_NAME})
        if strangers:
            raise FolderRefusedError(
                f"{self.root} holds {len(strangers)} file(s) that an earlier run did not write, the first is "
                f"{strangers[0]!r}. Move them away or name another folder."
            )

    def replace(self) -> None:
        """Check the folder, delete earlier output, and begin a new list."""
        self.check()
        if self.root.exists():
            self._delete_listed_files()
        self.root.mkdir(parents=True, exist_ok=True)
        self._list_path.write_bytes(f"{LIST_HEADER}\n".encode())

    def write(self, file: SampleFile) -> None:
        """Put the file on the list and write it."""
        with self._list_path.open("ab") as written_files:
            written_files.write(f"{file.path}\n".encode())
        path = self.root / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)

    @property
    def _list_path(self) -> Path:
        return self.root / LIST_NAME

    def _present_files(self) -> list[str]:
        """Everything below the root that is not a real folder; a link counts as a file and is not followed."""
        return [
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_symlink() or not path.is_dir()
        ]

    def _listed_files(self) -> list[str]:
        header, *paths = self._list_path.read_text(encoding="utf-8").splitlines()
        if header != LIST_HEADER:
            raise FolderRefusedError(
                f"{self._list_path} starts with {header!r}; expected {LIST_HEADER!r}. Name another output folder."
            )
        for path in paths:
            parts = PurePosixPath(path).parts
            if not parts or PurePosixPath(path).is_absolute() or ".." in parts:
                raise FolderRefusedError(
                    f"{self._list_path} names {path!r}, which is not a path below the folder. Name another folder."
                )
        return paths

    def _delete_listed_files(self) -> None:
        if self._list_path.exists():
            # What was present was checked against the list; a listed file may be missing after a stopped run.
            for path in self._listed_files():
                (self.root / path).unlink(missing_ok=True)
            self._list_path.unlink()
        folders = [path for path in self.root.rglob("*") if path.is_dir()]
        for folder in sorted(folders, reverse=True):
            folder.rmdir()
