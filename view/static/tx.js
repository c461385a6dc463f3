// A payment that is open: where it is, who pays whom, what of it is hashed and
// signed, and the rules that it must hold.

import { h } from "./dom.js";
import { addressLink, blockLink, commandButton, firstFew, number, paymentParts, preimage, ruleList, short, txLink, wholeHash } from "./format.js";
import { flow } from "./flow.js";
import { said, t } from "./words.js";

/** Returns what to show of a view.TxDetail. */
export function txDetail(tx, flags, closeButton) {
  return h(
    "article",
    { class: "detail-body", "data-testid": "tx-detail", "data-txid": tx.txid, "data-state": tx.state },
    h(
      "div",
      { class: "title" },
      h("h2", { tabindex: "-1", class: "detail-title" }, `${t(tx.coinbase ? "coinbase" : "payment")} ${short(tx.txid)}`),
      place(tx),
      commandButton(`tx ${short(tx.txid)} -bytes`, flags, "tx"),
      h("nav", { class: "steps", "aria-label": t("payment") }, closeButton),
    ),
    h("p", { class: "mono wrap" }, wholeHash(tx.txid)),
    h("section", {}, h("h3", {}, t("who_pays")), flow(tx, "flow")),
    h(
      "div",
      { class: "detail-grid" },
      h("section", {}, tx.coinbase ? null : [h("h3", {}, t("inputs")), h("ol", { class: "parts" }, firstFew(tx.inputs ?? [], inputFields))], h("h3", {}, t("outputs")), h("ol", { class: "parts" }, firstFew(tx.outputs ?? [], (output, i) => outputFields(output, i, tx.state === "block"))), h("h3", {}, t("rules")), ruleList(tx.rules ?? [])),
      h("section", {}, h("h3", {}, t("hashed")), ...texts(tx)),
    ),
  );
}

/** Where a payment is, and what it waits for, or why it is gone. */
function place(tx) {
  switch (tx.state) {
    case "block":
      return h("span", { class: "pill is-good" }, blockLink(tx.block_hash, t("tx_block", { height: tx.height }), "place"), ` · ${t("confirmations", { n: tx.confirmations })}`);
    case "branch":
      return h("span", { class: "pill is-beside" }, blockLink(tx.block_hash, t("tx_branch", { height: tx.height }), "place"));
    case "pool":
      return h("span", { class: "pill is-waiting" }, t("tx_pool"), tx.waits ? `: ${said(tx.waits)}` : "");
    default:
      return h("span", { class: "pill is-bad" }, t("tx_dropped"), tx.reason ? `: ${said(tx.reason)}` : "");
  }
}

function inputFields(input, i) {
  const line = (key, ...value) => [h("dt", {}, t(key)), h("dd", {}, ...value)];
  return h(
    "li",
    {},
    h(
      "dl",
      { class: "fields" },
      line("coin", txLink(input.txid, `${short(input.txid)}:${input.vout}`, `in${i}`), input.value < 0 ? "" : ` · ${number(input.value)} · `, input.owner ? addressLink(input.owner, input.owner_name, `in${i}`) : ""),
      line("signature", h("span", { class: "mono wrap" }, input.signature)),
      line("pub_key", h("span", { class: "mono wrap" }, input.pub_key)),
    ),
  );
}

/** An output makes a coin once a block of the chain has it: before, nothing is spent or unspent. */
function outputFields(output, i, isMade) {
  return h(
    "li",
    {},
    h("b", {}, number(output.value)),
    " → ",
    addressLink(output.address, output.name, `out${i}`),
    " ",
    output.change ? h("span", { class: "tag" }, t("change")) : null,
    " ",
    !isMade ? null : output.spent_by ? h("span", { class: "faint" }, t("spent_by"), " ", txLink(output.spent_by, undefined, `out${i}`)) : h("span", { class: "faint" }, t(output.spent ? "spent" : "unspent")),
  );
}

function texts(tx) {
  const sum = (hash) => (hash ? h("b", { class: "mono" }, wholeHash(hash)) : null);
  return [
    tx.id_text ? preimage(t("id_text"), paymentParts(tx.id_text), "txid", sum(tx.txid)) : null,
    (tx.signing_texts ?? []).map((text, i) => preimage(t("signing_text", { n: i }), paymentParts(text), "", null)),
    tx.leaf_text ? preimage(t("leaf_text"), paymentParts(tx.leaf_text), t("leaf"), sum(tx.leaf)) : null,
  ];
}
