"""Tiny models of each family, made on the spot: random weights, an own tokenizer, a chat template that writes
the family's wire format. `memorise` overfits one to a few answers, so that the whole way from template to
parsed reply can be seen. No download, nothing of anybody's weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

TEXTS = [
    "你好，世界。写一首关于秋江的五言绝句。江上秋风起，孤舟客未归。今天北京天气怎么样？",
    "查天气 城市 北京 上海 get_weather city date arguments name parameters function 请问您从哪个城市出发？",
    '{"name": "get_weather", "arguments": {"city": "北京"}} <tools> </tools> [INST] [/INST] Assistant: User:',
    "系统 用户 助手 system user assistant tool 想一想，先看题目。好的，晴，二十度。",
]

SPECIALS = {
    "qwen2": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
    "qwen3": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
    "llama": ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|python_tag|>"],
    "mixtral": ["<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_CALLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]"],
    "deepseek_v2": ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"],
    "deepseek_v3": [
        "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>",
        "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>",
        "<｜tool▁outputs▁begin｜>", "<｜tool▁output▁begin｜>", "<｜tool▁output▁end｜>", "<｜tool▁outputs▁end｜>",
    ],
}  # fmt: skip
END = {
    "qwen2": "<|im_end|>",
    "qwen3": "<|im_end|>",
    "llama": "<|eot_id|>",
    "mixtral": "</s>",
    "deepseek_v2": "<｜end▁of▁sentence｜>",
    "deepseek_v3": "<｜end▁of▁sentence｜>",
}

_CHATML = """{%- if tools %}<|im_start|>system
{%- if messages[0].role == 'system' %}
{{ messages[0].content }}
{%- endif %}

