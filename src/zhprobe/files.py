"""JSONL journals, whole files, digests: what is written stays written.

A journal is append-only, one JSON object a line, UTF-8, LF, one writer at a time (a lock file beside it).
A last line without its line feed was torn by a crash: readers report it and leave it out, the next
writer moves it aside to `<name>.torn` and goes on after the last whole line.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeVar

import msgspec
import portalocker

from zhprobe.errors import UserError

T = TypeVar("T")
_encoder = msgspec.json.Encoder()


def encode(record: Any) -> bytes:
    """One record as JSON in UTF-8; a lone surrogate is kept as an escape instead of failing.

    >>> encode({"题": "秋"}).decode()
    '{"题":"秋"}'
    """
    try:
        return _encoder.encode(record)
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(record)
        return json.dumps(plain, ensure_ascii=True, separators=(",", ":")).encode()


def decode(line: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    r"""One record from JSON; a lone surrogate that `encode` kept as an escape comes back as it was.

    >>> decode(b'["\\ud800"]', msgspec.json.Decoder(list[str])) == ["\ud800"]
    True
    """
    try:
        return decoder.decode(line)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if b"\\u" not in line:
            raise
        try:
            plain = json.loads(line)
        except ValueError:
            plain = None
        if plain is None:
            raise
        return msgspec.convert(plain, decoder.type)


def toml_value(value: str | float | Sequence[str]) -> str:
    r"""A text, a number or a list of texts as TOML writes it: as JSON, but for DEL, which TOML forbids bare.

    >>> print(toml_value("李\x7f“明”"), toml_value(("a", "b")))
    "李\u007f“明”" ["a", "b"]
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def digest(value: Any) -> str:
    """First 16 hex digits of SHA-256 over the canonical JSON (keys sorted, UTF-8, no spaces).

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    return sha256(value)[:16]


def sha256(value: Any) -> str:
    """SHA-256 over the canonical JSON of a value."""
    plain = msgspec.to_builtins(value)
    canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def explain_os_error(error: OSError, where: Path) -> UserError:
    """Disk full, no permission, read-only: said as where, what, and what to do."""
    what = {
        errno.ENOSPC: ("the disk is full", "Free some space and run the same command again; it goes on."),
        errno.EDQUOT: ("the disk quota is used up", "Free some space and run the same command again."),
        errno.EROFS: ("the file system is read-only", "Choose another folder with --out."),
        errno.EACCES: ("no permission to write here", "Choose another folder with --out."),
        errno.EPERM: ("no permission to write here", "Choose another folder with --out."),
        errno.ENOENT: ("there is no such file or folder", "Check the path."),
        errno.EISDIR: ("this is a folder, a file was expected", "Check the path."),
        errno.ENOTDIR: ("a file stands where a folder was expected", "Check the path."),
    }
    text, fix = what.get(error.errno or 0, (error.strerror or str(error), ""))
    return UserError(str(where), text, fix)


def write_whole(path: Path, data: str | bytes) -> None:
    """Write a whole file so that a reader sees the old one or the new one, never half of it."""
    raw = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(raw)
                out.flush()
                os.fsync(out.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise explain_os_error(error, path) from error


def whole_lines(path: Path) -> tuple[int, int]:
    """Bytes up to and including the last line feed, and bytes after it (a torn line, 0 when clean)."""
    size = path.stat().st_size
    step = 1 << 16
    with path.open("rb") as file:
        end = size
        while end > 0:
            start = max(0, end - step)
            file.seek(start)
            block = file.read(end - start)
            found = block.rfind(b"\n")
            if found >= 0:
                kept = start + found + 1
                return kept, size - kept
            end = start
    return 0, size


def read_jsonl(path: Path, kind: type[T]) -> Iterator[T]:
    """Records of a journal, one at a time. A torn last line is left out; another bad line is an error."""
    decoder = msgspec.json.Decoder(kind)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    return
                if line.isspace():
                    continue
                try:
                    yield decode(line, decoder)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    raise UserError(
                        f"{path}, line {number}",
                        f"this line cannot be read: {error}",
                        "Restore the file from a copy, or move the line to another file by hand.",
                    ) from error
    except OSError as error:
        raise explain_os_error(error, path) from error


def read_json(path: Path, kind: type[T]) -> T:
    """One JSON file as a record."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise explain_os_error(error, path) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(str(path), f"this file cannot be read: {error}") from error


class Lock:
    """The right to write in one folder, held by one process; the kernel lets it go when the process dies."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / ".writer.lock"
        self._file: IO[str] | None = None

    def __enter__(self) -> Lock:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+", encoding="utf-8")
        except OSError as error:
            raise explain_os_error(error, self.path.parent) from error
        try:
            portalocker.lock(self._file, portalocker.LOCK_EX | portalocker.LOCK_NB)
        except portalocker.LockException:
            self._file.seek(0)
            holder = self._file.read().strip()
            self._file.close()
            self._file = None
            raise UserError(
                str(self.path.parent),
                f"another process is writing here ({holder or 'unknown'})",
                "Wait for it to end, or stop it; this process leaves the folder as it is.",
            ) from None
        self._file.truncate(0)
        self._file.write(f"pid {os.getpid()}")
        self._file.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.truncate(0)
            portalocker.unlock(self._file)
            self._file.close()
            self._file = None


class Journal:
    """An append-only JSONL file. Each `append` reaches the operating system before it returns.

    `torn` is the number of bytes of a torn last line that was found and moved to `<name>.torn`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                kept, self.torn = whole_lines(path)
                if self.torn:
                    with path.open("r+b") as file:
                        file.seek(kept)
                        rest = file.read()
                        with path.with_name(path.name + ".torn").open("ab") as aside:
                            aside.write(rest + b"\n")
                        file.truncate(kept)
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise explain_os_error(error, path) from error

    def append(self, *records: Any) -> None:
        """Add records, whole lines at a time. When the disk is full nothing half-written stays behind."""
        data = b"".join(encode(record) + b"\n" for record in records)
        start = self._file.tell()
        try:
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            self._file.truncate(start)
            raise explain_os_error(error, self.path) from error

    def sync(self) -> None:
        """Wait until everything appended is on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close."""
        if not self._file.closed:
            self.sync()
            self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def write_jsonl(path: Path, records: Iterable[Any]) -> None:
    """A whole JSONL file at once, atomically."""
    write_whole(path, b"".join(encode(record) + b"\n" for record in records))
