"""How long the citation check takes: 500 answers of 2,000 characters on one core (goal: under 10 s).

Run: python benchmarks/citations.py. The answers are made from our own sentences, with citations of every form, quotations
that read like statutes but are not, contract clauses and plain prose; no answer is like another.
"""

from __future__ import annotations

import random
import time

from machine import machine

from zhprobe.text.citation_review import review
from zhprobe.text.legal_numerals import to_numeral

LAWS = (
    "民法典 刑法 公司法 劳动合同法 民事诉讼法 消费者权益保护法 合同法 治安管理处罚法 网络安全法 工伤保险条例 融资租赁管理条例 婚姻家庭编解释（二）"
).split()
WORDS = "当事人应当按照约定全面履行义务并承担赔偿损失等违约责任劳动者可以解除合同用人单位支付经济补偿公司股东查阅会计账簿"
PROSE = [
    "本案的争议焦点在于双方签订的买卖合同是否有效，以及被告逾期付款应当承担何种责任。",
    "根据合同第三条第二款的约定，买方应在收货后三十日内付清全部货款，逾期按日支付违约金。",
    "综合全案证据，原告的主张有相应的事实依据，建议尽快收集送货单、对账单和催款记录。",
    "需要提醒的是，诉讼时效期间自权利人知道或者应当知道权利受到损害之日起计算。",
]


def answer(chance: random.Random) -> str:
    """One answer of about 2,000 characters."""
    parts: list[str] = []
    while sum(map(len, parts)) < 2000:
        law, number = chance.choice(LAWS), chance.randint(1, 600)
        numeral = chance.choice([to_numeral, str])
        said = "".join(chance.sample(WORDS, 40))
        forms = [
            f"依据《{law}》第{numeral(number)}条、第{numeral(number + 3)}条第{numeral(2)}款的规定，",
            f"《中华人民共和国{law}》第{numeral(number)}条规定：“{said}。”\n",
            f"该法第{numeral(number)}条至第{numeral(number + 4)}条同样适用。",
            f"{law}第{numeral(number)}条明确：{said}。\n",
        ]
        parts.append(chance.choice(forms))
        parts.extend(chance.choice(PROSE) for _ in range(3))
    return "".join(parts)[:2000]


def main() -> None:
    """Time 500 answers, the loading of the tables included."""
    print(machine())
    chance = random.Random(7)
    answers = [answer(chance) for _ in range(500)]
    start = time.process_time()
    found = sum(len(review(text, asof="2026-09-30").findings) for text in answers)
    seconds = time.process_time() - start
    print(
        f"{len(answers)} answers, {sum(map(len, answers))} characters, {found} findings: {seconds:.2f} s of one core"
    )
    if seconds > 10:
        raise SystemExit("slower than the goal of 10 s")


if __name__ == "__main__":
    main()
