"""Requests out, answers in: batch files for elsewhere, and what other tools wrote.

`zhprobe requests` makes a run folder with requests-NNN.jsonl in it, in the form of the OpenAI batch. Answers
come back into the same folder with `zhprobe import`, or by themselves with `zhprobe run --batch`.
"""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from zhprobe import runs
from zhprobe.errors import UserError
from zhprobe.files import Journal, Lock, decode, encode, read_json, write_whole
from zhprobe.models.base import (
    Request,
    build_request,
    failure,
    look_over,
    request_digest,
    split_thinking,
)
from zhprobe.models.batch import ENDED, Batches
from zhprobe.models.http import Http, classify, error_text
from zhprobe.models.providers import Prices, redact
from zhprobe.records import Item, Reply, Settings, ToolCall, Usage
from zhprobe.runner import Job, Selection, cost_of, count, finished_names, take_up
from zhprobe.runs import RunInfo

MOST_REQUESTS, MOST_BYTES = 50_000, 190_000_000  # of one file, a little under what providers allow
ROUNDS = 3  # times that failed requests of a batch are sent again
PARTS = "batches.json"
FORMATS = ("auto", "batch", "plain", "lm-eval", "inspect")


def open_folder(job: Job, selection: Selection, info: RunInfo) -> RunInfo:
    """The run folder of a job, made or taken up; the caller holds its lock."""
    if runs.is_run(job.folder):
        return take_up(job.folder, info, selection)
    return runs.create_run(job.folder, info, selection())


def unanswered(folder: Path, settings: Settings) -> Iterator[tuple[Item, int]]:
    """Items and samples of a run that have no final reply yet."""
    finished = finished_names(folder)
    for selected in runs.read_items(folder):
        for sample in range(max(1, settings.samples)):
            if (selected.item.probe, selected.item.id, sample) not in finished:
                yield selected.item, sample


def has_turns(item: Item) -> bool:
    """Tell whether an item needs an answer to go on, so that it cannot be sent ahead."""
    return bool(item.turns or item.extra.get("world"))


def request_lines(model: Http, folder: Path, settings: Settings) -> Iterator[bytes]:
    """Batch lines of everything unanswered; conversations of several turns are left out."""
    for item, sample in unanswered(folder, settings):
        if has_turns(item):
            continue
        request = build_request(item, settings, sample)
        body = model.body(request)
        for field in ("stream", "stream_options"):
            body.pop(field, None)
        yield encode(
            {
                "custom_id": f"{item.probe}/{item.id}#{sample}",
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": body,
            }
        )


def cut_into_files(
    lines: Iterable[bytes], most: int = MOST_REQUESTS, size: int = MOST_BYTES
) -> Iterator[bytes]:
    """Lines gathered into files within the limits.

    >>> list(cut_into_files([b"a", b"b", b"c"], most=2))
    [b'a\\nb\\n', b'c\\n']
    """
    held: list[bytes] = []
    weight = 0
    for line in lines:
        if held and (len(held) >= most or weight + len(line) + 1 > size):
            yield b"".join(held)
            held, weight = [], 0
        held.append(line + b"\n")
        weight += len(line) + 1
    if held:
        yield b"".join(held)


def write_requests(
    job: Job, selection: Selection, info: RunInfo, *, most: int = MOST_REQUESTS
) -> tuple[list[Path], int]:
    """Make (or take up) the run folder and write its requests. Gives the files and how many items were left
    out because they have several turns."""
    assert isinstance(job.model, Http)
    with Lock(job.folder):
        info = open_folder(job, selection, info)
        for old in job.folder.glob("requests-*.jsonl"):
            old.unlink()
        files = []
        for number, data in enumerate(
            cut_into_files(request_lines(job.model, job.folder, job.settings), most), 1
        ):
            path = job.folder / f"requests-{number:03}.jsonl"
            write_whole(path, data)
            files.append(path)
        left_out = sum(has_turns(item) for item, _ in unanswered(job.folder, job.settings))
        info.counts = count(job.folder, info, job.settings)
        runs.write_info(job.folder, info)
    return files, left_out


# ------------------------------------------------------------------------------------------------------
# answers in


