// One backend: what every observer says and why, what each node has of it, and what may be done to it.
import { drain, maintain, ready, weigh } from "../actions.js";
import { ask, backendPath } from "../api.js";
import { chart } from "../chart.js";
import { el, keyed, mark, say, setMark } from "../dom.js";
import { eventList, followEvents } from "../event-list.js";
import { count, ms, percent, plural, rate, since, span, when } from "../format.js";
import { backendOf, conditionOf } from "../live.js";
import { countsLine, segments, troubleList } from "../parts.js";
import { perSecond } from "../series.js";

const every = 1000;

export function backend({ live, mayOperate }, pool, id) {
  const name = `${pool}/${id}`;
  const state = mark("off", "");
  const title = el("h1", { tabindex: -1 }, el("span", { class: "muted" }, `${pool}/`), id);
  const buttons = mayOperate ? Object.fromEntries([["drain", drain, "Drain…"], ["ready", ready, "Ready…"], ["maintenance", maintain, "Maintenance…"], ["weight", weigh, "Weight…"]]
    .map(([key, act, label]) => [key, el("button", { type: "button", class: "button", "data-kind": key === "maintenance" ? "danger" : null, disabled: true, onclick: () => act({ ...detail, pool }) }, label)])) : {};
  const troubles = troubleList();
  const facts = el("dl", { class: "facts" });
  const verdicts = el("tbody"), nodes = el("tbody"), failed = el("tbody");
  const failedBox = el("section", { class: "card", hidden: true }, el("h2", {}, "Last failures"), el("p", { class: "small muted" }, "Requests that failed here, ten a second of each node at most: by X-Request-Id they are found in the access log and at the application."), el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Last failures" }, el("table", {}, el("thead", {}, el("tr", {}, ["At", "Node", "Why", "Request id"].map(h => el("th", { scope: "col" }, h)))), failed)));
  const left = el("p", { class: "drain-count" }), leftWhy = el("p"), leftBar = el("progress", { max: 1, value: 0, "aria-label": "Share of what was there that has left" });
  const drainBox = el("section", { class: "card live", "data-tone": "drain", "aria-label": "Drain", hidden: true }, el("h2", {}, "Drain"), left, leftBar, leftWhy);
  const missing = el("p", { class: "empty", role: "status", hidden: true });
  const requests = chart("Requests and failures per second", [["requests", "accent", rate], ["failures", "bad", rate]], 180);
  const latencies = chart("Latency", [["p50", "ok", ms], ["p95", "warn", ms], ["p99", "bad", ms]], 180);
  const counts = countsLine();
  const list = eventList(30, e => e.pool === pool && (!e.backend || e.backend === id));
  const stop = followEvents("24h", event => list.add(event));
  let detail = null, range = "10m", mostLeft = 0, closed = false, absent = false;
  const allow = may => { for (const button of Object.values(buttons)) button.disabled = !may; };
  const isThere = now => now?.pools.find(p => p.name === pool)?.backends.some(r => r[0] === id) ?? false;

  const element = el("div", { class: "view" },
    el("div", { class: "view-head" }, el("div", {}, el("p", { class: "small" }, el("a", { href: "#/backends" }, "Backends")), el("div", { class: "title-line" }, title, state)), el("div", { class: "end", role: "group", "aria-label": "Actions" }, Object.values(buttons))),
    missing, troubles, drainBox,
    el("div", { class: "columns" },
      el("section", { class: "card live" }, el("h2", {}, "Now"), facts),
      el("section", { class: "card live" }, el("h2", {}, "What the observers say"), el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Verdicts" }, el("table", {}, el("thead", {}, el("tr", {}, ["Node", "Verdict", "Why", "At"].map(h => el("th", { scope: "col" }, h)))), verdicts)))),
    el("section", { class: "card live" }, el("h2", {}, "At each node"), el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "At each node" }, el("table", {}, el("thead", {}, el("tr", {}, ["Node", "Requests/s", "Failures", "p50", "p95", "p99", "Waiting", "Held", "Circuit"].map((h, i) => el("th", { scope: "col", class: i && i < 8 ? "number" : null }, h)))), nodes))),
    failedBox,
    el("div", { class: "columns" },
      el("section", { class: "card live" }, el("div", { class: "card-head" }, el("h2", {}, "Requests"), el("div", { class: "end" }, segments("Span", [["10m", "10 min"], ["1h", "1 h"]], range, key => { range = key; drawCharts(); }))), requests, counts),
      el("section", { class: "card live" }, el("h2", {}, "Latency"), latencies)),
    el("section", { class: "card" }, el("h2", {}, "What happened to it"), list.element));

  function showFacts(b, node, now, failed) {
    const said = [
      ["Address", b.address], ["State", `${b.state}, since ${when(b.since)} (${since(b.since, now)})`], ["Operator", b.operator + (b.drainDeadline ? `, until ${when(b.drainDeadline)}` : "")],
      ["New sessions", b.takesNewSessions ? "takes them" : "takes none"], ["Sessions", count(b.sessions) + (b.sessionsToMove ? `, and ${count(b.sessionsToMove)} that move as they come` : "")],
      ["Open", `${plural(b.inFlight, "request")}, of them ${plural(b.tunnels, "tunnel")}`], ["Weight", b.weight + (b.slowStart ? `, of it ${percent(b.slowStart)} in slow start` : "") + (b.overlay ? ` (an operator's: ${b.overlay})` : "") + (b.backup ? ", a backup" : "")],
      [`Queue at ${node}`, b.queue ? `${plural(b.queue.requests, "request")} wait${b.queue.since ? ` since ${span((new Date(now) - new Date(b.queue.since)) / 1000)}` : ""}; ${count(b.queue.refused)} found it full, ${count(b.queue.timedOut)} waited too long` : "–"],
      [`Circuit at ${node}`, b.circuit ? `open since ${when(b.circuit.since)}: ${b.circuit.why}${b.circuit.ejects ? "; it gets no new sessions" : ""}` : "closed"],
      [`At ${node}, since its start`, `${plural(b.requests, "request")}, ${plural(b.failures, "failure")}${b.failuresAnswered ? ` (${count(b.failuresAnswered)} of them answered 5xx)` : ""}${failed.length ? `; not answered as asked: ${failed.map(f => `${f.reason} ${count(f.count)}`).join(", ")}` : ""}`],
    ];
    keyed(facts, said, s => s[0], s => el("div", { class: "fact" }, el("dt", {}, s[0]), el("dd", {})), (node, s) => say(node.lastChild, s[1]));
  }

  function showDrain(d) {
    drainBox.hidden = !d;
    if (!d) { mostLeft = 0; return; }
    const remains = d.sessions + d.requests + d.tunnels;
    mostLeft = Math.max(mostLeft, remains, 1);
    say(left, d.canBeStopped ? "Nothing is left: its server can be stopped." : `${plural(d.sessions, "session")}, ${plural(d.requests, "request")}, ${plural(d.tunnels, "tunnel")} left`);
    leftBar.value = 1 - remains / mostLeft;
    const seconds = d.deadline ? (new Date(d.deadline) - new Date(live.now?.time ?? Date.now())) / 1000 : null;
    say(leftWhy, d.canBeStopped ? "" : [seconds === null ? "No deadline." : d.over ? "Its deadline has passed: the rest moves." : `What is left moves in ${span(seconds)}.`, d.moving ? `Sessions are moved${d.moving.rate ? `, ${d.moving.rate} a second` : " all at once"}.` : "", d.nobodyElse ? "No other backend takes new sessions: it cannot finish before one does." : "", d.unreachable.length ? `${d.unreachable.join(", ")} cannot be reached: what they have there is not known.` : ""].filter(Boolean).join(" "));
  }

  // A node that does not have it is asked again once it does.
  async function look() {
    if (absent) return;
    try {
      const got = await ask(backendPath(pool, id));
      if (closed) return;
      missing.hidden = true;
      detail = got.backend;
      showFacts(detail, got.node, got.time, got.failures);
      keyed(verdicts, detail.verdicts, v => v.node, v => el("tr", {}, el("th", { scope: "row" }, v.node), el("td", {}, mark("off", "")), el("td", { class: "wrap" }), el("td", { class: "mono" })), (row, v) => {
        setMark(row.children[1].firstChild, v.healthy ? "ok" : "bad", v.healthy ? "up" : "down");
        say(row.children[2], v.detail); say(row.children[3], when(v.at));
      });
      keyed(nodes, got.nodes.toSorted((a, b) => a.node < b.node ? -1 : 1), n => n.node, n => el("tr", {}, el("th", { scope: "row" }, n.node), ...Array.from({ length: 7 }, () => el("td", { class: "number" })), el("td", { class: "wrap" })), (row, n) => {
        const said = [rate(n.recentRequests / 10), n.recentRequests ? percent(Math.min(1, n.recentFailures / n.recentRequests)) : count(n.recentFailures), ms(n.p50), ms(n.p95), ms(n.p99), n.waiting, n.held, n.circuit ? `open since ${when(n.circuitSince)}: ${n.circuit}${n.ejects ? ", ejected" : ""}` : "closed"];
        said.forEach((text, i) => say(row.children[i + 1], text));
      });
      failedBox.hidden = got.lastFailures.length === 0;
      keyed(failed, got.lastFailures, f => `${f.node} ${f.at} ${f.requestId}`, f => el("tr", {}, el("td", { class: "mono" }, when(f.at)), el("td", {}, f.node), el("td", {}, f.reason ? f.reason + (f.status ? ` (${f.status})` : "") : `answered ${f.status}`), el("td", { class: "mono wrap" }, f.requestId)));
      showDrain(got.drain);
      allow(true);
      if (buttons.drain) {
        buttons.ready.hidden = detail.operator === "ready";
        buttons.drain.hidden = detail.operator === "maintenance";
        buttons.maintenance.hidden = detail.operator === "maintenance";
      }
    } catch (error) {
      if (closed) return;
      if (error.status === 404) { detail = null; allow(false); absent = !isThere(live.now); say(missing, `There is no backend ${name} any more.`); missing.hidden = false; }
    }
  }

  async function drawCharts() {
    if (absent) return;
    try {
      const got = await ask(`api/v1/figures?pool=${encodeURIComponent(pool)}&backend=${encodeURIComponent(id)}&last=${range}`);
      if (closed) return;
      const from = new Date(got.from) / 1000, step = got.stepSeconds, times = got.requests.map((_, i) => from + i * step), holes = values => values.map(v => v ?? NaN);
      requests.draw([times, got.requests.map(n => perSecond(n, step)), got.failures.map(n => perSecond(n, step))]);
      counts.show(got.begins ?? []);
      latencies.draw([times, holes(got.p50), holes(got.p95), holes(got.p99)]);
    } catch { /* What was drawn stays; the frame says that it is stale. */ }
  }

  const timers = [setInterval(() => { if (!document.hidden) look(); }, every), setInterval(() => { if (!document.hidden) drawCharts(); }, 2000)];
  look();
  drawCharts();
  return {
    element, title: name,
    close() { closed = true; stop(); timers.forEach(clearInterval); requests.close(); latencies.close(); },
    update(now) {
      if (absent && isThere(now)) { absent = false; look(); drawCharts(); }
      const row = now.pools.find(p => p.name === pool)?.backends.find(r => r[0] === id);
      if (row) setMark(state, ...conditionOf(backendOf(pool, row)));
      troubles.show(now.troubles.filter(t => t.pool === pool && t.backend === id), now.time);
    },
  };
}
