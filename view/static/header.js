// The node in one line, the choice of language and colours, and whether it is
// still there.

import { byID, h, show } from "./dom.js";
import { commandButton, commandText, hashSign, number } from "./format.js";
import { recall, remember, t } from "./words.js";

/** Shows a view.Status. */
export function showStatus(status) {
  const name = nameOf(status.listen);
  byID("node-name").textContent = name;
  document.title = status.height < 0 ? `Node ${name}` : `${status.height} · Node ${name}`;

  const fact = (word, testid, ...value) => h("div", { class: "fact" }, h("dt", {}, t(word)), h("dd", { "data-testid": testid }, ...value));
  show(byID("status-command"), commandButton("status", status.flags));
  show(
    byID("facts"),
    fact("height", "status-height", status.height < 0 ? t("none") : number(status.height)),
    fact("tip", "status-tip", status.tip ? h("a", { href: "#/block/" + status.tip, title: status.tip, "data-key": "tip" }, hashSign(status.tip)) : t("none")),
    fact("peers_in_step", "status-peers", t("of", { a: status.in_step, b: status.peers })),
    fact("pool", "status-pool", t("of", { a: status.pool, b: status.pool_size })),
    fact("wallets", "status-wallets", number(status.wallets)),
    fact("coins", "status-coins", number(status.coins)),
  );
}

/** What a node is called: by where it listens, or the port alone if that is on all addresses, as -listen has it. */
export const nameOf = (listen) => listen.replace(/^(\[::\]|0\.0\.0\.0):/, ":") || "Node";

/** Says whether the node is there: "live", "connecting" or "gone", and then how it starts again. */
export function showConnection(state, start = "go run . start") {
  const sign = byID("connection");
  if (sign.dataset.state !== state || sign.lang !== document.documentElement.lang) {
    sign.dataset.state = state;
    sign.lang = document.documentElement.lang;
    sign.textContent = t(state);
  }

  const gone = byID("gone");
  gone.hidden = state !== "gone";
  document.body.classList.toggle("is-gone", state === "gone");
  if (state === "gone") show(gone, t("gone_hint"), commandText(start), t("gone_since"));
}

const THEMES = ["auto", "light", "dark"];

/** The colours: the system's, until somebody chooses. */
export function setTheme(theme) {
  const chosen = THEMES.includes(theme) ? theme : "auto";
  document.documentElement.dataset.theme = chosen;
  remember("theme", chosen);
  const button = byID("theme");
  button.textContent = { auto: "◐", light: "☀", dark: "☾" }[chosen];
  button.title = t("theme_" + chosen);
  button.setAttribute("aria-label", button.title);
}

export const usualTheme = () => recall("theme") ?? "auto";
export const nextTheme = () => THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
