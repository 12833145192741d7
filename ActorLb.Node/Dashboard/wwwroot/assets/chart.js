// Lines over time, drawn by uPlot; for those who do not see it, the last values in words.
import uPlot from "./vendor/uPlot.esm.js";
import { el, say } from "./dom.js";
import { colour } from "./theme.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });

/** @param lines [name, colour of the style sheet, how its values are written] */
export function chart(label, lines, height = 200) {
  const canvas = el("div", { class: "chart", "aria-hidden": "true" });
  const words = el("p", { class: "chart-legend" }, lines.map(([name, tone]) => el("span", { class: "legend", "data-line": tone }, el("i", { "aria-hidden": "true" }), el("span", {}, name), el("b", {}))));
  const box = el("figure", { "aria-label": label }, canvas, words);
  let plot = null, last = null;

  function make() {
    plot?.destroy();
    const grid = { stroke: colour("line"), width: 1 }, axis = { stroke: colour("muted"), grid, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    plot = new uPlot({
      width: Math.max(80, canvas.clientWidth), height, legend: { show: false }, cursor: { points: { size: 7 }, drag: { x: false, y: false } },
      scales: { y: { range: (u, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
      axes: [{ ...axis, size: 28, values: (u, ticks) => ticks.map(t => clock.format(t * 1000)) }, { ...axis, size: 58, values: (u, ticks) => ticks.map(v => lines[0][2](v)) }],
      series: [{}, ...lines.map(([name, tone]) => ({ label: name, stroke: colour(tone), width: 1.8, points: { show: false }, fill: lines.length === 2 && tone === "accent" ? colour("ok-soft") : undefined }))],
      hooks: { setCursor: [u => tell(u.cursor.idx)] },
    }, last ?? [[], ...lines.map(() => [])], canvas);
  }

  function tell(at) {
    lines.forEach(([, , write], i) => {
      const values = last?.[i + 1] ?? [];
      const value = values[at ?? values.length - 1];
      say(words.children[i].lastChild, value === undefined || value === null ? "–" : write(value));
    });
  }

  const resized = new ResizeObserver(() => { if (!plot) make(); else if (canvas.clientWidth) plot.setSize({ width: canvas.clientWidth, height }); });
  resized.observe(canvas);
  addEventListener("themechange", make);
  box.draw = data => {
    last = data.map((values, i) => i ? Array.from(values, v => Number.isNaN(v) ? null : v) : Array.from(values));
    plot?.setData(last);
    tell(null);
  };
  box.close = () => { resized.disconnect(); removeEventListener("themechange", make); plot?.destroy(); plot = null; };
  return box;
}
