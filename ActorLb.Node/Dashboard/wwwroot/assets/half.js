// The page's half of its log-in. Browsers give the cookie, the other half, to every port of this host, and so to backends; this one is reached by the scripts of
// this origin alone, in all its tabs. It stands in the way of nothing but a copy of the cookie: alone, it opens as little as that.
const key = `actorlb-page-half ${new URL(".", location).pathname}`;
let inThisTab = null;

export function half() {
  try { return localStorage.getItem(key); } catch { return inThisTab; }
}

export function keepHalf(given) {
  inThisTab = given;
  try { if (given) localStorage.setItem(key, given); else localStorage.removeItem(key); } catch { /* A browser that keeps nothing forgets it with the page. */ }
}

/** What the page of another node has handed over, until it was tried; it is out of the address before anything else is done. */
export const handed = (() => {
  const [path, query = ""] = location.hash.split("?");
  const said = new URLSearchParams(query);
  const given = said.get("half");
  if (given !== null) {
    said.delete("half");
    history.replaceState(null, "", path + (said.size ? `?${said}` : ""));
  }
  return { half: given };
})();

/** The address of a view at another node's dashboard, with the half where the browser gives the cookie there, too. The fragment is sent to nobody. */
export function elsewhere(admin, view, query = {}) {
  const to = new URL(admin);
  const said = new URLSearchParams(query);
  if (half() && to.hostname === location.hostname && to.protocol === location.protocol) said.set("half", half());
  return `${admin}#${view}${said.size ? `?${said}` : ""}`;
}
