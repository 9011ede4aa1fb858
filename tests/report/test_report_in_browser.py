"""The page in a real browser: opens, filters, and nothing an answer holds can do anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zhprobe.report.render import write_report

from .conftest import make_probes, make_run
from .test_report import HOSTILE

pytestmark = pytest.mark.slow
CHROMIUM = next(
    (p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None
)
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run --window-size=1280,900"
).split()


@pytest.fixture
def browser() -> Iterator[Any]:
    """A headless browser; the test is skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver")
    if not CHROMIUM or not DRIVER:
        pytest.skip("no Chromium with its driver here")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def faults(browser: Any) -> list[str]:
    """What the browser complained of: errors of scripts and breaches of the content policy."""
    return [
        entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
    ]


def requests(browser: Any) -> list[str]:
    """Addresses the page asked for."""
    import json

    found = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.append(message["params"]["request"]["url"])
    return found


@pytest.fixture
def hostile_page(tmp_path: Path) -> Path:
    """A comparison whose every answer is an attack, also inside reasons and evidence."""
    probes = make_probes({"poetry": 44}, judge=False)
    runs = [
        make_run(tmp_path / m, probes, p, model=f"api/{m}", seed=i, text=lambda n: HOSTILE[n % len(HOSTILE)])
        for i, (m, p) in enumerate([("jia", 0.9), ("yi", 0.3)])
    ]
    write_report(runs, tmp_path / "report.html")
    return tmp_path / "report.html"


def test_hostile_answers_do_nothing_and_are_shown(browser, hostile_page):
    browser.get(hostile_page.as_uri())
    heads = [e.text for e in browser.find_elements("css selector", "h1, h2, .lead")]
    for step in range(22):
        if step == 0:
            browser.execute_script("document.querySelector('#list tr').click()")
        else:
            browser.execute_script("document.getElementById('next').click()")
        browser.execute_script("document.getElementById('compare').click()")
    assert browser.execute_script("return window.pwned") is None
    assert browser.find_elements("css selector", "img, iframe, .text script, .text h1") == []
    assert [e.text for e in browser.find_elements("css selector", "h1, h2, .lead")] == heads
    width, seen = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert width <= seen
    assert faults(browser) == []
    assert all(url.startswith("file:") for url in requests(browser))


def test_markup_in_an_answer_is_read_as_text(browser, hostile_page):
    browser.get(hostile_page.as_uri())
    told = set()
    browser.execute_script("document.querySelector('#list tr').click()")
    for _ in range(44):
        told.update(e.text for e in browser.find_elements("css selector", ".answer .text"))
        browser.execute_script("document.getElementById('next').click()")
    assert any("<script>window.pwned=1</script>" in text for text in told)
    assert any("⟨U+202E⟩" in text for text in told)


def test_keys_move_between_items_and_every_score_leads_to_its_words(browser, hostile_page):
    from selenium.webdriver.common.keys import Keys

    browser.get(hostile_page.as_uri())
    browser.find_element("css selector", "#list a").send_keys(Keys.ENTER)
    first = browser.find_element("id", "item-name").text
    body = browser.find_element("tag name", "body")
    body.send_keys(Keys.ARROW_RIGHT)
    second = browser.find_element("id", "item-name").text
    assert first != second
    body.send_keys(Keys.ARROW_LEFT)
    assert browser.find_element("id", "item-name").text == first
    assert len(browser.find_elements("css selector", ".answer")) == 2
    assert browser.find_elements("css selector", "ul.verdicts li")
    assert browser.current_url.endswith(first.replace("/", "%2F"))


def test_a_row_of_the_table_leads_to_its_items(browser, tmp_path):
    probes = make_probes({"poetry": 20, "legal": 20}, judge=False)
    runs = [make_run(tmp_path / m, probes, 0.6, model=m, seed=i) for i, m in enumerate("ab")]
    write_report(runs, tmp_path / "report.html")
    browser.get((tmp_path / "report.html").as_uri())
    browser.execute_script("document.querySelector('#scores a[data-row=poetry]').click()")
    keys = [e.text for e in browser.find_elements("css selector", "#list a")]
    assert len(keys) == 20 and all(key.startswith("poetry/") for key in keys)


def test_differing_words_are_marked_in_both_answers(browser, tmp_path):
    probes = make_probes({"poetry": 20}, judge=False)
    texts = {
        "a": "诉讼时效期间为三年，自权利人知道之日起算。",
        "b": "诉讼时效期间为两年，自权利人知道之日起算。",
    }
    runs = [make_run(tmp_path / m, probes, 0.6, model=m, text=lambda _, m=m: texts[m]) for m in texts]
    write_report(runs, tmp_path / "report.html")
    browser.get((tmp_path / "report.html").as_uri())
    browser.execute_script("document.querySelector('#list tr').click()")
    browser.execute_script("document.getElementById('compare').click()")
    assert [e.text for e in browser.find_elements("css selector", ".text del")] == ["三年"]
    assert [e.text for e in browser.find_elements("css selector", ".text ins")] == ["两年"]


def test_a_large_comparison_opens_and_filters(browser, tmp_path):
    names = ["poetry", "legal", "shanghainese", "structured", "instructions"]
    probes = make_probes(dict.fromkeys(names, 200))
    runs = [
        make_run(tmp_path / m, probes, 0.8 - 0.1 * i, model=m, samples=3, seed=i, people=0.6)
        for i, m in enumerate("abcd")
    ]
    write_report(runs, tmp_path / "report.html")
    browser.get((tmp_path / "report.html").as_uri())
    assert browser.find_element("id", "found").text == "1000 题"
    browser.execute_script(
        "const s = document.getElementById('f-pair'); s.value = '0>1'; s.dispatchEvent(new Event('change'));"
    )
    found = browser.find_element("id", "found").text
    assert found != "1000 题" and found.endswith("题")
    browser.execute_script("document.querySelector('#list tr').click()")
    assert "report.items/" in browser.current_url
    assert browser.find_elements("css selector", ".answer")
    assert faults(browser) == []


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_never_scrolls_sideways(browser, tmp_path, width, lang):
    probes = make_probes({"poetry": 40, "shanghainese": 40})
    runs = [
        make_run(
            tmp_path / f"{i}",
            probes,
            0.9 - 0.2 * i,
            model=f"provider/a-model-with-a-long-name-{i}",
            seed=i,
            people=0.5,
        )
        for i in range(3)
    ]
    write_report(runs, tmp_path / "report.html", lang=lang)
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    browser.get((tmp_path / "report.html").as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    browser.execute_script("document.querySelector('#list tr').click()")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_a_screen_reader_finds_headings_labels_and_texts_of_charts(browser, hostile_page):
    browser.get(hostile_page.as_uri())
    levels = [e.tag_name for e in browser.find_elements("css selector", "h1, h2, h3, h4") if e.is_displayed()]
    assert levels[0] == "h1" and levels.count("h1") == 1
    for chart in browser.find_elements("css selector", "svg.chart[role=img]"):
        assert chart.get_attribute("aria-label")
    for field in browser.find_elements("css selector", ".filters select, .filters input"):
        assert field.find_element("xpath", "./ancestor::label").text
    for cell in browser.find_elements("css selector", "thead th"):
        assert cell.get_attribute("scope") == "col"
