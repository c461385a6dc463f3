// An address that is open: what it got and paid, block by block.

import { h } from "./dom.js";
import { blockLink, clock, commandButton, firstFew, number, signed, txLink } from "./format.js";
import { t } from "./words.js";

const MOST = 500; // changes that the node tells of at once

/** Returns what to show of a view.History. */
export function addressDetail(history, flags, closeButton) {
  const changes = history.changes ?? [];
  return h(
    "article",
    { class: "detail-body", "data-testid": "address-detail" },
    h(
      "div",
      { class: "title" },
      h("h2", { tabindex: "-1", class: "detail-title" }, history.name || t("address")),
      h("span", { class: "pill is-good" }, `${t("balance")} ${number(history.balance)}`),
      history.waiting ? h("span", { class: "pill is-waiting" }, `${t("waiting")} ${signed(history.waiting)}`) : null,
      commandButton(`history ${history.name || history.address}`, flags, "history"),
      h("nav", { class: "steps", "aria-label": t("address") }, closeButton),
    ),
    h("p", { class: "mono wrap" }, history.address),
    changes.length === 0 ? h("p", { class: "empty" }, t("no_history")) : table(changes),
    history.omitted > 0
      ? h(
          "p",
          { class: "note" },
          t("older_changes", { n: history.omitted }),
          " ",
          changes.length < MOST ? h("a", { href: `#/address/${encodeURIComponent(history.address)}?count=${MOST}`, "data-key": "more" }, t("show_more")) : null,
        )
      : null,
  );
}

function table(changes) {
  const head = ["block", "when", "got", "paid", "after", "payment"];
  return h(
    "div",
    { class: "scroll-x", tabindex: "0", role: "region", "aria-label": t("balance"), "data-scroll": "history", "data-key": "history" },
    h(
      "table",
      { class: "history" },
      h("thead", {}, h("tr", {}, head.map((key) => h("th", { scope: "col", class: ["got", "paid", "after"].includes(key) ? "number" : "" }, t(key))))),
      h(
        "tbody",
        {},
        changes.map((change) =>
          h(
            "tr",
            {},
            h("td", {}, blockLink(String(change.height), change.height, "block")),
            h("td", {}, clock(change.timestamp)),
            h("td", { class: "number is-plus" }, change.got ? "+" + number(change.got) : ""),
            h("td", { class: "number is-minus" }, change.paid ? "−" + number(change.paid) : ""),
            h("td", { class: "number" }, h("b", {}, number(change.after))),
            h("td", {}, h("ul", { class: "txids" }, firstFew(change.txids ?? [], (txid) => h("li", {}, txLink(txid, undefined, "tx"))))),
          ),
        ),
      ),
    ),
  );
}
