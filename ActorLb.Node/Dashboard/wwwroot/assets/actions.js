// What people do to backends: asked once more before it is done, told afterwards, and undone by a button.
import { ask, backendPath, Problem } from "./api.js";
import { el, say } from "./dom.js";

const toasts = document.getElementById("toasts");
const toastsMax = 4;

export function announce(text) { say(document.getElementById("announce"), text); }

/** A message that goes by itself; with an action it stays longer. */
export function toast(text, { tone = "ok", action, label } = {}) {
  const gone = () => note.remove();
  const note = el("div", { class: "toast", "data-tone": tone, role: tone === "bad" ? "alert" : "status" }, el("p", {}, text),
    action && el("button", { type: "button", class: "button", onclick: () => { gone(); action(); } }, label),
    el("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", onclick: gone }, "×"));
  toasts.append(note);
  while (toasts.children.length > toastsMax) toasts.firstChild.remove();
  setTimeout(gone, action ? 30_000 : tone === "bad" ? 15_000 : 6_000);
}

/**
 * Asks whether it is meant; with fields. Resolves when it is done, or given up.
 * @param act Gets the form; what it throws is shown, and the dialog stays open.
 */
export function confirm({ title, text, fields = [], confirm: label, danger = false, act }) {
  return new Promise(done => {
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const yes = el("button", { class: "button", "data-kind": danger ? "danger" : "main", type: "submit" }, label);
    const form = el("form", { method: "dialog", onsubmit: async event => {
      event.preventDefault();
      yes.disabled = true;
      problem.hidden = true;
      try { await act(form); dialog.close(); }
      catch (error) { say(problem, error.message); problem.hidden = false; }
      finally { yes.disabled = false; }
    } }, el("h2", { id: "dialog-title" }, title), ...[text].flat().map(t => typeof t === "string" ? el("p", {}, t) : t), ...fields, problem,
      el("div", { class: "actions" }, el("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"), yes));
    const dialog = el("dialog", { "aria-labelledby": "dialog-title", onclose: () => { dialog.remove(); done(); } }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}

const note = answer => answer.confirmed === false || answer.notInForce?.length
  ? ` It spreads still: ${[...(answer.notInForce ?? []), ...(answer.notOnDisk ?? [])].join(", ") || "the other nodes"} did not confirm it yet.` : "";

async function tell(path, options, text, undo) {
  const answer = await ask(path, options);
  toast(text + note(answer) + (answer.nobodyElse ? " No other backend takes new sessions: it cannot finish before one does." : ""), { label: "Undo", action: undo && (() => quietly(undo)) });
  announce(text);
}

async function quietly(act) {
  try { await act(); } catch (error) { toast(error instanceof Problem ? error.message : String(error), { tone: "bad" }); }
}

const put = (b, state, body) => ask(`${backendPath(b.pool, b.id)}/${state}`, { method: "POST", body });

// As it was before: what a drain's deadline was is given again as what is left of it.
function backTo(b) {
  return async () => {
    if (b.operator === "draining") await put(b, "drain", b.drainDeadline ? { deadline: `${Math.max(1, Math.round((new Date(b.drainDeadline) - Date.now()) / 1000))}s` } : {});
    else await put(b, b.operator === "maintenance" ? "maintenance" : "ready");
    toast(`${b.pool}/${b.id} is as it was: ${b.operator}.`);
  };
}

export function drain(b) {
  const deadline = el("input", { id: "f-deadline", name: "deadline", placeholder: "none", autocomplete: "off", pattern: "\\d+ ?(ms|s|m|h|d)", title: "A number with a unit: 90s, 5m, 2h", value: "5m" });
  const move = el("input", { type: "checkbox", id: "f-move", name: "move" });
  const pace = el("input", { id: "f-rate", name: "rate", type: "number", min: 1, max: 1000000, placeholder: "all at once" });
  return confirm({
    title: `Drain ${b.pool}/${b.id}?`, confirm: "Drain",
    text: `It gets no new sessions. Its ${b.sessions} stay until they end, or until the deadline; then the rest moves.`,
    fields: [
      el("div", { class: "field" }, el("label", { for: "f-deadline" }, "Deadline (empty: as the pool says)"), deadline),
      el("div", { class: "check" }, move, el("label", { for: "f-move" }, "Move its sessions away now")),
      el("div", { class: "field" }, el("label", { for: "f-rate" }, "Sessions that move a second (empty: all at once)"), pace),
    ],
    act: () => {
      const body = {};
      if (deadline.value.trim()) body.deadline = deadline.value.replaceAll(" ", "");
      if (move.checked) { body.move = true; if (pace.value) body.rate = Number(pace.value); }
      return tell(`${backendPath(b.pool, b.id)}/drain`, { method: "POST", body }, `${b.pool}/${b.id} drains.`, backTo(b));
    },
  });
}

export const ready = b => confirm({
  title: `Make ${b.pool}/${b.id} ready?`, confirm: "Make ready", text: "It takes new sessions again, as soon as its probes pass.",
  act: () => tell(`${backendPath(b.pool, b.id)}/ready`, { method: "POST" }, `${b.pool}/${b.id} is ready.`, backTo(b)),
});

export const maintain = b => confirm({
  title: `Put ${b.pool}/${b.id} into maintenance?`, confirm: "Into maintenance", danger: true,
  text: `Its ${b.sessions} sessions move now, and ${b.inFlight} open requests are closed at all nodes. Drain it first where that matters.`,
  act: () => tell(`${backendPath(b.pool, b.id)}/maintenance`, { method: "POST" }, `${b.pool}/${b.id} is in maintenance.`, backTo(b)),
});

export function weigh(b) {
  const weight = el("input", { id: "f-weight", type: "number", min: 1, max: 256, required: true, value: b.weight });
  const put = value => ask(`${backendPath(b.pool, b.id)}/weight`, { method: "PUT", body: { weight: value } });
  return confirm({
    title: `Another weight for ${b.pool}/${b.id}?`, confirm: "Set the weight", text: "Its share of new sessions, against that of the others of its pool. Sessions that it has stay.",
    fields: [el("div", { class: "field" }, el("label", { for: "f-weight" }, "Weight, 1 to 256"), weight)],
    act: () => tell(`${backendPath(b.pool, b.id)}/weight`, { method: "PUT", body: { weight: Number(weight.value) } }, `${b.pool}/${b.id} has the weight ${weight.value}.`,
      async () => { const set = await put(b.weight); toast(`${b.pool}/${b.id} has the weight ${b.weight} again${set.overlay === "none" ? ", which is written" : ""}.`); }),
  });
}