class Answer(msgspec.Struct, frozen=True):
    """One answer from elsewhere, before it is known whose it is."""

    reply: Reply
    name: str = ""  # probe/item#sample, probe/item, or an id
    prompt: str = ""  # where no id is known: the prompt it answers
    sample: int | None = None


class Imported(msgspec.Struct):
    """What an import did."""

    taken: int = 0
    failed: int = 0  # answers that are an error
    there: int = 0  # for items that had a final reply already
    strangers: list[str] = []  # ids that belong to no item
    changed: int = 0


def import_answers(
    folder: Path, files: Iterable[Path], *, form: str = "auto", prices: Prices | None = None
) -> Imported:
    """Take answers into a run. An item that has a final reply keeps it; what belongs to nothing is named."""
    info = runs.read_info(folder)
    with Lock(folder):
        return _take_in(
            folder, info, (a for path in files for a in read_answers(path, form, info.model)), prices
        )


def _take_in(folder: Path, info: RunInfo, answers: Iterable[Answer], prices: Prices | None) -> Imported:
    done = Imported()
    by_name: dict[str, tuple[str, int]] = {}
    items: dict[str, Item] = {}
    by_prompt: dict[str, list[str]] = {}
    for selected in runs.read_items(folder):
        item = selected.item
        items[item.key] = item
        by_name[item.key] = (item.key, 0)
        by_name.setdefault(item.id, (item.key, 0))
        by_prompt.setdefault(item.prompt.strip(), []).append(item.key)
        for sample in range(max(1, info.settings.samples)):
            by_name[f"{item.key}#{sample}"] = (item.key, sample)
    open_ones = {(item.key, sample) for item, sample in unanswered(folder, info.settings)}
    used: dict[str, int] = {}
    with Journal(folder / runs.REPLIES) as journal:
        for answer in answers:
            place = by_name.get(answer.name) or by_name.get(answer.name.partition("#")[0])
            if place is None and answer.prompt:
                keys = by_prompt.get(answer.prompt.strip())
                place = (keys[used.get(answer.prompt, 0) % len(keys)], 0) if keys else None
                used[answer.prompt] = used.get(answer.prompt, 0) + 1
            if place is None:
                done.strangers.append(answer.name or answer.prompt[:40])
                continue
            key, sample = place
            sample = answer.sample if answer.sample is not None else sample
            if (key, sample) not in open_ones:
                done.there += 1
                continue
            reply = _finish(answer.reply, items[key], sample, info, prices)
            journal.append(reply)
            if reply.error is None:
                open_ones.discard((key, sample))
                done.taken += 1
            else:
                done.failed += 1
    info.counts = count(folder, info, info.settings)
    state = "done" if info.counts.answered == info.counts.planned else "short"
    info.stints.append(runs.Stint(runs.now(), runs.now(), state, "answers imported"))  # type: ignore[arg-type]
    runs.write_info(folder, info)
    return done


def _finish(reply: Reply, item: Item, sample: int, info: RunInfo, prices: Prices | None) -> Reply:
    request = build_request(item, info.settings, sample)
    flags = reply.flags
    if reply.error is None:
        flags = look_over(
            request, reply.text, reply.tool_calls, reply.finish_reason, reply.usage, reply.flags
        )
    return msgspec.structs.replace(
        reply,
        probe=item.probe,
        item=item.id,
        sample=sample,
        model=info.model,
        digest=request_digest(info.model, request),
        item_digest=runs.item_digest(item),
        flags=flags,
        cost=cost_of(reply.usage, prices) if prices and reply.usage else None,
        time=runs.now(),
    )


_any = msgspec.json.Decoder(Any)


def read_answers(path: Path, form: str, model: str) -> Iterator[Answer]:
    """Answers of a file in one of the known forms; `auto` tells them apart by their fields."""
    if not path.is_file():
        raise UserError(str(path), "there is no such file", "Check the path.")
    if path.suffix == ".eval" or form == "inspect":
        yield from _inspect(path)
        return
    if path.suffix == ".json" and form in ("auto", "inspect"):
        yield from _inspect(path)
        return
    decoder = _Decoder(model)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.isspace():
                continue
            where = f"{path}, line {number}"
            try:
                row = decode(line, _any)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise UserError(
                    where, f"this line is not JSON in UTF-8: {error}", "Mend or remove it."
                ) from None
            if not isinstance(row, dict):
                raise UserError(where, "this line is not a JSON object", "One object a line.")
            yield decoder.answer(row, form if form != "auto" else guess_form(row, where), where)


