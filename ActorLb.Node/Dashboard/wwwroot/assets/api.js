// Asks this page's own node, by relative addresses: a proxy may have put a prefix before all of them.
import { half } from "./half.js";

const headers = (own = half()) => ({ "X-ActorLb-Page": location.origin, ...(own ? { "X-ActorLb-Dashboard": own } : {}) });

/** What a node answered instead of what was asked for; status 0: it did not. */
export class Problem extends Error {
  constructor(status, title, detail) { super(detail || title); this.status = status; this.title = title; }
}

export async function ask(path, { method = "GET", body, token, own, more = {}, signal } = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method, signal, cache: "no-store", credentials: "same-origin", redirect: "error",
      headers: { ...headers(own), ...more, ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The node does not answer", "The node does not answer.");
  }
  const type = answer.headers.get("Content-Type") ?? "";
  const said = type.includes("json") ? await answer.json() : await answer.text();
  if (!answer.ok) throw new Problem(answer.status, said.title ?? answer.statusText, said.detail ?? said.title);
  return said;
}

/** Messages of an event stream, one after the other, until it ends: { id, event, data }. */
export async function* follow(path, signal, more = {}) {
  const answer = await fetch(path, { headers: { ...headers(), Accept: "text/event-stream", ...more }, cache: "no-store", credentials: "same-origin", redirect: "error", signal });
  if (!answer.ok) {
    const said = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
    throw new Problem(answer.status, said.title ?? answer.statusText, said.detail);
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    for (let end; (end = rest.indexOf("\n\n")) >= 0; rest = rest.slice(end + 2)) {
      const message = { id: "", event: "message", data: "" };
      for (const line of rest.slice(0, end).split("\n")) {
        const colon = line.indexOf(":");
        if (colon > 0) message[line.slice(0, colon)] = (line.slice(0, colon) === "data" && message.data ? message.data + "\n" : "") + line.slice(colon + 1).replace(/^ /, "");
      }
      if (message.data || message.id) yield message;
    }
    if (rest.length > 16 * 1024 * 1024) throw new Problem(0, "The stream makes no sense", "A message has no end.");
  }
}

export const backendPath = (pool, id) => `api/v1/pools/${encodeURIComponent(pool)}/backends/${encodeURIComponent(id)}`;
