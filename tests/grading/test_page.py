"""The grading page, driven by a real browser (human-grading contract, section 11)."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zhprobe.grading.batch import Answer, Batch
from zhprobe.grading.ledger import GradeEvent, Mark, Supersede, Void
from zhprobe.grading.page import Desk, Put, Refused, last_change, page_token
from zhprobe.records import Criterion

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
CHROMIUM = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome", "chrome") if (p := shutil.which(n))), None
)
DRIVER = shutil.which("chromedriver")
browser_needed = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no Chromium with chromedriver on this machine"
)

CRITERIA = (
    Criterion("limit", "指出诉讼时效为三年", evidence="required"),
    Criterion("depth", "说明起算点", kind="human", levels=("没有说明", "说了一半", "说明了")),
    Criterion("fault", "编造了不存在的法条", points=-2, kind="human", na_allowed=True),
)
TEXT = (
    "根据《民法典》第一百八十八条，向人民法院请求保护民事权利的诉讼时效期间为三年。<b>𠮷</b>自知道之日起算。"
)


@pytest.fixture
def batch(tmp_path, make_batch):
    answers = [
        Answer(f"secretmodel/x{n}", f"第{n // 2}问：诉讼时效多久？", f"回答{n}：{TEXT}", CRITERIA)
        for n in range(4)
    ]
    return make_batch(tmp_path / "demo-b1", answers)


# --- without a browser -----------------------------------------------------------------------------


def test_undo_walks_back_step_by_step_and_over_a_restart(batch):
    desk = Desk(batch.folder, "a01")
    rows = [row.row_id for row in desk.rows]
    desk.put(Put(rows[1], "1"))
    desk.put(Put(rows[1], "2"))
    desk.put(Put(rows[2], "0"))
    assert desk.undo()["row"] == rows[2]
    again = Desk(batch.folder, "a01")
    assert again.undo()["marks"][rows[1]]["verdict"] == "1"
    assert again.undo()["marks"] == {rows[1]: None}
    with pytest.raises(Refused, match="nothing"):
        again.undo()
    assert not Batch(batch.folder).ledger.state.marks
    again.put(Put(rows[1], "0"))
    assert last_change(again.state.history, again.by_id).mark.verdict == "0"


def test_a_grade_that_a_sheet_brought_is_not_undone_on_the_page(batch):
    row = batch.ledger.state.rows_of("a01")[1].row_id
    batch.ledger.append(GradeEvent(row, Mark("1"), "0123456789ab", "t"))
    with pytest.raises(Refused, match="nothing"):
        Desk(batch.folder, "a01").undo()


def test_the_page_takes_only_what_a_sheet_would(batch):
    desk = Desk(batch.folder, "a01")
    first, graded, fault = (row.row_id for row in desk.rows[:3])
    for given, code in [
        (Put("R0ZRK9ZBTP", "1"), "E04"),
        (Put(graded, "NA"), "E06"),
        (Put(first, "1"), "E08"),
        (Put(first, "1", evidence="不在回答里的一句话"), "E08"),
    ]:
        with pytest.raises(Refused) as refused:
            desk.put(given)
        assert refused.value.code == code
    mark = desk.put(Put(first, "1", evidence="诉讼时效期间为三年"))["marks"][first]
    (start, end), text = mark["spans"][0], desk.rows[0].answer
    assert text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le") == "诉讼时效期间为三年"
    desk.put(Put(fault, "NA"))
    desk.put(Put(first, "1", without_evidence=True))
    assert desk.state.marks[first].flags == ("no_evidence",)
    assert desk.put(Put(first))["marks"] == {first: None}


def test_the_same_grade_again_appends_nothing(batch):
    desk = Desk(batch.folder, "a01")
    row = desk.rows[1].row_id
    desk.put(Put(row, "1", sec=3))
    before = (batch.folder / "grades.jsonl").read_bytes()
    desk.put(Put(row, "1", sec=9))
    assert (batch.folder / "grades.jsonl").read_bytes() == before


def test_what_the_page_is_sent_names_no_model_and_no_sample(batch):
    sent = json.dumps(Desk(batch.folder, "a01").everything(), ensure_ascii=False)
    assert "secretmodel" not in sent and "gold" not in sent and "random" not in sent and "points" not in sent


def test_the_token_is_kept_and_only_its_owner_reads_it(batch):
    token = page_token(batch.folder, "a01")
    assert page_token(batch.folder, "a01") == token and page_token(batch.folder, "a02") != token
    assert (batch.folder / ".page-a01.token").stat().st_mode & 0o077 == 0


# --- the server ------------------------------------------------------------------------------------


class Page:
    """The page served by the real command."""

    def __init__(self, folder, *more):
        self.folder, self.more = folder, more
        self.start()

    def start(self):
        command = [
            sys.executable,
            "-m",
            "zhprobe",
            "grade",
            str(self.folder),
            "--page",
            "--annotator",
            "a01",
            "--no-browser",
        ]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
        self.process = subprocess.Popen(
            [*command, *self.more], stdout=subprocess.PIPE, text=True, env=environment
        )
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:")
        self.port = int(self.address.split(":")[2].split("/")[0])
        self.token = self.address.split("token=")[1]
        deadline = time.monotonic() + 60  # a busy machine is slow to start a process
        while time.monotonic() < deadline:
            try:
                self.ask("/page.css")
                return
            except OSError:
                time.sleep(0.05)
        self.kill()
        raise AssertionError("the page does not answer")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)
        self.process.stdout.close()

    def ask(self, path, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = {key.replace("_", "-"): value for key, value in headers.items()}
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return response.status, response.read(), dict(response.getheaders())
        finally:
            connection.close()


@pytest.fixture
def page(batch):
    served = Page(batch.folder)
    yield served
    if served.process.poll() is None:
        served.kill()


@pytest.mark.slow
def test_nobody_gets_in_without_token_or_from_elsewhere(page):
    good = {"X_Token": page.token}
    put = json.dumps({"row_id": "R0ZRK9ZBTP", "verdict": "1"})
    kind = {"Content_Type": "application/json"}
    assert page.ask("/api/rows", **good)[0] == 200
    refused = [
        page.ask("/"),
        page.ask("/?token=wrong"),
        page.ask("/api/rows"),
        page.ask("/api/rows", X_Token="wrong"),
        page.ask(f"/api/rows?token={page.token}"),
        page.ask("/api/rows", Host=f"evil.example:{page.port}", **good),
        page.ask("/page.js", Host="evil.example"),
        page.ask("/api/rows", Origin="http://evil.example", **good),
        page.ask("/api/rows", Origin="null", **good),
        page.ask("/api/rows", Sec_Fetch_Site="cross-site", **good),
        page.ask("/api/mark", "POST", put, Origin="http://evil.example", **good, **kind),
        page.ask("/api/undo", "POST", "{}", **kind),
    ]
    assert [status for status, _, _ in refused] == [403] * len(refused)
    assert page.ask("/api/mark", "POST", put, Content_Type="text/plain", **good)[0] == 415
    assert page.ask("/api/mark", "POST", "x" * 300_000, **good, **kind)[0] == 413
    assert page.ask("/api/mark", "POST", "{", **good, **kind)[0] == 400
    assert not Batch(page.folder).ledger.state.marks
    status, _, headers = page.ask(f"/?token={page.token}")
    lower = {key.lower(): value for key, value in headers.items()}
    assert status == 200 and "default-src 'none'" in lower["content-security-policy"]
    assert lower["cache-control"] == "no-store" and lower["referrer-policy"] == "no-referrer"


@pytest.mark.slow
def test_the_page_listens_on_the_loopback_only(page):
    import socket

    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in addresses - {"127.0.0.1"}:
        with socket.socket() as tried:
            tried.settimeout(2)
            if address.startswith("127."):
                continue
            assert tried.connect_ex((address, page.port)) != 0


# --- the browser -----------------------------------------------------------------------------------


@pytest.fixture
def browser():
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1440,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.set_script_timeout(20)
    yield driver
    driver.quit()


def until(claim, seconds=60.0):
    """Whether the claim comes true in time; an element that the page draws anew meanwhile is looked for again."""
    from selenium.common.exceptions import StaleElementReferenceException

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(StaleElementReferenceException):
            if claim():
                return True
        time.sleep(0.05)
    return False


def press(driver, *keys):
    from selenium.webdriver import ActionChains

    for key in keys:
        ActionChains(driver).send_keys(key).perform()


def shown(driver, place):
    return driver.find_element("id", place).text


def open_page(driver, page):
    driver.get(page.address)
    assert until(lambda: "12" in shown(driver, "where"))


def select(driver, words):
    """Select words in the shown answer as a reader does."""
    driver.execute_script(
        """
        const node = document.querySelector(".answer").lastChild, at = node.textContent.indexOf(arguments[0]);
        const range = document.createRange();
        range.setStart(node, at); range.setEnd(node, at + arguments[0].length);
        getSelection().removeAllRanges(); getSelection().addRange(range);
        """,
        words,
    )


def marks(page):
    state = Batch(page.folder).ledger.state
    return [state.marks[i.row_id].verdict if i.row_id in state.marks else "" for i in state.rows_of("a01")]


def saved(driver, page, wanted):
    return until(lambda: marks(page)[: len(wanted)] == wanted and shown(driver, "saved") == "已保存")


@browser_needed
@pytest.mark.slow
def test_a_block_is_graded_by_keyboard(page, browser):
    from selenium.webdriver.common.keys import Keys

    open_page(browser, page)
    assert "指出诉讼时效为三年" in shown(browser, "criterion")
    select(browser, "诉讼时效期间为三年")
    press(browser, "1")  # the selected words become the evidence
    assert saved(browser, page, ["1"])
    assert until(lambda: browser.find_element("css selector", "mark").text == "诉讼时效期间为三年")
    press(browser, Keys.ENTER, "2")
    assert saved(browser, page, ["1", "2"])
    press(browser, "j", "n")
    assert saved(browser, page, ["1", "2", "NA"])
    press(browser, Keys.ENTER)
    assert "第 4 / 12 行" in shown(browser, "where")
    press(browser, "1")  # evidence is needed: nothing is written yet
    assert until(lambda: browser.find_element("id", "need").is_displayed())
    time.sleep(0.3)
    assert marks(page)[3] == ""
    select(browser, "诉讼时效期间为三年")
    press(browser, "e")
    assert saved(browser, page, ["1", "2", "NA", "1"])
    press(browser, Keys.ENTER, "u", Keys.ENTER, "0")
    assert saved(browser, page, ["1", "2", "NA", "1", "U", "0"])
    state = Batch(page.folder).ledger.state
    first = state.marks[state.rows_of("a01")[0].row_id]
    assert first.evidence == "诉讼时效期间为三年" and first.sec >= 1
    # shown as text, not as markup
    assert until(lambda: "<b>" in browser.find_element("css selector", ".answer").text)
    assert not [e for e in browser.get_log("browser") if e["level"] == "SEVERE"]


@browser_needed
@pytest.mark.slow
def test_a_reload_keeps_everything_and_goes_on_at_the_open_row(page, browser):
    open_page(browser, page)
    press(browser, "0", "j", "1", "j", "0")
    assert saved(browser, page, ["0", "1", "0"])
    browser.refresh()
    assert until(lambda: "第 4 / 12 行" in shown(browser, "where"))
    press(browser, "k")
    assert until(lambda: browser.find_element("css selector", '[aria-pressed="true"] kbd').text == "0")
    press(browser, "z")
    assert until(lambda: marks(page)[:3] == ["0", "1", ""])
    press(browser, "z", "z")
    assert until(lambda: marks(page)[:3] == ["", "", ""])
    press(browser, "z")
    assert until(lambda: shown(browser, "saved") == "没有可撤销的")


@browser_needed
@pytest.mark.slow
def test_a_killed_server_loses_nothing(page, browser):
    open_page(browser, page)
    press(browser, "0")
    assert saved(browser, page, ["0"])
    page.kill()
    press(browser, "j", "1", "j", "1")
    assert until(lambda: "暂存 2 条" in shown(browser, "saved"))
    assert marks(page)[:3] == ["0", "", ""]
    page.start()
    assert saved(browser, page, ["0", "1", "1"])


@browser_needed
@pytest.mark.slow
def test_what_waited_survives_a_reload_while_the_server_is_down(page, browser):
    open_page(browser, page)
    page.kill()
    press(browser, "0")
    assert until(lambda: "暂存 1 条" in shown(browser, "saved"))
    page.start()
    browser.execute_script("window.onbeforeunload = null")
    browser.get(page.address)
    assert until(lambda: marks(page)[:1] == ["0"])


@browser_needed
@pytest.mark.slow
def test_two_tabs_see_each_others_grades(page, browser):
    open_page(browser, page)
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    open_page(browser, page)
    press(browser, "0", "j", "1")
    assert saved(browser, page, ["0", "1"])
    browser.switch_to.window(first)
    assert until(lambda: "已评 2" in shown(browser, "done"))
    press(browser, "u")
    assert until(lambda: marks(page)[:2] == ["U", "1"])
    history = Batch(page.folder).ledger.state.history
    assert [type(e) for e in history] == [GradeEvent, GradeEvent, Supersede]
    press(browser, "z")
    assert until(lambda: marks(page)[:2] == ["0", "1"])


@browser_needed
@pytest.mark.slow
def test_keys_are_off_in_a_field_and_while_an_input_method_composes(page, browser):
    from selenium.webdriver.common.keys import Keys

    open_page(browser, page)
    press(browser, "0", "m", "10uz 备注", Keys.ESCAPE)
    assert until(lambda: marks(page)[0] == "0" and _note(page) == "10uz 备注")
    browser.execute_script(
        "document.dispatchEvent(new KeyboardEvent('keydown', {key: '1', isComposing: true, bubbles: true}))"
    )
    time.sleep(0.3)
    assert marks(page) == ["0"] + [""] * 11


def _note(page):
    state = Batch(page.folder).ledger.state
    mark = state.marks.get(state.rows_of("a01")[0].row_id)
    return mark.note if mark else ""


@browser_needed
@pytest.mark.slow
def test_the_page_asks_for_nothing_outside_and_fits_a_narrow_window(page, browser):
    browser.set_window_size(420, 860)
    open_page(browser, page)
    hosts = browser.execute_script(
        "return performance.getEntriesByType('resource').map(e => new URL(e.name).host)"
    )
    assert set(hosts) == {f"127.0.0.1:{page.port}"}
    wide, inner = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= inner
    top = browser.execute_script(
        "const r = document.getElementById('criterion').getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight"
    )
    assert top


@browser_needed
@pytest.mark.slow
def test_pairs_stand_side_by_side(tmp_path, make_run, law_items, browser):
    from zhprobe.grading.assignment import start_batch
    from zhprobe.grading.batch import Annotator

    items = law_items(3)
    runs = [
        make_run(tmp_path / n, n, items, lambda item, _, n=n: f"{n}的回答，很长。" * 20) for n in ("甲", "乙")
    ]
    start_batch(runs, tmp_path / "pairs", [Annotator("a01")], kind="pairwise")
    served = Page(tmp_path / "pairs")
    try:
        browser.get(served.address)
        assert until(lambda: "第 1 / 3 行" in shown(browser, "where"))

        def side_by_side():
            left, right = (a.location for a in browser.find_elements("css selector", ".answer"))
            return left["y"] == right["y"] and left["x"] < right["x"]

        assert until(side_by_side)
        press(browser, "b")
        assert until(lambda: marks(served)[0] == "B")
        answers = "css selector", ".answer"
        assert until(lambda: "best" in browser.find_elements(*answers)[1].get_attribute("class"))
    finally:
        served.kill()


def test_a_void_by_undo_is_told_from_one_by_an_organiser(batch):
    desk = Desk(batch.folder, "a01")
    row = desk.rows[1].row_id
    desk.put(Put(row, "1"))
    batch.ledger.append(Void("误交", "organiser", "t", row_id=row))
    desk.put(Put(row, "0"))
    assert desk.undo()["marks"] == {row: None}
