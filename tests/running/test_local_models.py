"""Models of transformers in this process: every family loads, is asked in its own format, and is understood."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from zhprobe import runs
from zhprobe.errors import UserError
from zhprobe.models import open_model
from zhprobe.models.base import Request
from zhprobe.models.templates import render, try_template
from zhprobe.records import Reply, Settings
from zhprobe.runner import Job, exit_code, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("transformers") is None, reason="transformers is not installed"
    ),
    pytest.mark.filterwarnings("ignore"),  # theirs, not ours
]
FAMILIES = ["deepseek_v2", "deepseek_v3", "qwen2", "qwen3", "llama", "mixtral"]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "查天气",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
ASK = ({"role": "user", "content": "今天北京天气怎么样？"},)
GREET = ({"role": "user", "content": "你好"},)
CALLS = {
    "qwen2": '<tool_call>\n{"name": "get_weather", "arguments": {"city": "北京"}}\n</tool_call>',
    "qwen3": '<think>\n想一想\n</think>\n\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "北京"}}\n</tool_call>',
    "llama": '{"name": "get_weather", "parameters": {"city": "北京"}}',
    "mixtral": '[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "北京"}}]',
    "deepseek_v3": '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city": "北京"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
}


def load_tiny() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tiny_models", Path(__file__).parent / "tiny_models.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    return load_tiny()


@pytest.fixture(scope="session")
def saved(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Folders of the families' models, each made once, taught one greeting and one call."""
    made: dict[str, Path] = {}

    def get(family: str) -> Path:
        if family not in made:
            folder = tmp_path_factory.mktemp(family)
            tokenizer = tiny.make_tokenizer(family)
            pairs = [(render(tokenizer, GREET), "你好，世界。")]
            if family in CALLS:
                pairs.append(
                    (render(tokenizer, ASK, [TOOL] if family != "deepseek_v3" else []), CALLS[family])
                )
            made[family] = tiny.make_model(family, folder, pairs)
        return made[family]

    return get


def answers(path: Path, requests: list[Request], **options: Any) -> tuple[list[Reply], dict[str, Any]]:
    async def go() -> tuple[list[Reply], dict[str, Any]]:
        model = open_model(f"hf/{path}", **options)
        try:
            replies = await asyncio.gather(*(model.answer(request) for request in requests))
        finally:
            await model.close()
        return list(replies), model.facts()

    return asyncio.run(go())


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_answers_in_its_own_format(family: str, saved: Callable[[str], Path]) -> None:
    settings = Settings(max_tokens=80)
    requests = [Request(GREET, settings)]
    if family in CALLS and family != "deepseek_v3":
        requests.append(Request(ASK, settings, (TOOL,)))
    replies, facts = answers(saved(family), requests)
    assert replies[0].text == "你好，世界。" and replies[0].finish_reason == "stop" and not replies[0].flags
    assert replies[0].usage is not None and replies[0].usage.prompt > 3
    if len(replies) > 1:
        [call] = replies[1].tool_calls
        assert (call.name, call.arguments.replace(" ", "")) == ("get_weather", '{"city":"北京"}')
        assert replies[1].text == "" and CALLS[family] in replies[1].raw
    assert facts["architecture"].lower().startswith(family.replace("_", "")) and facts["parameters"] > 10000


def test_thoughts_are_kept_apart_and_the_raw_text_stays(saved: Callable[[str], Path]) -> None:
    [reply], _ = answers(saved("qwen3"), [Request(ASK, Settings(max_tokens=80), (TOOL,))])
    assert (
        reply.reasoning == "想一想"
        and reply.raw.startswith("<think>")
        and reply.usage
        and reply.usage.reasoning > 0
    )


def test_a_template_that_drops_tools_is_found_out_and_said(saved: Callable[[str], Path]) -> None:
    [reply], facts = answers(saved("deepseek_v3"), [Request(ASK, Settings(max_tokens=8), (TOOL,))])
    assert reply.error is not None and reply.error.kind == "tools_not_rendered"
    assert facts["template"]["tools"] is False


def test_calls_in_deepseeks_notation_are_read_from_raw_text_in_prompt_mode(
    saved: Callable[[str], Path],
) -> None:
    from zhprobe.conversation import read_calls
    from zhprobe.records import Item

    [reply], _ = answers(saved("deepseek_v3"), [Request(ASK, Settings(max_tokens=80))])
    item = Item("p", "i", ASK, (), tools=(TOOL,))
    calls, _ = read_calls(item, reply.text, reply.tool_calls, raw=reply.raw)
    assert [c.name for c in calls] == ["get_weather"]


@pytest.mark.parametrize(
    ("family", "arguments", "parallel", "tools"),
    [
        ("qwen2", "object", True, True),
        ("llama", "object", False, True),
        ("mixtral", "object", True, False),
        ("deepseek_v3", "string", True, False),
        ("deepseek_v2", "neither", False, False),
    ],
)
def test_what_a_template_does_is_found_by_trying(
    tiny: ModuleType, family: str, arguments: str, parallel: bool, tools: bool
) -> None:
    habits = try_template(tiny.make_tokenizer(family))
    assert (habits.arguments, habits.parallel) == (arguments, parallel)
    assert habits.tools is tools or family == "mixtral"
    assert habits.steady and habits.date is (family == "llama")
    assert habits.thinking is (family == "qwen3")


def test_batched_answers_are_those_of_one_by_one(saved: Callable[[str], Path]) -> None:
    settings = Settings(max_tokens=12)
    requests = [Request(({"role": "user", "content": "写一首诗" * n},), settings) for n in range(1, 9)]
    together, _ = answers(saved("qwen2"), requests)
    alone = [answers(saved("qwen2"), [request], batch_size=1)[0][0] for request in requests]
    assert [r.raw or r.text for r in together] == [r.raw or r.text for r in alone]


