"use strict";
// The grading page. Every key writes at once; what the server has not confirmed waits in localStorage and is
// sent again until it is. Nothing here knows which model an answer comes from.
(() => {
  const token = new URLSearchParams(location.search).get("token") || "";
  const $ = (id) => document.getElementById(id);
  const words = {
    zh: {
      where: (n, all) => `第 ${n} / ${all} 行`, done: (d, all, m) => `已评 ${d}，还剩 ${all - d}${m ? `，约 ${m} 分钟` : ""}`,
      saved: "已保存", saving: "保存中…", off: (n) => `未连接，暂存 ${n} 条，会自动补交`, refused: "没有保存：",
      met: "满足", not: "不满足", faultMet: "有这个缺点", faultNot: "没有这个缺点", NA: "不适用", U: "拿不准",
      A: "A 更好", B: "B 更好", T: "一样", answer: "回答", prompt: "题目", fold: "收起 P", unfold: "展开 P",
      fault: "缺点", evidence: "依据（选中回答里的字，按 E）", evidenceMust: "依据（判为满足时必填：选中回答里的字，按 E）", note: "备注（M）",
      need: "这一条需要依据：在回答里选中六个字以上，按 E。确实摘不出来，就再按一次同一个键，会照存并做标记。",
      undone: "已撤销", nothing: "没有可撤销的", all: "全部评完了，谢谢。可以关上这一页，也可以回头再看。", better: "哪一个回答更好？",
      noSelection: "请先在回答里选中文字", gone: "这一行不在你的表里", code: "这一条不能这样判", stopped: "打不开：请从命令行重新打开这一页",
      help: [["1  0", "满足、不满足（分级的评分项：级数）"], ["N", "不适用"], ["U", "拿不准"], ["A  B  T", "成对比较：A 更好、B 更好、一样"],
        ["E", "把选中的文字记为依据"], ["M", "写备注（Esc 回来）"], ["Enter", "下一条没评的"], ["J  K", "下一条、上一条"],
        ["Z", "撤销上一步"], ["P", "展开或收起题目"], [".", "判完自动前进：开、关"], ["+  −", "字大、字小"], ["?", "这张表"]],
      next: "下一条 Enter", take: "取作依据 E", back: "撤销 Z", took: (s) => `本行 ${s} 秒`, helpTitle: "键盘", auto: (on) => (on ? "判完自动前进：开" : "判完自动前进：关"), smaller: "字−", larger: "字＋",
    },
    en: {
      where: (n, all) => `Row ${n} of ${all}`, done: (d, all, m) => `${d} done, ${all - d} left${m ? `, about ${m} min` : ""}`,
      saved: "Saved", saving: "Saving…", off: (n) => `No connection; ${n} kept here, sent when it is back`, refused: "Not saved: ",
      met: "met", not: "not met", faultMet: "the fault is there", faultNot: "the fault is not there", NA: "does not apply", U: "cannot tell",
      A: "A is better", B: "B is better", T: "equal", answer: "Answer", prompt: "Prompt", fold: "Fold P", unfold: "Unfold P",
      fault: "fault", evidence: "Evidence (select words of the answer, press E)", evidenceMust: "Evidence (needed for met: select words of the answer, press E)", note: "Note (M)",
      need: "This needs evidence: select six characters or more in the answer and press E. If there is nothing to quote, press the same key again; it is kept and flagged.",
      undone: "Undone", nothing: "Nothing to undo", all: "All rows are done, thank you. You may close this page or look again.", better: "Which answer is better?",
      noSelection: "Select words in the answer first", gone: "This row is not on your sheet", code: "Not allowed here", stopped: "Cannot open: start the page again from the command line",
      help: [["1  0", "met, not met (graded criteria: the level)"], ["N", "does not apply"], ["U", "cannot tell"], ["A  B  T", "pairs: A is better, B is better, equal"],
        ["E", "take the selected words as evidence"], ["M", "write a note (Esc to come back)"], ["Enter", "next open row"], ["J  K", "next, previous"],
        ["Z", "undo"], ["P", "fold or unfold the prompt"], [".", "go on after a verdict: on, off"], ["+  −", "larger, smaller type"], ["?", "this table"]],
      next: "Next Enter", take: "Take as evidence E", back: "Undo Z", took: (s) => `${s} s on this row`, helpTitle: "Keys", auto: (on) => (on ? "Going on by itself: on" : "Going on by itself: off"), smaller: "A−", larger: "A+",
    },
  };
  let t = words.zh, data = null, at = 0, revision = 0, pending = null, started = 0, spent = 0, lastRow = "";
  let sending = false, offline = false;
  let queue = [];
  const store = {
    get: (key, other) => { try { return JSON.parse(localStorage.getItem(key)) ?? other; } catch { return other; } },
    set: (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* a full store: the queue stays in memory */ } },
  };
  const name = (what) => `zhprobe ${data.batch} ${data.annotator} ${what}`;

  async function call(path, body) {
    const options = { headers: { "X-Token": token }, cache: "no-store" };
    if (body !== undefined) {
      options.method = "POST";
      options.headers["Content-Type"] = "application/json";
      options.body = JSON.stringify(body);
    }
    const response = await fetch(path, options);
    let value = {};
    try { value = await response.json(); } catch { /* an answer without JSON is told by its status */ }
    return { ok: response.ok, status: response.status, value };
  }

  // --- drawing -----------------------------------------------------------------------------------
  const make = (tag, text, more = {}) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    for (const [key, value] of Object.entries(more)) key in node ? (node[key] = value) : node.setAttribute(key, value);
    return node;
  };
  const row = () => data.rows[at];
  const kind = (v) => (v === undefined ? "vo" : v === "1" || v === "A" || v === "B" ? "v1" : v === "0" ? "v0" : /^\d$/.test(v) ? "v1" : "vx");
  const rowsOf = (answer) => data.rows.map((r, n) => [r, n]).filter(([r]) => r.answer === answer);
  const blockOf = (answer) => {  // answers shown one after another to the same prompt are one block
    const prompt = data.answers[answer].prompt;
    let a = answer, b = answer;
    while (a > 0 && data.answers[a - 1].prompt === prompt) a--;
    while (b + 1 < data.answers.length && data.answers[b + 1].prompt === prompt) b++;
    return [a, b];
  };

  function fillText(node, text, spans) {
    let from = 0;
    for (const [a, b] of [...spans].sort((x, y) => x[0] - y[0])) {
      if (a < from) continue;
      node.append(document.createTextNode(text.slice(from, a)));
      node.append(make("mark", text.slice(a, b)));
      from = b;
    }
    node.append(document.createTextNode(text.slice(from)));
  }

  function meaning(code, r) {
    if (r.levels.length && /^\d$/.test(code)) return r.levels[Number(code)];
    if (code === "1") return r.fault ? t.faultMet : t.met;
    if (code === "0") return r.fault ? t.faultNot : t.not;
    return t[code];
  }
  const keyOf = (code) => (code === "NA" ? "N" : code);

  function draw({ keepFields = false } = {}) {
    const r = row(), answer = data.answers[r.answer], mark = r.mark || {};
    document.documentElement.lang = data.lang === "zh" ? "zh-CN" : "en";
    const total = data.rows.length, done = data.rows.filter((x) => x.mark).length;
    const times = data.rows.map((x) => x.mark && x.mark.sec).filter(Boolean).sort((x, y) => x - y);
    const median = times.length >= 5 ? times[times.length >> 1] : 0;
    $("where").textContent = t.where(at + 1, total);
    $("done").textContent = t.done(done, total, median ? Math.max(1, Math.round(((total - done) * median) / 60)) : 0);
    $("fill").style.width = `${(100 * done) / total}%`;
    $("track").setAttribute("aria-valuemax", total);
    $("track").setAttribute("aria-valuenow", done);
    $("finished").hidden = done < total;
    $("finished").textContent = t.all;
    $("main").className = data.pairwise ? "pair" : "";

    $("prompt").textContent = data.prompts[answer.prompt];
    const [a, b] = blockOf(r.answer);
    const nav = $("answers");
    nav.replaceChildren();
    nav.hidden = a === b || data.pairwise;
    for (let n = a; n <= b; n++) {
      const own = rowsOf(n);
      const button = make("button", `${t.answer} ${n - a + 1}`, { tabIndex: -1 });
      button.setAttribute("aria-current", n === r.answer);
      if (own.every(([x]) => x.mark)) button.className = "full";
      button.onclick = () => go(own[0][1]);
      nav.append(button);
    }
    const texts = $("texts");
    texts.replaceChildren();
    const sides = data.pairwise ? [["A", answer.text], ["B", answer.other]] : [["", answer.text]];
    for (const [side, text] of sides) {
      const box = make("article", undefined, { className: "answer" });
      if (side) box.append(make("h2", `${t.answer} ${side}`));
      if (side && mark.verdict === side) box.classList.add("best");
      fillText(box, text, (side === "B" ? mark.other : mark.spans) || []);
      texts.append(box);
    }
    const criterion = $("criterion");
    criterion.replaceChildren();
    const [head, ...rest] = (data.pairwise ? t.better : r.criterion).split("\n");
    if (r.fault) criterion.append(make("span", t.fault, { className: "fault" }));
    criterion.append(document.createTextNode(head));
    // levels stand on the buttons, and the word for a fault before the text
    const more = rest.filter((line) => !/^\d[：:]/.test(line) && !/^[（(](这是缺点|填 1 时|不填 0 时|a fault|1 needs|all but)/.test(line));
    if (more.length) criterion.append(make("span", more.join("\n"), { className: "more" }));
    const codes = $("codes");
    codes.replaceChildren();
    for (const code of r.codes) {
      const button = make("button", undefined, { tabIndex: -1 });
      button.append(make("kbd", keyOf(code)), make("span", meaning(code, r)));
      button.dataset.code = code;
      button.setAttribute("aria-pressed", mark.verdict === code);
      if (pending && pending.verdict === code) button.className = "wait";
      button.onclick = () => decide(code);
      codes.append(button);
    }
    $("need").hidden = !pending;
    $("need").textContent = t.need;
    $("evidence-label").textContent = r.evidence === "required" ? t.evidenceMust : t.evidence;
    $("note-label").textContent = t.note;
    if (!keepFields) {
      $("evidence").value = pending ? pending.evidence : mark.evidence || "";
      $("note").value = pending ? pending.note : mark.note || "";
    }
    const list = $("list");
    list.replaceChildren();
    list.hidden = data.pairwise;
    for (const [x, n] of rowsOf(r.answer)) {
      const button = make("button", undefined, { tabIndex: -1 });
      const v = x.mark ? x.mark.verdict : undefined;
      button.append(make("span", v ?? "·", { className: `v ${kind(v)}` }), make("span", x.criterion.split("\n")[0]));
      button.setAttribute("aria-current", n === at);
      button.onclick = () => go(n);
      const line = make("li");
      line.append(button);
      list.append(line);
    }
    clock();
    drawPrompt();
  }

  function drawPrompt() {
    const box = $("prompt-box"), long = data.prompts[data.answers[row().answer].prompt].length > (innerWidth < 992 ? 90 : 260);
    const open = store.get(name("open"), false);
    box.classList.toggle("folded", long && !open);
    $("prompt-toggle").hidden = !long;
    $("prompt-toggle").textContent = open ? t.fold : t.unfold;
  }

  function say(text, state = "") {
    $("saved").textContent = text;
    $("saved").className = state;
  }

  // --- moving ------------------------------------------------------------------------------------
  function go(n) {
    leave();
    at = Math.max(0, Math.min(data.rows.length - 1, n));
    pending = null;
    started = performance.now();
    spent = 0;
    const before = lastRow;
    lastRow = row().id;
    store.set(name("at"), row().id);
    draw();
    const sameAnswer = before && data.rows.find((x) => x.id === before)?.answer === row().answer;
    if (!sameAnswer) window.scrollTo({ top: 0 });
  }
  function nextOpen() {
    const all = data.rows.length;
    for (let step = 1; step <= all; step++) {
      const n = (at + step) % all;
      if (!data.rows[n].mark) return go(n);
    }
    return undefined;
  }
  const clock = () => { $("took").textContent = t.took(((row().mark || {}).sec || 0) + seconds()); };
  const pause = () => { if (started) { spent += performance.now() - started; started = 0; } };
  const seconds = () => Math.round((spent + (started ? performance.now() - started : 0)) / 1000);
  // words typed into a field of a graded row are kept when the row is left
  function leave() {
    if (!data || lastRow !== row().id) return;
    const r = row();
    if (r.mark && !pending && ($("evidence").value !== (r.mark.evidence || "") || $("note").value !== (r.mark.note || ""))) {
      put({ verdict: r.mark.verdict });
    }
  }

  // --- writing -----------------------------------------------------------------------------------
  function decide(code, extra = {}) {
    const r = row();
    if (!r.codes.includes(code)) return say(t.code, "off");
    let evidence = $("evidence").value;
    const positive = !["0", "NA", "U"].includes(code);
    if (r.evidence === "required" && positive && !evidence.trim()) {
      evidence = selected();
      $("evidence").value = evidence;
    }
    const again = pending && pending.verdict === code;
    if (r.evidence === "required" && positive && !evidence.trim() && !again) {
      pending = { verdict: code, evidence, note: $("note").value };
      return draw({ keepFields: true });
    }
    put({ verdict: code, without_evidence: Boolean(again), ...extra });
    if (store.get(name("auto"), false)) window.setTimeout(() => { if (row().id === r.id && !pending) nextOpen(); }, 180);
    return undefined;
  }
  function put({ verdict, without_evidence = false }) {
    const r = row();
    const one = { row_id: r.id, verdict, evidence: $("evidence").value, note: $("note").value,
      sec: Math.max(r.mark ? r.mark.sec || 0 : 0, 0) + Math.max(1, seconds()), without_evidence };
    spent = 0;
    started = performance.now();
    pending = null;
    // shown at once; the server's word replaces it
    r.mark = { verdict, evidence: one.evidence, note: one.note, sec: one.sec, spans: r.mark ? r.mark.spans : [], other: r.mark ? r.mark.other : [] };
    queue = queue.filter((x) => x.row_id !== one.row_id).concat([one]);
    store.set(name("queue"), queue);
    draw({ keepFields: true });
    say(t.saving, "busy");
    send();
  }
  async function send() {
    if (sending) return;
    sending = true;
    try {
      while (queue.length) {
        const one = queue[0];
        const { ok, status, value } = await call("api/mark", one);
        if (status >= 500) throw new Error("server");
        queue = queue.filter((x) => x !== one);
        store.set(name("queue"), queue);
        offline = false;
        if (ok) {
          take(value);
          say(t.saved);
        } else {
          await refused(one, value);
        }
      }
      if (offline) { offline = false; say(t.saved); }
    } catch {
      offline = true;
      say(t.off(queue.length), "off");
      window.setTimeout(send, 1500);
    } finally {
      sending = false;
    }
  }
  async function refused(one, value) {
    const n = data.rows.findIndex((x) => x.id === one.row_id);
    const reasons = { E08: t.need, E06: t.code, E04: t.gone };
    say(t.refused + (reasons[value.code] || value.words || value.code || ""), "off");
    const now = await call("api/changes?since=0");
    if (now.ok && n >= 0) {
      data.rows[n].mark = now.value.marks[one.row_id] || null;
      if (value.code === "E08" && row().id === one.row_id) pending = { verdict: one.verdict, evidence: one.evidence, note: one.note };
      draw({ keepFields: n === at });
    }
  }
  function take(value, quiet = false) {
    revision = Math.max(revision, value.revision || 0);
    let here = false;
    for (const [id, mark] of Object.entries(value.marks || {})) {
      if (queue.some((x) => x.row_id === id)) continue;
      const r = data.rows.find((x) => x.id === id);
      if (!r) continue;
      r.mark = mark;
      here = here || r.id === row().id;
    }
    const typing = ["TEXTAREA", "INPUT"].includes(document.activeElement?.tagName);
    if (Object.keys(value.marks || {}).length || !quiet) draw({ keepFields: !here || typing });
  }
  async function undo() {
    if (pending) { pending = null; return draw(); }
    if (queue.length) await send();
    try {
      const { ok, value } = await call("api/undo", {});
      if (!ok) return say(t.nothing, "busy");
      const n = data.rows.findIndex((x) => x.id === value.row);
      if (n >= 0) { data.rows[n].mark = value.marks[value.row]; at = n; lastRow = row().id; store.set(name("at"), row().id); }
      take(value);
      draw();
      return say(t.undone);
    } catch {
      return say(t.off(queue.length), "off");
    }
  }
  async function look() {
    if (!data || sending || queue.length) { if (queue.length) send(); return; }
    try {
      const { ok, value } = await call(`api/changes?since=${revision}`);
      if (ok) {
        if (value.revision < revision) revision = 0;
        take(value, true);
        if (offline) { offline = false; say(t.saved); }
      }
    } catch {
      offline = true;
      say(t.off(queue.length), "off");
    }
  }

  // --- keys --------------------------------------------------------------------------------------
  function selected() {
    const selection = window.getSelection();
    if (!selection || selection.isCollapsed || !$("texts").contains(selection.anchorNode)) return "";
    return selection.toString().trim();
  }
  function evidence() {
    const text = selected();
    if (!text) return say(t.noSelection, "busy");
    const box = $("evidence");
    box.value = box.value.trim() && !box.value.includes(text) && !text.includes(box.value.trim()) ? `${box.value.trim()}；${text}` : text;
    window.getSelection().removeAllRanges();
    if (pending) return put({ verdict: pending.verdict });
    if (row().mark) return put({ verdict: row().mark.verdict });
    return undefined;
  }
  function resize(step) {
    const size = Math.max(15, Math.min(34, store.get("zhprobe size", 20) + step));
    store.set("zhprobe size", size);
    document.documentElement.style.setProperty("--size", `${size}px`);
  }
  function help() {
    const box = $("help");
    if (box.open) return box.close();
    box.replaceChildren(make("h2", t.helpTitle));
    const table = make("table");
    for (const [keys, text] of t.help) {
      const line = table.insertRow(), cell = line.insertCell();
      keys.split(/\s+/).forEach((key) => cell.append(make("kbd", key), document.createTextNode(" ")));
      line.insertCell().textContent = text;
    }
    box.append(table);
    return box.showModal();
  }
  document.addEventListener("keydown", (event) => {
    if (!data || event.isComposing) return;
    const field = ["TEXTAREA", "INPUT"].includes(event.target.tagName);
    if (field) {
      if (event.key === "Escape") { event.target.blur(); event.preventDefault(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ($("help").open) { if (event.key === "?") { help(); event.preventDefault(); } return; }
    // an input method that is switched on takes the key even without a field; then the key cap tells
    const cap = event.keyCode === 229 ? event.code.replace(/^(Key|Digit|Numpad)/, "") : event.key.normalize("NFKC");
    const key = cap.length === 1 ? cap.toUpperCase() : cap;
    const codes = row().codes;
    const code = key === "N" ? "NA" : key;
    let known = true;
    if (codes.includes(code)) { if (!event.repeat) decide(code); }
    else if (key === "J" || key === "ArrowDown") go(at + 1);
    else if (key === "K" || key === "ArrowUp") go(at - 1);
    else if (key === "Enter") { if (!event.repeat) nextOpen(); }
    else if (key === "E") evidence();
    else if (key === "M") $("note").focus();
    else if (key === "Z") { if (!event.repeat) undo(); }
    else if (key === "P") { store.set(name("open"), !store.get(name("open"), false)); drawPrompt(); }
    else if (key === ".") { const on = !store.get(name("auto"), false); store.set(name("auto"), on); say(t.auto(on), "busy"); }
    else if (key === "+" || key === "=") resize(1);
    else if (key === "-" || key === "_") resize(-1);
    else if (key === "?" || key === "？") help();
    else if (/^[0-9A-Z]$/.test(key)) say(t.code, "busy");
    else known = false;
    if (known) event.preventDefault();
  });
  for (const id of ["evidence", "note"]) {
    $(id).addEventListener("change", () => {
      if (pending) { pending.evidence = $("evidence").value; pending.note = $("note").value;
        if (id === "evidence" && pending.evidence.trim()) put({ verdict: pending.verdict }); }
      else leave();
    });
  }
  $("smaller").onclick = () => resize(-1);
  $("larger").onclick = () => resize(1);
  $("helper").onclick = help;
  $("act-next").onclick = () => nextOpen();
  $("act-undo").onclick = () => undo();
  $("act-take").onmousedown = (event) => event.preventDefault();  // a click must not lose the selection
  $("act-take").onclick = () => evidence();
  $("prompt-toggle").onclick = () => { store.set(name("open"), !store.get(name("open"), false)); drawPrompt(); };
  document.addEventListener("visibilitychange", () => { if (document.hidden) pause(); else { started = performance.now(); look(); } });
  window.addEventListener("beforeunload", (event) => { leave(); if (queue.length) event.preventDefault(); });

  (async () => {
    resize(0);
    try {
      const { ok, value } = await call("api/rows");
      if (!ok) { say(t.stopped, "off"); return; }
      data = value;
      t = words[data.lang] || words.zh;
      revision = data.revision;
      document.title = `${data.batch} · ${data.annotator}`;
      $("smaller").textContent = t.smaller;
      $("larger").textContent = t.larger;
      $("act-next").textContent = t.next;
      $("act-take").textContent = t.take;
      $("act-undo").textContent = t.back;
      queue = store.get(name("queue"), []).filter((x) => data.rows.some((r) => r.id === x.row_id));
      for (const one of queue) {
        const r = data.rows.find((x) => x.id === one.row_id);
        r.mark = { verdict: one.verdict, evidence: one.evidence, note: one.note, sec: one.sec, spans: [], other: [] };
      }
      const last = data.rows.findIndex((r) => r.id === store.get(name("at"), ""));
      const open = data.rows.findIndex((r) => !r.mark);
      go(last >= 0 && !data.rows[last].mark ? last : Math.max(0, open));
      if (queue.length) send();
      window.setInterval(look, 4000);
      window.setInterval(clock, 1000);
    } catch {
      say(t.stopped, "off");
    }
  })();
})();
