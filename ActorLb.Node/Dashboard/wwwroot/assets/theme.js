// Light, dark, or as the system says; kept in this browser.
const key = "actorlb-theme";
const themes = ["auto", "light", "dark"];

export function theme() {
  try { const kept = localStorage.getItem(key); return themes.includes(kept) ? kept : "auto"; } catch { return "auto"; }
}

export function applyTheme() {
  if (theme() === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = theme();
  dispatchEvent(new Event("themechange"));
}

export function nextTheme() {
  try { localStorage.setItem(key, themes[(themes.indexOf(theme()) + 1) % themes.length]); } catch { /* A browser that keeps nothing has the system's. */ }
  applyTheme();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("themechange")));

/** What a colour of the style sheet is now, for what is drawn on a canvas. */
export function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
