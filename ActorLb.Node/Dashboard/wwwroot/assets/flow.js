// Listeners, routes, pools and backends as a flow: widths are rates, colours are health. A thousand backends are a few bands for each pool.
import { el, keyed, px, say, set } from "./dom.js";
import { percent, rate } from "./format.js";
import { backendOf, conditionOf } from "./live.js";

const tones = ["bad", "warn", "drain", "off", "ok"];
const backendsShown = 6, bandMin = 1.5, pickedForMs = 10_000;

// Those of which something is to be said, then those that get most; the rest is one.
function backendsOf(pool, picked) {
  const all = pool.backends.map(r => backendOf(pool.name, r));
  if (all.length <= backendsShown + 1) return all.map(b => ({ ...b, key: `b:${pool.name}/${b.id}`, ...shown(b), name: b.id, count: 1 }));
  // Those that get most are looked for anew every ten seconds only: a picture that changes its order each second shows nothing.
  const looked = picked.get(pool.name) ?? { at: 0, ids: new Set() };
  if (performance.now() - looked.at > pickedForMs) {
    looked.at = performance.now();
    looked.ids = new Set(all.toSorted((a, b) => b.rate - a.rate).slice(0, backendsShown).map(b => b.id));
    picked.set(pool.name, looked);
  }
  const weight = b => tones.indexOf(shown(b).tone) * -2 + (looked.ids.has(b.id) ? 1 : 0);
  const sorted = all.toSorted((a, b) => weight(b) - weight(a) || (a.id < b.id ? -1 : 1));
  const told = sorted.slice(0, backendsShown).map(b => ({ ...b, key: `b:${pool.name}/${b.id}`, ...shown(b), name: b.id, count: 1 }));
  const rest = sorted.slice(backendsShown);
  const bad = rest.filter(b => conditionOf(b)[0] === "bad").length, tone = rest.map(b => shown(b).tone).filter(t => t === "bad" || t === "warn").reduce(worse, "ok");
  told.push({ key: `b:${pool.name}/*`, pool: pool.name, name: `${rest.length} more`, word: bad ? `${bad} down` : tone === "ok" ? "up" : "up, look", tone, rate: rest.reduce((n, b) => n + b.rate, 0), failures: rest.reduce((n, b) => n + b.failures, 0), count: rest.length });
  return told;
}

/** The one that somebody should see first. */
export const worse = (a, b) => tones.indexOf(a) < tones.indexOf(b) ? a : b;

// One that is up, or drains, may fail all the same: it is no paler than what leads to it.
function shown(b) {
  const [tone, word] = conditionOf(b);
  return { tone: worse(tone, toneOf({ recentRequests: b.rate, recentFailures: b.failures })), word };
}

/** By what fails of it. */
export const toneOf = f => f.recentRequests && f.recentFailures / f.recentRequests >= 0.05 ? "bad" : f.recentFailures ? "warn" : "ok";
const node = (f, more) => ({ rate: f.recentRequests / 10, failures: f.recentFailures / 10, tone: toneOf(f), ...more });

function model(now, isNarrow, picked) {
  const pools = now.pools.map(p => {
    const up = p.backends.filter(r => r[1] === "up").length;
    return node(p, { key: `p:${p.name}`, name: p.name, word: `${up}/${p.backends.length} up`, tone: !p.backends.some(r => r[3]) && p.backends.length ? "bad" : worse(up < p.backends.length ? "warn" : "ok", toneOf(p)), href: `#/backends?q=${encodeURIComponent(p.name)}` });
  });
  const backends = now.pools.flatMap(p => backendsOf(p, picked)).map(b => ({ ...b, href: b.id ? `#/backend/${encodeURIComponent(b.pool)}/${encodeURIComponent(b.id)}` : `#/backends?q=${encodeURIComponent(b.pool)}` }));
  const links = backends.map(b => ({ from: `p:${b.pool}`, to: b.key, rate: b.rate, tone: b.tone }));
  if (isNarrow) return { columns: [["Pools", pools], ["Backends", backends]], links };
  const routes = now.routes.map((r, i) => node(r, { key: `r:${i}`, name: `${r.host === "*" ? "" : r.host}${r.path}`, word: r.answers ? "answers itself" : "", route: r }));
  const listeners = now.listeners.map(l => node(l, { key: `l:${l.name}`, name: l.name, word: `${l.tls ? "TLS, " : ""}${l.open} open`, bind: l.bind }));
  routes.forEach((r, i) => {
    const reach = listeners.filter(l => !r.route.listeners.length || r.route.listeners.includes(l.name)), through = reach.reduce((n, l) => n + l.rate, 0);
    for (const l of reach) links.push({ from: l.key, to: `r:${i}`, rate: through ? r.rate * l.rate / through : 0, tone: r.tone });
    for (const pool of r.route.pools) links.push({ from: `r:${i}`, to: `p:${pool}`, rate: (r.route.ways.find(w => w.pool === pool)?.recentRequests ?? 0) / 10, tone: pools.find(p => p.name === pool)?.tone ?? "off" });
  });
  return { columns: [["Listeners", listeners], ["Routes", routes], ["Pools", pools], ["Backends", backends]], links };
}