def guess_form(row: dict[str, Any], where: str) -> str:
    """The form of a row, by its fields.

    >>> guess_form({"custom_id": "x", "response": {}}, ""), guess_form({"id": "x", "text": "好"}, "")
    ('batch', 'plain')
    >>> guess_form({"doc_id": 0, "resps": [["好"]]}, "")
    'lm-eval'
    """
    if "custom_id" in row:
        return "batch"
    if "resps" in row:
        return "lm-eval"
    if "text" in row or "answer" in row or "output" in row:
        return "plain"
    raise UserError(
        where,
        f"the fields {', '.join(list(row)[:6])} belong to no known form",
        'Plain answers are lines of {"id": "probe/item", "text": "…"}.',
    )


class _Decoder:
    """Rows to answers; bodies of chat completions are read by the same code as over HTTP."""

    def __init__(self, model: str) -> None:
        from zhprobe.models.providers import Provider

        bare = model.partition("@")[0].partition("/")[2] or model
        self.http = Http(model, bare, ["http://127.0.0.1"], Provider(name="api"))

    def answer(self, row: dict[str, Any], form: str, where: str) -> Answer:
        """One row."""
        if form == "batch":
            if "response" not in row and "error" not in row:
                fix = "Give the results that came back for it."
                raise UserError(where, "this is a request (requests-….jsonl), not an answer", fix)
            return self.batch(row)
        if form == "lm-eval":
            return self.lm_eval(row, where)
        return self.plain(row, where)

    def batch(self, row: dict[str, Any]) -> Answer:
        """A line of batch results (OpenAI, vLLM run-batch and others)."""
        name = str(row.get("custom_id", ""))
        response = row.get("response") or {}
        body = response.get("body") or {}
        status = int(response.get("status_code") or (200 if body and not row.get("error") else 500))
        if row.get("error") or status != 200:
            text = redact(error_text(encode(row.get("error") or body)))
            return Answer(failure(classify(status if status != 200 else 500, text), text[:500], status), name)
        request = Request((), Settings(max_tokens=0))
        return Answer(
            msgspec.structs.replace(self.http._decode(encode(body), "", request, 0.0), latency_s=None), name
        )

    def plain(self, row: dict[str, Any], where: str) -> Answer:
        """{"id", "text"} and, where they are known, reasoning, finish_reason, tool_calls, sample."""
        text = row.get("text", row.get("answer", row.get("output")))
        name = row.get("id") or (f"{row['probe']}/{row['item']}" if "probe" in row and "item" in row else "")
        if not isinstance(text, str) or not name:
            raise UserError(where, "id and text are wanted", 'Lines of {"id": "probe/item", "text": "…"}.')
        reasoning = str(row.get("reasoning") or "")
        visible = text
        if not reasoning:
            reasoning, visible = split_thinking(text)
        calls = tuple(
            ToolCall(
                str(c.get("name", "")),
                _arguments(c),
            )
            for c in row.get("tool_calls") or ()
        )
        reply = Reply(
            "",
            "",
            "",
            text=visible,
            reasoning=reasoning,
            tool_calls=calls,
            raw=text if visible != text else "",
            finish_reason=str(row.get("finish_reason") or "stop"),
        )
        sample = row.get("sample")
        return Answer(reply, str(name), sample=int(sample) if sample is not None else None)

    def lm_eval(self, row: dict[str, Any], where: str) -> Answer:
        """A line of lm-evaluation-harness's samples_*.jsonl; the first response counts."""
        text = row.get("resps")
        while isinstance(text, list) and text:
            text = text[0]
        if not isinstance(text, str):
            raise UserError(
                where, "resps holds no text", "Only generated answers can be taken, not likelihoods."
            )
        doc = row.get("doc") or {}
        name = next((str(doc[f]) for f in ("id", "item_id", "key") if doc.get(f)), "")
        arguments = row.get("arguments")
        if isinstance(arguments, dict):
            first = arguments.get("gen_args_0") or {}
            prompt = first.get("arg_0", "") if isinstance(first, dict) else ""
        else:
            prompt = arguments[0][0] if arguments and isinstance(arguments[0], list) else ""
        reasoning, visible = split_thinking(text)
        reply = Reply(
            "",
            "",
            "",
            text=visible,
            reasoning=reasoning,
            raw=text if visible != text else "",
            finish_reason="stop",
        )
        return Answer(reply, name, prompt=_last_user(prompt))


