// Pools, or routes, in rows: what happens now, and the last hour as a line. Bounded: each row has an hour of its own.
import { el, keyed, mark, say, set, setMark } from "./dom.js";
import { ms, percent, rate } from "./format.js";
import { highest, Series, sparkPath } from "./series.js";

const rowsMax = 24;

/** @param what "Pool" or "Route"; @param queryOf What figures are asked for of one. */
export function figuresTable(what, queryOf) {
  const body = el("tbody"), more = el("p", { class: "muted small", hidden: true });
  const head = [what, "State", "Requests/s", "Failures", "p50", "p95", "p99", "Last hour"];
  const element = el("div", {}, el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${what}s` }, el("table", {}, el("thead", {}, el("tr", {}, head.map((h, i) => el("th", { scope: "col", class: i > 1 && i < 7 ? "number" : null }, h)))), body)), more);
  return {
    element,
    /** @param items { key, name, href, tone, word, figures } */
    show(items, moment) {
      keyed(body, items.slice(0, rowsMax), i => i.key, i => {
        const requests = el("path", { class: "spark-line" }), failures = el("path", { class: "spark-bad" });
        const row = el("tr", {}, el("th", { scope: "row" }, i.href ? el("a", { href: i.href }) : el("span")), el("td", {}, mark("off", "")), ...Array.from({ length: 5 }, () => el("td", { class: "number" })),
          el("td", { class: "spark-cell" }, el("svg", { class: "row-spark", viewBox: "0 0 160 26", preserveAspectRatio: "none", "aria-hidden": "true" }, requests, failures)));
        row.series = new Series(queryOf(i));
        row.series.load();
        row.lines = [requests, failures];
        return row;
      }, (row, i) => {
        const f = i.figures, c = row.children;
        say(c[0].firstChild, i.name);
        setMark(c[1].firstChild, i.tone, i.word);
        [rate(f.recentRequests / 10), f.recentRequests ? percent(Math.min(1, f.recentFailures / f.recentRequests)) : "–", ms(f.p50), ms(f.p95), ms(f.p99)].forEach((text, n) => say(c[n + 2], text));
        set(c[3], "data-bad", f.recentFailures > 0);
        row.series.hear(moment, f);
        if (row.drawn !== row.series.version) {
          row.drawn = row.series.version;
          const top = Math.max(1, highest(row.series.requests));
          row.lines[0].setAttribute("d", sparkPath(row.series.requests, 160, 26, top));
          row.lines[1].setAttribute("d", highest(row.series.failures) ? sparkPath(row.series.failures, 160, 26, top) : "");
        }
      });
      more.hidden = items.length <= rowsMax;
      say(more, `${items.length - rowsMax} more are not shown here.`);
    },
  };
}
