"""The user's own statutes: every form is read to the same articles, and what cannot be read is said."""

from __future__ import annotations

import json
import zipfile
from html import escape
from pathlib import Path

import pytest

from zhprobe.errors import UserError
from zhprobe.text.law_hashes import normalised
from zhprobe.text.law_library import add_statutes, forget_library, own_text, read_statute, statutes_folder

# A short text of our own under the name of a real instrument; no article of it is quoted from the law.
LINES = [
    "# 信访工作条例",
    "",
    "第一条　为了测试读取，制定本条例。",
    "第二条　样品分为下列两类：",
    "（一）甲类；",
    "（二）乙类。",
    "前款样品应当分开存放。",
    "第三条　**说明**由使用者填写。",
    "第三条之一　增设的条文也要读出。",
    "第二章　附则",
    "第四条　本条例自2022年5月1日起施行。",
]
EXPECTED = {
    "1": 1,
    "2": 2,
    "3": 1,
    "3-1": 1,
    "4": 1,
}


def written(folder: Path, kind: str) -> Path:
    path = folder / f"sample.{kind}"
    if kind == "docx":
        name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        body = "".join(f"<w:p><w:r><w:t>{escape(line.lstrip('# '))}</w:t></w:r></w:p>" for line in LINES)
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr(
                "word/document.xml", f'<w:document xmlns:w="{name}"><w:body>{body}</w:body></w:document>'
            )
    elif kind == "json":
        articles = {
            "1": {"k": [{"t": "为了测试读取，制定本条例。"}]},
            "2": {
                "k": [
                    {"t": "样品分为下列两类：", "x": ["（一）甲类；", "（二）乙类。"]},
                    {"t": "前款样品应当分开存放。"},
                ]
            },
            "3": {"k": [{"t": "说明由使用者填写。"}]},
            "3-1": {"k": [{"t": "增设的条文也要读出。"}]},
            "4": {"k": [{"t": "本条例自2022年5月1日起施行。"}]},
        }
        made = {"id": "sample", "law": "信访工作条例", "effective_from": "2022-05-01", "articles": articles}
        path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    elif kind == "gbk.txt":
        path.write_bytes("\n".join(LINES).encode("gb18030"))
    else:
        path.write_text(("\n\n" if kind == "md" else "\n").join(LINES), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["md", "txt", "docx", "json", "gbk.txt"])
def test_every_form_gives_the_same_articles(tmp_path, kind):
    statute = read_statute(written(tmp_path, kind))
    assert statute.law == "信访工作条例"
    assert {key: len(paragraphs) for key, paragraphs in statute.articles.items()} == EXPECTED
    assert normalised(statute.text("2")) == "样品分为下列两类一甲类二乙类前款样品应当分开存放"
    assert statute.begins == "2022-05-01"


def test_added_statutes_are_found_by_law_and_day(tmp_path, monkeypatch):
    monkeypatch.setenv("ZHPROBE_DATA", str(tmp_path / "data"))
    forget_library()
    add_statutes(written(tmp_path, "md"))
    assert statutes_folder() == tmp_path / "data" / "statutes"
    assert own_text("信访工作条例", "2026-01-01") is not None
    assert own_text("信访工作条例", "2020-01-01") is None
    forget_library()


def test_the_data_folder_follows_xdg(monkeypatch, tmp_path):
    monkeypatch.delenv("ZHPROBE_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert statutes_folder() == tmp_path / "zhprobe" / "statutes"


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.md", "# 红楼梦\n第一条　甄士隐梦幻识通灵", "no law of this name"),
        ("a.md", "# 信访工作条例\n没有条文", "no 第…条 paragraphs"),
        ("a.json", "{", "no statute"),
        ("a.docx", "not a zip", "no docx"),
        ("a.md", "# 信访工作条例\n第一条　甲。\n第二条　乙。\n", ""),
    ],
)
def test_what_cannot_be_read_is_said_with_a_way_out(tmp_path, name, content, what):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    if not what:
        assert len(read_statute(path).articles) == 2
        return
    with pytest.raises(UserError, match=what) as error:
        read_statute(path)
    assert "\n" in str(error.value)


def test_a_docx_with_entities_is_not_read(tmp_path):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x/>')
    with pytest.raises(UserError, match="entities"):
        read_statute(path)
