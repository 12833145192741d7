// Nodes as a picture: those that hear each other stand together, and what is cut is drawn as cut.
import { el, keyed, say, set } from "./dom.js";
import { rate } from "./format.js";

/** Whether a node hears another one, as it says itself; null where it says nothing. */
function hears(nodes, a, b) {
  const seen = nodes.find(n => n.name === a)?.sees?.find(s => s.node === b);
  return seen ? seen.reachable : null;
}

/** Groups of nodes that hear each other, the answering node's first; who was lost is alone, as far as one knows. */
function groupsOf(now, nodes) {
  const names = nodes.map(n => n.name), group = new Map();
  const joined = (a, b) => {
    const one = hears(nodes, a, b), other = hears(nodes, b, a);
    return one !== false && other !== false && !(one === null && other === null && !(nodes.find(n => n.name === a).reachable && nodes.find(n => n.name === b).reachable));
  };
  const groups = [];
  for (const name of names) {
    if (group.has(name)) continue;
    const members = [name];
    group.set(name, groups.length);
    for (const m of members) for (const other of names) if (!group.has(other) && joined(m, other)) { group.set(other, groups.length); members.push(other); }
    groups.push(members);
  }
  return groups;
}

export function partitionPicture() {
  const edges = el("g", {}), dots = el("g", {}), rings = el("g", {});
  const svg = el("svg", { class: "partitions", role: "img" }, rings, edges, dots);
  const words = el("p", { class: "muted small" });
  const box = el("div", {}, svg, words);
  box.show = now => {
    // Who was lost may be the other side.
    const all = [...now.nodes, ...now.lost.map(l => ({ name: l.name, reachable: false, isLost: true }))];
    const groups = groupsOf(now, all), size = 220, width = Math.max(340, groups.length * size);
    set(svg, "viewBox", `0 0 ${width} ${size}`);
    const places = new Map();
    groups.forEach((members, g) => {
      const cx = width * (g + 0.5) / groups.length, cy = size / 2 - 4, r = members.length === 1 ? 0 : members.length === 2 ? 52 : 66;
      members.forEach((name, i) => { const a = (members.length === 2 ? Math.PI : -Math.PI / 2) + i / members.length * 2 * Math.PI; places.set(name, { x: cx + r * Math.cos(a) * (members.length === 2 ? 1.25 : 1.3), y: cy + r * Math.sin(a) }); });
    });
    keyed(rings, groups.length > 1 ? groups.map((members, g) => ({ g })) : [], r => r.g, () => el("rect", { class: "partition", rx: 18, y: 4, height: size - 8 }), (rect, r) => { set(rect, "x", width * r.g / groups.length + 5); set(rect, "width", width / groups.length - 10); });
    const pairs = all.flatMap((a, i) => all.slice(i + 1).map(b => [a.name, b.name]));
    keyed(edges, pairs, p => p.join(" "), () => el("path", {}), (line, [a, b]) => {
      const one = places.get(a), other = places.get(b), cut = now.lost.some(l => l.name === a || l.name === b) || hears(now.nodes, a, b) === false || hears(now.nodes, b, a) === false;
      // Between sides it goes around those that stand in between.
      const bend = cut && groups.length > 1 ? -52 : 0;
      set(line, "d", `M${one.x.toFixed(1)} ${one.y.toFixed(1)}Q${((one.x + other.x) / 2).toFixed(1)} ${((one.y + other.y) / 2 + bend).toFixed(1)} ${other.x.toFixed(1)} ${other.y.toFixed(1)}`);
      set(line, "class", cut ? "edge cut" : "edge");
    });
    keyed(dots, all, n => n.name, () => el("g", {}, el("circle", { r: 21 }), el("text", { class: "dot-name", y: 36, "text-anchor": "middle" }), el("text", { class: "dot-more", y: 4, "text-anchor": "middle" })), (g, n) => {
      const { x, y } = places.get(n.name);
      set(g, "transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      set(g, "class", n.name === now.node ? "dot own" : n.isLost ? "dot lost" : "dot");
      set(g, "data-tone", !n.reachable ? "bad" : n.differs || n.clockIsWrong || n.status !== "up" ? "warn" : "ok");
      say(g.children[1], n.name.length > 16 ? `${n.name.slice(0, 15)}…` : n.name);
      say(g.children[2], n.reachable ? n.recentRequests === undefined ? "?" : `${rate(n.recentRequests / 10)}/s` : "–");
    });
    const lost = all.filter(n => !n.reachable).map(n => n.name);
    const text = groups.length === 1 ? `${now.nodes.length === 1 ? "One node" : now.nodes.length === 2 ? "Both nodes hear each other" : `All ${now.nodes.length} nodes hear each other`}.` : `${groups.length} sides: ${groups.map(g => g.join(", ")).join(" | ")}.${lost.length ? ` ${lost.join(", ")} ${lost.length === 1 ? "is" : "are"} not heard.` : ""}`;
    say(words, text);
    set(svg, "aria-label", text);
  };
  return box;
}
