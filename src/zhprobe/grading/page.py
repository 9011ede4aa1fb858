"""The grading page: local, keyboard first, over the same ledger and row ids as the sheets.

It listens on the loopback only. Whoever has the token in the address may grade, as one annotator; Host and
Origin are checked, so that no other page in the browser can reach it. The address stays the same from one
start to the next: a page left open goes on when the server is back.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import socket
import threading
import webbrowser
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zhprobe.errors import UserError
from zhprobe.grading.batch import Batch, Row
from zhprobe.grading.ledger import Event, GradeEvent, Mark, State, Supersede, Void, now, set_mark
from zhprobe.text.quoting import find_quote

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    Handler = Callable[[Request], Awaitable[Response]]

PAGE, UNDO = "page", "undo"  # source of an event in the ledger
MOST_BYTES = 200_000  # of one request
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Refused(Exception):
    """A request that is not answered: status, code and words for the annotator."""

    def __init__(self, status: int, code: str, words: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.words = status, code, words


class Put(msgspec.Struct, frozen=True):
    """A grade as the page sends it. An empty verdict takes the grade back."""

    row_id: str
    verdict: str = ""
    evidence: str = ""
    note: str = ""
    sec: int | None = None
    without_evidence: bool = False


class Desk:
    """One annotator's rows, ready for the page, and what may be done with them."""

    def __init__(self, folder: Path, annotator: str) -> None:
        self.batch = Batch(folder)
        self.annotator = annotator
        self.rows = self.batch.rows_of(annotator)
        self.by_id = {row.row_id: row for row in self.rows}
        self._lock = threading.Lock()
        if not self.rows:
            raise UserError(
                str(folder), f"{annotator} has no rows in this batch", "See `zhprobe grade BATCH`."
            )

    @property
    def state(self) -> State:
        """What the ledger says."""
        return self.batch.ledger.state

    def shown_mark(self, row: Row) -> dict[str, Any] | None:
        """A row's grade with the places of its evidence in the answer."""
        mark = self.state.marks.get(row.row_id)
        if mark is None:
            return None
        return {
            "verdict": mark.verdict,
            "evidence": mark.evidence,
            "note": mark.note,
            "sec": mark.sec or 0,
            "spans": _places(mark.evidence, row.answer),
            "other": _places(mark.evidence, row.answer_b),
        }

    def everything(self) -> dict[str, Any]:
        """All rows by block and answer; nothing in it tells which model, which sample or which row is gold."""
        answers: list[dict[str, Any]] = []
        places: dict[tuple[str, str], int] = {}
        prompts: dict[str, int] = {}
        texts: list[str] = []
        rows = []
        previous: tuple[str, str] | None = None
        for row in self.rows:
            # an answer that comes again later (a repeated row) is another answer for the page
            key = (row.issue.answer, row.issue.sample)
            if key != previous:
                prompt = prompts.setdefault(row.prompt, len(texts))
                if prompt == len(texts):
                    texts.append(row.prompt)
                places[key] = len(answers)
                answers.append({"prompt": prompt, "text": row.answer, "other": row.answer_b})
            previous = key
            rows.append(
                {
                    "id": row.row_id,
                    "answer": places[key],
                    "criterion": row.criterion_text,
                    "levels": list(row.criterion.levels) if row.criterion else [],
                    "fault": bool(row.criterion and row.criterion.points < 0),
                    "codes": list(row.codes),
                    "evidence": row.evidence,
                    "mark": self.shown_mark(row),
                }
            )
        return {
            "batch": self.batch.info.id,
            "annotator": self.annotator,
            "lang": self.batch.info.lang,
            "pairwise": self.batch.info.kind == "pairwise",
            "prompts": texts,
            "answers": answers,
            "rows": rows,
            "revision": len(self.state.history),
        }

    def refresh(self) -> None:
        """Read what others have written."""
        with self._lock:
            self.batch.ledger.refresh()

    def since(self, revision: int) -> dict[str, Any]:
        """Marks that changed after a revision: what another tab, or an import, has done."""
        self.refresh()
        changed: dict[str, None] = {}
        for event in self.state.history[max(0, revision) :]:
            if isinstance(event, Void) and event.annotator == self.annotator:
                changed.update(dict.fromkeys(self.by_id))
            elif (name := getattr(event, "row_id", "")) in self.by_id:
                changed[name] = None
        marks = {name: self.shown_mark(self.by_id[name]) for name in changed}
        return {"revision": len(self.state.history), "marks": marks}

    def put(self, given: Put) -> dict[str, Any]:
        """Write one grade; the same content again changes nothing."""
        row = self.by_id.get(given.row_id)
        if row is None:
            raise Refused(404, "E04")
        if given.verdict and given.verdict not in row.codes:
            raise Refused(422, "E06")
        flags: tuple[str, ...] = ()
        if row.evidence == "required" and given.verdict not in ("", "0", "NA", "U"):
            found = find_quote(given.evidence, row.answer).found
            if not found and not given.without_evidence:
                raise Refused(422, "E08")
            flags = () if found else ("no_evidence",)
        sec = None if given.sec is None else max(0, min(given.sec, 36_000))
        with self._lock, self.batch.ledger.writing() as write:
            if given.verdict:
                mark = Mark(given.verdict, given.evidence, given.note, sec, flags)
                old = self.state.marks.get(row.row_id)
                same = old is not None and msgspec.structs.replace(old, sec=sec) == mark
                event: Event | None = None if same else set_mark(self.state, row.row_id, mark, PAGE)
            else:
                held = row.row_id in self.state.marks
                event = (
                    Void("cleared on the page", self.annotator, now(), row_id=row.row_id) if held else None
                )
            if event is not None:
                write([event])
        return {"revision": len(self.state.history), "marks": {row.row_id: self.shown_mark(row)}}

    def undo(self) -> dict[str, Any]:
        """Take back the last change made on the page that has not been taken back yet."""
        with self._lock, self.batch.ledger.writing() as write:
            event = last_change(self.state.history, self.by_id)
            if event is None:
                raise Refused(409, "nothing")
            row = self.by_id[event.row_id]
            back: Event
            if isinstance(event, Supersede):
                current = self.state.marks.get(event.row_id, event.new)
                back = Supersede(event.row_id, current, event.old, UNDO, now())
            else:
                back = Void(UNDO, self.annotator, now(), row_id=event.row_id)
            write([back])
        return {
            "revision": len(self.state.history),
            "marks": {row.row_id: self.shown_mark(row)},
            "row": row.row_id,
        }


