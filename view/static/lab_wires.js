// The nodes on a ring, and the wires between them, which one can cut.

import { byID, h, show, svg } from "./dom.js";
import { nodesOf, wireOf } from "./lab_state.js";
import { qualities } from "./lab_diagram.js";
import { t } from "./words.js";

const SIZE = 300; // px of the drawing
const MOST_LINES = 12; // nodes: more have too many wires to click on

export class Wires {
  #from = "A";
  #to = "B";
  #act;
  #told = "";

  constructor(act) {
    this.#act = act;
  }

  show(state, mayAct) {
    const nodes = nodesOf(state);
    const letters = nodes.map((node) => node.letter);
    const flying = [...state.flying.values()].filter((message) => !message.udp).map((message) => message.from + message.to);
    const told = JSON.stringify([nodes.map((node) => [node.letter, node.isRunning]), [...state.wires], flying, mayAct, this.#from, this.#to, document.documentElement.lang]);
    if (told === this.#told) return;
    this.#told = told;

    if (!letters.includes(this.#from)) this.#from = letters[0] ?? "";
    if (!letters.includes(this.#to) || this.#to === this.#from) this.#to = letters.find((letter) => letter !== this.#from) ?? "";
    const change = () => this.show(state, mayAct);
    show(
      byID("wires"),
      this.#drawing(state, nodes, new Set(flying), mayAct, change),
      mayAct && letters.length <= MOST_LINES ? h("p", { class: "note" }, t("wires_note")) : null,
      mayAct && letters.length > 1 ? this.#form(state, letters, change) : null,
    );
  }

  #drawing(state, nodes, flying, mayAct, change) {
    const middle = SIZE / 2;
    const radius = SIZE / 2 - 24;
    const at = nodes.map((node, i) => {
      const angle = (i / nodes.length) * 2 * Math.PI - Math.PI / 2 - (nodes.length === 2 ? Math.PI / 2 : nodes.length === 4 ? Math.PI / 4 : 0);
      return [middle + radius * Math.cos(angle), middle + radius * Math.sin(angle)];
    });

    const lines = [];
    for (let i = 0; i < nodes.length; i++) {
      for (let k = i + 1; k < nodes.length; k++) lines.push(this.#line(state, nodes[i].letter, nodes[k].letter, at[i], at[k], flying, mayAct && nodes.length <= MOST_LINES, change));
    }
    const r = nodes.length > 12 ? 11 : 16;
    const signs = nodes.map((node, i) => svg("g", { class: "ring-node" + (node.isRunning ? "" : " is-killed") }, svg("circle", { cx: at[i][0], cy: at[i][1], r }), svg("text", { x: at[i][0], y: at[i][1] + 5 }, node.letter)));
    return svg("svg", { class: "wire-ring" + (nodes.length > MOST_LINES ? " is-crowded" : ""), viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": t("wires_label") }, lines, signs);
  }

  #line(state, a, b, [x1, y1], [x2, y2], flying, mayClick, change) {
    const there = wireOf(state, a, b);
    const back = wireOf(state, b, a);
    const isCut = there.cut || back.cut;
    const isBoth = there.cut && back.cut;
    const name = t("wire_name", { a, b });
    const how = [isBoth ? t("wire_cut") : there.cut ? `${t("wire_cut")} ${a}→${b}` : back.cut ? `${t("wire_cut")} ${b}→${a}` : t("wire_whole"), qualities(there) || qualities(back)].filter(Boolean).join(", ");
    const middle = [(x1 + x2) / 2, (y1 + y2) / 2];
    const point = (part) => [x1 + (x2 - x1) * part, y1 + (y2 - y1) * part];

    const parts = [svg("title", {}, `${name}: ${how}`)];
    if (isCut) {
      const [ax, ay] = point(0.4);
      const [bx, by] = point(0.6);
      parts.push(svg("path", { class: "ring-wire is-cut", d: `M${x1} ${y1}L${ax} ${ay}M${bx} ${by}L${x2} ${y2}` }));
      parts.push(svg("path", { class: "ring-gap", d: `M${middle[0] - 4} ${middle[1] - 4}l8 8m0 -8l-8 8` }));
      if (!isBoth) {
        const [fx, fy, tx, ty] = there.cut ? [x2, y2, x1, y1] : [x1, y1, x2, y2];
        parts.push(arrowHead(fx, fy, fx + (tx - fx) * 0.75, fy + (ty - fy) * 0.75));
      }
    } else {
      const isSlow = qualities(there) || qualities(back);
      parts.push(svg("path", { class: "ring-wire" + (isSlow ? " is-slow" : ""), d: `M${x1} ${y1}L${x2} ${y2}` }));
    }
    for (const [key, part] of [[a + b, 0.3], [b + a, 0.7]]) {
      if (flying.has(key)) parts.push(svg("circle", { class: "ring-flying", cx: point(part)[0], cy: point(part)[1], r: 4 }));
    }
    if (mayClick) parts.push(svg("path", { class: "ring-hit", d: `M${x1} ${y1}L${x2} ${y2}` }));

    const click = (event) => {
      [this.#from, this.#to] = [a, b];
      if (event.shiftKey) this.#act(there.cut ? `heal ${a} ${b}` : `cut ${a}>${b}`);
      else this.#act(isCut ? `heal ${a} ${b}` : `cut ${a} ${b}`);
      change();
    };
    return svg("g", { class: "ring-line" + (mayClick ? " is-clickable" : ""), "data-wire": a + b, "data-testid": `wire-${a}${b}`, "data-cut": String(isCut), onclick: mayClick ? click : () => {} }, parts);
  }

  /** The same for the keyboard, and what a click cannot say. */
  #form(state, letters, change) {
    const [a, b] = [this.#from, this.#to];
    const wire = wireOf(state, a, b);
    const back = wireOf(state, b, a);
    const isCut = wire.cut || back.cut;
    const choose = (value, word, set) =>
      h("label", {}, h("span", { class: "unseen" }, t(word)), h("select", { "data-key": "wire-" + word, onchange: (event) => { set(event.target.value); change(); } }, letters.map((letter) => h("option", { value: letter, selected: letter === value }, letter))));
    const button = (key, words, line) => h("button", { type: "button", "data-key": "wire-" + key, "data-testid": "wire-" + key, onclick: () => this.#act(line) }, words);
    const figure = (key, value, most, line) => {
      const input = h("input", { type: "number", min: 0, max: most, value, "data-key": "wire-" + key, inputmode: "numeric" });
      return h("form", { class: "figure", onsubmit: (event) => { event.preventDefault(); this.#act(line(Number(input.value) || 0)); } }, h("label", {}, h("span", {}, t(key)), input), h("button", { "data-key": "wire-set-" + key }, t("set")));
    };

    return h(
      "div",
      { class: "wire-form" },
      h("div", { class: "line" }, choose(a, "from_node", (letter) => { if (letter === this.#to) this.#to = this.#from; this.#from = letter; }), "–", choose(b, "to_node", (letter) => { if (letter === this.#from) this.#from = this.#to; this.#to = letter; }), isCut ? button("mend", t("mend"), `heal ${a} ${b}`) : button("cut", t("cut"), `cut ${a} ${b}`), wire.cut ? null : button("cut-one", t("cut_one", { a, b }), `cut ${a}>${b}`), button("heal", t("heal_all"), "heal")),
      h("div", { class: "line" }, figure("delay", wire.delay, 10000, (n) => `delay ${a} ${b} ${n}ms`), figure("loss", Math.round(wire.loss * 100), 100, (n) => `loss ${a} ${b} ${n}%`)),
    );
  }
}

function arrowHead(fromX, fromY, x, y) {
  const angle = Math.atan2(y - fromY, x - fromX);
  const at = (turn) => `${x - 9 * Math.cos(angle + turn)} ${y - 9 * Math.sin(angle + turn)}`;
  return svg("path", { class: "ring-way", d: `M${x} ${y}L${at(0.5)}L${at(-0.5)}Z` });
}