export function flow() {
  const bands = el("g", { class: "flow-bands" });
  const boxes = el("g", {});
  const heads = el("g", { class: "flow-heads" });
  const svg = el("svg", { class: "flow", role: "group", "aria-label": "Requests from listeners over routes and pools to backends" }, heads, bands, boxes);
  const box = el("div", { class: "flow-box" }, svg);
  const picked = new Map();
  let last = null;

  function draw() {
    const width = box.clientWidth;
    if (!width || !last) return;
    const { columns, links } = model(last, width < 620, picked);
    const rowHeight = px(32), labelHeight = px(20), gap = px(12), nodeWidth = px(10), bandMax = px(46), top = px(26);
    const most = Math.max(1, ...columns.map(([, nodes]) => nodes.reduce((n, x) => n + x.rate, 0)));
    const places = new Map();
    const thick = r => r <= 0 ? 0 : Math.max(bandMin, Math.min(bandMax, r / most * bandMax * 1.6));
    const sums = new Map();
    for (const l of links) { const a = sums.get(l.from) ?? { out: 0, in: 0 }, b = sums.get(l.to) ?? { out: 0, in: 0 }; a.out += thick(l.rate); b.in += thick(l.rate); sums.set(l.from, a); sums.set(l.to, b); }
    // Of what leads on, the label stands above; of the last ones beside, where nothing passes.
    const isLast = c => c === columns.length - 1;
    const barOf = n => Math.max(px(10), thick(n.rate) + 4, sums.get(n.key)?.out ?? 0, sums.get(n.key)?.in ?? 0);
    const headOf = c => isLast(c) ? 0 : labelHeight;
    const heightOf = (n, c) => headOf(c) + (isLast(c) ? Math.max(rowHeight, barOf(n)) : barOf(n));
    const height = top + 4 + Math.max(...columns.map(([, nodes], c) => nodes.reduce((h, n) => h + heightOf(n, c) + gap, 0)));
    const labelled = Math.min(px(230), width / columns.length * 0.72);
    const step = (width - labelled - nodeWidth) / (columns.length - 1);
    columns.forEach(([, nodes], c) => {
      const total = nodes.reduce((h, n) => h + heightOf(n, c) + gap, -gap);
      let y = top + Math.max(0, (height - top - gap - total) / 2);
      for (const n of nodes) {
        const h = isLast(c) ? Math.max(rowHeight, barOf(n)) : barOf(n);
        places.set(n.key, { x: c * step, y: y + headOf(c), h, n, out: 0, in: 0, isLast: isLast(c), room: Math.floor((isLast(c) ? labelled : step - 16) / px(7)) });
        y += heightOf(n, c) + gap;
      }
    });
    set(svg, "viewBox", `0 0 ${width} ${height}`);
    set(svg, "width", width);
    set(svg, "height", height);
    keyed(heads, columns.map(([name], c) => ({ name, x: c * step })), h => h.name, () => el("text", {}), (t, h) => { set(t, "x", h.x); set(t, "y", px(13)); say(t, h.name); });

    keyed(bands, links.filter(l => places.has(l.from) && places.has(l.to)), l => `${l.from}>${l.to}`, () => el("path", {}), (path, l) => {
      const from = places.get(l.from), to = places.get(l.to), w = thick(l.rate);
      const y1 = from.y + from.h / 2 - sums.get(l.from).out / 2 + from.out + w / 2, y2 = to.y + to.h / 2 - sums.get(l.to).in / 2 + to.in + w / 2;
      from.out += w; to.in += w;
      // Flat for as long as the label above it is.
      const x1 = from.x + nodeWidth, x2 = to.x, flat = x1 + (x2 - x1) * 0.5, middle = (flat + x2) / 2;
      set(path, "d", `M${x1.toFixed(1)} ${y1.toFixed(1)}H${flat.toFixed(1)}C${middle.toFixed(1)} ${y1.toFixed(1)} ${middle.toFixed(1)} ${y2.toFixed(1)} ${x2.toFixed(1)} ${y2.toFixed(1)}`);
      set(path, "stroke-width", Math.max(1, w).toFixed(1));
      set(path, "data-tone", l.tone);
      set(path, "class", w ? "flow-band" : "flow-band flow-idle");
    });
    keyed(boxes, [...places.values()], p => p.n.key, p => {
      const made = p.n.href ? document.createElementNS("http://www.w3.org/2000/svg", "a") : el("g", {});
      made.append(el("title", {}), el("rect", { rx: 3 }), el("text", {}, el("tspan", { class: "flow-name" }), el("tspan", { class: "flow-more" })));
      return made;
    }, (g, p) => {
      const [title, rect, label] = g.children, [name, more] = label.children, n = p.n;
      set(g, "transform", `translate(${p.x.toFixed(1)} ${p.y.toFixed(1)})`);
      set(g, "data-tone", n.tone);
      set(g, "class", "flow-node");
      if (n.href) set(g, "href", n.href);
      set(rect, "height", p.h.toFixed(1));
      set(rect, "width", nodeWidth);
      const fails = n.rate && n.failures ? `, ${percent(n.failures / n.rate)} fail` : "";
      const detail = `${rate(n.rate)}/s${fails}${n.word ? ` · ${n.word}` : ""}`, cut = (text, room) => text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text;
      const called = cut(n.name, p.isLast ? p.room : Math.max(6, Math.floor(p.room * 0.55)));
      say(name, called);
      say(more, cut(detail, p.isLast ? p.room + 4 : p.room - called.length));
      set(name, "x", p.isLast ? nodeWidth + px(7) : 0);
      set(name, "y", p.isLast ? (p.h / 2 - px(3)).toFixed(1) : -6);
      set(more, "x", p.isLast ? nodeWidth + px(7) : null);
      set(more, "dx", p.isLast ? null : 8);
      set(more, "y", p.isLast ? (p.h / 2 + px(12)).toFixed(1) : -6);
      say(title, `${n.name}${n.bind ? ` (${n.bind} at this node)` : ""}: ${rate(n.rate)} requests a second${fails}${n.word ? `, ${n.word}` : ""}`);
    });
  }

  const resized = new ResizeObserver(draw);
  resized.observe(box);
  box.show = now => { last = now; draw(); };
  box.close = () => resized.disconnect();
  return box;
}
