// Who pays whom: a payment as coins that flow from owner to owner.

import { h, svg } from "./dom.js";
import { addressLink, firstFew, MOST_DRAWN, number, txLink } from "./format.js";
import { t } from "./words.js";

const ROW = 46; // px: height of a coin, as style.css has it
const WIDE = 64; // px: of the arrows

/** Returns the drawing of a view.Tx: its inputs at the left, its outputs at the right. */
export function flow(tx, key = "") {
  const inputs = tx.coinbase ? [h("li", { class: "coin is-new-coins" }, h("span", {}, t("new_coins")))] : firstFew(tx.inputs ?? [], (input, i) => inputCoin(input, `${key}i${i}`));
  const outputs = firstFew(tx.outputs ?? [], (output, i) => outputCoin(output, `${key}o${i}`));

  return h("div", { class: "flow" }, h("ul", { class: "coins" }, inputs), arrows(inputs.filter(Boolean).length, drawnOutputs(tx.outputs ?? [])), h("ul", { class: "coins" }, outputs));
}

function inputCoin(input, key) {
  return h("li", { class: "coin" }, input.owner ? addressLink(input.owner, input.owner_name, key) : h("span", { class: "faint" }, t("unknown_coin")), h("span", { class: "value" }, input.value < 0 ? "?" : number(input.value)));
}

function outputCoin(output, key) {
  const notes = [];
  if (output.change) notes.push(t("change"));
  if (output.spent_by) notes.push([t("spent_by"), " ", txLink(output.spent_by, undefined, key)]);
  else if (output.spent) notes.push(t("spent"));
  return h(
    "li",
    { class: "coin" + (output.change ? " is-change" : "") },
    addressLink(output.address, output.name, key),
    h("span", { class: "value" }, number(output.value)),
    notes.length > 0 ? h("span", { class: "coin-note" }, notes.flatMap((note, i) => (i > 0 ? [" · ", note] : [note]))) : null,
  );
}

/** The outputs that have a row: the last may stand for many. */
const drawnOutputs = (outputs) => (outputs.length > MOST_DRAWN ? outputs.slice(0, MOST_DRAWN + 1) : outputs);

/** All coins that go in melt together, in the middle; new ones come out. */
function arrows(ins, outputs) {
  const outs = outputs.length;
  const height = Math.max(ins, outs, 1) * ROW;
  const y = (i, n) => height / 2 + (i - (n - 1) / 2) * ROW;
  const curve = (x1, y1, x2, y2) => `M${x1} ${y1}C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`;
  const middle = WIDE / 2;

  const lines = [];
  for (let i = 0; i < ins; i++) lines.push(svg("path", { class: "arrow", d: curve(0, y(i, ins), middle, height / 2) }));
  outputs.forEach((output, i) => {
    const end = y(i, outs);
    const kind = output.change ? " is-change" : "";
    lines.push(svg("path", { class: "arrow" + kind, d: curve(middle, height / 2, WIDE - 6, end) }));
    lines.push(svg("path", { class: "arrow-head" + kind, d: `M${WIDE} ${end}l-9 -5v10z` }));
  });
  return svg("svg", { class: "arrows", viewBox: `0 0 ${WIDE} ${height}`, width: WIDE, height, "aria-hidden": "true" }, lines);
}