# Tools
<tools>
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
</tools>
For each call write <tool_call>{"name": …, "arguments": {…}}</tool_call>.<|im_end|>
{% elif messages[0].role == 'system' %}<|im_start|>system
{{ messages[0].content }}<|im_end|>
{% endif %}
{%- for m in messages %}
{%- if m.role == 'user' %}<|im_start|>user
{{ m.content }}<|im_end|>
{% elif m.role == 'assistant' %}<|im_start|>assistant
{{ m.content or '' }}
{%- for call in m.tool_calls or [] %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>
{%- endfor %}<|im_end|>
{% elif m.role == 'tool' %}<|im_start|>user
<tool_response>
{{ m.content }}
</tool_response><|im_end|>
{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
THINK{% endif %}"""

TEMPLATES = {
    "qwen2": _CHATML.replace("THINK", ""),
    "qwen3": _CHATML.replace(
        "THINK",
        "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}",
    ),
    "llama": """<|begin_of_text|>
{%- if messages[0].role == 'system' %}{% set system = messages[0].content %}{% else %}{% set system = '' %}{% endif -%}
<|start_header_id|>system<|end_header_id|>

Cutting Knowledge Date: December 2023
Today Date: {{ date_string if date_string is defined else '26 Jul 2024' }}

{{ system }}<|eot_id|>
{%- for m in messages if m.role != 'system' %}
{%- if m.tool_calls %}
{%- if m.tool_calls | length != 1 %}{{ raise_exception('This model only supports single tool-calls at once!') }}{% endif -%}
<|start_header_id|>assistant<|end_header_id|>

{"name": "{{ m.tool_calls[0].function.name }}", "parameters": {{ m.tool_calls[0].function.arguments | tojson }}}<|eot_id|>
{%- elif m.role == 'tool' -%}
<|start_header_id|>ipython<|end_header_id|>

{{ m.content | tojson }}<|eot_id|>
{%- else -%}
<|start_header_id|>{{ m.role }}<|end_header_id|>

{% if loop.first and tools %}Given the following functions, please respond with a JSON for a function call.
{% for t in tools %}{{ t | tojson }}
{% endfor %}{% endif %}{{ m.content }}<|eot_id|>
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>

{% endif %}""",
    "mixtral": """<s>{% for m in messages %}
{%- if m.role == 'user' %}{% if tools and loop.last %}[AVAILABLE_TOOLS] {{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}[INST] {% if loop.index0 == 1 and messages[0].role == 'system' %}{{ messages[0].content }}

{% endif %}{{ m.content }}[/INST]
{%- elif m.tool_calls %}[TOOL_CALLS] [{% for c in m.tool_calls %}{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}{% if not loop.last %}, {% endif %}{% endfor %}]</s>
{%- elif m.role == 'assistant' %} {{ m.content }}</s>
{%- elif m.role == 'tool' %}[TOOL_RESULTS] {{ m.content }}[/TOOL_RESULTS]
{%- endif %}{% endfor %}""",
    "deepseek_v2": """<｜begin▁of▁sentence｜>{% for m in messages %}{% if m.role == 'user' %}User: {{ m.content }}

{% elif m.role == 'assistant' %}Assistant: {{ m.content }}<｜end▁of▁sentence｜>{% elif m.role == 'system' %}{{ m.content }}

{% endif %}{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}""",
    "deepseek_v3": """<｜begin▁of▁sentence｜>{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}{% elif m.role == 'user' %}<｜User｜>{{ m.content }}
{%- elif m.role == 'assistant' and m.tool_calls %}<｜Assistant｜>{{ m.content or '' }}<｜tool▁calls▁begin｜>{% for c in m.tool_calls %}<｜tool▁call▁begin｜>{{ c.type }}<｜tool▁sep｜>{{ c.function.name + '\n```json\n' + c.function.arguments + '\n```' }}<｜tool▁call▁end｜>{% endfor %}<｜tool▁calls▁end｜><｜end▁of▁sentence｜>
{%- elif m.role == 'tool' %}<｜tool▁outputs▁begin｜><｜tool▁output▁begin｜>{{ m.content }}<｜tool▁output▁end｜><｜tool▁outputs▁end｜>
{%- else %}<｜Assistant｜>{{ m.content }}<｜end▁of▁sentence｜>{% endif %}{% endfor %}{% if add_generation_prompt %}<｜Assistant｜>{% endif %}""",
}


def make_tokenizer(family: str) -> Any:
    """A byte-level BPE of a few hundred entries, with the family's marks."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=SPECIALS[family],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(TEXTS, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        eos_token=END[family],
        pad_token=SPECIALS[family][0],
        clean_up_tokenization_spaces=False,
    )
    tokenizer.add_special_tokens({"additional_special_tokens": SPECIALS[family]})
    tokenizer.chat_template = TEMPLATES[family]
    return tokenizer


def make_config(family: str, vocabulary: int) -> Any:
    """Two layers of the family's own shape."""
    import transformers as t

    common: dict[str, Any] = {
        "vocab_size": vocabulary,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 1024,
        "tie_word_embeddings": False,
    }
    experts = {
        "n_routed_experts": 4,
        "num_experts_per_tok": 2,
        "n_shared_experts": 1,
        "moe_intermediate_size": 32,
        "first_k_dense_replace": 1,
    }
    latent = {
        "kv_lora_rank": 16,
        "q_lora_rank": 16,
        "qk_rope_head_dim": 8,
        "qk_nope_head_dim": 8,
        "v_head_dim": 16,
        "num_key_value_heads": 4,
    }
    match family:
        case "qwen2":
            return t.Qwen2Config(**common)
        case "qwen3":
            return t.Qwen3Config(**common, head_dim=16)
        case "llama":
            return t.LlamaConfig(**common)
        case "mixtral":
            return t.MixtralConfig(**common, num_local_experts=4, num_experts_per_tok=2, sliding_window=None)
        case "deepseek_v2":
            return t.DeepseekV2Config(
                **{**common, **experts, **latent, "n_group": 1, "topk_group": 1, "topk_method": "greedy"}
            )
        case "deepseek_v3":
            return t.DeepseekV3Config(**{**common, **experts, **latent, "n_group": 2, "topk_group": 1})
    raise ValueError(family)


def make_model(family: str, folder: Path, pairs: Sequence[tuple[str, str]] = (), steps: int = 150) -> Path:
    """Save a tiny model; with `pairs` it is overfitted to these prompts (rendered) and answers."""
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(7)
    tokenizer = make_tokenizer(family)
    model = AutoModelForCausalLM.from_config(make_config(family, len(tokenizer)))
    if pairs:
        memorise(model, tokenizer, pairs, END[family], steps)
    model.generation_config.eos_token_id = tokenizer.convert_tokens_to_ids(END[family])
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def memorise(model: Any, tokenizer: Any, pairs: Sequence[tuple[str, str]], end: str, steps: int) -> None:
    """Train until every answer comes out exactly, at most so many steps."""
    import torch

    rows = []
    for prompt, answer in pairs:
        head = tokenizer(prompt, add_special_tokens=False)["input_ids"]
        tail = tokenizer(answer + end, add_special_tokens=False)["input_ids"]
        rows.append((head, tail))
    width = max(len(h) + len(t) for h, t in rows)
    ids = torch.full((len(rows), width), tokenizer.pad_token_id)
    labels = torch.full((len(rows), width), -100)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for row, (head, tail) in enumerate(rows):
        ids[row, width - len(head) - len(tail) :] = torch.tensor(head + tail)
        labels[row, width - len(tail) :] = torch.tensor(tail)
        mask[row, width - len(head) - len(tail) :] = 1
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(steps):
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if float(loss) < 5e-3:
            break
    model.eval()
