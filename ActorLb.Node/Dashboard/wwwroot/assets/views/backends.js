// All backends in rows of one height: only those in sight are in the page, however many there are.
import { el, mark, px, say, set, setMark } from "../dom.js";
import { count, ms, percent, plural, rate } from "../format.js";
import { backendOf, conditionOf } from "../live.js";
import { heading, segments } from "../parts.js";

const ranks = { bad: 0, warn: 1, drain: 2, off: 3, ok: 4 };
const byName = (a, b) => a.pool === b.pool ? a.id < b.id ? -1 : 1 : a.pool < b.pool ? -1 : 1;
const sorts = {
  state: (a, b) => ranks[conditionOf(a)[0]] - ranks[conditionOf(b)[0]] || byName(a, b), name: byName,
  rate: (a, b) => b.rate - a.rate, failures: (a, b) => b.failures - a.failures, p99: (a, b) => (b.p99 ?? -1) - (a.p99 ?? -1), sessions: (a, b) => b.sessions - a.sessions, open: (a, b) => b.inFlight - a.inFlight,
};
const columns = [["State", "state"], ["Backend", "name"], ["Requests/s", "rate"], ["Failures", "failures"], ["p50"], ["p99", "p99"], ["Open", "open"], ["Sessions", "sessions"], ["Weight"], ["Why"]];

export function backends(context, query) {
  let sort = "state", only = "all", all = [], shownRows = [], sought = query.get("q") ?? "";
  const search = el("input", { type: "search", "aria-label": "Search backends", placeholder: "Search: pool, id or reason", value: sought, oninput: () => { sought = search.value.toLowerCase(); change(); } });
  const filter = segments("Which", [["all", "All"], ["look", "Not well"], ["drain", "Draining or off"]], only, key => { only = key; change(); });
  const counted = el("p", { class: "muted small", role: "status" });
  const head = el("div", { class: "rows-head", role: "row", "aria-rowindex": 1 }, columns.map(([name, key]) => el("div", { role: "columnheader", "aria-sort": key === sort ? "descending" : null, "data-sort": key ?? null },
    key ? el("button", { type: "button", onclick: () => { sort = key; change(); } }, name) : name)));
  const space = el("div", { class: "rows-space", role: "presentation" });
  const box = el("div", { class: "rows", tabindex: 0, role: "rowgroup", "aria-label": "Rows of backends; they scroll", onscroll: () => requestAnimationFrame(draw) }, space);
  const table = el("div", { class: "table card live", role: "table", "aria-label": "Backends" }, el("div", { role: "rowgroup" }, head), box);
  const pool = [];

  function row() {
    const cells = columns.map((c, i) => el("div", { role: "cell", class: `c${i}`, "data-label": c[0] }));
    cells[0].append(mark("off", ""));
    cells[1].append(el("a", {}, el("span", { class: "muted" }), el("span", {})));
    const bar = el("i", { class: "bar", "aria-hidden": "true" });
    cells[2].append(el("span", {}), bar);
    const node = el("div", { class: "row", role: "row" }, cells);
    node.bar = bar;
    return node;
  }

  function fill(node, b, index, most) {
    const c = node.children, [tone, word] = conditionOf(b);
    node.style.transform = `translateY(${index * height()}px)`;
    set(node, "aria-rowindex", index + 2);
    set(node, "data-tone", tone);
    setMark(c[0].firstChild, tone, word);
    set(c[1].firstChild, "href", `#/backend/${encodeURIComponent(b.pool)}/${encodeURIComponent(b.id)}`);
    say(c[1].firstChild.children[0], `${b.pool}/`);
    say(c[1].firstChild.children[1], b.id);
    say(c[2].firstChild, rate(b.rate));
    node.bar.style.width = `${most ? Math.round(b.rate / most * 100) : 0}%`;
    say(c[3], b.recent ? percent(Math.min(1, b.failed / b.recent)) : b.failed ? count(b.failed) : "–");
    set(c[3], "data-bad", b.failed > 0);
    say(c[4], ms(b.p50));
    say(c[5], ms(b.p99));
    say(c[6], b.waiting ? `${count(b.inFlight)} +${b.waiting}` : count(b.inFlight));
    say(c[7], b.toMove ? `${count(b.sessions)} (${count(b.toMove)} move)` : count(b.sessions));
    say(c[8], b.weight);
    say(c[9], b.why);
    set(c[9], "title", b.why || null);
  }

  const height = () => px(matchMedia("(max-width: 899px)").matches ? 78 : 42);

  function draw() {
    const h = height(), first = Math.max(0, Math.floor(box.scrollTop / h) - 4), last = Math.min(shownRows.length, Math.ceil((box.scrollTop + box.clientHeight) / h) + 4);
    const most = all.reduce((n, b) => Math.max(n, b.rate), 0);
    space.style.height = `${shownRows.length * h}px`;
    while (pool.length < last - first) { const node = row(); pool.push(node); space.append(node); }
    // A row keeps its element while it scrolls by, so that focus stays where it is.
    pool.forEach((node, i) => {
      const offset = (i - first % pool.length + pool.length) % pool.length, index = first + offset;
      const isShown = index < last;
      node.hidden = !isShown;
      if (isShown) fill(node, shownRows[index], index, most);
    });
  }

  function change() {
    shownRows = all.filter(b => {
      const tone = conditionOf(b)[0];
      return (only === "all" || (only === "look" ? tone === "bad" || tone === "warn" : b.operator !== "ready")) && (!sought || `${b.pool}/${b.id} ${b.why} ${conditionOf(b)[1]}`.toLowerCase().includes(sought.toLowerCase()));
    }).sort(sorts[sort]);
    const bad = all.filter(b => conditionOf(b)[0] === "bad").length;
    say(counted, `${shownRows.length === all.length ? plural(all.length, "backend") : `${count(shownRows.length)} of ${plural(all.length, "backend")}`}${bad ? `, ${count(bad)} down` : ", none is down"}`);
    set(table, "aria-rowcount", shownRows.length + 1);
    for (const cell of head.children) set(cell, "aria-sort", cell.dataset.sort ? cell.dataset.sort === sort ? sort === "name" ? "ascending" : "descending" : "none" : null);
    draw();
  }

  const resized = new ResizeObserver(() => draw());
  resized.observe(box);
  return {
    element: el("div", { class: "view view-rows" }, heading("Backends"), el("div", { class: "tools" }, search, filter, counted), table),
    title: "Backends",
    close() { resized.disconnect(); },
    update(now) { all = now.pools.flatMap(p => p.backends.map(r => backendOf(p.name, r))); change(); },
  };
}
