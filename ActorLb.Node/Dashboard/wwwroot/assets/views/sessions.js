// How many sessions there are, which moved and why, and one by its cookie.
import { confirm, toast } from "../actions.js";
import { ask } from "../api.js";
import { el, keyed, mark, say } from "../dom.js";
import { count, date, plural } from "../format.js";
import { countsLine, heading } from "../parts.js";

const every = 3000, rowsMax = 100;
const reasons = [["down", "backend down", "bad"], ["unreachable", "node cannot reach it", "warn"], ["drained", "drained", "drain"], ["maintenance", "maintenance", "off"], ["removed", "removed", "muted"], ["operator", "by an operator", "accent"]];
// Bars of half a minute each: what happened is asked for in slots of ten seconds.
const slots = 360, perBar = 3, bars = slots / perBar;

/** Of what was counted; null where nobody has counted yet. */
const sum = counts => counts.reduce((n, c) => c === null ? n : (n ?? 0) + c, null);
const known = n => n === null || n === undefined ? "–" : count(n);

export function sessions({ mayOperate }) {
  const rows = el("tbody"), sums = el("p", { class: "muted" });
  const picture = el("svg", { class: "moves", viewBox: "0 0 600 120", preserveAspectRatio: "none", role: "img", "aria-label": "Sessions that moved in the last hour, by cause" });
  const found = el("div", { class: "found", role: "status" });
  let closed = false;

  const cookie = el("input", { id: "cookie", autocomplete: "off", spellcheck: "false", required: true, placeholder: "ALB=… or an id of 32 digits" });
  const form = el("form", { class: "search", onsubmit: event => { event.preventDefault(); look(cookie.value.trim()); } },
    el("div", { class: "field" }, el("label", { for: "cookie" }, "What its client presents: cookie, value, or the session's id"), cookie), el("button", { class: "button", "data-kind": "main" }, "Look it up"));

  // What opens a session is sent in a header, and stands in no address.
  const request = text => /^[0-9a-f]{32}$/i.test(text) ? [`api/v1/sessions/${text}`, {}] : ["api/v1/sessions/cookie", { "Session-Cookie": text }];

  async function look(text) {
    const [path, more] = request(text);
    try { show(text, await ask(path, { more })); }
    catch (error) { found.replaceChildren(el("p", { class: "problem" }, error.message)); }
  }

  function show(text, s) {
    const [path, more] = request(text);
    const said = [["Pool", s.pool], ["Id", el("code", {}, s.id)], ["State", mark(s.state === "bound" ? "ok" : "off", s.state)],
      ["Lives at", s.backend ? el("a", { href: `#/backend/${encodeURIComponent(s.pool)}/${encodeURIComponent(s.backend)}` }, `${s.backend} (${s.address})`) : "nowhere: it moves when its client comes"],
      ["Moves so far", String(Math.max(0, s.version - 1))], ["There since", s.livesThereSince ? date(s.livesThereSince) : "not known"], ["Last used", s.lastUsed ? date(s.lastUsed) : "not known"], ["In force everywhere", s.inForce ? "yes" : "no"]];
    found.replaceChildren(el("dl", { class: "facts" }, said.map(([k, v]) => el("div", { class: "fact" }, el("dt", {}, k), el("dd", {}, v)))),
      el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, ["Node", "Knows", "Backend", "Replicated"].map(h => el("th", { scope: "col" }, h)))), el("tbody", {}, s.nodes.map(n => el("tr", {}, el("th", { scope: "row" }, n.node), el("td", {}, n.knows), el("td", {}, n.backend ?? "–"), el("td", {}, n.replicated ? "yes" : "not yet")))))),
      mayOperate && s.state === "bound" ? el("div", { class: "end-actions" },
        el("button", { type: "button", class: "button", onclick: () => move(s, path, more, text) }, "Move it…"),
        el("button", { type: "button", class: "button", "data-kind": "danger", onclick: () => confirm({ title: "End this session?", text: "All nodes forget it: its client begins anew with its next request. This cannot be undone.", confirm: "End it", danger: true, act: async () => { await ask(path, { method: "DELETE", more }); toast("The session was ended."); await look(text); } }) }, "End it…")) : null);
  }

  function move(s, path, more, text) {
    const to = el("input", { id: "f-to", placeholder: "the pool chooses", autocomplete: "off" });
    return confirm({ title: "Move this session?", text: `It lives at ${s.backend ?? "no backend"}.`, fields: [el("div", { class: "field" }, el("label", { for: "f-to" }, "To which backend (empty: the pool chooses)"), to)], confirm: "Move it",
      act: async () => {
        const moved = await ask(`${path}/move`, { method: "POST", more, body: { ...(to.value.trim() ? { to: to.value.trim() } : {}), ...(s.backend ? { from: s.backend } : {}) } });
        toast(`The session lives at ${moved.backend}.`, s.backend ? { label: "Undo", action: async () => { await ask(`${path}/move`, { method: "POST", more, body: { to: s.backend } }); await look(text); } } : {});
        await look(text);
      } });
  }

  async function gather() {
    if (document.hidden) return;
    try {
      const got = await ask("api/v1/sessions");
      if (closed) return;
      const backends = got.pools.flatMap(p => p.backends.map(b => ({ ...b, pool: p.name })));
      const total = key => backends.reduce((n, b) => n + (b.lastMinute?.[key] ?? 0), 0);
      say(sums, `${count(got.pools.reduce((n, p) => n + p.sessions, 0))} sessions. In the last minute ${count(total("began"))} began, ${count(total("adopted"))} came back for the first time, ${count(total("expired"))} expired, ${count(total("ended"))} were ended.${got.notCounted.length ? ` Not counted: ${got.notCounted.join(", ")}.` : ""}`);
      keyed(rows, backends.filter(b => b.id || b.lastMinute?.moved?.all).sort((a, b) => (b.lastMinute?.moved?.all ?? 0) - (a.lastMinute?.moved?.all ?? 0) || b.sessions - a.sessions || (a.id < b.id ? -1 : 1)).slice(0, rowsMax), b => `${b.pool}/${b.id}`, b => el("tr", {}, el("th", { scope: "row" }, b.id ? el("a", { href: `#/backend/${encodeURIComponent(b.pool)}/${encodeURIComponent(b.id)}` }, `${b.pool}/${b.id}`) : `${b.pool}, gone`), ...Array.from({ length: 11 }, () => el("td", { class: "number" }))), (row, b) => {
        const m = b.lastMinute ?? { moved: {} };
        [b.sessions, b.sessionsToMove, m.began, m.adopted, ...reasons.map(r => m.moved?.[r[0]]), m.expired].forEach((n, i) => say(row.children[i + 1], known(n)));
      });
    } catch { /* The frame says that it is stale. */ }
  }

  async function drawMoves() {
    if (document.hidden) return;
    try {
      const got = await Promise.all(reasons.map(r => ask(`api/v1/figures?session=moved-${r[0]}&last=1h`)));
      if (closed) return;
      const moved = got.map(g => Array.from({ length: bars }, (_, i) => sum(g.requests.slice(i * perBar, (i + 1) * perBar))));
      const most = Math.max(1, ...Array.from({ length: bars }, (_, i) => sum(moved.map(m => m[i])) ?? 0)), w = 600 / bars, base = new Array(bars).fill(120);
      keyed(picture, reasons.map((r, i) => [r, i]), ([r]) => r[0], ([r]) => el("path", { "data-line": r[2], fill: "currentColor" }), (path, [, i]) => {
        let d = "";
        moved[i].forEach((n, x) => { const h = n / most * 112; if (h > 0) { base[x] -= h; d += `M${(x * w).toFixed(1)} ${base[x].toFixed(1)}h${(w - 0.8).toFixed(1)}v${h.toFixed(1)}h-${(w - 0.8).toFixed(1)}z`; } });
        path.setAttribute("d", d);
      });
      const totals = moved.map(sum);
      reasons.forEach((r, i) => say(legend.children[i].lastChild, known(totals[i])));
      say(peak, totals.some(Boolean) ? `The highest bar is ${plural(most, "session")} in half a minute.` : totals.every(t => t === null) ? "Nobody has counted yet." : "None moved.");
      counts.show(got[0].begins ?? []);
    } catch { /* The frame says that it is stale. */ }
  }

  const legend = el("p", { class: "chart-legend" }, reasons.map(([, word, tone]) => el("span", { class: "legend", "data-line": tone }, el("i", { "aria-hidden": "true" }), el("span", {}, word), el("b", {}, "–"))));
  const peak = el("p", { class: "muted small" }), counts = countsLine();
  const timers = [setInterval(gather, every), setInterval(drawMoves, 10_000)];
  gather();
  drawMoves();
  return {
    element: el("div", { class: "view" }, heading("Sessions"), sums,
      el("section", { class: "card" }, el("h2", {}, "One session"), form, found),
      el("section", { class: "card live" }, el("h2", {}, "Moved in the last hour, by cause"), peak, picture, legend, counts),
      el("section", { class: "card live" }, el("h2", {}, "By backend, last minute"), el("p", { class: "muted small" }, "Down to Operator: sessions that left, by cause. Those of which most is to be said, a hundred at most."), el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Sessions by backend" }, el("table", {}, el("thead", {}, el("tr", {}, ["Backend", "Live there", "To move", "Began", "Adopted", "Down", "Not reached", "Drained", "Maintenance", "Removed", "Operator", "Expired"].map((h, i) => el("th", { scope: "col", class: i ? "number" : null }, h)))), rows)))),
    title: "Sessions",
    close() { closed = true; timers.forEach(clearInterval); },
    update() {},
  };
}