def last_change(history: Sequence[Event], own: dict[str, Row]) -> GradeEvent | Supersede | None:
    """The last page event of these rows that no undo has taken back."""
    skip = 0
    for event in reversed(history):
        name = getattr(event, "row_id", "")
        if name not in own:
            continue
        if (isinstance(event, Void) and event.reason == UNDO) or (
            isinstance(event, Supersede) and event.source == UNDO
        ):
            skip += 1
        elif isinstance(event, GradeEvent | Supersede) and event.source == PAGE:
            if not skip:
                return event
            skip -= 1
    return None


def _places(evidence: str, text: str) -> list[list[int]]:
    """Where evidence stands in a text, in UTF-16 units, as scripts count. Parts are looked up on their own.

    >>> _places("好字", "𠮷好字"), _places("甲乙；丁", "甲乙丙丁"), _places("", "好")
    ([[2, 4]], [[0, 2], [3, 4]], [])
    """
    spans: list[tuple[int, int]] = []
    for part in [evidence, *evidence.split("；")] if evidence and text else ():
        if part and (at := text.find(part)) >= 0:
            spans.append((at, at + len(part)))
        else:
            spans += find_quote(part, text).spans
        if spans and part == evidence:
            break

    def unit(place: int) -> int:
        return place + sum(c > "\uffff" for c in text[:place])

    return [[unit(a), unit(b)] for a, b in sorted(set(spans))]


