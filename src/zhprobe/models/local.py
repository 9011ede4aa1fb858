"""`hf/ID-or-folder` and `modelscope/ID`: transformers in this process.

Requests gather in a queue; a thread takes them out in batches of like length, longest first, so that
little is padded and memory runs out early if at all. The size of a batch is found by trying and halved when
memory runs out. Sampling draws from a generator for each reply, so that an answer does not depend on which
others shared its batch. One local model works at a time in a process; the next is loaded when it is done.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from zhprobe.errors import UserError
from zhprobe.models.base import Request, Stopped, Told, failure, look_over, split_thinking
from zhprobe.models.templates import Habits, render, try_template
from zhprobe.records import Item, Reply, Settings, ToolCall, Usage
from zhprobe.text.dialects import parse_calls

WINDOW = 256  # requests in hand at a time: from these the batches are formed
GATHER = 0.03  # seconds without a new request after which a batch is formed
FIRST_BATCH = {"cpu": 4, "cuda": 16, "mps": 4, "xpu": 8}
LARGEST_BATCH = {"cpu": 32, "cuda": 256, "mps": 32, "xpu": 64}
_engine = threading.Lock()  # one local model at a time


Done = Callable[[Reply | None], None]  # None: not begun, and not to be


class Ticket(msgspec.Struct):
    """A request that waits: its prompt, and where the answer goes."""

    request: Request
    ids: list[int]
    opened: str  # an opening mark of reasoning that the template wrote
    room: int  # tokens that may be generated
    done: Done


class Local:
    """A model of transformers, loaded when the first request comes."""

    whole = False
    concurrency = WINDOW

    def __init__(
        self,
        name: str,
        source: str,
        *,
        hub: str = "hf",
        dtype: str = "",
        device: str = "",
        adapter: str = "",
        batch_size: int = 0,
        engine: str = "batch",
        template: str = "",
        trust_code: bool = False,
    ) -> None:
        self.name = name
        self.endpoint = name
        self.source, self.hub = source, hub
        self.dtype, self.device, self.adapter = dtype, device, adapter
        self.largest = batch_size
        self.engine = engine
        self.template = template
        self.trust_code = trust_code
        self._queue: list[tuple[Request, Done]] = []
        self._letting_go = False
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._trouble: Reply | None = None
        self._facts: dict[str, Any] = {"kind": "local", "hub": hub, "source": source, "engine": engine}
        self.tokens = self.prompt_tokens = 0
        self.busy = 0.0
        self.halved = 0

    # --- a model to the rest

    async def answer(self, request: Request, told: Told | None = None) -> Reply:
        """Wait for a place in a batch and for its end."""
        loop = asyncio.get_running_loop()
        place: asyncio.Future[Reply] = loop.create_future()

        def deliver(reply: Reply | None) -> None:
            if place.done():
                return
            if reply is None:
                place.set_exception(Stopped())
            else:
                place.set_result(reply)

        def done(reply: Reply | None) -> None:
            try:
                loop.call_soon_threadsafe(deliver, reply)
            except RuntimeError:  # the loop was closed by a second Ctrl-C
                return

        with self._news:
            if self._trouble is not None:
                return self._trouble
            self._queue.append((request, done))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"local {self.name}", daemon=True)
                self._thread.start()
            self._news.notify()
        return await place

    def facts(self) -> dict[str, Any]:
        """Device, dtype, template, batch size, speed, memory."""
        found = dict(self._facts)
        if self.busy:
            found["tokens_per_second"] = round(self.tokens / self.busy, 1)
            found["generated_tokens"] = self.tokens
            found["generating_s"] = round(self.busy, 2)
        if self.halved:
            found["batch_halved"] = self.halved
        return found

    def prepare(self, items: Callable[[], Iterable[Item]]) -> None:
        """See at once whether transformers is there."""
        need("torch", "transformers")

    def let_go(self) -> None:
        """What has not begun is not begun any more."""
        with self._news:
            self._letting_go = True
            self._news.notify()

    async def close(self) -> None:
        """End the thread and free the memory."""
        with self._news:
            self._closing = True
            self._news.notify()
        if self._thread is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._thread.join, 5.0)
        self._thread = None
        self._closing = False

    # --- the thread

    def _work(self) -> None:
        while not _engine.acquire(timeout=0.1):
            if self._closing or self._letting_go:
                self._turn_away([])
                if self._closing:
                    return
        try:
            if self._closing:
                return
            try:
                loaded = Loaded(self)
            except Exception as error:  # whatever loading raises is told to every request
                self._fail_all(error)
                return
            self._facts.update(loaded.facts())
            try:
                self._serve(loaded)
            finally:
                self._facts.update(loaded.memory())
                loaded.free()
        finally:
            _engine.release()

    def _turn_away(self, waiting: list[Ticket]) -> None:
        """What was not begun goes back unasked."""
        with self._news:
            queued, self._queue = self._queue, []
        for done in [*(d for _, d in queued), *(t.done for t in waiting)]:
            done(None)
        waiting.clear()

    def _fail_all(self, error: Exception) -> None:
        text = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        first = " ".join(text.split())[:400]
        with self._news:
            self._trouble = failure("wrong_model", f"{self.source} cannot be loaded: {first}")
            waiting, self._queue = self._queue, []
        for _, done in waiting:
            done(self._trouble)

    def _serve(self, loaded: Loaded) -> None:
        waiting: list[Ticket] = []
        while True:
            self._gather(waiting, loaded)
            if self._closing or self._letting_go:
                self._turn_away(waiting)
            if self._closing:
                return
            if not waiting:
                continue
            waiting.sort(key=lambda t: (kin(t.request.settings), len(t.ids)), reverse=True)
            first = kin(waiting[0].request.settings)
            size = loaded.size
            batch = [t for t in waiting[:size] if kin(t.request.settings) == first]
            del waiting[: len(batch)]
            self._answer_batch(batch, loaded)

    def _gather(self, waiting: list[Ticket], loaded: Loaded) -> None:
        """Take what is queued; wait a moment for more while there is less than a full window."""
        with self._news:
            while not (self._queue or waiting or self._closing):
                self._news.wait()
            seen = -1
            while len(self._queue) != seen and len(self._queue) + len(waiting) < WINDOW and not self._closing:
                seen = len(self._queue)
                self._news.wait(GATHER)
            taken, self._queue = self._queue, []
        for request, done in taken:
            ticket = loaded.ticket(request, done)
            if isinstance(ticket, Reply):
                done(ticket)
            else:
                waiting.append(ticket)

    def _answer_batch(self, batch: list[Ticket], loaded: Loaded) -> None:
        """Generate; when memory runs out halve the batch and try its parts."""
        started = time.perf_counter()
        try:
            outputs = loaded.generate(batch)
        except Exception as error:
            if not out_of_memory(error):
                kind = "malformed_body"
                text = f"{type(error).__name__}: {error}"[:300]
                for ticket in batch:
                    ticket.done(failure(kind, f"generation failed: {text}"))
                return
            loaded.free_cache()
            if len(batch) == 1:
                batch[0].done(failure("out_of_memory", f"a prompt of {len(batch[0].ids)} tokens"))
                return
            half = len(batch) // 2
            self.halved += 1
            loaded.shrink(half)
            del error
            self._answer_batch(batch[:half], loaded)
            self._answer_batch(batch[half:], loaded)
            return
        passed = time.perf_counter() - started
        made = sum(map(len, outputs))
        self.tokens += made
        self.busy += passed
        loaded.learn(len(batch), made + sum(len(t.ids) for t in batch), passed)
        self._facts["batch"] = loaded.best
        for ticket, ids in zip(batch, outputs, strict=True):
            ticket.done(loaded.reply(ticket, ids, passed))


class Loaded:
    """Weights, tokenizer and what was found out about them."""

    def __init__(self, local: Local) -> None:
        need("torch", "transformers")
        torch: Any = importlib.import_module("torch")
        transformers: Any = importlib.import_module("transformers")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        self.local = local
        self.torch, self.transformers = torch, transformers
        path = fetch(local.source, local.hub)
        common: dict[str, Any] = {"trust_remote_code": local.trust_code}
        if Path(path).is_dir():
            common["local_files_only"] = True
        self.tokenizer: Any = transformers.AutoTokenizer.from_pretrained(path, padding_side="left", **common)
        if local.template:
            self.tokenizer.chat_template = Path(local.template).read_text(encoding="utf-8")
        if not self.tokenizer.chat_template:
            raise UserError(
                local.source,
                "this model has no chat template",
                "Take the chat or instruct version, or give a template with --template FILE.",
            )
        config = transformers.AutoConfig.from_pretrained(path, **common)
        device = local.device or (
            "cuda" if torch.cuda.is_available() else "mps" if _has_mps(torch) else "cpu"
        )
        dtype = local.dtype or ("float32" if device == "cpu" else "auto")
        if dtype not in ("auto", "float32", "bfloat16", "float16"):
            raise UserError("--dtype", f"there is no dtype {dtype!r}", "auto, float32, bfloat16 or float16")
        placing: dict[str, Any] = {"device_map": "auto"} if device in ("cuda", "auto") else {}
        model: Any = transformers.AutoModelForCausalLM.from_pretrained(
            path,
            config=config,
            dtype=dtype if dtype == "auto" else getattr(torch, dtype),
            **placing,
            **common,
        )
        if not placing:
            model = model.to(device)
        if local.adapter:
            need("peft")
            peft: Any = importlib.import_module("peft")
            model = peft.PeftModel.from_pretrained(model, local.adapter)
            model = model.merge_and_unload()
        self.model: Any = model.eval()
        self.device = model.device
        kind = self.device.type
        self.habits: Habits = try_template(self.tokenizer)
        self.size = min(FIRST_BATCH.get(kind, 4), local.largest or 10**6)
        self.cap = local.largest or LARGEST_BATCH.get(kind, 32)
        self.best = self.size
        self._speeds: dict[int, float] = {}
        own = model.generation_config
        ends = own.eos_token_id if own.eos_token_id is not None else self.tokenizer.eos_token_id
        self.ends = sorted({*(ends if isinstance(ends, list) else [ends])} - {None})
        pad = self.tokenizer.pad_token_id
        self.pad = pad if pad is not None else (self.ends[0] if self.ends else 0)
        self.longest = int(getattr(config.get_text_config(), "max_position_embeddings", 0) or 0)
        self.unused = {
            name: getattr(own, name)
            for name in ("repetition_penalty", "temperature", "top_p", "top_k", "no_repeat_ngram_size")
            if getattr(own, name, None) not in (None, 0, 1.0, 50)
        }
        self.specials = sorted(
            {*self.tokenizer.all_special_tokens}
            | {str(t) for t in getattr(self.tokenizer, "added_tokens_decoder", {}).values() if t.special},
            key=len,
            reverse=True,
        )
        self._manager: Any = None

    def facts(self) -> dict[str, Any]:
        """What could move a result."""
        model = self.model
        return {
            "architecture": type(model).__name__,
            "parameters": sum(p.numel() for p in model.parameters()),
            "device": str(self.device),
            "device_name": self.torch.cuda.get_device_name(0) if self.device.type == "cuda" else "",
            "dtype": str(model.dtype).removeprefix("torch."),
            "threads": self.torch.get_num_threads(),
            "attention": str(getattr(model.config, "_attn_implementation", "")),
            "revision": str(getattr(model.config, "_commit_hash", "") or ""),
            "adapter": self.local.adapter,
            "template": msgspec.to_builtins(self.habits),
            "own_sampling_not_used": self.unused,
        }

    def memory(self) -> dict[str, Any]:
        """Peak memory: of the device, and of this process."""
        unit = 1 if sys.platform == "darwin" else 1024
        found = {"peak_memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9, 2)}
        if self.device.type == "cuda":
            found["peak_device_memory_gb"] = round(self.torch.cuda.max_memory_allocated() / 1e9, 2)
        return found

    # --- in

    def ticket(self, request: Request, done: Done) -> Ticket | Reply:
        """Render and tokenize a request, or say why it cannot be."""
        if request.tools and not self.habits.tools:
            return failure("tools_not_rendered")
        settings = request.settings
        try:
            text = render(
                self.tokenizer,
                request.messages,
                request.tools,
                thinking=settings.thinking,
                date=request.item.asof if request.item else "",
                arguments=self.habits.arguments,
            )
        except Exception as error:  # templates raise what their authors wrote
            return failure("template_error", f"{type(error).__name__}: {error}"[:300])
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        room = settings.max_tokens
        if self.longest:
            room = min(room, self.longest - len(ids))
            if room < 1:
                return failure("too_long", f"{len(ids)} tokens, the model takes {self.longest}")
        tail = text[-40:].rstrip()
        opened = next((mark for mark in ("<think>", "[THINK]", "◁think▷") if tail.endswith(mark)), "")
        return Ticket(request, ids, opened, room, done)

    # --- through

    def generate(self, batch: Sequence[Ticket]) -> list[list[int]]:
        """New tokens of each, up to and with the end token."""
        settings = batch[0].request.settings
        if self.local.engine == "continuous" and not settings.temperature:
            return self._continuous(batch)
        torch, transformers = self.torch, self.transformers
        width = max(len(t.ids) for t in batch)
        ids = torch.full((len(batch), width), self.pad, dtype=torch.long)
        mask = torch.zeros((len(batch), width), dtype=torch.long)
        for row, ticket in enumerate(batch):
            ids[row, width - len(ticket.ids) :] = torch.tensor(ticket.ids)
            mask[row, width - len(ticket.ids) :] = 1
        config = transformers.GenerationConfig(
            max_new_tokens=max(t.room for t in batch),
            do_sample=False,
            eos_token_id=self.ends or None,
            pad_token_id=self.pad,
            repetition_penalty=float(settings.extra.get("repetition_penalty", 1.0)),
        )
        steps = transformers.LogitsProcessorList(
            [SeededDraw(batch, self.device)] if settings.temperature else []
        )
        with torch.inference_mode():
            out = self.model.generate(
                ids.to(self.device),
                attention_mask=mask.to(self.device),
                generation_config=config,
                logits_processor=steps,
            )
        return [self._until_end(row, t.room) for row, t in zip(out[:, width:].tolist(), batch, strict=True)]

    def _until_end(self, row: list[int], room: int) -> list[int]:
        row = row[:room]
        ends = [row.index(end) for end in self.ends if end in row]
        return row[: min(ends) + 1] if ends else row

    def _continuous(self, batch: Sequence[Ticket]) -> list[list[int]]:
        """The same through transformers' continuous batching, greedy only."""
        config = self.transformers.GenerationConfig(
            max_new_tokens=max(t.room for t in batch),
            do_sample=False,
            eos_token_id=self.ends or -1,
            pad_token_id=self.pad,
        )
        sizes = {}
        if self.device.type == "cpu":  # nothing to infer the cache's size from
            longest = max(len(t.ids) + t.room for t in batch)
            sizes = {
                "page_size": 64,
                "num_blocks": len(batch) * (longest // 64 + 2),
                "max_batch_tokens": 1024,
            }
        shape = importlib.import_module(
            "transformers.generation.configuration_utils"
        ).ContinuousBatchingConfig
        found = self.model.generate_batch(
            [t.ids for t in batch],
            generation_config=config,
            continuous_batching_config=shape(**sizes),
        )
        outputs = list(found.values())
        if len(outputs) != len(batch) or any(o.error for o in outputs):
            raise RuntimeError(
                next((str(o.error) for o in outputs if o.error), "continuous batching gave up")
            )
        return [
            self._until_end(list(o.generated_tokens), t.room) for o, t in zip(outputs, batch, strict=True)
        ]

    # --- out

    def reply(self, ticket: Ticket, ids: list[int], passed: float) -> Reply:
        """Tokens to a reply: raw text, reasoning apart, calls read from the family's notation."""
        ended = bool(ids) and ids[-1] in self.ends
        body = ids[:-1] if ended else ids
        raw = self.tokenizer.decode(body, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        thought, visible = split_thinking(ticket.opened + raw)
        text = visible
        for special in self.specials:
            text = text.replace(special, "")
        text = text.replace("\ufffd", "") if not ended and text.endswith("\ufffd") else text
        calls: tuple[ToolCall, ...] = ()
        if ticket.request.tools:
            parsed = parse_calls(visible, ticket.request.tools)
            if parsed.calls:
                calls = tuple(
                    ToolCall(call.name, call.arguments_text, f"call_{n}")
                    for n, call in enumerate(parsed.calls)
                )
                text = parsed.visible
        thought_tokens = len(self.tokenizer(thought, add_special_tokens=False)["input_ids"]) if thought else 0
        finish = ("tool_calls" if calls else "stop") if ended else "length"
        used = Usage(len(ticket.ids), len(ids), thought_tokens)
        flags = list(look_over(ticket.request, text, calls, finish, used))
        if ticket.request.settings.thinking is not None and not self.habits.thinking:
            flags.append("field_ignored:thinking")
        if ticket.room < ticket.request.settings.max_tokens:
            flags.append("context_short")
        return Reply(
            "",
            "",
            self.local.name,
            text=text,
            reasoning=thought,
            tool_calls=calls,
            raw=raw if raw != text else "",
            finish_reason=finish,
            usage=used,
            latency_s=round(passed, 4),
            flags=tuple(flags),
        )

    # --- sizes

    def learn(self, size: int, tokens: int, passed: float) -> None:
        """Double the batch while that makes it faster; stay at the fastest size."""
        if size < self.size:
            return  # the rest of a window says nothing about speed
        self._speeds[size] = tokens / passed
        self.best = max(self._speeds, key=lambda s: self._speeds[s])
        if self.best == self.size and self.size * 2 <= self.cap and self.size * 2 not in self._speeds:
            self.size *= 2
        else:
            self.size = self.best

    def shrink(self, size: int) -> None:
        """Memory ran out above this size."""
        self.size = self.cap = max(1, size)
        self._speeds = {s: speed for s, speed in self._speeds.items() if s <= self.cap}

    def free_cache(self) -> None:
        """Give unused device memory back."""
        import gc

        gc.collect()
        if self.device.type == "cuda":
            self.torch.cuda.empty_cache()

    def free(self) -> None:
        """Let the weights go."""
        self.model = None
        self.free_cache()


class SeededDraw:
    """Sampling by adding Gumbel noise to the logits (the largest then is a draw from the softmax), with a
    generator for each reply: seed, sample and prompt decide, not who shares the batch."""

    def __init__(self, batch: Sequence[Ticket], device: Any) -> None:
        torch: Any = importlib.import_module("torch")
        self.torch = torch
        settings = batch[0].request.settings
        self.temperature = float(settings.temperature or 1.0)
        self.top_p = settings.top_p
        self.top_k = int(settings.extra.get("top_k", 0) or 0)
        self.generators = []
        for ticket in batch:
            generator = torch.Generator(device="cpu")
            generator.manual_seed(draw_seed(ticket))
            self.generators.append(generator)

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        torch = self.torch
        scores = scores.float() / self.temperature
        if self.top_k:
            least = torch.topk(scores, min(self.top_k, scores.shape[-1])).values[..., -1:]
            scores = scores.masked_fill(scores < least, float("-inf"))
        if self.top_p is not None and self.top_p < 1:
            ordered, order = torch.sort(scores, descending=True)
            before = ordered.softmax(-1).cumsum(-1) - ordered.softmax(-1)
            cut = (before > self.top_p).scatter(-1, order, before > self.top_p)
            scores = scores.masked_fill(cut, float("-inf"))
        noise = torch.stack([torch.rand(scores.shape[-1], generator=g) for g in self.generators])
        gumbel = -torch.log(-torch.log(noise.clamp(1e-20, 1 - 1e-7)))
        return scores + gumbel.to(scores.device)


def draw_seed(ticket: Ticket) -> int:
    """Seed of one reply's draws: from the settings' seed, the sample and the prompt."""
    settings = ticket.request.settings
    text = f"{settings.seed} {ticket.request.sample} {ticket.ids}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1


def kin(settings: Settings) -> tuple[Any, ...]:
    """Requests with the same may share a batch."""
    return (
        settings.temperature or 0.0,
        settings.top_p or 0.0,
        settings.max_tokens,
        str(sorted(settings.extra.items())),
    )


def out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that memory ran out, on whatever device."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(
        words in text
        for words in ("out of memory", "can't allocate memory", "not enough memory", "alloc failed")
    )


def need(*packages: str) -> None:
    """Say what to install when a package is missing."""
    from importlib.util import find_spec

    for package in packages:
        if find_spec(package) is None:
            extra = (
                "peft"
                if package == "peft"
                else "modelscope"
                if package == "modelscope"
                else "'zhprobe[local]'"
            )
            raise UserError("local models", f"the package {package} is not installed", f"pip install {extra}")


def fetch(source: str, hub: str) -> str:
    """A folder, or an id that transformers fetches; ModelScope's are fetched here."""
    if Path(source).expanduser().is_dir():
        return str(Path(source).expanduser())
    if source.startswith((".", "/", "~")):
        raise UserError(source, "there is no such folder", "Check the path.")
    if hub == "hf":
        return source
    need("modelscope")
    modelscope: Any = importlib.import_module("modelscope")
    return str(modelscope.snapshot_download(source))


def _has_mps(torch: Any) -> bool:
    return bool(getattr(torch.backends, "mps", None) and torch.backends.mps.is_available())
