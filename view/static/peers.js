// The peers: as circles around this node, nearer the more bits their IDs share
// with its own, and as a list.

import { byID, h, show, svg } from "./dom.js";
import { commandButton, commandText } from "./format.js";
import { askedLast } from "./lookup.js";
import { said, t } from "./words.js";

const SIZE = 340; // of the drawing, in its own units
const MIDDLE = SIZE / 2;
const MOST_RINGS = 6;

/** Shows the answer of /api/peers, with the view.Table that says how far each is. */
export function showPeers({ peers }, table, status) {
  show(byID("peers-command"), commandButton("peers", status.flags));
  if (peers.length === 0) {
    const seeds = status.bootstrap.join(" ");
    show(
      byID("peers"),
      h(
        "div",
        { class: "empty", "data-testid": "empty-peers" },
        h("h3", {}, t("no_peers")),
        h("p", {}, t(seeds ? "silent_seeds_say" : "no_peers_say"), " ", commandText(seeds || status.second)),
      ),
    );
    return;
  }

  const contacts = new Map((table?.contacts ?? []).map((contact) => [contact.addr, contact]));
  show(
    byID("peers"),
    h("div", { class: "peers-box" }, h("figure", { class: "ring" }, ring(peers, contacts), legend(), h("figcaption", { class: "note" }, t("ring_note"))), list(peers, contacts)),
  );
}

const kindOf = (peer) => (peer.other_chain ? "other" : peer.in_step ? "step" : "off");

function legend() {
  return h("p", { class: "legend", "aria-hidden": "true" }, ["step", "off", "other", "known"].map((kind) => h("span", {}, h("i", { class: "peer-dot is-" + kind }), t("legend_" + kind))));
}

function ring(peers, contacts) {
  const all = [...peers.map((peer) => ({ addr: peer.addr, id: peer.id, kind: kindOf(peer), height: peer.height, state: peer.state, bucket: contacts.get(peer.addr)?.bucket ?? 0 }))];
  const known = new Set(peers.map((peer) => peer.addr));
  for (const contact of contacts.values()) {
    if (!known.has(contact.addr)) all.push({ addr: contact.addr, id: contact.id, kind: "known", bucket: contact.bucket });
  }

  const buckets = [...new Set(all.map((peer) => peer.bucket))].sort((a, b) => a - b);
  const rings = Math.min(buckets.length, MOST_RINGS);
  const radius = (i) => (rings === 1 ? 112 : 142 - (i * 92) / (rings - 1));
  const asked = new Set(askedLast());
  const lines = [];
  const circles = [];
  const orbits = [];

  for (let i = 0; i < rings; i++) {
    const isLast = i === rings - 1;
    const here = all.filter((peer) => (isLast ? peer.bucket >= buckets[i] : peer.bucket === buckets[i])).sort((a, b) => (a.id < b.id ? -1 : 1));
    const r = radius(i);
    orbits.push(svg("circle", { class: "orbit", cx: MIDDLE, cy: MIDDLE, r }), svg("text", { class: "orbit-name", x: MIDDLE, y: MIDDLE - r - 4 }, buckets[i]));
    here.forEach((peer, j) => {
      const angle = ((j + 0.5) / here.length) * 2 * Math.PI - Math.PI / 2 + i * 0.4;
      const [x, y] = [MIDDLE + r * Math.cos(angle), MIDDLE + r * Math.sin(angle)];
      lines.push(svg("line", { class: `spoke is-${peer.kind}${asked.has(peer.addr) ? " is-asked" : ""}`, x1: MIDDLE, y1: MIDDLE, x2: x, y2: y, "data-spoke": peer.addr }));
      circles.push(
        svg(
          "g",
          { class: "peer-sign is-" + peer.kind, "data-peer": peer.addr },
          svg("title", {}, `${peer.addr} ${said(peer.state ?? "")}`),
          svg("circle", { cx: x, cy: y, r: all.length > 24 ? 7 : 13 }),
          all.length > 24 ? null : svg("text", { x, y: y + 3.5 }, peer.height >= 0 ? peer.height : "–"),
        ),
      );
    });
  }

  return svg(
    "svg",
    { class: "ring-drawing", viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": `${t("peers")}: ${peers.length}` },
    orbits,
    lines,
    svg("circle", { class: "self", cx: MIDDLE, cy: MIDDLE, r: 19 }),
    svg("circle", { class: "self-core", cx: MIDDLE, cy: MIDDLE, r: 6 }),
    circles,
  );
}

function list(peers, contacts) {
  return h(
    "div",
    { class: "scroll-y peer-list", tabindex: "0", role: "region", "aria-label": t("peers"), "data-scroll": "peers", "data-key": "peers" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("peer")), h("th", { scope: "col", class: "number" }, t("field_height")), h("th", { scope: "col", class: "peer-state" }, t("state")))),
      h(
        "tbody",
        {},
        peers.map((peer) =>
          h(
            "tr",
            {
              "data-testid": "peer-row",
              "data-addr": peer.addr,
              onmouseenter: () => mark(peer.addr, true),
              onmouseleave: () => mark(peer.addr, false),
            },
            h("td", {}, h("span", { class: "mono" }, h("i", { class: "peer-dot is-" + kindOf(peer) }), peer.addr), h("div", { class: "note mono" }, peer.id ? peer.id.slice(0, 8) : "", contacts.has(peer.addr) ? ` · ${t("bucket", { n: contacts.get(peer.addr).bucket })}` : "")),
            h("td", { class: "number" }, peer.height < 0 ? "–" : peer.height),
            h("td", { class: "peer-state" }, said(peer.state)),
          ),
        ),
      ),
    ),
  );
}

const signOf = (addr) => [...document.querySelectorAll("[data-peer]")].find((sign) => sign.dataset.peer === addr);
const spokeOf = (addr) => [...document.querySelectorAll("[data-spoke]")].find((spoke) => spoke.dataset.spoke === addr);

function mark(addr, isMarked) {
  signOf(addr)?.classList.toggle("is-marked", isMarked);
}

/** Shows for a moment that a message goes to a peer, or comes from one. */
export function pulse(addr, direction) {
  const spoke = addr && spokeOf(addr);
  if (!spoke || spoke.classList.contains("is-" + direction)) return;
  spoke.classList.add("is-" + direction);
  setTimeout(() => spoke.classList.remove("is-" + direction), 700);
}