def test_a_drawn_answer_does_not_depend_on_its_neighbours(saved: Callable[[str], Path]) -> None:
    settings = Settings(max_tokens=12, temperature=9.0, top_p=0.95, seed=3)
    prompts = [Request(({"role": "user", "content": f"第{n}题"},), settings, sample=n % 2) for n in range(6)]
    together, _ = answers(saved("llama"), prompts)
    some, _ = answers(saved("llama"), prompts[3:5])
    assert [r.text for r in some] == [r.text for r in together[3:5]]
    other, _ = answers(
        saved("llama"), [Request(prompts[0].messages, Settings(max_tokens=12, temperature=9.0, seed=4))]
    )
    assert other[0].text != together[0].text


def test_continuous_batching_gives_the_same_answers(saved: Callable[[str], Path]) -> None:
    settings = Settings(max_tokens=10)
    requests = [Request(({"role": "user", "content": "今天天气" * n},), settings) for n in (1, 3, 2)]
    batched, _ = answers(saved("qwen2"), [*requests, Request(GREET, settings)])
    continuous, facts = answers(saved("qwen2"), [*requests, Request(GREET, settings)], engine="continuous")
    assert [r.text for r in continuous] == [r.text for r in batched] and facts["engine"] == "continuous"


def test_the_batch_is_halved_when_memory_runs_out(
    saved: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from zhprobe.models.local import Loaded

    sizes: list[int] = []
    plain = Loaded.generate

    def tight(self: Loaded, batch: Any) -> Any:
        sizes.append(len(batch))
        if len(batch) > 2:
            raise RuntimeError(
                "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
            )
        return plain(self, batch)

    monkeypatch.setattr(Loaded, "generate", tight)
    requests = [
        Request(({"role": "user", "content": f"第{n}题"},), Settings(max_tokens=4)) for n in range(12)
    ]
    replies, facts = answers(saved("qwen2"), requests)
    assert len(replies) == 12 and all(r.error is None for r in replies)
    assert sizes[0] == 4 and max(sizes[3:]) == 2 and facts["batch_halved"] == 1


def test_a_prompt_too_long_for_the_model_is_said_to_be(saved: Callable[[str], Path]) -> None:
    [reply], _ = answers(
        saved("qwen2"), [Request(({"role": "user", "content": "江" * 2000},), Settings(max_tokens=4))]
    )
    assert reply.error is not None and reply.error.kind == "too_long"


def test_a_whole_run_over_two_local_models_loads_one_after_the_other(
    saved: Callable[[str], Path], make_items: Any, tmp_path: Path
) -> None:
    jobs = [
        Job(open_model(f"hf/{saved(f)}"), Settings(max_tokens=6), tmp_path / f) for f in ("qwen2", "llama")
    ]
    infos = run(jobs, make_items(10))
    assert [i.counts.answered for i in infos] == [10, 10] and exit_code(infos) == 0
    facts = infos[1].model_facts
    assert (
        facts["device"] and facts["dtype"] and facts["tokens_per_second"] > 0 and facts["peak_memory_gb"] > 0
    )


def test_a_folder_that_is_not_there_stops_the_model_with_clear_words(make_items: Any, tmp_path: Path) -> None:
    infos = run([Job(open_model("hf/./no-such-folder"), Settings(), tmp_path / "r")], make_items(30))
    assert infos[0].state == "given up" and "no such folder" in infos[0].stints[-1].note


def test_a_model_without_a_chat_template_is_refused(
    tiny: ModuleType, make_items: Any, tmp_path: Path
) -> None:
    folder = tiny.make_model("qwen2", tmp_path / "m")
    for name in ("chat_template.jinja",):
        (folder / name).unlink()
    infos = run([Job(open_model(f"hf/{folder}"), Settings(), tmp_path / "r")], make_items(3))
    assert "no chat template" in infos[0].stints[-1].note


def test_weights_of_modelscope_need_its_package() -> None:
    if importlib.util.find_spec("modelscope"):
        pytest.skip("modelscope is installed")
    from zhprobe.models.local import fetch

    with pytest.raises(UserError, match="modelscope"):
        fetch("Qwen/Qwen3-0.6B", "modelscope")


def test_run_json_keeps_what_could_move_a_local_result(
    saved: Callable[[str], Path], make_items: Any, tmp_path: Path
) -> None:
    run([Job(open_model(f"hf/{saved('qwen3')}"), Settings(max_tokens=4), tmp_path / "r")], make_items(2))
    facts = runs.read_info(tmp_path / "r").model_facts
    assert {"architecture", "dtype", "device", "template", "attention", "batch"} <= set(facts)


@pytest.mark.skipif(importlib.util.find_spec("peft") is None, reason="peft is not installed")
def test_an_adapter_is_laid_over_the_weights_and_noted(saved: Callable[[str], Path], tmp_path: Path) -> None:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    base = AutoModelForCausalLM.from_pretrained(saved("qwen2"))
    lora = LoraConfig(
        r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False, task_type="CAUSAL_LM"
    )
    adapted = get_peft_model(base, lora)
    for name, weight in adapted.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(weight, std=1.0)
    adapted.save_pretrained(tmp_path / "adapter")
    request = Request(GREET, Settings(max_tokens=12))
    [plain], _ = answers(saved("qwen2"), [request])
    [other], facts = answers(saved("qwen2"), [request], adapter=str(tmp_path / "adapter"))
    assert plain.text == "你好，世界。" and other.text != plain.text
    assert facts["adapter"] == str(tmp_path / "adapter")
