// What the node says each second, for all views. Goes on when the node is gone: tries it again, and looks whether another one is there.
import { follow, Problem } from "./api.js";
import { elsewhere } from "./half.js";

const staleAfter = 3500;
// Whose node refuses the next connection need not wait: it was killed.
const refusedAfter = 1500;
const elsewhereAfter = 5000;

/** A row of a backend, by the order that docs/admin-api.md gives. */
export const backendOf = (pool, row) => ({
  pool, id: row[0], state: row[1], operator: row[2], takes: row[3], weight: row[4], since: row[5], rate: row[6] / 10, failures: row[7] / 10,
  recent: row[6], failed: row[7], p50: row[8], p99: row[9], inFlight: row[10], tunnels: row[11], sessions: row[12], toMove: row[13], waiting: row[14], why: row[15],
});

/** The tone and the word of a backend's condition. */
export function conditionOf(b) {
  if (b.operator === "maintenance") return ["off", "maintenance"];
  if (b.state === "down") return ["bad", b.operator === "draining" ? "down, drains" : "down"];
  if (b.operator === "draining") return ["drain", "draining"];
  if (b.state === "unknown") return ["off", "not probed"];
  return b.why && b.why !== "backup" ? ["warn", b.takes ? "up, look" : "up, ejected"] : b.takes || b.why === "backup" ? ["ok", "up"] : ["warn", "up, no new"];
}

export class Live {
  now = null;
  #listeners = new Set();
  #heardAt = 0;
  #failedSince = 0;
  #aborted = new AbortController();
  #problem = null;

  constructor(onUnauthorized) {
    this.onUnauthorized = onUnauthorized;
    setInterval(() => this.#look(), 500);
  }

  subscribe(listener) { this.#listeners.add(listener); return () => this.#listeners.delete(listener); }

  /** wait, live or stale; since when nothing was heard, in milliseconds. */
  get state() {
    if (!this.#heardAt) return { word: "wait", problem: this.#problem };
    const silent = performance.now() - this.#heardAt;
    return { word: silent > staleAfter || (this.#failedSince && silent > refusedAfter) ? "stale" : "live", silent, problem: this.#problem };
  }

  async run() {
    for (let pause = 500; ; ) {
      this.#aborted = new AbortController();
      try {
        for await (const message of follow("api/v1/live", this.#aborted.signal)) {
          if (!message.data) continue;
          this.now = JSON.parse(message.data);
          this.#heardAt = performance.now();
          this.#failedSince = 0;
          this.#problem = null;
          pause = 500;
          this.#tell();
        }
      } catch (error) {
        this.#problem = error instanceof Problem ? error : null;
        if (error.status === 401) { this.onUnauthorized(); return; }
      }
      this.#failedSince ||= performance.now();
      this.#tell();
      await new Promise(done => setTimeout(done, pause));
      pause = Math.min(4000, pause * 1.6);
    }
  }

  // A connection whose other end lost its power says nothing: it is given up.
  #look() {
    const { word, silent } = this.state;
    if (word === "stale") {
      if (silent > 6000 && !this.#failedSince) this.#aborted.abort();
      this.#tell();
      if (silent > (this.#failedSince ? refusedAfter * 2 : elsewhereAfter)) this.#goElsewhere();
    }
  }

  #tell() { for (const listener of this.#listeners) listener(this.now); }

  #looking = false;

  // Whether another node is alive can be seen without a word of its answer; who goes there may have to log in again.
  async #goElsewhere() {
    const others = (this.now?.nodes ?? []).filter(n => n.name !== this.now.node && n.admin && n.reachable && new URL(n.admin).origin !== location.origin);
    if (this.#looking || !others.length) return;
    this.#looking = true;
    try {
      const found = await Promise.any(others.map(async n => { await fetch(n.admin + "livez", { mode: "no-cors", cache: "no-store", signal: AbortSignal.timeout(2000) }); return n; }));
      if (this.state.word === "stale") {
        const route = location.hash.replace(/^#/, "").split("?")[0] || "/";
        location.replace(elsewhere(found.admin, route, { from: this.now.node, at: Date.now() }));
      }
    } catch { /* None can be reached from this browser: the own node is tried on. */ }
    finally { setTimeout(() => { this.#looking = false; }, 2000); }
  }
}
