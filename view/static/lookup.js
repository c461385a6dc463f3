// The last lookup of the nodes near an ID, as its events tell it: whom this node
// asked, and what each named. The first it knew itself (hop 1); the next were
// named by those (hop 2), and so on, nearer each time.

import { byID, h, show } from "./dom.js";
import { t } from "./words.js";

const MOST = 8; // lookups that are kept: some run at once
const MOST_ASKED = 60; // nodes of one that are kept

const lookups = new Map(); // by number: {target, asked: Map of addr to {hops, distance, answer}, ended}

/** Takes an event of a lookup, and reports whether it was one. */
export function noteLookup({ kind, facts }) {
  if (!kind.startsWith("lookup ")) return false;
  if (kind === "lookup begun") {
    lookups.delete(facts.lookup); // of a node that has started anew
    lookups.set(facts.lookup, { target: facts.target ?? "", asked: new Map(), ended: null });
    if (lookups.size > MOST) lookups.delete(lookups.keys().next().value);
    return true;
  }

  const lookup = lookups.get(facts.lookup);
  if (!lookup) return false; // it began before this page looked
  if (kind === "lookup asks" && lookup.asked.size < MOST_ASKED) lookup.asked.set(facts.peer, { hops: Number(facts.hops) || 1, distance: facts.distance, answer: null });
  else if (kind === "lookup ended") lookup.ended = facts;
  else if (lookup.asked.has(facts.peer)) lookup.asked.get(facts.peer).answer = facts;
  return true;
}

const last = () => [...lookups.values()].findLast((lookup) => lookup.asked.size > 0);

/** The addresses that the last lookup asks, while it runs. */
export function askedLast() {
  const lookup = last();
  return lookup && !lookup.ended ? [...lookup.asked.keys()] : [];
}

/** Shows the last lookup. */
export function showLookup() {
  const lookup = last();
  if (!lookup) {
    show(byID("lookup"));
    return;
  }

  const end = lookup.ended;
  const hops = Map.groupBy(lookup.asked, ([, asked]) => asked.hops);
  show(
    byID("lookup"),
    h("h3", {}, t("lookup"), " ", h("span", { class: "note" }, t("lookup_of", { target: lookup.target.slice(0, 8) }), " · ", end ? (end.err ?? t("lookup_ended", end)) : t("lookup_runs"))),
    h(
      "ol",
      { class: "rounds" },
      [...hops.keys()].sort((a, b) => a - b).map((hop) => h("li", {}, h("span", { class: "round" }, t("lookup_hop", { n: hop })), h("ul", {}, hops.get(hop).map(([addr, asked]) => line(addr, asked))))),
    ),
  );
}

function line(addr, { distance, answer }) {
  return h(
    "li",
    { class: "wrap" },
    h("span", { class: "mono" }, "→ " + addr),
    h("span", { class: "faint" }, distance && distance !== "-1" ? ` 2^${distance}` : "", answer ? ` · ${answer.err ?? t("lookup_named", { n: Number(answer.count) || 0 })}` : ""),
  );
}
