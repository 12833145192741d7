// The frame: which view is shown, who is logged in, and whether what is shown is fresh.
import { ask } from "./api.js";
import { announce, toast } from "./actions.js";
import { el, icon, mark, say, set } from "./dom.js";
import { span, time } from "./format.js";
import { Live } from "./live.js";
import { logIn } from "./log-in.js";
import { applyTheme, nextTheme, theme } from "./theme.js";
import { backend } from "./views/backend.js";
import { backends } from "./views/backends.js";
import { cluster } from "./views/cluster.js";
import { events } from "./views/events.js";
import { overview } from "./views/overview.js";
import { sessions } from "./views/sessions.js";
import { topology } from "./views/topology.js";

const views = [
  ["overview", "Overview", overview], ["backends", "Backends", backends], ["cluster", "Nodes", cluster],
  ["sessions", "Sessions", sessions], ["topology", "Topology", topology], ["events", "Events", events],
];
const main = document.getElementById("main");
const nav = document.getElementById("nav");
const beat = document.getElementById("beat");
const verdict = document.getElementById("verdict");
const staleNote = document.getElementById("stale");
const themeButton = document.getElementById("theme");
const callerEvery = 60_000;

let caller = null;
let shown = null;
let staleSince = null;
const live = new Live(() => start());
const context = { live, get mayOperate() { return caller?.role === "operate"; } };

for (const [name, title] of views) nav.append(el("a", { href: `#/${name === "overview" ? "" : name}`, "data-view": name }, icon(name), el("span", {}, title)));

function route() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/").map(decodeURIComponent);
  return { name: name || "overview", rest, query: new URLSearchParams(query) };
}

function show(isFirst) {
  if (!caller) return;
  const { name, rest, query } = route();
  shown?.close?.();
  const found = views.find(v => v[0] === name);
  shown = name === "backend" ? backend(context, rest[0], rest[1]) : (found ?? views[0])[2](context, query);
  main.replaceChildren(shown.element);
  document.title = `${shown.title} · ActorLb`;
  for (const link of nav.children) set(link, "aria-current", link.dataset.view === (name === "backend" ? "backends" : found ? name : "overview") ? "page" : null);
  if (live.now) shown.update(live.now);
  if (!isFirst) { window.scrollTo(0, 0); main.querySelector("h1")?.focus(); }
  if (query.get("from")) {
    toast(`${query.get("from")} does not answer since ${time(Number(query.get("at")))}. This is another node of the cluster.`, { tone: "warn" });
    history.replaceState(null, "", location.hash.split("?")[0]);
  }
}

let known = new Map();

// What began and what is over, for those who do not see it.
function tellTroubles(troubles, isFirst) {
  const now = new Map(troubles.filter(t => t.severity !== "info").map(t => [t.key, t]));
  if (!isFirst) {
    const begun = [...now.values()].filter(t => !known.has(t.key));
    const over = [...known.values()].filter(t => !now.has(t.key));
    if (begun.length || over.length) announce([...begun.slice(0, 3).map(t => `${t.title}. ${t.why}`), ...over.slice(0, 3).map(t => `Over: ${t.title}.`)].join(" "));
  }
  known = now;
}

let isFirstMessage = true;

function tellVerdict(tone, text) {
  if (verdict.dataset.tone !== tone || verdict.textContent !== text) { verdict.dataset.tone = tone; verdict.replaceChildren(mark(tone, text)); }
  verdict.hidden = false;
}

function update(now) {
  const { word, silent, problem } = live.state;
  set(beat, "data-state", word);
  if (word === "stale") {
    staleSince ??= Date.now() - silent;
    document.documentElement.dataset.stale = "";
    say(beat.lastChild, `stale for ${span(silent / 1000)}`);
    say(staleNote, `${now.node} does not answer since ${time(staleSince)}. What is below is as it was then.`);
    staleNote.hidden = false;
    tellVerdict("off", "not known");
    set(beat, "title", `${now.node} was last heard at ${time(staleSince)}. ${problem?.message ?? ""}`);
  } else {
    if (staleSince && now) announce(`${now.node} answers again.`);
    staleSince = null;
    staleNote.hidden = true;
    delete document.documentElement.dataset.stale;
    set(beat, "title", null);
    say(beat.lastChild, now ? `live, ${now.node}` : problem?.message ?? "connecting");
  }
  if (!now || word === "stale") return;
  say(document.getElementById("cluster"), now.cluster);
  const errors = now.troubles.filter(t => t.severity === "error").length;
  const warnings = now.troubles.filter(t => t.severity === "warning").length;
  const [tone, text] = errors ? ["bad", `${errors} wrong`] : warnings ? ["warn", `${warnings} to look at`] : ["ok", "all well"];
  tellVerdict(tone, text);
  document.title = `${errors ? `(${errors}) ` : ""}${shown?.title ?? "ActorLb"} · ActorLb`;
  tellTroubles(now.troubles, isFirstMessage);
  isFirstMessage = false;
  shown?.update(now);
}

async function start() {
  let problem = null;
  try { caller = await ask("caller"); }
  catch (error) { caller = null; problem = error; }
  if (caller && !caller.role) { caller = null; problem = { status: 401 }; }
  document.getElementById("log-out").hidden = !caller?.until;
  if (caller) { document.body.dataset.role = caller.role; show(true); live.run(); return; }
  shown?.close?.();
  shown = null;
  if (problem.status === 401) main.replaceChildren(logIn(route().query.get("from")));
  else { main.replaceChildren(el("p", { class: "empty", role: "alert" }, problem.message)); setTimeout(start, 2000); }
}

// The log-in goes on as long as somebody looks.
setInterval(async () => {
  if (document.hidden || !caller?.until) return;
  try { caller = await ask("caller"); if (!caller.role) location.reload(); } catch { /* It is asked again in a minute. */ }
}, callerEvery);

document.getElementById("log-out").addEventListener("click", async () => {
  try { await ask("log-out", { method: "POST" }); } finally { location.reload(); }
});
document.getElementById("skip").addEventListener("click", () => main.focus());
function showTheme() { themeButton.replaceChildren(icon(theme())); set(themeButton, "aria-label", `Theme: ${theme() === "auto" ? "as the system" : theme()}. Change it.`); }
themeButton.addEventListener("click", () => { nextTheme(); showTheme(); });
addEventListener("hashchange", () => show(false));
addEventListener("visibilitychange", () => { if (!document.hidden && live.now) shown?.update(live.now); });
applyTheme();
showTheme();
live.subscribe(now => { if (!document.hidden || isFirstMessage) update(now); else if (now) tellTroubles(now.troubles, false); });
start();
