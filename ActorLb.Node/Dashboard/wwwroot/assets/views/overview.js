// At a glance: is anything wrong, since when, why, what was done; and how much goes where.
import { chart } from "../chart.js";
import { el, mark, say, setMark } from "../dom.js";
import { eventList, followEvents } from "../event-list.js";
import { count, ms, percent, rate, since } from "../format.js";
import { figuresTable } from "../figures-table.js";
import { flow, toneOf, worse } from "../flow.js";
import { countsLine, tile, troubleList } from "../parts.js";
import { highest, Series } from "../series.js";
import { partitionPicture } from "../partitions.js";

const eventsShown = 8;

export function overview({ live }) {
  const title = el("h1", { tabindex: -1 }, "Overview");
  const sub = el("p", { class: "muted" });
  const state = mark("off", "");
  const summary = el("section", { class: "summary card", "aria-label": "State of the cluster" }, el("div", { class: "summary-head" }, state, title), sub);
  const troubles = troubleList();
  const meant = troubleList();
  const meantBox = el("details", { class: "meant" }, el("summary", {}), meant);
  const tiles = { requests: tile("Requests/s"), failures: tile("Failures"), latency: tile("Latency p99"), open: tile("Open requests"), sessions: tile("Sessions"), clients: tile("Connections") };
  const series = new Series("");
  series.load();
  const open = new Float64Array(360).fill(NaN), bound = new Float64Array(360).fill(NaN), clients = new Float64Array(360).fill(NaN);
  const picture = flow();
  const requests = chart("Requests and failures per second, last hour", [["requests", "accent", rate], ["failures", "bad", rate]]);
  const latencies = chart("Latency, last hour", [["p50", "ok", ms], ["p95", "warn", ms], ["p99", "bad", ms]]);
  const counts = countsLine();
  const nodes = partitionPicture();
  const pools = figuresTable("Pool", p => `pool=${encodeURIComponent(p.name)}`), routes = figuresTable("Route", r => `route=${encodeURIComponent(r.key)}`);
  const list = eventList(eventsShown);
  const stop = followEvents("1h", event => list.add(event));
  let drawn = -1, gaugeSlot = 0;

  const element = el("div", { class: "view" }, summary, troubles, meantBox,
    el("section", { class: "tiles", "aria-label": "Figures" }, Object.values(tiles)),
    el("section", { class: "card live", "aria-labelledby": "flow-title" }, el("div", { class: "card-head" }, el("h2", { id: "flow-title" }, "Where requests go"), el("span", { class: "muted small" }, "Widths are requests per second over ten seconds, colours are health.")), picture),
    el("section", { class: "card live" }, el("h2", {}, "Pools"), pools.element),
    el("section", { class: "card live" }, el("h2", {}, "Routes"), routes.element),
    el("div", { class: "columns" }, el("section", { class: "card live" }, el("h2", {}, "Requests"), requests, counts), el("section", { class: "card live" }, el("h2", {}, "Latency"), latencies)),
    el("div", { class: "columns" },
      el("section", { class: "card live" }, el("div", { class: "card-head" }, el("h2", {}, "Nodes, and who hears whom"), el("a", { class: "end small", href: "#/cluster" }, "All of them")), nodes),
      el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, "What happened"), el("a", { class: "end small", href: "#/events" }, "All events")), list.element)));

  return {
    element, title: "Overview",
    close() { stop(); requests.close(); latencies.close(); picture.close(); },
    update(now) {
      const wrong = now.troubles.filter(t => t.severity !== "info");
      const info = now.troubles.filter(t => t.severity === "info");
      const errors = wrong.filter(t => t.severity === "error").length;
      say(title, errors ? `${errors} ${errors === 1 ? "thing is" : "things are"} wrong` : wrong.length ? `${wrong.length} ${wrong.length === 1 ? "thing" : "things"} to look at` : "All is well");
      setMark(state, errors ? "bad" : wrong.length ? "warn" : "ok", "");
      const backends = now.pools.flatMap(p => p.backends);
      say(sub, `${now.nodes.filter(n => n.reachable).length} of ${now.nodes.length + now.lost.length} nodes, ${backends.filter(b => b[1] === "up").length} of ${backends.length} backends up` + (wrong.length ? `; ${errors ? "wrong" : "to look at"} for ${since(wrong.filter(t => !errors || t.severity === "error").map(t => t.since).sort()[0], now.time)}` : ""));
      troubles.show(wrong, now.time);
      meant.show(info, now.time);
      meantBox.hidden = !info.length;
      say(meantBox.firstChild, `${info.length} ${info.length === 1 ? "thing that is" : "things that are"} meant to be so: drains and maintenance`);

      series.hear(now.time, now.all);
      const inFlight = backends.reduce((n, b) => n + b[10], 0), tunnels = backends.reduce((n, b) => n + b[11], 0);
      const connected = now.nodes.reduce((n, x) => n + (x.clients ?? 0), 0);
      const slot = Math.floor(new Date(now.time) / 10000);
      for (const [values, value] of [[open, inFlight], [bound, now.sessions], [clients, connected]]) {
        if (gaugeSlot && slot > gaugeSlot) values.copyWithin(0, 1);
        values[359] = value;
      }
      gaugeSlot = slot;
      const a = now.all, share = a.recentRequests ? a.recentFailures / a.recentRequests : 0;
      tiles.requests.show(rate(a.recentRequests / 10), `now ${count(a.requests)}`, "ok");
      tiles.failures.show(percent(share), `${rate(a.recentFailures / 10)} a second`, share >= 0.05 ? "bad" : share > 0 ? "warn" : "ok");
      tiles.latency.show(ms(a.p99), `p50 ${ms(a.p50)}, p95 ${ms(a.p95)}`, "ok");
      tiles.open.show(count(inFlight), tunnels ? `${count(tunnels)} tunnels` : "no tunnels", "ok");
      tiles.sessions.show(count(now.sessions), "in use or idle", "ok");
      tiles.clients.show(count(connected), "of clients", "ok");
      picture.show(now);
      nodes.show(now);
      pools.show(now.pools.map(p => {
        const up = p.backends.filter(b => b[1] === "up").length, takes = p.backends.some(b => b[3]);
        return { key: p.name, name: p.name, href: `#/backends?q=${encodeURIComponent(p.name)}`, tone: !takes && p.backends.length ? "bad" : worse(up < p.backends.length ? "warn" : "ok", toneOf(p)), word: `${up} of ${p.backends.length} up${up === p.backends.length && p.recentFailures ? ", failing" : ""}`, figures: p };
      }), now.time);
      routes.show(now.routes.map(r => ({ key: r.key, name: `${r.host} ${r.path}`, tone: toneOf(r), word: `${r.answers ? "answers itself" : `to ${r.pools.join(", ")}`}${r.recentFailures ? ", failing" : ""}`, figures: r })), now.time);
      if (drawn !== series.version) {
        drawn = series.version;
        tiles.requests.draw(series.requests, highest(series.requests));
        tiles.failures.draw(series.failures, Math.max(1, highest(series.failures)));
        tiles.latency.draw(series.p99, highest(series.p99));
        tiles.open.draw(open, highest(open)); tiles.sessions.draw(bound, highest(bound)); tiles.clients.draw(clients, highest(clients));
        counts.show(series.begins.filter(b => new Date(b.at) / 1000 > series.times[0]));
        requests.draw([series.times, series.requests, series.failures]);
        latencies.draw([series.times, series.p50, series.p95, series.p99]);
      }
    },
  };
}
