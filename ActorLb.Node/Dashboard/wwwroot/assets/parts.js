// Parts that several views have.
import { el, keyed, mark, say, set, setMark } from "./dom.js";
import { since, when } from "./format.js";
import { sparkPath } from "./series.js";

export const heading = (text, ...end) => el("div", { class: "view-head" }, el("h1", { tabindex: -1 }, text), end.length ? el("div", { class: "end" }, end) : null);

/** Buttons of which one is pressed. */
export function segments(label, options, value, onpick) {
  const box = el("div", { class: "segments", role: "group", "aria-label": label });
  for (const [key, text] of options) box.append(el("button", { type: "button", "aria-pressed": String(key === value), onclick: () => { box.pick(key); onpick(key); }, "data-key": key }, text));
  box.pick = key => { for (const button of box.children) button.setAttribute("aria-pressed", String(button.dataset.key === key)); };
  return box;
}

const tones = { error: "bad", warning: "warn", info: "drain" };
const words = { error: "wrong", warning: "look", info: "meant so" };

/** What is wrong, since when, why, and what was done. */
export function troubleList() {
  const list = el("ul", { class: "troubles" });
  list.show = (troubles, now) => keyed(list, troubles, t => t.key, t => {
    const title = el("span", { class: "trouble-title" });
    const item = el("li", { class: "trouble", "data-tone": tones[t.severity] },
      el("div", { class: "trouble-head" }, mark(tones[t.severity], words[t.severity]), title, el("span", { class: "trouble-since" })), el("p", { class: "trouble-why" }), el("p", { class: "trouble-done" }));
    title.append(t.backend ? el("a", { href: `#/backend/${encodeURIComponent(t.pool)}/${encodeURIComponent(t.backend)}` }) : t.node ? el("a", { href: "#/cluster" }) : t.pool ? el("a", { href: `#/backends?q=${encodeURIComponent(t.pool)}` }) : el("span"));
    return item;
  }, (item, t) => {
    set(item, "data-tone", tones[t.severity]);
    const [head, why, done] = item.children;
    setMark(head.children[0], tones[t.severity], words[t.severity]);
    say(head.children[1].firstChild, t.title);
    say(head.children[2], `since ${when(t.since)}, ${since(t.since, now)}`);
    say(why, t.why);
    say(done, t.done);
  });
  return list;
}

/** Below a chart: which nodes have counted for a part of it alone. */
export function countsLine() {
  const line = el("p", { class: "small muted", hidden: true });
  line.show = begins => {
    line.hidden = !begins.length;
    say(line, begins.map(b => `${b.node} counts since ${when(b.at)}`).join(", "));
  };
  return line;
}

/** One figure with its last hour. */
export function tile(label) {
  const value = el("span", { class: "tile-value" });
  const more = el("span", { class: "tile-more" });
  const line = el("path", { fill: "none", stroke: "currentColor", "stroke-width": 1.6, "vector-effect": "non-scaling-stroke", "stroke-linejoin": "round" });
  const area = el("path", { fill: "currentColor", opacity: 0.1, stroke: "none" });
  const spark = el("svg", { class: "spark", viewBox: "0 0 200 36", preserveAspectRatio: "none", "aria-hidden": "true" }, area, line);
  const box = el("div", { class: "tile card live" }, el("div", { class: "tile-label" }, label), el("div", { class: "tile-figures" }, value, more), spark);
  box.show = (text, detail, tone) => { say(value, text); say(more, detail); set(box, "data-tone", tone); };
  box.draw = (values, top) => {
    const path = sparkPath(values, 200, 36, top);
    line.setAttribute("d", path);
    area.setAttribute("d", path && !values.some(Number.isNaN) ? `${path}L200 36L0 36Z` : "");
  };
  return box;
}
