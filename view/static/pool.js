// The pool: payments that wait, and how many a block lacks.

import { byID, h, show } from "./dom.js";
import { addressLink, commandButton, commandText, firstFew, number, txLink } from "./format.js";
import { said, t } from "./words.js";

const MOST_SLOTS = 12; // free places that are drawn
const MOST_PAYMENTS = 50;
const MOST_PAYEES = 3;

/** Shows the answer of /api/pool. */
export function showPool({ pool, omitted = 0 }, status) {
  const size = status.pool_size;
  const count = pool.length + omitted;
  const missing = Math.max(0, size - count);
  show(byID("pool-command"), commandButton("pool", status.flags));
  show(
    byID("pool"),
    h("p", { class: "note" }, missing > 0 ? t("pool_missing", { a: count, b: size, n: missing }) : t("pool_full", { a: count, b: size })),
    h("ol", { class: "pool" }, firstFew(pool, payment, MOST_PAYMENTS, omitted)),
    h("ul", { class: "pool-places" }, Array.from({ length: Math.min(missing, MOST_SLOTS) }, () => h("li", { class: "pool-free" }, t("pool_slot")))),
    pool.length === 0 ? h("p", { class: "empty" }, t("pool_empty"), " ", commandText(`go run . send --from A --to B --amount 1${status.flags}`)) : null,
  );
}

function payment(tx) {
  const from = tx.inputs?.[0];
  const paid = tx.outputs.filter((output) => !output.change);
  const to = paid.length > 0 ? paid : tx.outputs;
  return h(
    "li",
    { class: "pool-item", "data-testid": "pool-item", "data-txid": tx.txid },
    h(
      "p",
      { class: "pool-way" },
      from?.owner ? addressLink(from.owner, from.owner_name, tx.txid) : t("unknown_coin"),
      to.slice(0, MOST_PAYEES).map((output, i) => [h("span", { class: "way" }, " → "), addressLink(output.address, output.name, tx.txid + i), h("b", { class: "value" }, number(output.value))]),
      to.length > MOST_PAYEES ? ` ${t("and_more", { n: number(to.length - MOST_PAYEES) })}` : null,
    ),
    h("p", { class: "note" }, txLink(tx.txid, undefined, "pool"), tx.own ? ` · ${t("pool_own")}` : "", tx.waits ? ` · ${said(tx.waits)}` : ""),
  );
}
