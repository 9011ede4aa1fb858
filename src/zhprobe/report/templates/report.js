"use strict";
(() => {
  const read = (id) => { const e = document.getElementById("data-" + id); return e ? JSON.parse(e.textContent) : null; };
  const index = read("index"), words = read("words");
  let store = read("items");
  const $ = (id) => document.getElementById(id);
  const make = (tag, cls, text) => {
    const e = document.createElement(tag);
    if (cls) e.className = cls;
    if (text !== undefined && text !== null) e.textContent = text;
    return e;
  };
  window.addEventListener("beforeprint", () => document.querySelectorAll("#differences details").forEach((d) => { d.open = true; }));
  if (!index || !$("list")) return;
  const STEP = 100;
  let shown = [], limit = STEP, now = -1, comparing = false;

  const mark = (m) => { const box = make("span", "who"); const s = $("mark-" + m); if (s) box.append(s.content.cloneNode(true)); return box; };
  const score = (v) => (v === null || v === undefined ? "—" : v.toFixed(2).replace("-", "−"));

  function matches(item, q) {
    if (q.row && item.row !== q.row) return false;
    if (q.flag && !item.flags.includes(q.flag)) return false;
    if (q.a !== "" && q.b !== "") {
      const x = item.scores[q.a], y = item.scores[q.b];
      if (x === null || y === null || !(x > y)) return false;
    }
    return !q.text || item.key.toLowerCase().includes(q.text) || item.says.toLowerCase().includes(q.text);
  }
  function query() {
    const val = (id) => ($(id) ? $(id).value : "");
    const pair = val("f-pair").split(">");
    return { row: val("f-row"), flag: val("f-flag"), a: pair.length > 1 ? +pair[0] : "", b: pair.length > 1 ? +pair[1] : "", text: val("f-text").trim().toLowerCase(), sort: val("f-sort") };
  }
  function refresh() {
    const q = query();
    shown = [];
    for (let i = 0; i < index.length; i += 1) if (matches(index[i], q)) shown.push(i);
    if (q.sort === "spread") {
      const gap = (i) => (q.a !== "" ? index[i].scores[q.a] - index[i].scores[q.b] : index[i].spread);
      shown.sort((i, j) => gap(j) - gap(i) || i - j);
    }
    if (q.sort === "low") {
      const least = (i) => Math.min(...index[i].scores.filter((s) => s !== null), 2);
      shown.sort((i, j) => least(i) - least(j) || i - j);
    }
    limit = STEP;
    list();
  }
  function list() {
    const body = $("list");
    body.replaceChildren();
    for (const i of shown.slice(0, limit)) {
      const item = index[i], row = make("tr", "pick" + (i === now ? " now" : ""));
      row.dataset.i = i;
      const head = make("th"); head.scope = "row";
      const link = make("a", "mono", item.key);
      link.href = item.page ? item.page + "#" + encodeURIComponent(item.key) : "#" + encodeURIComponent(item.key);
      head.append(link);
      if (item.says) head.append(make("div", "small", item.says));
      row.append(head);
      for (const s of item.scores) row.append(make("td", "n", score(s)));
      const tags = make("td");
      for (const f of item.flags) tags.append(make("span", "tag", words.flags[f] || f));
      row.append(tags);
      body.append(row);
    }
    $("found").textContent = words.found.replace("{}", shown.length);
    $("more").hidden = shown.length <= limit;
  }
  const step = (by) => {
    if (!shown.length) return;
    const at = shown.indexOf(now);
    const to = shown[Math.min(Math.max((at < 0 ? (by > 0 ? -1 : 1) : at) + by, 0), shown.length - 1)];
    if (to !== undefined) open(to, true);
  };

  function pieces(parts, criteria) {
    const box = make("div", "text");
    for (const [text, on] of parts) {
      if (!on.length) { box.append(text); continue; }
      const m = make("mark", "", text);
      m.title = on.map((c) => (criteria[c] ? criteria[c].text : "")).join(" / ");
      box.append(m);
    }
    return box;
  }
  const cut = (answer) => {
    const chars = Array.from(answer.text.map((p) => p[0]).join(""));
    if (!answer.words) return chars;
    const out = [];
    let at = 0;
    for (const d of answer.words) { out.push(chars.slice(at, at + +d).join("")); at += +d; }
    if (at < chars.length) out.push(chars.slice(at).join(""));
    return out;
  };
  // Longest common subsequence of words; answers of more than 3,000 words are compared without it.
  function differing(a, b) {
    if (a.length > 3000 || b.length > 3000) return null;
    let start = 0, enda = a.length, endb = b.length;
    while (start < enda && start < endb && a[start] === b[start]) start += 1;
    while (enda > start && endb > start && a[enda - 1] === b[endb - 1]) { enda -= 1; endb -= 1; }
    const n = enda - start, m = endb - start, w = m + 1;
    const t = new Uint16Array((n + 1) * w);
    for (let i = n - 1; i >= 0; i -= 1) for (let j = m - 1; j >= 0; j -= 1)
      t[i * w + j] = a[start + i] === b[start + j] ? t[(i + 1) * w + j + 1] + 1 : Math.max(t[(i + 1) * w + j], t[i * w + j + 1]);
    const same = new Uint8Array(a.length).fill(1, 0, start);
    same.fill(1, enda);
    let i = 0, j = 0;
    while (i < n && j < m) {
      if (a[start + i] === b[start + j]) { same[start + i] = 1; i += 1; j += 1; }
      else if (t[(i + 1) * w + j] >= t[i * w + j + 1]) i += 1; else j += 1;
    }
    return same;
  }
  function compared(answer, other, tag) {
    const a = cut(answer), same = other ? differing(a, cut(other)) : null;
    const box = make("div", "text");
    if (!same) { box.textContent = a.join(""); return box; }
    let run = "", was = 1;
    const flush = () => { if (run) box.append(was ? run : make(tag, "", run)); run = ""; };
    a.forEach((w, k) => { if (same[k] !== was) { flush(); was = same[k]; } run += w; });
    flush();
    return box;
  }
  const SIGN = { met: "✓", not_met: "✗", na: "○", unsure: "?" };
  function verdicts(answer, criteria) {
    const ul = make("ul", "verdicts");
    for (const v of answer.verdicts) {
      const c = criteria[v.c], li = make("li");
      const fault = c.points < 0;
      const good = v.o === "met" ? !fault : v.o === "not_met" ? fault : null;
      const sign = make("span", "sign " + (good === null ? v.o : good ? "met" : "not_met"), v.o === "met" || v.o === "not_met" ? (good ? "✓" : "✗") : SIGN[v.o]);
      sign.setAttribute("aria-hidden", "true");
      const says = fault ? words.fault[v.o] : words.outcome[v.o];
      li.append(sign, make("strong", "", c.text), " ", make("span", "small", "(" + (c.points > 0 ? "+" : "−") + Math.abs(c.points) + ") "), says);
      if (v.level !== undefined) li.append(" · " + words.level.replace("{}", v.level) + (c.levels[v.level] ? "：" + c.levels[v.level] : ""));
      if (v.share) li.append(" · " + v.share[0] + " / " + v.share[1]);
      if (v.lenient) li.append(" · " + words.lenient + words.outcome[v.lenient]);
      if (v.why) li.append(make("div", "", v.why));
      if (v.evidence) li.append(make("div", "quote", words.evidence + v.evidence));
      li.append(make("div", "small mono", v.by + (v.codes ? " · " + v.codes.join(" ") : "")));
      if (v.drawn) { const d = make("div", "drawn"); d.innerHTML = v.drawn; li.append(d); }
      ul.append(li);
    }
    const said = new Set(answer.verdicts.map((v) => v.c));
    criteria.forEach((c, k) => { if (!said.has(k) && !answer.error) ul.append(make("li", "small", "… " + c.text + "：" + words.open)); });
    return ul;
  }
  function card(answer, page) {
    const box = make("section", "answer"), head = make("h4");
    head.append(mark(answer.m), words.models[answer.m]);
    const several = page.answers.some((a) => a.m === answer.m && a.s !== answer.s);
    if (several) head.append(make("span", "small", "#" + (answer.s + 1)));
    const part = answer.why === "open" && answer.part !== null && answer.part !== undefined;
    head.append(make("span", "tag", part ? words.part + " " + score(answer.part) : words.score + " " + score(answer.score)));
    for (const f of answer.flags) head.append(make("span", "tag alert", words.flags[f] || f));
    box.append(head);
    if (answer.error) { box.append(make("p", "warn", words.failed + answer.error)); return box; }
    const notes = [];
    if (answer.gate) { const g = page.criteria.find((c) => c.id === answer.gate); notes.push(words.gate.replace("{}", g ? g.text : answer.gate).replace("{v}", score(answer.ungated))); }
    if (answer.clipped) notes.push(words.clipped.replace("{}", score(answer.raw)));
    if (answer.why) notes.push(words.why[answer.why] || answer.why);
    if (answer.low !== answer.high && answer.low !== undefined) notes.push((answer.why === "open" ? words.ends : words.bounds).replace("{a}", score(answer.low)).replace("{b}", score(answer.high)));
    for (const n of notes) box.append(make("p", "note", n));
    if (answer.reasoning) { const d = make("details"); d.append(make("summary", "", words.reasoning), make("div", "text", answer.reasoning)); box.append(d); }
    for (const t of answer.transcript || []) { box.append(make("div", "small", t.role)); box.append(make("div", "text", t.text)); }
    const first = page.answers.find((a) => a.s === answer.s && a.m !== answer.m && !a.error);
    const text = answer.text.map((p) => p[0]).join("");
    if (comparing && first) box.append(compared(answer, first, answer.m < first.m ? "del" : "ins"));
    else if (text) box.append(pieces(answer.text, page.criteria));
    else if (!answer.calls && !answer.transcript) box.append(make("p", "note", words.empty));
    for (const c of answer.calls || []) box.append(make("div", "text mono", c));
    if (answer.cut) box.append(make("p", "note", words.cut.replace("{}", answer.cut)));
    box.append(verdicts(answer, page.criteria));
    return box;
  }
  function open(i, move) {
    const item = index[i];
    if (item.page) { location.href = item.page + "#" + encodeURIComponent(item.key); return; }
    const page = store && store[item.key];
    if (!page) return;
    now = i;
    history.replaceState(null, "", "#" + encodeURIComponent(item.key));
    document.querySelectorAll("#list tr").forEach((r) => r.classList.toggle("now", +r.dataset.i === i));
    const box = $("item-body");
    box.replaceChildren();
    $("item-name").textContent = item.key;
    $("item").hidden = false;
    box.append(make("h3", "", words.prompt));
    for (const m of page.prompt) { if (page.prompt.length > 1) box.append(make("div", "small", m.role)); box.append(make("div", "text", m.text)); }
    for (const t of page.turns) box.append(make("div", "text", t));
    if (page.tools.length) box.append(make("p", "note", words.tools + page.tools.join("、")));
    if (page.reference) { const d = make("details"); d.append(make("summary", "", words.reference), make("div", "text", page.reference)); box.append(d); }
    if (page.difficulty) box.append(make("p", "note", words.difficulty.replace("{}", page.difficulty) + (page.why ? "：" + page.why : "")));
    box.append(make("h3", "", words.answers));
    const grid = make("div", "answers");
    for (const a of page.answers) grid.append(card(a, page));
    box.append(grid);
    $("compare").hidden = words.models.length < 2;
    $("compare").setAttribute("aria-pressed", String(comparing));
    if (move) { $("item").scrollIntoView({ block: "start" }); $("item").focus({ preventScroll: true }); }
  }
  function fromHash() {
    const key = decodeURIComponent(location.hash.slice(1));
    const i = index.findIndex((item) => item.key === key);
    if (i >= 0) open(i, true);
  }
  for (const id of ["f-row", "f-flag", "f-pair", "f-sort"]) if ($(id)) $(id).addEventListener("change", refresh);
  $("f-text").addEventListener("input", refresh);
  $("more").addEventListener("click", () => { limit += STEP; list(); });
  $("list").addEventListener("click", (e) => {
    const row = e.target.closest("tr");
    if (!row) return;
    e.preventDefault();
    open(+row.dataset.i, true);
  });
  // Every row and criterion leads to its items, and from there to the words.
  document.addEventListener("click", (e) => {
    const link = e.target.closest("[data-row], [data-find]");
    if (!link) return;
    for (const id of ["f-row", "f-flag", "f-pair", "f-text"]) if ($(id)) $(id).value = "";
    if (link.dataset.row !== undefined) $("f-row").value = link.dataset.row;
    if (link.dataset.find) $("f-text").value = link.dataset.find;
    refresh();
  });
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  $("compare").addEventListener("click", () => { comparing = !comparing; if (now >= 0) open(now, false); });
  document.addEventListener("keydown", (e) => {
    if (e.altKey || e.ctrlKey || e.metaKey || e.isComposing || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName) || now < 0) return;
    if (e.key === "ArrowLeft") { e.preventDefault(); step(-1); }
    if (e.key === "ArrowRight") { e.preventDefault(); step(1); }
    if (e.key === "d") { comparing = !comparing; open(now, false); }
  });
  window.addEventListener("hashchange", fromHash);
  refresh();
  fromHash();
})();
