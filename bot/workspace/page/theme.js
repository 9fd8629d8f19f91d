/** Light, dark, or as the system says; remembered in this browser. */

const KEY = "workspace/theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };
const SIGNS = { auto: "◐", light: "☀", dark: "☾" };

export function theme() {
  const kept = localStorage.getItem(KEY);
  return kept in NEXT ? kept : "auto";
}

/** Show the page in the remembered theme. */
export function applyTheme() {
  document.documentElement.dataset.theme = theme();
}

export function nextTheme() {
  localStorage.setItem(KEY, NEXT[theme()]);
  applyTheme();
}

/** What the button says. */
export function themeLabel() {
  return { sign: SIGNS[theme()], words: `Theme: ${theme()}` };
}
