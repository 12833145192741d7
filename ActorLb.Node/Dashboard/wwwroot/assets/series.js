// The last hour of one subject in slots of ten seconds: asked for once, and gone on with by what is heard live. Bounded.
import { ask } from "./api.js";

const length = 360;
const step = 10;

export class Series {
  requests = new Float64Array(length).fill(NaN);
  failures = new Float64Array(length).fill(NaN);
  p50 = new Float64Array(length).fill(NaN);
  p95 = new Float64Array(length).fill(NaN);
  p99 = new Float64Array(length).fill(NaN);
  /** Nodes whose counts begin within it. */
  begins = [];
  /** Changes with each slot. */
  version = 0;
  #slot = 0;
  #ofSlot = [0, 0];

  /** @param query What figures are asked for: "", "pool=web". */
  constructor(query) { this.query = query; }

  async load() {
    try {
      const got = await ask(`api/v1/figures?${this.query}${this.query ? "&" : ""}last=1h`);
      const last = Math.floor(new Date(got.from) / 1000 / step) + length - 1;
      const [r, f, a, b, c] = [got.requests, got.failures, got.p50, got.p95, got.p99];
      for (let i = 0; i < length; i++) {
        this.requests[i] = perSecond(r[i], step); this.failures[i] = perSecond(f[i], step);
        this.p50[i] = a[i] ?? NaN; this.p95[i] = b[i] ?? NaN; this.p99[i] = c[i] ?? NaN;
      }
      this.begins = got.begins ?? [];
      this.#slot = last;
      this.version++;
    } catch { /* It begins with what is heard from now on. */ }
  }

  /** What happened in the last second. */
  hear(moment, figures) {
    const slot = Math.floor(new Date(moment) / 1000 / step);
    if (!this.#slot) this.#slot = slot;
    while (this.#slot < slot) { this.#shift(); this.#slot++; this.version++; }
    this.#ofSlot[0] += figures.requests;
    this.#ofSlot[1] += figures.failures;
    const end = length - 1;
    this.requests[end] = figures.recentRequests / step;
    this.failures[end] = figures.recentFailures / step;
    this.p50[end] = figures.p50 ?? NaN; this.p95[end] = figures.p95 ?? NaN; this.p99[end] = figures.p99 ?? NaN;
  }

  /** When the slots are, in seconds since 1970. */
  get times() { return Float64Array.from({ length }, (_, i) => (this.#slot - length + 1 + i) * step); }

  #shift() {
    this.#ofSlot = [0, 0];
    for (const values of [this.requests, this.failures, this.p50, this.p95, this.p99]) {
      values.copyWithin(0, 1);
      values[length - 1] = NaN;
    }
  }
}

/** Of what was counted in a slot; NaN, a gap, where nobody has counted. */
export const perSecond = (counted, seconds) => counted === null ? NaN : counted / seconds;

/** The path of a line through values, in a box of that size; gaps where there is none. */
export function sparkPath(values, width, height, top) {
  let path = "", pen = false;
  const max = top || 1;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (Number.isNaN(v)) { pen = false; continue; }
    path += `${pen ? "L" : "M"}${(i / (values.length - 1) * width).toFixed(1)} ${(height - 1 - Math.min(1, v / max) * (height - 2)).toFixed(1)}`;
    pen = true;
  }
  return path;
}

export const highest = values => values.reduce((most, v) => v > most ? v : most, 0);
