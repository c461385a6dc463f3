// The node's wallets, and what each has.

import { byID, h, show } from "./dom.js";
import { addressLink, commandButton, commandText, number, signed } from "./format.js";
import { t } from "./words.js";

/** Shows the answer of /api/wallets. */
export function showWallets({ wallets }, status) {
  show(byID("wallets-command"), commandButton("wallet", status.flags));
  if (wallets.length === 0) {
    show(byID("wallets"), h("p", { class: "empty" }, t("no_wallets"), " ", commandText(`go run . createwallet -name alice${status.flags}`)));
    return;
  }

  show(
    byID("wallets"),
    h(
      "div",
      { class: "scroll-y", "data-scroll": "wallets", tabindex: "0", role: "region", "aria-label": t("wallets"), "data-key": "wallets" },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("name")), ["confirmed", "waits", "total"].map((key) => h("th", { scope: "col", class: "number" }, t(key))))),
        h(
          "tbody",
          {},
          wallets.map((wallet) =>
            h(
              "tr",
              { "data-testid": "wallet-row", "data-address": wallet.address },
              h("td", {}, addressLink(wallet.address, wallet.name, "wallet")),
              h("td", { class: "number" }, number(wallet.confirmed)),
              h("td", { class: "number" + (wallet.waiting > 0 ? " is-plus" : wallet.waiting < 0 ? " is-minus" : " faint") }, wallet.waiting ? signed(wallet.waiting) : "–"),
              h("td", { class: "number" }, h("b", {}, number(wallet.total))),
            ),
          ),
        ),
      ),
    ),
  );
}
