// The last lookup of nodes near an ID, round by round, as its events tell it.

import { byID, h, show } from "./dom.js";
import { t } from "./words.js";

const MOST_ROUNDS = 12; // that are kept
let last = null; // {target, distance, rounds: [{round, asked: [addr], nearest}], ended}

/** Takes an event of a lookup, and reports whether it was one. */
export function noteLookup({ kind, facts }) {
  switch (kind) {
    case "lookup begun":
      last = { target: facts.target, distance: facts.distance, rounds: [], ended: null };
      return true;
    case "lookup round":
      if (last?.target !== facts.target) last = { target: facts.target, rounds: [], ended: null };
      last.rounds.push({ round: facts.round, nearest: facts.nearest, asked: addresses(facts.asked) });
      last.rounds = last.rounds.slice(-MOST_ROUNDS);
      return true;
    case "lookup ended":
      if (last?.target === facts.target) last.ended = facts;
      return true;
  }
  return false;
}

/** The addresses that the last round asked: a list as the log writes it. */
export const askedLast = () => (last && !last.ended ? (last.rounds.at(-1)?.asked ?? []) : []);

const addresses = (list = "") => list.split(/[\s,[\]]+/).filter((addr) => addr.includes(":"));

/** Shows it. */
export function showLookup() {
  if (!last) {
    show(byID("lookup"));
    return;
  }

  const end = last.ended;
  show(
    byID("lookup"),
    h("h3", {}, t("lookup"), " ", h("span", { class: "note" }, t("lookup_of", { target: (last.target ?? "").slice(0, 8) }), " · ", end ? (end.err ?? t("lookup_ended", end)) : t("lookup_runs"))),
    h(
      "ol",
      { class: "rounds" },
      last.rounds.map((round) =>
        h(
          "li",
          {},
          h("span", { class: "round" }, t("lookup_round", { n: round.round })),
          h("span", { class: "mono wrap" }, round.asked.map((addr) => "→ " + addr).join("  ")),
          round.nearest ? h("span", { class: "faint" }, t("lookup_nearest", { n: round.nearest })) : null,
        ),
      ),
    ),
  );
}
