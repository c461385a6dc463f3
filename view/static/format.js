// Small texts and signs that all parts of the page show alike.

import { h } from "./dom.js";
import { t, pick, language } from "./words.js";

/** The first eight digits of a hash: enough to tell a few thousand apart. */
export const short = (hash) => hash.slice(0, 8);

/** A whole hash, which breaks in its middle where there is no room for a line. */
export const wholeHash = (hash) => [hash.slice(0, 32), h("wbr"), hash.slice(32)];

/** An address, or whatever stands in place of one, cut in the middle. */
export function shortAddress(address) {
  return address.length <= 14 ? address : address.slice(0, 6) + "…" + address.slice(-4);
}

/** A number with its thousands parted. */
export const number = (n) => n.toLocaleString("en-US");

/** A change of a balance: "+5", "−3". */
export const signed = (n) => (n > 0 ? "+" : n < 0 ? "−" : "±") + number(Math.abs(n));

/** The age of a block, whose time is in seconds as it is hashed. */
export function age(timestamp) {
  const seconds = Math.max(0, Date.now() / 1000 - Number(timestamp));
  if (!Number.isFinite(seconds)) return "?";
  for (const [unit, size] of [["years", 365 * 86400], ["days", 86400], ["hours", 3600], ["minutes", 60]]) {
    if (seconds >= size) return t(unit, { n: Math.floor(seconds / size) });
  }
  return t("seconds", { n: Math.floor(seconds) });
}

/** An element that shows an age, and is kept up to date by updateAges. */
export const ageOf = (timestamp) => h("time", { "data-age": timestamp, title: clock(timestamp) }, age(timestamp));

export function updateAges(root = document) {
  for (const element of root.querySelectorAll("[data-age]")) element.textContent = age(element.dataset.age);
}

/** A time in seconds as date and time of day. */
export function clock(timestamp) {
  const date = new Date(Number(timestamp) * 1000);
  if (Number.isNaN(date.getTime())) return timestamp;
  return date.toLocaleString(language() === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

/** The colour of a hash: the same hash has the same one wherever it stands. */
export const hue = (hash) => (hash ? (parseInt(hash.slice(0, 6), 16) * 137) % 360 : 0);

/** A hash of eight digits with a dot of its colour. */
export function hashSign(hash) {
  return h("span", { class: "hash" }, h("i", { class: "dot", vars: { "--hue": hue(hash) } }), short(hash));
}

/** A link to an address, by its owner's name if it has one. */
export function addressLink(address, name, key = "") {
  return h(
    "a",
    { class: "owner", href: "#/address/" + encodeURIComponent(address), title: address, "data-key": key && key + address },
    name ? [h("b", {}, name), " "] : null,
    h("span", { class: "mono" }, shortAddress(address)),
  );
}

export const blockLink = (hash, text, key = "") => h("a", { class: "mono", href: "#/block/" + hash, title: hash, "data-key": key && key + hash }, text ?? short(hash));
export const txLink = (txid, text, key = "") => h("a", { class: "mono", href: "#/tx/" + txid, title: txid, "data-key": key && key + txid }, text ?? short(txid));

/** A sentence in which the commands, between backquotes, stand out and reach this node. */
export function sentence(text, flags = "") {
  return text.split("`").map((part, i) => (i % 2 === 0 ? part : commandText(withFlags(part, flags))));
}

function withFlags(command, flags) {
  return command.startsWith("go run .") && !command.includes(" -rpc ") ? command + flags : command;
}

/** A command to type, which breaks between words only: "-data" keeps its dash. */
export const commandText = (line) => h("code", {}, line.split(" ").map((word, i) => [i > 0 ? " " : null, h("span", { class: "word" }, word)]));

/** A button that names the command that prints the same as what stands beside it. */
export function commandButton(command, flags = "", key = command) {
  const line = "go run . " + command + flags;
  const text = h("span", { hidden: true }, commandText(line));
  const button = h(
    "button",
    {
      class: "command",
      type: "button",
      title: t("command_is", { command: line }),
      "aria-label": t("command_is", { command: line }),
      "aria-expanded": "false",
      "data-key": "command " + key,
      onclick: () => {
        text.hidden = !text.hidden;
        button.setAttribute("aria-expanded", String(!text.hidden));
      },
    },
    "›_",
  );
  return h("span", { class: "command-box" }, button, text);
}

const SIGNS = { holds: "✓", broken: "✗", unchecked: "·" };

/** The rules of a block or a payment, each with its sign. */
export function ruleList(rules) {
  return h(
    "ul",
    { class: "rules" },
    rules.map((rule) =>
      h(
        "li",
        { class: "rule", "data-testid": "rule", "data-state": rule.state },
        h("span", { class: "rule-sign", role: "img", "aria-label": t("rule_" + rule.state) }, SIGNS[rule.state] ?? "?"),
        h("span", {}, pick(rule.text), " ", h("code", { class: "faint" }, rule.name), rule.why ? h("span", { class: "why" }, rule.why) : null),
      ),
    ),
  );
}

/** Most coins or payments of one kind that are drawn at once: a payment may have ten thousand. */
export const MOST_DRAWN = 20;

/** Draws the first few of a list, and says how many more there are: omitted ones are not in it. */
export function firstFew(list, draw, most = MOST_DRAWN, omitted = 0) {
  const rest = Math.max(0, list.length - most) + omitted;
  return [...list.slice(0, most).map(draw), rest > 0 ? h("li", { class: "faint" }, t("and_more", { n: number(rest) })) : null];
}

const MOST_PARTS = 50_000; // characters of a text that are coloured by what they are

const FIELDS = new Set(["txid", "vout", "signature", "pub_key", "value", "pub_key_hash"]);

/** The parts of a payment's text, in JSON or as Python prints it, by the keys before them. */
export function paymentParts(text) {
  if (text.length > MOST_PARTS) return [[text, ""]];
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(/(['"])(\w+)\1: ?("[^"]*"|'[^']*'|[^,{}[\]]+)/g)) {
    if (!FIELDS.has(match[2])) continue;
    const begin = match.index + match[0].length - match[3].length;
    parts.push([text.slice(end, begin), ""], [match[3], match[2]]);
    end = begin + match[3].length;
  }
  return [...parts, [text.slice(end), ""]];
}

/** A text that is hashed, and what it gives. Parts are [text, field] pairs, or one text. */
export function preimage(label, parts, hashName, hash) {
  const part = (field, text) => (field ? h("span", { class: "part part-" + field, title: t("field_" + field) }, text) : h("span", { class: "faint" }, text));
  const pieces = typeof parts === "string" ? parts : parts.map(([text, field]) => part(field, text));
  const fields = typeof parts === "string" ? [] : [...new Set(parts.map(([, field]) => field))].filter(Boolean);
  return h(
    "figure",
    { class: "preimage" },
    label ? h("figcaption", {}, label) : null,
    fields.length > 0 ? h("p", { class: "legend", "aria-hidden": "true" }, fields.map((field) => part(field, t("field_" + field)))) : null,
    h("p", { class: "text" }, pieces),
    hash ? h("p", { class: "becomes" }, h("span", { class: "faint" }, "SHA-256 → ", hashName, " "), hash) : null,
  );
}
