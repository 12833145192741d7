// The frame: which view is shown, who is logged in, and whether what is shown is fresh.
import { ask } from "./api.js";
import { announce, toast } from "./actions.js";
import { el, icon, mark, say, set } from "./dom.js";
import { span, time } from "./format.js";
import { handed, keepHalf } from "./half.js";
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

const aliases = { "": "overview", nodes: "cluster" };

// What leads nowhere is the overview, and the address says so then.
function route() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  let parts = [];
  try { parts = path.replace(/\/$/, "").split("/").map(decodeURIComponent); } catch { /* What cannot be decoded names nothing. */ }
  const name = aliases[parts[0]] ?? parts[0], rest = parts.slice(1);
  const isThere = name === "backend" ? rest.length === 2 && rest.every(r => r) : views.some(v => v[0] === name) && !rest.length;
  return isThere ? { name, rest, query: new URLSearchParams(query) } : { name: "overview", rest: [], query: new URLSearchParams(), isWrong: true };
}

function show(isFirst) {
  if (!caller) return;
  const { name, rest, query, isWrong } = route();
  if (isWrong || (name === "cluster" && !location.hash.startsWith("#/cluster"))) history.replaceState(null, "", isWrong ? "#/" : "#/cluster");
  shown?.close?.();
  shown = name === "backend" ? backend(context, ...rest) : views.find(v => v[0] === name)[2](context, query);
  main.replaceChildren(shown.element);
  document.title = `${shown.title} · ActorLb`;
  for (const link of nav.children) set(link, "aria-current", link.dataset.view === (name === "backend" ? "backends" : name) ? "page" : null);
  if (live.now) shown.update(live.now);
  if (!isFirst) { window.scrollTo(0, 0); main.querySelector("h1")?.focus(); }
  if (query.has("from")) {
    cameFrom = { name: query.get("from"), at: Number(query.get("at")) };
    history.replaceState(null, "", location.hash.split("?")[0]);
    if (live.now) tellCameFrom(live.now);
  }
}

let cameFrom = null;

// An address is written by anybody: what it says of a node is told where there is such a node.
function tellCameFrom(now) {
  const { name, at } = cameFrom;
  cameFrom = null;
  if (name === now.node || ![...now.nodes, ...now.lost].some(n => n.name === name)) return;
  toast(`${name} does not answer${at > 0 && at <= Date.now() ? ` since ${time(at)}` : ""}. This is another node of the cluster.`, { tone: "warn" });
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
  if (cameFrom) tellCameFrom(now);
  shown?.update(now);
}

// Whoever made the address may have written any half: one that opens nothing does not take the place of that which is kept.
async function whoAsks() {
  if (handed.half) {
    const there = await ask("caller", { own: handed.half });
    if (there.until) keepHalf(handed.half);
    handed.half = null;
    if (there.until) return there;
  }
  return ask("caller");
}

async function start() {
  let problem = null;
  try { caller = await whoAsks(); }
  catch (error) { caller = null; problem = error; }
  if (caller && !caller.role) { caller = null; problem = { status: 401 }; }
  document.getElementById("log-out").hidden = !caller?.until;
  if (caller) { document.body.dataset.role = caller.role; show(true); live.run(); return; }
  shown?.close?.();
  shown = null;
  if (problem.status === 401) main.replaceChildren(logIn(route().query.has("from")));
  else { main.replaceChildren(el("p", { class: "empty", role: "alert" }, problem.message)); setTimeout(start, 2000); }
}

// The log-in goes on as long as somebody looks.
setInterval(async () => {
  if (document.hidden || !caller?.until) return;
  try { caller = await ask("caller"); if (!caller.role) location.reload(); } catch { /* It is asked again in a minute. */ }
}, callerEvery);

document.getElementById("log-out").addEventListener("click", async () => {
  try { await ask("log-out", { method: "POST" }); } finally { keepHalf(null); location.reload(); }
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
