// The routing table: its buckets, each with the bits that its contacts share with
// this node's ID.

import { byID, h, show } from "./dom.js";
import { t } from "./words.js";

const BITS = 12; // of an ID that are shown

/** Shows a view.Table. */
export function showTable(table) {
  const contacts = table.contacts ?? [];
  if (contacts.length === 0) {
    show(byID("table"), h("p", { class: "empty" }, t("table_empty")));
    return;
  }

  const buckets = Map.groupBy(contacts, (contact) => contact.bucket);
  show(
    byID("table"),
    h("p", { class: "note" }, t("table_note", { id: table.id.slice(0, 8), k: table.k })),
    h("ol", { class: "buckets" }, [...buckets.keys()].sort((a, b) => a - b).map((bucket) => bucketLine(bucket, buckets.get(bucket), table))),
  );
}

function bucketLine(bucket, contacts, table) {
  const own = bits(table.id);
  const flipped = own[bucket] === "1" ? "0" : "1";
  const shared = bucket > BITS - 2 ? "…" + own.slice(bucket - BITS + 2, bucket) : own.slice(0, bucket);
  return h(
    "li",
    { class: "bucket" },
    h("span", { class: "bucket-name" }, t("bucket", { n: bucket })),
    h("span", { class: "mono", "aria-hidden": "true" }, h("mark", {}, shared), flipped, h("span", { class: "faint" }, "…")),
    h(
      "span",
      { class: "places", role: "img", "aria-label": t("of", { a: contacts.length, b: table.k }) },
      contacts.map((contact) => h("i", { class: contact.strikes > 0 ? "place is-late" : "place is-taken", title: contact.strikes > 0 ? `${contact.addr}: ${t("strikes", { n: contact.strikes })}` : contact.addr })),
      Array.from({ length: Math.max(0, Math.min(table.k, 40) - contacts.length) }, () => h("i", { class: "place" })),
    ),
    h("span", { class: "bucket-count" }, t("of", { a: contacts.length, b: table.k })),
  );
}

/** An ID of hex digits as bits. */
const bits = (id) => [...id].map((digit) => parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
