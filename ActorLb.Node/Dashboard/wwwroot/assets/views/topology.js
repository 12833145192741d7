// What is in force and where it comes from: the files or a revision, and over it what operators decided; what was in force before, and the way back.
import { decisionsText } from "../decisions.js";
import { confirm, toast } from "../actions.js";
import { ask } from "../api.js";
import { el, keyed, mark, say } from "../dom.js";
import { date, plural, when } from "../format.js";
import { heading } from "../parts.js";

const every = 5000;

const changes = list => list.length
  ? el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Changes" }, el("table", { class: "diff" }, el("thead", {}, el("tr", {}, ["Key", "Before", "After"].map(h => el("th", { scope: "col" }, h)))),
    el("tbody", {}, list.map(c => el("tr", {}, el("th", { scope: "row", class: "mono" }, c.key), el("td", {}, el("del", { class: "mono" }, c.old ?? "")), el("td", {}, el("ins", { class: "mono" }, c.new ?? "")))))))
  : el("p", { class: "empty" }, "No difference.");

export function topology({ mayOperate }) {
  const layers = el("ol", { class: "layers" });
  const decided = el("div"), history = el("tbody"), between = el("div"), text = el("div"), nodesDiff = el("div");
  const empty = el("p", { class: "empty", hidden: true }, "No revision was ever given to the cluster: each node goes by its files.");
  let closed = false, head = null;

  async function look() {
    if (document.hidden) return;
    try {
      const [live, diff, past] = await Promise.all([ask("api/v1/status"), ask("api/v1/topology/diff"), ask("api/v1/topology/history")]);
      if (closed) return;
      head = live.revision;
      const files = live.configuration, written = head && !head.release;
      const said = [
        { key: "o", title: "What operators decided at run time", state: diff.overlays.length + diff.states.length ? ["warn", plural(diff.overlays.length + diff.states.length, "decision")] : ["off", "none"], text: decisionsText(diff) },
        { key: "r", title: "Revision of the cluster", state: written ? head.problem ? ["bad", "not in force here"] : ["ok", `${head.number}, in force`] : ["off", head ? `${head.number}, released` : "none"], text: head ? `Taken by ${head.node} at ${date(head.at)}. ${head.problem ?? ""}` : "The files have their say." },
        { key: "f", title: `Files of ${live.node}`, state: files.outcome === "refused" ? ["bad", "refused"] : written ? ["off", "no say"] : ["ok", "in force"], text: `Read ${date(files.loadedAt)}. ${files.outcome === "refused" ? files.mistakes.join("; ") : ""}${files.needStart.length ? ` In force after a new start only: ${files.needStart.map(k => k.key).join(", ")}.` : ""}` },
      ];
      keyed(layers, said, s => s.key, s => el("li", { class: "layer" }, el("div", { class: "layer-head" }, el("h3", {}, ""), mark(...s.state)), el("p", { class: "muted" })), (li, s) => {
        say(li.firstChild.firstChild, s.title);
        li.firstChild.replaceChild(mark(...s.state), li.firstChild.lastChild);
        say(li.lastChild, s.text);
      });
      say(fingerprint, files.fingerprint);
      showDecided(diff);
      empty.hidden = past.revisions.length > 0;
      keyed(history, past.revisions, r => r.name, r => el("tr", {}, el("th", { scope: "row", class: "number" }, r.name), el("td", {}, mark("off", "")), el("td", {}, when(r.at)), el("td", {}, r.who || "–"), el("td", {}, r.node), el("td", { class: "mono" }, r.fingerprint), el("td", { class: "wrap" }, r.note ?? (r.release ? "the files have their say again" : "")), el("td", {},
        el("button", { type: "button", class: "button small", onclick: () => compare(r) }, "Differences"), " ", mayOperate && !r.release ? el("button", { type: "button", class: "button small", "data-rollback": r.name, onclick: () => rollBack(r) }, "Roll back…") : null)), (row, r) => {
        row.children[1].replaceChildren(mark(r.inForce ? "ok" : "off", r.inForce ? "counts" : r.passedOver ? "passed over" : "before"));
        const button = row.querySelector("[data-rollback]");
        if (button) button.hidden = r.inForce;
      });
    } catch { /* The frame says that it is stale. */ }
  }

  function showDecided(diff) {
    const all = [...diff.overlays.map(o => ({ key: `${o.pool}/${o.backend} o`, name: `${o.pool}/${o.backend}`, pool: o.pool, id: o.backend, what: o.change === "weight" ? `weight ${o.weight}, written ${o.writtenWeight}` : `${o.change}${o.address ? ` (${o.address})` : ""}`, by: o.who ?? o.by, at: o.at, note: o.note })),
      ...diff.states.map(s => ({ key: `${s.pool}/${s.backend} s`, name: `${s.pool}/${s.backend}`, pool: s.pool, id: s.backend, what: s.operator + (s.deadline ? ` until ${when(s.deadline)}` : ""), by: s.who ?? s.by, at: s.at, note: s.note }))];
    const key = JSON.stringify(all);
    if (decided.said === key) return;
    decided.said = key;
    decided.replaceChildren(all.length ? el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Decisions" }, el("table", {}, el("thead", {}, el("tr", {}, ["Backend", "Decision", "By", "At", "Note", "Actions"].map(h => el("th", { scope: "col" }, h)))), el("tbody", {}, all.map(d => el("tr", {},
      el("th", { scope: "row" }, el("a", { href: `#/backend/${encodeURIComponent(d.pool)}/${encodeURIComponent(d.id)}` }, d.name)), el("td", {}, d.what), el("td", {}, d.by), el("td", {}, d.at ? when(d.at) : "–"), el("td", { class: "wrap" }, d.note ?? ""),
      el("td", {}, mayOperate ? el("button", { type: "button", class: "button small", onclick: () => drop(d) }, "Drop…") : null)))))) : el("p", { class: "empty" }, "Nobody decided anything: all is as it is written."));
  }

  const drop = d => confirm({ title: `Drop what was decided of ${d.name}?`, text: `${d.what}: it is as it is written again. A backend that was added is removed, and drains first.`, confirm: "Drop it",
    act: async () => { await ask(`api/v1/overlays/${encodeURIComponent(d.pool)}/${encodeURIComponent(d.id)}`, { method: "DELETE" }); toast(`${d.name} is as it is written.`); await look(); } });

  async function compare(r) {
    try {
      const got = await ask(`api/v1/topology/diff?from=${encodeURIComponent(r.name)}`);
      between.replaceChildren(el("h3", {}, `From revision ${r.name} to what is in force`), changes(got.differences));
    } catch (error) { between.replaceChildren(el("p", { class: "problem" }, error.message)); }
  }

  // What would come of it is asked of all nodes before anybody decides.
  async function rollBack(r) {
    let trial;
    try { trial = await ask(`api/v1/topology/rollback/${encodeURIComponent(r.name)}?dry-run`, { method: "POST" }); }
    catch (error) { toast(`Revision ${r.name} cannot be given once more: ${error.message}`, { tone: "bad" }); return; }
    if (trial.outcome === "unchanged") { toast("That is in force already."); return; }
    const before = head && !head.release ? head.number : null;
    await confirm({ title: `Roll back to revision ${r.name}?`, text: ["All nodes could run it. It is given to the cluster once more, as a new revision:", changes(trial.changes)], confirm: "Roll back", danger: true,
      act: async () => {
        const got = await ask(`api/v1/topology/rollback/${encodeURIComponent(r.name)}`, { method: "POST" });
        toast(got.outcome === "spreads" ? `Revision ${got.revision} is decided; ${got.nodes.join(", ")} did not say yet that they go by it.` : `Revision ${got.revision} is in force.`,
          before === null ? {} : { label: "Undo", action: async () => { try { await ask(`api/v1/topology/rollback/${before}`, { method: "POST" }); toast(`What was in force before is in force again.`); } catch (error) { toast(error.message, { tone: "bad" }); } look(); } });
        await look();
      } });
  }

  async function nodes() {
    try {
      const got = await ask("api/v1/topology/diff?nodes");
      nodesDiff.replaceChildren(...got.nodes.flatMap(n => [el("h3", {}, `${n.node}: ${n.state}`), n.differences.length ? changes(n.differences.map(d => ({ key: d.key, old: d.here, new: d.there }))) : el("p", { class: "muted" }, n.state === "same" ? `It goes by the same (${n.fingerprint}).` : `It did not say by what it goes.`)]), got.nodes.length ? "" : el("p", { class: "empty" }, "There is no other node."));
    } catch (error) { nodesDiff.replaceChildren(el("p", { class: "problem" }, error.message)); }
  }

  async function show() {
    try { text.replaceChildren(el("pre", { class: "text mono", tabindex: 0, role: "region", "aria-label": "What is in force" }, await ask("api/v1/topology"))); }
    catch (error) { text.replaceChildren(el("p", { class: "problem" }, error.message)); }
  }

  const fingerprint = el("code");
  const timer = setInterval(look, every);
  look();
  return {
    element: el("div", { class: "view" }, heading("Topology", el("span", { class: "muted" }, "fingerprint ", fingerprint)),
      el("div", { class: "columns" }, el("section", { class: "card live" }, el("h2", {}, "Layers"), el("p", { class: "muted small" }, "The upper lies over the lower."), layers),
        el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, "Do all nodes go by the same?"), el("div", { class: "end" }, el("button", { type: "button", class: "button", onclick: nodes }, "Compare"))), nodesDiff)),
      el("section", { class: "card live" }, el("h2", {}, "Decisions at run time"), decided),
      el("section", { class: "card live" }, el("h2", {}, "History"), empty, el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Revisions" }, el("table", {}, el("thead", {}, el("tr", {}, ["Revision", "State", "At", "Who", "Taken by", "Fingerprint", "Note", "Actions"].map(h => el("th", { scope: "col" }, h)))), history)), between),
      mayOperate ? el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, "Text in force"), el("div", { class: "end" }, el("button", { type: "button", class: "button", onclick: show }, "Show"))), text) : null),
    title: "Topology",
    close() { closed = true; clearInterval(timer); },
    update() {},
  };
}
