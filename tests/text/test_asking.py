"""Asking for what is missing, as people and models put it; every sentence written by hand for the test."""

import pytest

from zhprobe.text.asking import read_question

FROM = ["出发", "从哪", "始发", "起点", "哪里上车", "城市上车", "从何处"]
ROOM = ["房间", "哪间", "哪个屋", "哪台", "客厅还是", "卧室还是"]
ORDER = ["订单号", "订单编号", "哪个订单", "哪笔订单", "订单ID"]
WORDS = ["写什么", "什么字", "文字", "祝福语", "内容"]


def asks(text, names):
    found = read_question(text, names)
    return found.asks and bool(found.named) and not found.taken


@pytest.mark.parametrize(("names", "text"), [
    (FROM, "请问您从哪个城市出发？"), (FROM, "好的，去成都的票。您打算从哪里出发呢？"), (FROM, "您在哪个城市上车？"),
    (FROM, "麻烦告诉我出发地，我来订票。"), (FROM, "还需要您的出发城市。"), (FROM, "您还没有说始发站，请补充一下。"),
    (FROM, "出发日期是明天，到达地是成都。请问您从哪个城市出发？"), (FROM, "出发时间为明天。请问起点是哪里？"),
    (FROM, "订票还缺以下信息：\n1. 出发城市\n2. 席别"), (FROM, "请提供：\n- 出发地（例如：上海）\n- 车次偏好"), (FROM, "请补充：\n出发地：\n席别："),
    (FROM, "**请提供出发城市**，例如北京、上海。"), (FROM, "请确认您的出发地？比如默认从北京出发的话我就直接订了。"),
    (FROM, "默认从北京出发，可以吗？"), (FROM, "您是从上海出发吗？"), (FROM, "要订票的话，我需要先知道您的出发地。"),
    (ROOM, "请问要开哪个房间的空调？"), (ROOM, "客厅还是卧室的空调？"), (ROOM, "您要开哪台空调？"), (ROOM, "好的，26度制冷。请问是哪间屋子？"),
    (ORDER, "请提供一下订单号。"), (ORDER, "请问是哪笔订单要退款？"), (ORDER, "麻烦发一下订单 ID，我来处理。"), (ORDER, "为了办理退款，请您告知订单编号。"),
    (WORDS, "蛋糕上想写什么？"), (WORDS, "请告诉我要写的文字。"), (WORDS, "请问祝福语写“生日快乐”可以吗？"),
])  # fmt: skip
def test_a_question_that_names_the_slot_is_seen(names, text):
    assert asks(text, names), read_question(text, names)


@pytest.mark.parametrize(("names", "text"), [
    (FROM, "好的。"), (FROM, "请问您要一等座还是二等座？"), (FROM, "请问到达地是哪里？"), (FROM, ""), (FROM, "正在为您订票，请稍候。"),
    (FROM, "好的，默认从北京出发，请问几点的车？"), (FROM, "出发地：上海。请问要几点的车？"), (FROM, "已按从北京出发为您查询，请问要哪一班？"),
    (FROM, "信息如下：\n- 出发地：北京\n- 到达地：成都\n请问几点走？"), (FROM, "出发日期是明天。请问要几点的车？"), (FROM, "- 出发日期：明天\n请问要几点的车？"),
    (FROM, "我会从上海出发为您订票，您要一等座吗？"), (FROM, "暂定从北京出发。还有别的要求吗？"),
    (ROOM, "好的，已打开客厅空调。还需要别的吗？"), (ROOM, "房间默认为客厅，还要调别的吗？"), (ROOM, "好的，已经调好了。"),
    (ORDER, "好的，退款已经提交，请问还有什么可以帮您？"), (ORDER, "订单号为D1，退款已提交，请问还需要什么？"),
    (WORDS, "蛋糕上的文字定为“生日快乐”。您要蜡烛吗？"), (WORDS, "内容我先写生日快乐，您几点取？"),
])  # fmt: skip
def test_other_questions_and_values_taken_for_granted_are_not(names, text):
    assert not asks(text, names), read_question(text, names)
