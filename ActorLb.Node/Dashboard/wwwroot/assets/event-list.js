// What happened, in words, newest first; bounded.
import { follow } from "./api.js";
import { el, mark } from "./dom.js";
import { when } from "./format.js";

const tones = { error: "bad", warning: "warn" };
const good = /(\.(up|ready|reachable|over|closed|renewed|recovered|loaded|applied)|-over)$/;

/** Worse ones by their severity; of the others those that are good news, what people did, and the rest. */
const toneOf = e => tones[e.severity] ?? (e.kind.startsWith("operator.") ? "drain" : good.test(e.kind) ? "ok" : "off");

/** Where it was, who asked for it and why. A node that a text begins with is named once. */
export function whence({ node, text, who }, because) {
  const own = `${node}: `;
  return [text.startsWith(own) ? "" : `at ${node}`, who ? `asked for by ${who}` : "", because ? `because: ${because.startsWith(own) ? because.slice(own.length) : because}` : ""].filter(Boolean).join(", ");
}

/** Follows events until it is stopped; those of the span before first. Goes on where it was cut off. */
export function followEvents(since, hear) {
  const aborted = new AbortController();
  let last = "";
  (async () => {
    for (let pause = 1000; !aborted.signal.aborted;) {
      try {
        const path = last ? "api/v1/events" : `api/v1/events?since=${encodeURIComponent(since)}`;
        for await (const message of follow(path, aborted.signal, last ? { "Last-Event-ID": last } : {})) {
          if (message.id) last = message.id;
          if (message.data) hear(JSON.parse(message.data));
          pause = 1000;
        }
      } catch (error) {
        if (error.status === 404 || error.status === 401) return;
        if (error.status === 400) last = "";
      }
      await new Promise(done => setTimeout(done, pause));
      pause = Math.min(10_000, pause * 2);
    }
  })();
  return () => aborted.abort();
}

/** @param max Events that are kept; @param accepts Whether one is shown. */
export function eventList(max, accepts = () => true) {
  const list = el("ol", { class: "events", reversed: true });
  const empty = el("p", { class: "empty" }, "Nothing happened that is worth a word.");
  const element = el("div", {}, empty, list);
  // Of those that are shown, by their ids.
  const texts = new Map();
  return {
    element, list,
    clear() { list.replaceChildren(); texts.clear(); empty.hidden = false; },
    add(event) {
      if (texts.has(event.id) || !accepts(event)) return;
      empty.hidden = true;
      const item = el("li", { class: "event", "data-at": event.at }, el("time", { datetime: event.at, class: "muted mono" }, when(event.at)), mark(toneOf(event), event.kind),
        el("div", { class: "event-text" }, event.backend ? el("a", { href: `#/backend/${encodeURIComponent(event.pool)}/${encodeURIComponent(event.backend)}` }, event.text) : el("span", {}, event.text), el("span", { class: "muted small" }, ` ${whence(event, texts.get(event.cause))}`)));
      texts.set(event.id, event.text);
      item.eventId = event.id;
      let before = list.firstChild;
      while (before && before.dataset.at > event.at) before = before.nextSibling;
      list.insertBefore(item, before);
      while (list.children.length > max) { texts.delete(list.lastChild.eventId); list.lastChild.remove(); }
    },
  };
}