def _arguments(call: dict[str, Any]) -> str:
    given = call.get("arguments")
    return given if isinstance(given, str) else encode({} if given is None else given).decode()


def _last_user(prompt: Any) -> str:
    """The user's words of a prompt that may be a list of messages in JSON."""
    if isinstance(prompt, str) and prompt.startswith("["):
        try:
            prompt = json.loads(prompt)
        except ValueError:
            return str(prompt)
    if isinstance(prompt, list):
        users = [m for m in prompt if isinstance(m, dict) and m.get("role") == "user"]
        return str(users[-1].get("content", "")) if users else ""
    return str(prompt)


def _inspect(path: Path) -> Iterator[Answer]:
    """Samples of an Inspect log: .eval (a zip of samples) or .json."""
    if path.suffix == ".eval":
        try:
            with zipfile.ZipFile(path) as archive:
                for name in sorted(archive.namelist()):
                    if name.startswith("samples/") and name.endswith(".json"):
                        yield _inspect_sample(msgspec.json.decode(archive.read(name)))
        except (zipfile.BadZipFile, NotImplementedError, msgspec.DecodeError) as error:
            raise UserError(
                str(path),
                f"this log cannot be read here: {error}",
                "Convert it: inspect log convert --to json.",
            ) from None
        return
    log = read_json(path, dict)
    samples = log.get("samples") or []
    if not samples:
        raise UserError(str(path), "this log holds no samples", "Was it written with --no-log-samples?")
    for sample in samples:
        yield _inspect_sample(sample)


def _inspect_sample(sample: dict[str, Any]) -> Answer:
    name = str(sample.get("id", ""))
    number = int(sample.get("epoch") or 1) - 1
    if sample.get("error"):
        text = (
            str((sample["error"] or {}).get("message", ""))
            if isinstance(sample["error"], dict)
            else str(sample["error"])
        )
        return Answer(failure("server_error", redact(text)[:300]), name, sample=number)
    output = sample.get("output") or {}
    choices = output.get("choices") or []
    if not choices:
        return Answer(failure("no_choice"), name, sample=number)
    message = choices[0].get("message") or {}
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
    text = "".join(p.get("text", "") for p in parts if p.get("type") == "text")
    reasoning = "".join(p.get("reasoning", "") for p in parts if p.get("type") == "reasoning")
    if not reasoning:
        reasoning, text = split_thinking(text)
    calls = tuple(
        ToolCall(
            str(c.get("function", "")),
            _arguments(c),
            str(c.get("id", "")),
        )
        for c in message.get("tool_calls") or ()
    )
    finish = {
        "max_tokens": "length",
        "model_length": "length",
        "content_filter": "content_filter",
        "tool_calls": "tool_calls",
    }
    used = output.get("usage") or {}
    reply = Reply(
        "",
        "",
        "",
        text=text,
        reasoning=reasoning,
        tool_calls=calls,
        finish_reason=finish.get(str(choices[0].get("stop_reason")), "stop"),
        usage=Usage(
            int(used.get("input_tokens") or 0),
            int(used.get("output_tokens") or 0),
            int(used.get("reasoning_tokens") or 0),
        )
        if used
        else None,
    )
    prompt = sample.get("input")
    return Answer(reply, name, prompt=_last_user(prompt), sample=number)


# ------------------------------------------------------------------------------------------------------
# the batch endpoint, driven to its end


class Part(msgspec.Struct):
    """One file of a batch run: what was sent and how far it came."""

    mark: str
    requests: int
    round: int = 1
    file_id: str = ""
    batch_id: str = ""
    status: str = ""
    taken: bool = False


