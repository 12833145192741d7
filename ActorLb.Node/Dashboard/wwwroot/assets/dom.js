// Elements without markup in strings: nothing that a server says can become markup or script.
const svgTags = new Set(["svg", "path", "circle", "rect", "line", "g", "text", "tspan", "title", "use", "polyline"]);

/** An element with attributes, properties (on*, value, checked) and children; null and undefined are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = svgTags.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}

export function set(node, name, value) {
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") { if (node[name] !== value) node[name] = value; }
  else if (value === null || value === undefined || value === false) { if (node.hasAttribute(name)) node.removeAttribute(name); }
  else { const text = value === true ? "" : String(value); if (node.getAttribute(name) !== text) node.setAttribute(name, text); }
}

/** Pixels of what is a pixel at the usual size of type: wide screens have larger type. */
export const px = n => n * parseFloat(getComputedStyle(document.documentElement).fontSize) / 15;

/** Says it where it is not said already: what stays is not touched. */
export function say(node, text) {
  const said = text === null || text === undefined ? "" : String(text);
  if (node.textContent !== said) node.textContent = said;
}

/** Makes the children of a parent those of the items, in their order; those that stay are kept and updated. */
export function keyed(parent, items, keyOf, create, update) {
  const known = parent.keyed ??= new Map();
  const seen = new Set();
  let before = null;
  for (const item of items) {
    const key = keyOf(item);
    if (seen.has(key)) continue;
    seen.add(key);
    let node = known.get(key);
    if (!node) known.set(key, node = create(item));
    update?.(node, item);
    const place = before ? before.nextSibling : parent.firstChild;
    if (place !== node) parent.insertBefore(node, place);
    before = node;
  }
  for (const [key, node] of known) if (!seen.has(key)) { node.remove(); known.delete(key); }
}

const shapes = {
  ok: "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Zm3.2 4.6-4 4.2-2.3-2.2-1 1.1 3.4 3.2 5-5.3Z",
  warn: "M8 1.2 15.4 14.5H.6Zm-.8 4.6.2 4.6h1.2l.2-4.6Zm.8 5.6a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8Z",
  bad: "M5 1h6l4 4v6l-4 4H5l-4-4V5Zm.6 3.5L4.5 5.6 6.9 8l-2.4 2.4 1.1 1.1L8 9.1l2.4 2.4 1.1-1.1L9.1 8l2.4-2.4-1.1-1.1L8 6.9Z",
  drain: "M3 1h10v2H3Zm1 4h8v2H4Zm1.5 4h5v2h-5ZM7 13h2v2H7Z",
  off: "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1ZM4 7v2h8V7Z",
};

/** A status: a shape and a word, in its colour. */
export function mark(tone, word) {
  return el("span", { class: "mark", "data-tone": tone }, el("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, el("path", { d: shapes[tone], fill: "currentColor", "fill-rule": "evenodd" })), el("span", {}, word));
}

export function setMark(node, tone, word) {
  if (node.dataset.tone !== tone) { node.dataset.tone = tone; node.querySelector("path").setAttribute("d", shapes[tone]); }
  say(node.lastChild, word);
}

const icons = {
  overview: "M3 13h8V3H3zm10 8h8V11h-8zM3 21h8v-6H3zM13 3v6h8V3z",
  backends: "M4 4h16v6H4zm0 10h16v6H4zm3-7.5h3m-3 10h3",
  cluster: "M12 5a2 2 0 1 0 0-.01M5 18a2 2 0 1 0 0-.01M19 18a2 2 0 1 0 0-.01M11 7l-5 9M13 7l5 9M8 18h8",
  sessions: "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-8 10c0-4.4 3.6-7 8-7s8 2.6 8 7",
  topology: "M4 6l8-4 8 4-8 4zm0 6l8 4 8-4M4 18l8 4 8-4",
  events: "M4 6h2m3 0h11M4 12h2m3 0h11M4 18h2m3 0h11",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2v3m0 14v3M2 12h3m14 0h3M5 5l2 2m10 10 2 2M19 5l-2 2M7 17l-2 2",
  dark: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z",
  auto: "M12 3a9 9 0 1 0 0 18Zm0 0a9 9 0 0 1 0 18",
};

export function icon(name) {
  return el("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, el("path", { d: icons[name], fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round" }));
}