def make_app(desk: Desk, token: str, hosts: frozenset[str]) -> Starlette:
    """The page as an application. `hosts` are the only names it answers to."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    assets = resources.files("zhprobe.grading") / "page_assets"
    origins = frozenset(f"http://{host}" for host in hosts)

    def admit(request: Request, *, page: bool = False) -> None:
        if request.headers.get("host", "") not in hosts:
            raise Refused(403, "host")
        origin = request.headers.get("origin")
        if origin is not None and origin not in origins:
            raise Refused(403, "origin")
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none") and not page:
            raise Refused(403, "origin")
        given = request.query_params.get("token", "") if page else request.headers.get("x-token", "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise Refused(403, "token")

    def guarded(handler: Handler) -> Handler:
        async def run(request: Request) -> Response:
            try:
                response = await handler(request)
            except Refused as refused:
                response = JSONResponse({"code": refused.code, "words": refused.words}, refused.status)
            except UserError as error:
                response = JSONResponse({"code": "error", "words": str(error)}, 503)
            response.headers.update(HEADERS)
            return response

        return run

    async def body_of(request: Request) -> bytes:
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            raise Refused(415, "type")
        data = bytearray()
        async for part in request.stream():
            data += part
            if len(data) > MOST_BYTES:
                raise Refused(413, "size")
        return bytes(data)

    async def index(request: Request) -> Response:
        admit(request, page=True)
        return Response((assets / "page.html").read_bytes(), media_type="text/html")

    async def asset(request: Request) -> Response:
        if request.headers.get("host", "") not in hosts:
            raise Refused(403, "host")
        name = request.url.path.lstrip("/")
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        return Response((assets / name).read_bytes(), media_type=kind)

    async def rows(request: Request) -> Response:
        admit(request)
        desk.refresh()
        return JSONResponse(desk.everything())

    async def changes(request: Request) -> Response:
        admit(request)
        since = request.query_params.get("since", "0")
        return JSONResponse(desk.since(int(since) if since.isdigit() else 0))

    async def mark(request: Request) -> Response:
        admit(request)
        try:
            given = msgspec.json.decode(await body_of(request), type=Put)
        except msgspec.DecodeError as error:
            raise Refused(400, "json", str(error)) from None
        return JSONResponse(desk.put(given))

    async def undo(request: Request) -> Response:
        admit(request)
        await body_of(request)
        return JSONResponse(desk.undo())

    return Starlette(
        routes=[
            Route("/", guarded(index)),
            Route("/page.css", guarded(asset)),
            Route("/page.js", guarded(asset)),
            Route("/api/rows", guarded(rows)),
            Route("/api/changes", guarded(changes)),
            Route("/api/mark", guarded(mark), methods=["POST"]),
            Route("/api/undo", guarded(undo), methods=["POST"]),
        ]
    )


def page_token(folder: Path, annotator: str) -> str:
    """The token of an annotator's page, kept from start to start, readable by its owner only."""
    path = folder / f".page-{annotator}.token"
    try:
        held = path.read_text(encoding="ascii").strip()
        if len(held) >= 32:
            return held
    except OSError:
        pass
    token = secrets.token_urlsafe(32)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(token + "\n")
    return token


def usual_port(batch: str, annotator: str) -> int:
    """The port that an annotator's page of a batch tries first.

    >>> 20_000 <= usual_port("b1", "a01") < 30_000
    True
    """
    return 20_000 + int.from_bytes(hashlib.sha256(f"{batch} {annotator}".encode()).digest()[:4]) % 10_000


def open_socket(port: int, usual: int) -> socket.socket:
    """A listening socket on the loopback: the port asked for, else the usual one, else any."""
    for wanted in [port] if port else [usual, 0]:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind(("127.0.0.1", wanted))
            return made
        except OSError:
            made.close()
    raise UserError("", f"port {port} is in use", "Give another --port, or none.")


def serve(folder: Path, annotator: str, *, port: int = 0, open_browser: bool = True) -> None:
    """Serve the page until stopped; prints its address first."""
    try:
        import starlette  # noqa: F401
        import uvicorn
    except ImportError:
        raise UserError("", "the page needs two more packages", "pip install 'zhprobe[page]'") from None
    desk = Desk(folder, annotator)
    token = page_token(folder, annotator)
    with open_socket(port, usual_port(desk.batch.info.id, annotator)) as listening:
        number = listening.getsockname()[1]
        hosts = frozenset({f"127.0.0.1:{number}", f"localhost:{number}"})
        address = f"http://127.0.0.1:{number}/?token={token}"
        print(address, flush=True)
        if open_browser:
            threading.Timer(0.6, webbrowser.open, [address]).start()
        config = uvicorn.Config(
            make_app(desk, token, hosts),
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
        )
        uvicorn.Server(config).run(sockets=[listening])
