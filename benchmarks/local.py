"""Local generation: a plain one-by-one generate loop, our batches, and continuous batching. Run by hand.

A Qwen2-0.5B-shaped model with random weights, 64 prompts of 50 to 400 tokens, 64 new tokens each, the same dtype and
threads. `--prompts` and `--new` make it smaller.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "running"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--new", type=int, default=64)
    parser.add_argument("--one", type=int, default=0, help="prompts for the one-by-one loop (default: all)")
    parser.add_argument("--ways", default="one,batch,continuous")
    given = parser.parse_args()
    import torch
    import transformers
    from tiny_models import make_tokenizer

    transformers.logging.set_verbosity_error()
    torch.manual_seed(0)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    config = transformers.Qwen2Config(
        vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14,
        num_key_value_heads=2, tie_word_embeddings=True, max_position_embeddings=4096,
    )  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="zhprobe-local-"))
    model = transformers.Qwen2ForCausalLM(config).eval()
    model.generation_config.eos_token_id = None  # nobody stops early
    tokenizer = make_tokenizer("qwen2")
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    chance = random.Random(0)
    texts = [
        "".join(chance.choices("江山秋月夜雨风花", k=chance.randrange(10, 170))) for _ in range(given.prompts)
    ]
    prompts = [
        tokenizer.apply_chat_template(
            [{"role": "user", "content": text}], add_generation_prompt=True, tokenize=False
        )
        for text in texts
    ]
    ids = [tokenizer(p, add_special_tokens=False)["input_ids"] for p in prompts]
    print(f"{len(ids)} prompts of {min(map(len, ids))} to {max(map(len, ids))} tokens, {given.new} new each, "
          f"{model.dtype}, {torch.get_num_threads()} threads", flush=True)  # fmt: skip
    rates: dict[str, float] = {}
    if "one" in given.ways:
        plain = transformers.GenerationConfig(max_new_tokens=given.new, do_sample=False, pad_token_id=0)
        begun = time.perf_counter()
        some = ids[: given.one or len(ids)]
        for row in some:
            with torch.inference_mode():
                model.generate(
                    torch.tensor([row]),
                    attention_mask=torch.ones(1, len(row), dtype=torch.long),
                    generation_config=plain,
                )
        rates["one by one"] = len(some) * given.new / (time.perf_counter() - begun)
        print(f"one by one: {rates['one by one']:.1f} tokens/s", flush=True)
    del model
    for engine in ("batch", "continuous"):
        if engine not in given.ways:
            continue
        rate, facts = asyncio.run(ours(folder, texts, given.new, engine))
        rates[engine] = rate
        shown = {k: facts.get(k) for k in ("batch", "batch_halved", "peak_memory_gb", "attention")}
        print(f"zhprobe, {engine}: {rate:.1f} tokens/s {shown}", flush=True)
    if "one by one" in rates:
        for name, rate in rates.items():
            print(f"{name}: {rate / rates['one by one']:.2f} times one by one")


async def ours(folder: Path, texts: list[str], new: int, engine: str) -> tuple[float, dict[str, Any]]:
    """Tokens a second of the in-process backend, loading not counted."""
    from zhprobe.models import open_model
    from zhprobe.models.base import Request
    from zhprobe.records import Settings

    model = open_model(f"hf/{folder}", engine=engine)
    settings = Settings(max_tokens=new)
    replies = await asyncio.gather(
        *(model.answer(Request(({"role": "user", "content": t},), settings)) for t in texts)
    )
    await model.close()
    facts = model.facts()
    assert all(r.error is None and r.usage is not None for r in replies), replies[0]
    return float(facts["tokens_per_second"]), facts


if __name__ == "__main__":
    main()
