// What happened, in words, from all nodes; narrowed by words and severity.
import { el, say } from "../dom.js";
import { eventList, followEvents } from "../event-list.js";
import { heading, segments } from "../parts.js";

const kept = 500;

export function events() {
  let sought = "", least = "all", span = "1h", stop = () => {};
  const all = [];
  const accepts = e => (least === "all" || e.severity === "error" || (least === "warning" && e.severity === "warning")) && (!sought || `${e.text} ${e.kind} ${e.who ?? ""} ${e.node} ${e.pool ?? ""}/${e.backend ?? ""}`.toLowerCase().includes(sought));
  const list = eventList(kept, accepts);
  const counted = el("p", { class: "muted small", role: "status" });
  const search = el("input", { type: "search", "aria-label": "Search events", placeholder: "Search: words, node, backend", oninput: () => { sought = search.value.toLowerCase(); again(); } });

  function again() { list.clear(); for (const e of all) list.add(e); tell(); }
  function tell() { say(counted, `${list.list.children.length} of the last ${all.length} events${all.length >= kept ? ` (${kept} are kept here)` : ""}`); }
  function begin() {
    stop();
    all.length = 0;
    again();
    stop = followEvents(span, e => { all.push(e); if (all.length > kept) all.shift(); list.add(e); tell(); });
  }

  begin();
  return {
    element: el("div", { class: "view" }, heading("Events"),
      el("div", { class: "tools" }, search, segments("Severity", [["all", "All"], ["warning", "To look at"], ["error", "Wrong"]], least, key => { least = key; again(); }), segments("Since", [["10m", "10 min"], ["1h", "1 h"], ["24h", "1 day"]], span, key => { span = key; begin(); }), counted),
      el("section", { class: "card", "aria-label": "Events, newest first" }, list.element)),
    title: "Events",
    close() { stop(); },
    update() {},
  };
}