async def run_batch(
    job: Job,
    selection: Selection,
    info: RunInfo,
    *,
    every: float = 30.0,
    most: int = MOST_REQUESTS,
    tell: Callable[[str], None] = lambda line: None,
) -> RunInfo:
    """Send what is unanswered as batches, wait for them, take the answers in; failed ones go again.

    Every step is written to batches.json before the next, so that a stopped run goes on where it was.
    """
    if not isinstance(job.model, Http):
        raise UserError(f"model {job.model.name}", "batches are for models behind an endpoint")
    try:
        with Lock(job.folder):
            info = open_folder(job, selection, info)
            driver = _Driver(job, info, Batches(job.model), tell)
            await driver.drive(every, most)
            return driver.info
    finally:
        await job.model.close()


class _Driver:
    def __init__(self, job: Job, info: RunInfo, endpoint: Batches, tell: Callable[[str], None]) -> None:
        assert isinstance(job.model, Http)
        self.job, self.model, self.info, self.endpoint, self.tell = job, job.model, info, endpoint, tell
        self.path = job.folder / PARTS
        self.parts: list[Part] = read_json(self.path, list[Part]) if self.path.exists() else []

    def keep(self) -> None:
        """Write down how far it is."""
        write_whole(self.path, msgspec.json.format(encode(self.parts), indent=1) + b"\n")

    async def drive(self, every: float, most: int) -> None:
        """Rounds until nothing is left that another round could bring."""
        while True:
            if all(part.taken for part in self.parts):
                number = max((part.round for part in self.parts), default=0) + 1
                files = list(
                    cut_into_files(request_lines(self.model, self.job.folder, self.job.settings), most)
                )
                if not files or number > ROUNDS:
                    return
                for place, data in enumerate(files, 1):
                    write_whole(self.job.folder / f"requests-{number}{place:03}.jsonl", data)
                    mark = f"{self.info.selection}-{self.info.settings_digest[:8]}-{self.info.created}-{number}{place:03}"
                    self.parts.append(Part(mark, data.count(b"\n"), number))
                self.keep()
            for part in self.parts:
                if not part.taken:
                    await self.send(part)
            while any(not part.taken for part in self.parts):
                for part in self.parts:
                    if not part.taken:
                        await self.look(part)
                if any(not part.taken for part in self.parts):
                    await asyncio.sleep(every)

    def file_of(self, part: Part) -> Path:
        """The file a part was made from."""
        return self.job.folder / f"requests-{part.mark.rpartition('-')[2]}.jsonl"

    async def send(self, part: Part) -> None:
        """Upload and start, unless that was done before."""
        if not part.batch_id and (known := await self.endpoint.find(part.mark)) is not None:
            part.batch_id, part.status = known.id, known.status
            self.keep()
        if not part.batch_id:
            path = self.file_of(part)
            if not part.file_id:
                part.file_id = await self.endpoint.upload(path.name, path.read_bytes())
                self.keep()
            batch = await self.endpoint.start(part.file_id, part.mark)
            part.batch_id, part.status = batch.id, batch.status
            self.keep()
            self.tell(f"{self.model.name}: batch {batch.id} of {part.requests:,} requests was started")

    async def look(self, part: Part) -> None:
        """Ask how it stands; when it has ended take the answers in."""
        batch = await self.endpoint.look(part.batch_id)
        if batch.status != part.status:
            counts = batch.request_counts or {}
            done = (
                f", {counts.get('completed', 0):,} of {counts.get('total', part.requests):,}"
                if counts
                else ""
            )
            self.tell(f"{self.model.name}: batch {batch.id} {batch.status}{done}")
            part.status = batch.status
            self.keep()
        if batch.status not in ENDED:
            return
        if batch.status == "failed" and not batch.output_file_id:
            raise UserError(
                f"model {self.model.name}",
                f"batch {batch.id} failed: {redact(error_text(encode(batch.errors)))[:300]}",
                f"Mend what it names; then remove {self.path} and run again.",
            )
        decoder = _Decoder(self.job.model.name)
        for file_id in (batch.output_file_id, batch.error_file_id):
            if file_id:
                raw = await self.endpoint.fetch(file_id)
                rows = (msgspec.json.decode(line) for line in raw.splitlines() if line.strip())
                _take_in(self.job.folder, self.info, (decoder.batch(row) for row in rows), self.job.prices)
        part.taken = True
        self.keep()
