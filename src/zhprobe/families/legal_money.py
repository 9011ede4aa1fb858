"""Computed legal items: court fees, labour money, interest, deposits, injuries, traffic, succession."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from zhprobe.families import legal_rules as rules
from zhprobe.families.legal_items import (
    LAST_LINE_SUM,
    MEN,
    between,
    day,
    firm,
    person,
    plain,
    sum_item,
    with_twin,
)
from zhprobe.families.registry import draw, family

FEES = "诉讼费用交纳办法"
LABOUR = "劳动合同法"
CIVIL = "民法典"


def _last(name: str, seed: int) -> str:
    return draw(LAST_LINE_SUM, name, seed, "last")


@family
def court_fee(seed: int) -> dict[str, Any]:
    """Acceptance fee of a property case, half where the summary procedure or withdrawal says so."""

    def make(s: int, n: int) -> dict[str, Any]:
        amount = Decimal(between(60_000, 4_800_000, 1_000, "court_fee", n, "amount"))
        way = draw(("普通", "简易", "撤诉"), "court_fee", s, "way")
        who, other = person("court_fee", s), firm("court_fee", s)
        full = rules.court_fee(amount)
        value = full if way == "普通" else rules.half(full)
        told = {
            "普通": "案件适用普通程序审理",
            "简易": "案件由基层法院适用简易程序审理",
            "撤诉": "案件适用普通程序，开庭前{who}申请撤诉并获准许",
        }[way].format(who=who)
        prompt = (
            f"{who}因买卖合同纠纷起诉{other}，只有一项请求：支付货款{plain(amount)}元。{told}。"
            f"按照《诉讼费用交纳办法》，这件案子的案件受理费最终是多少元？{_last('court_fee', s)}"
        )
        top = next(rate for limit, rate in rules.PROPERTY_BANDS if limit is None or amount <= limit)
        wrong = {"整额按最高一档费率计算": rules.money(amount * Decimal(top))}
        wrong["没有减半" if way != "普通" else "误减半"] = full if way != "普通" else rules.half(full)
        steps = f"分段累计得{plain(full)}元" + ("" if way == "普通" else f"，减半为{plain(value)}元") + "。"
        level = (2, "分段累计一次") if way == "普通" else (3, "分段累计后还要判断是否减半")
        return sum_item(prompt, value, steps, (FEES, "13 15 16"), wrong, level)

    return with_twin(make, seed)


@family
def preservation_fee(seed: int) -> dict[str, Any]:
    """Application fee for property preservation, with its ceiling."""

    def make(s: int, n: int) -> dict[str, Any]:
        big = draw((False, False, True), "preservation_fee", s, "big")
        low, high = (1_000_000, 3_000_000) if big else (20_000, 900_000)
        amount = Decimal(between(low, high, 5_000, "preservation_fee", n, "amount"))
        who, other = firm("preservation_fee", s), person("preservation_fee", s)
        value = rules.preservation_fee(amount)
        uncapped = (
            Decimal(30)
            + Decimal(99_000) * Decimal("0.01")
            + max(Decimal(0), amount - 100_000) * Decimal("0.005")
        )
        prompt = (
            f"{who}起诉前担心{other}转移财产，向法院申请冻结其银行账户，请求保全的金额为{plain(amount)}元。"
            f"申请费应交多少元？{_last('preservation_fee', s)}"
        )
        wrong = {"没有适用五千元上限": rules.money(uncapped), "按案件受理费计算": rules.court_fee(amount)}
        steps = f"按《诉讼费用交纳办法》分段计算，最多不超过5000元，得{plain(value)}元。"
        level = (3, "分段计算并适用上限") if big else (2, "分段计算")
        return sum_item(prompt, value, steps, (FEES, "14"), wrong, level)

    return with_twin(make, seed)


@family
def enforcement_fee(seed: int) -> dict[str, Any]:
    """Application fee for enforcement."""

    def make(s: int, n: int) -> dict[str, Any]:
        amount = Decimal(between(80_000, 9_000_000, 10_000, "enforcement_fee", n, "amount"))
        who = person("enforcement_fee", s)
        value = rules.enforcement_fee(amount)
        prompt = (
            f"判决生效后，{firm('enforcement_fee', s)}一直没有付款，{who}向法院申请强制执行，"
            f"执行金额为{plain(amount)}元。按国务院规定的收费标准，执行申请费是多少元？{_last('enforcement_fee', s)}"
        )
        wrong = {"按案件受理费计算": rules.court_fee(amount), "漏加五十元基数": value - 50}
        return sum_item(
            prompt,
            value,
            f"五十元加各段之和，得{plain(value)}元。",
            (FEES, "14"),
            wrong,
            (3, "另一套分段费率"),
        )

    return with_twin(make, seed)


@family
def divorce_fee(seed: int) -> dict[str, Any]:
    """Acceptance fee of a divorce case with property."""

    def make(s: int, n: int) -> dict[str, Any]:
        base = Decimal(draw((100, 150, 200, 250, 300), "divorce_fee", n, "base"))
        total = Decimal(between(260_000, 3_600_000, 20_000, "divorce_fee", n, "total"))
        who = person("divorce_fee", s)
        value = rules.divorce_fee(base, total)
        prompt = (
            f"{who}起诉离婚，同时要求分割夫妻共同财产，财产总额{plain(total)}元。当地规定离婚案件每件收{plain(base)}元。"
            f"案件适用普通程序，受理费应交多少元？{_last('divorce_fee', s)}"
        )
        wrong = {
            "没有扣除二十万元": rules.money(base + total * Decimal("0.005")),
            "漏加每件的基数": value - base,
            "按财产案件计算": rules.court_fee(total),
        }
        steps = f"{plain(base)}+({plain(total)}−200000)×0.5%={plain(value)}元。"
        return sum_item(prompt, value, steps, (FEES, "13"), wrong, (2, "超过二十万元的部分按百分之零点五"))

    return with_twin(make, seed)


@family
def economic_compensation(seed: int) -> dict[str, Any]:
    """Economic compensation by years of service, with the ceiling for high wages."""

    def make(s: int, n: int) -> dict[str, Any]:
        high = draw((False, True, False), "economic_compensation", s, "high")
        start = date(between(2009, 2012 if high else 2022, 1, "economic_compensation", n, "year"), 1, 1)
        start += timedelta(days=between(0, 360, 1, "economic_compensation", n, "start"))
        last = date(2026, 1, 1) + timedelta(days=between(20, 230, 1, "economic_compensation", n, "last"))
        mean = Decimal(between(7_000, 11_000, 500, "economic_compensation", n, "mean"))
        wage = (
            3 * mean + between(1_000, 20_000, 1_000, "economic_compensation", n, "wage")
            if high
            else mean + 1_500
        )
        units, base, value = rules.compensation(start, last, wage, mean)
        years = rules.service_units(start, last)
        who, boss = person("economic_compensation", s), firm("economic_compensation", s)
        prompt = (
            f"{who}于{day(start)}入职{boss}，一直工作到{day(last)}（当天是最后工作日），劳动合同由公司提出、双方协商一致解除。"
            f"{who}离职前十二个月平均工资为{plain(wage)}元，当地上年度职工月平均工资为{plain(mean)}元。"
            f"公司应支付多少经济补偿？{_last('economic_compensation', s)}"
        )
        wrong = {
            "没有适用三倍封顶": rules.money(wage * years),
            "封顶后没有限制十二年": rules.money(base * years),
            "零头一律按一年": rules.money(
                base * min(years.to_integral_value("ROUND_CEILING"), Decimal(12) if high else years + 1)
            ),
            "按违法解除的两倍": value * 2,
        }
        steps = f"年限折算为{plain(units) if units % 1 == 0 else units}个月，计算基数{plain(base)}元，{units}×{plain(base)}={plain(value)}元。"
        level = (4, "两个上限同时适用") if high else (3, "零头月份的折算")
        return sum_item(prompt, value, steps, (LABOUR, "47 46"), wrong, level)

    return with_twin(make, seed)


@family
def double_wage(seed: int) -> dict[str, Any]:
    """Additional wage for want of a written labour contract."""

    def make(s: int, n: int) -> dict[str, Any]:
        wage = Decimal(between(5_000, 12_000, 250, "double_wage", n, "wage"))
        month = between(1, 3, 1, "double_wage", n, "month")
        full = between(3, 7, 1, "double_wage", n, "full")
        days = between(6, 15, 1, "double_wage", n, "days")
        start = date(2025, month, 1)
        signed_month = rules.add_months(start, full + 1)
        signed = signed_month + timedelta(days=days + 5)
        never = draw((False, False, True), "double_wage", s, "never")
        who, boss = person("double_wage", s), firm("double_wage", s)
        if never:
            value = rules.double_wage(11, 0, wage)
            told = f"直到{day(rules.add_months(start, 14))}公司也没有和{who}签订书面劳动合同"
            steps = f"自满一个月的次日至满一年的前一日，共11个月，11×{plain(wage)}={plain(value)}元。"
            wrong = {"多算了第一个月": wage * 12, "一直算到提出请求时": wage * 13, "只算了十个月": wage * 10}
            level = (3, "最长十一个月")
        else:
            value = rules.double_wage(full, days, wage)
            first = signed_month
            told = f"公司到{day(signed)}才和{who}签订书面劳动合同；{day(first)}至签订前一日，{who}实际出勤{days}个工作日"
            steps = f"{full}个整月加{days}个工作日：{full}×{plain(wage)}+{plain(wage)}÷21.75×{days}={plain(value)}元。"
            wrong = {
                "多算了第一个月": rules.double_wage(full + 1, days, wage),
                "把已付的一倍也算进去": value * 2,
                "不足一月按整月": rules.double_wage(full + 1, 0, wage),
            }
            level = (4, "起算日和不足一月的折算")
        prompt = (
            f"{who}{day(start)}入职{boss}，月工资{plain(wage)}元，{told}。公司已按月足额发放工资。"
            f"因没有签订书面劳动合同，公司还应另外支付多少元（只算另外支付的部分；不足一个月的，按月工资除以21.75再乘以工作日数计算）？"
            f"{_last('double_wage', s)}"
        )
        return sum_item(prompt, value, steps, (LABOUR, "82"), wrong, level)

    return with_twin(make, seed)


@family
def overtime_pay(seed: int) -> dict[str, Any]:
    """Overtime on working days, rest days and statutory holidays."""

    def make(s: int, n: int) -> dict[str, Any]:
        hourly = between(24, 80, 2, "overtime_pay", n, "hourly")
        wage = Decimal(hourly) * 8 * rules.MONTHLY_PAY_DAYS
        a = between(4, 20, 2, "overtime_pay", n, "weekday")
        b = between(4, 16, 4, "overtime_pay", n, "rest")
        c = between(4, 16, 4, "overtime_pay", n, "holiday")
        value = rules.overtime_pay(wage, a, b, c)
        who = person("overtime_pay", s)
        prompt = (
            f"{who}实行标准工时制，月工资{plain(wage)}元。今年10月工作日延时加班共{a}小时，周六加班共{b}小时（没有安排补休），"
            f"10月1日至3日的法定节假日加班共{c}小时。按每月计薪天数21.75天、每天8小时折算，当月应支付加班工资多少元？{_last('overtime_pay', s)}"
        )
        wrong = {
            "一律按百分之一百五十": rules.money(Decimal(hourly) * (a + b + c) * Decimal("1.5")),
            "节假日按百分之二百": rules.money(Decimal(hourly) * (a * Decimal("1.5") + (b + c) * 2)),
            "只算了加倍的差额": rules.money(Decimal(hourly) * (a * Decimal("0.5") + b + c * 2)),
        }
        steps = f"小时工资{hourly}元；{hourly}×({a}×150%+{b}×200%+{c}×300%)={plain(value)}元。"
        level = (1, "三种倍数直接相加")
        return sum_item(prompt, value, steps, ("劳动法", "44"), wrong, level, also=("工资支付暂行规定:13",))

    return with_twin(make, seed)


@family
def unused_leave(seed: int) -> dict[str, Any]:
    """Pay for annual leave not taken when leaving in the middle of a year."""

    def make(s: int, n: int) -> dict[str, Any]:
        years = draw((8, 12, 15, 21, 24), "unused_leave", n, "years")
        leaving = date(2026, 4, 1) + timedelta(days=between(0, 240, 1, "unused_leave", n, "leaving"))
        wage = rules.MONTHLY_PAY_DAYS * between(200, 800, 20, "unused_leave", n, "daily")
        entitled = leaving.timetuple().tm_yday * rules.leave_days(years) // 365
        taken = min(draw((0, 1, 2), "unused_leave", n, "taken"), entitled - 1)
        days, value = rules.unused_leave_pay(years, leaving, taken, wage)
        who, boss = person("unused_leave", s), firm("unused_leave", s)
        daily = wage / rules.MONTHLY_PAY_DAYS
        rounded = max(0, round(leaving.timetuple().tm_yday * rules.leave_days(years) / 365 + 0.49) - taken)
        prompt = (
            f"{who}累计工作已满{years}年，{day(leaving)}从{boss}离职。2026年{f'只休了{taken}天' if taken else '还没有休过'}年休假，"
            f"月工资{plain(wage)}元（按21.75天折算日工资），离职前工资照常发放。公司还应另外支付多少未休年休假工资？"
            f"（离职当天计入当年已过天数，全年按365天。）{_last('unused_leave', s)}"
        )
        wrong = {
            "按百分之三百计算": rules.money(daily * days * 3),
            "没有按比例折算": rules.money(daily * (rules.leave_days(years) - taken) * 2),
            "不足一天的进位": rules.money(daily * rounded * 2),
        }
        steps = f"当年应休{entitled}天，已休{taken}天，余{days}天；日工资{plain(daily)}元×{days}×200%={plain(value)}元。"
        return sum_item(
            prompt,
            value,
            steps,
            ("企业职工带薪年休假实施办法", "12 10 11"),
            wrong,
            (4, "折算、取整、已付一倍"),
            also=("职工带薪年休假条例:5",),
        )

    return with_twin(make, seed)


@family
def injury_lump_sum(seed: int) -> dict[str, Any]:
    """One-time disability benefit of the work injury insurance."""

    def make(s: int, n: int) -> dict[str, Any]:
        grade = between(5, 10, 1, "injury_lump_sum", s, "grade")
        mean = Decimal(between(8_000, 12_000, 500, "injury_lump_sum", n, "mean"))
        kind = draw(("low", "middle", "high"), "injury_lump_sum", s, "kind")
        ratio = {"low": Decimal("0.45"), "middle": Decimal("0.8"), "high": Decimal("3.4")}[kind]
        wage = mean * ratio
        value = rules.injury_lump_sum(grade, wage, mean)
        months = rules.INJURY_MONTHS[grade - 1]
        who = person("injury_lump_sum", s)
        prompt = (
            f"{who}在车间受伤，被认定为工伤，劳动能力鉴定为{'一二三四五六七八九十'[grade - 1]}级伤残。受伤前十二个月平均月缴费工资{plain(wage)}元，"
            f"统筹地区职工平均工资每月{plain(mean)}元。一次性伤残补助金应为多少元？{_last('injury_lump_sum', s)}"
        )
        neighbour = rules.INJURY_MONTHS[grade - 2]
        wrong = {
            "没有适用工资上下限": rules.money(wage * months),
            "按平均工资计算": rules.money(mean * months),
            "月数用错一级": rules.money(value / months * neighbour),
        }
        base = value / months
        steps = f"{plain(base)}元×{months}个月={plain(value)}元。"
        article = "36" if grade <= 6 else "37"
        level = (2, "查出月数相乘") if kind == "middle" else (4, "本人工资要按平均工资的上下限调整")
        return sum_item(prompt, value, steps, ("工伤保险条例", article), wrong, level)

    return with_twin(make, seed)


@family
def capped_interest(seed: int) -> dict[str, Any]:
    """Interest on a private loan under the cap of four times the LPR."""

    def make(s: int, n: int) -> dict[str, Any]:
        principal = Decimal(between(50_000, 600_000, 10_000, "capped_interest", n, "principal"))
        agreed = Decimal(draw((10, 15, 18, 24, 36), "capped_interest", s, "agreed")) / 100
        lpr = Decimal(draw(("3.00", "3.10", "3.35", "3.45"), "capped_interest", n, "lpr")) / 100
        days = between(90, 500, 1, "capped_interest", n, "days")
        rate, value = rules.capped_interest(principal, agreed, lpr, days)
        lender, borrower = person("capped_interest", s), person("capped_interest", s, "borrower")
        if lender == borrower:
            borrower = "钱佑民"
        prompt = (
            f"{lender}借给{borrower}{plain(principal)}元，借条写明年利率{(agreed * 100).normalize():f}%。合同成立时一年期贷款市场报价利率为{lpr * 100:.2f}%。"
            f"现{lender}起诉，要求按约定支付{days}天的利息（一年按365天，不计复利）。法院最多能支持多少元利息？{_last('capped_interest', s)}"
        )
        wrong = {
            "按约定利率全额计算": rules.money(principal * agreed * days / 365),
            "按旧的百分之二十四计算": rules.money(principal * Decimal("0.24") * days / 365),
            "按一倍报价利率计算": rules.money(principal * lpr * days / 365),
        }
        steps = f"年利率以{rate * 100:.2f}%为限，{plain(principal)}×{rate * 100:.2f}%×{days}÷365={plain(value)}元。"
        law = "最高人民法院关于审理民间借贷案件适用法律若干问题的规定"
        level = (3, "比较约定利率与四倍报价利率") if agreed > 4 * lpr else (2, "约定低于上限，按约定计算")
        return sum_item(prompt, value, steps, (law, "25"), wrong, level)

    return with_twin(make, seed)


@family
def delay_interest(seed: int) -> dict[str, Any]:
    """The additional part of interest for delayed performance of a judgment."""

    def make(s: int, n: int) -> dict[str, Any]:
        debt = Decimal(between(80_000, 2_000_000, 10_000, "delay_interest", n, "debt"))
        term = date(2026, 1, 5) + timedelta(days=between(0, 100, 1, "delay_interest", n, "term"))
        paid = term + timedelta(days=between(40, 170, 1, "delay_interest", n, "paid"))
        days, value = rules.delay_interest(debt, term, paid)
        who, other = person("delay_interest", s), firm("delay_interest", s)
        prompt = (
            f"生效判决命{other}于{day(term)}前（含当日）向{who}支付货款{plain(debt)}元，判决没有确定其他利息。{other}直到{day(paid)}才一次付清本金。"
            f"只算加倍部分债务利息，应为多少元（起算日为履行期届满的次日，付款当日计入）？{_last('delay_interest', s)}"
        )
        wrong = {
            "少算一天": rules.money(debt * Decimal("0.000175") * (days - 1)),
            "多算一天": rules.money(debt * Decimal("0.000175") * (days + 1)),
            "日利率误为万分之五": rules.money(debt * Decimal("0.0005") * days),
        }
        steps = f"自{day(term + timedelta(days=1))}至{day(paid)}共{days}天，{plain(debt)}×0.0175%×{days}={plain(value)}元。"
        law = "最高人民法院关于执行程序中计算迟延履行期间的债务利息适用法律若干问题的解释"
        level = (4, "日利率和起止日都要准确")
        return sum_item(prompt, value, steps, (law, "1 2 3"), wrong, level, also=("民事诉讼法:264",))

    return with_twin(make, seed)


@family
def deposit_return(seed: int) -> dict[str, Any]:
    """Deposit above a fifth of the price, and the receiver breaks the contract."""

    def make(s: int, n: int) -> dict[str, Any]:
        price = Decimal(between(100_000, 900_000, 50_000, "deposit_return", n, "price"))
        share = Decimal(draw(("0.12", "0.25", "0.3", "0.4"), "deposit_return", s, "share"))
        deposit = price * share
        value = rules.deposit_back(price, deposit)
        who, other = firm("deposit_return", s), person("deposit_return", s)
        prompt = (
            f"{other}向{who}订购一批设备，价款{plain(price)}元，合同约定定金{plain(deposit)}元，已经付清，货款未付。"
            f"后来{who}把设备全部卖给了别人，合同目的落空。{other}主张适用定金罚则，{who}一共应返还多少元？{_last('deposit_return', s)}"
        )
        wrong = {
            "全部定金双倍返还": deposit * 2,
            "超过部分不退": rules.money(price * Decimal("0.4")),
            "只退定金本身": deposit,
        }
        effective = min(deposit, price * Decimal("0.2"))
        steps = f"定金以价款的20%即{plain(price * Decimal('0.2'))}元为限，有效定金{plain(effective)}元双倍返还，其余退还，共{plain(value)}元。"
        level = (1, "未超过两成，直接双倍") if share < Decimal("0.2") else (3, "超过两成的部分不产生定金效力")
        return sum_item(prompt, value, steps, (CIVIL, "586 587"), wrong, level)

    return with_twin(make, seed)


@family
def consumer_damages(seed: int) -> dict[str, Any]:
    """Refund and punitive damages for fraud, or for unsafe food."""

    def make(s: int, n: int) -> dict[str, Any]:
        food = draw((True, False), "consumer_damages", s, "food")
        price = Decimal(between(20, 900, 10, "consumer_damages", n, "price"))
        value = rules.consumer_total(price, food)
        who = person("consumer_damages", s)
        if food:
            told = f"在超市花{plain(price)}元买了一盒糕点，回家发现早已过了保质期，超市明知过期仍在销售，{who}没有受到其他损失"
            law, article = "食品安全法", "148"
            wrong = {
                "按三倍计算": rules.consumer_total(price, False),
                "没有适用一千元下限": price * 11,
                "漏了退货款": value - price,
            }
        else:
            told = f"花{plain(price)}元买了一只标称“纯银”的手镯，商家明知是镀银仍这样标注，构成欺诈"
            law, article = "消费者权益保护法", "55"
            wrong = {
                "按十倍计算": rules.consumer_total(price, True),
                "没有适用五百元下限": price * 4,
                "漏了退货款": value - price,
            }
        prompt = f"{who}{told}。{who}要求退还货款并主张法律规定的惩罚性赔偿，两项合计最多可得多少元？{_last('consumer_damages', s)}"
        steps = f"退款{plain(price)}元，惩罚性赔偿{plain(value - price)}元，合计{plain(value)}元。"
        return sum_item(prompt, value, steps, (law, article), wrong, (2, "倍数与最低额比较"))

    return with_twin(make, seed)


@family
def disability_compensation(seed: int) -> dict[str, Any]:
    """Disability compensation by age and coefficient."""

    def make(s: int, n: int) -> dict[str, Any]:
        age = between(56, 79, 1, "disability_compensation", n, "age")
        income = Decimal(between(48_000, 80_000, 500, "disability_compensation", n, "income"))
        percent = draw((10, 20, 30, 40), "disability_compensation", s, "percent")
        years = rules.compensation_years(age)
        value = rules.money(income * years * percent / 100)
        who = person("disability_compensation", s)
        prompt = (
            f"{who}在一起交通事故中受伤，定残时{age}周岁，伤残赔偿系数为{percent}%。受诉法院所在地上一年度城镇居民人均可支配收入为{plain(income)}元。"
            f"残疾赔偿金是多少元？{_last('disability_compensation', s)}"
        )
        wrong = {
            "一律按二十年": rules.money(income * 20 * percent / 100),
            "多减一年": rules.money(income * (years - 1) * percent / 100),
            "没有乘赔偿系数": rules.money(income * years),
        }
        steps = f"年限{years}年，{plain(income)}×{years}×{percent}%={plain(value)}元。"
        law = "最高人民法院关于审理人身损害赔偿案件适用法律若干问题的解释"
        level = (2, "六十周岁以上年限递减") if age > 60 else (1, "二十年直接相乘")
        return sum_item(prompt, value, steps, (law, "12"), wrong, level)

    return with_twin(make, seed)


@family
def traffic_insurance(seed: int) -> dict[str, Any]:
    """Compulsory insurance first, the rest by share of fault."""

    def make(s: int, n: int) -> dict[str, Any]:
        body = Decimal(between(90_000, 420_000, 10_000, "traffic_insurance", n, "body"))
        medical = Decimal(between(9_000, 90_000, 3_000, "traffic_insurance", n, "medical"))
        goods = Decimal(between(1_200, 9_000, 300, "traffic_insurance", n, "goods"))
        fault = Decimal(draw((50, 60, 70, 80), "traffic_insurance", s, "fault")) / 100
        covered, rest = rules.traffic_shares([body, medical, goods], fault)
        driver, hurt = person("traffic_insurance", s), person("traffic_insurance", s, "hurt")
        if driver == hurt:
            hurt = "孟春和"
        prompt = (
            f"2026年3月，{driver}驾车与骑电动自行车的{hurt}相撞，{driver}承担{fault * 100:.0f}%的责任。{hurt}的损失为：死亡伤残项下{plain(body)}元，"
            f"医疗费用项下{plain(medical)}元，财产损失项下{plain(goods)}元。车辆投了交强险（有责限额：死亡伤残180000元、医疗费用18000元、财产损失2000元），"
            f"没有商业险。交强险赔付之后，{driver}本人还应赔偿多少元？{_last('traffic_insurance', s)}"
        )
        total = body + medical + goods
        wrong = {
            "没有先扣交强险": rules.money(total * fault),
            "交强险不分项一次扣二十万": rules.money(max(Decimal(0), total - 200_000) * fault),
            "把交强险也算进个人": covered + rest,
            "责任比例先乘后扣": rules.money(total * fault - covered),
        }
        steps = f"交强险分项赔付共{plain(covered)}元，余{plain(total - covered)}元×{fault * 100:.0f}%={plain(rest)}元。"
        level = (3, "分项限额后再按责任比例")
        return sum_item(prompt, rest, steps, (CIVIL, "1213"), wrong, level, also=("道路交通安全法:76",))

    return with_twin(make, seed)


@family
def estate_share(seed: int) -> dict[str, Any]:
    """Share of an heir after the couple's property is split, with representation."""

    def make(s: int, n: int) -> dict[str, Any]:
        shape = draw(("spouse", "child", "grandchild"), "estate_share", s, "shape")
        heirs = between(3, 5, 1, "estate_share", n, "heirs")
        joint = Decimal(between(6, 60, 1, "estate_share", n, "joint") * heirs * 20_000)
        estate, share = rules.estate_share(joint, Decimal(0), heirs)
        who = draw(MEN, "estate_share", s, "person")
        children = heirs - 2
        told = (
            f"{who}去世，没有遗嘱，也没有人放弃继承。{who}与妻子的夫妻共同财产合计{plain(joint)}元，没有其他财产和债务。"
            f"继承人有：妻子、母亲、{'一两三'[children - 1]}个孩子（父亲早已去世）"
        )
        if shape == "grandchild":
            told += f"；{'其中一个' if children > 1 else '这个'}孩子先于他去世，留下两个未成年子女"
            ask, value = "这两个孙辈每人可得多少元", share / 2
            wrong = {
                "把孙辈各算一份": rules.money(estate / (heirs + 1)),
                "没有先分出妻子的一半": rules.money(joint / heirs / 2),
            }
            level = (5, "先析产，再均分，再代位")
        elif shape == "spouse":
            ask, value = "妻子一共（析产与继承合计）可得多少元", estate + share
            wrong = {
                "只算继承份额": share,
                "只算析产": estate,
                "没有析产直接均分": rules.money(joint / heirs),
            }
            level = (3, "析产与继承相加")
        else:
            ask, value = "母亲可得多少元", share
            wrong = {
                "没有析产直接均分": rules.money(joint / heirs),
                "父母不算继承人": Decimal(0),
                "漏算一名继承人": rules.money(estate / (heirs - 1)),
            }
            level = (3, "先析产再均分")
        prompt = f"{told}。均等分配的话，{ask}？{_last('estate_share', s)}"
        steps = f"妻子先分得一半，遗产为{plain(estate)}元，{heirs}份均分，每份{plain(share)}元，故为{plain(value)}元。"
        return sum_item(prompt, rules.money(value), steps, (CIVIL, "1153 1130 1128 1127"), wrong, level)

    return with_twin(make, seed)
