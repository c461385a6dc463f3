// A block that is open: its header, what of it is hashed, the tree over its
// transactions, and the rules that it must hold.

import { h, svg } from "./dom.js";
import { ageOf, blockLink, addressLink, clock, commandButton, hashSign, number, paymentParts, preimage, ruleList, short, txLink, wholeHash } from "./format.js";
import { flow } from "./flow.js";
import { t } from "./words.js";

const MOST_LEAVES = 32; // that are drawn

/** Returns what to show of a view.Block, whose transactions begin with number first. */
export function blockDetail(block, first, flags, closeButton) {
  return h(
    "article",
    { class: "detail-body", "data-testid": "block-detail", "data-hash": block.hash },
    h(
      "div",
      { class: "title" },
      h("h2", { tabindex: "-1", class: "detail-title" }, `${t("block")} ${block.height}`),
      standing(block),
      commandButton(`block ${block.on_chain ? block.height : short(block.hash)} -bytes`, flags, "block"),
      h(
        "nav",
        { class: "steps", "aria-label": t("block") },
        block.prev_block_hash ? blockLink(block.prev_block_hash, t("parent"), "parent") : null,
        block.next ? blockLink(block.next, t("child"), "child") : null,
        closeButton,
      ),
    ),
    h(
      "div",
      { class: "detail-grid" },
      h("section", {}, h("h3", {}, t("header")), header(block), h("h3", {}, t("rules")), ruleList(block.rules ?? [])),
      h("section", {}, hashes(block), tree(block)),
    ),
    transactions(block, first),
  );
}

function standing(block) {
  if (!block.on_chain) return h("span", { class: "pill is-beside" }, t("beside"));
  const text = t("confirmations", { n: block.confirmations });
  return h("span", { class: "pill is-good" }, block.confirmations === 1 ? `${t("is_tip")} · ${text}` : text);
}

function header(block) {
  const none = (key) => h("span", { class: "faint" }, t(key));
  const line = (field, ...value) => [h("dt", {}, t(field)), h("dd", {}, ...value)];
  return h(
    "dl",
    { class: "fields" },
    line("field_height", block.height),
    line("field_time", clock(block.timestamp), h("span", { class: "faint" }, " · ", ageOf(block.timestamp)), h("div", { class: "mono faint" }, block.timestamp)),
    line("field_prev", block.prev_block_hash ? blockLink(block.prev_block_hash, wholeHash(block.prev_block_hash), "prev") : none("no_prev")),
    line("field_merkle", h("span", { class: "mono" }, wholeHash(block.hash_merkle_root))),
    line("field_nonce", block.nonce === null ? none("no_nonce") : h("span", { class: "mono" }, block.nonce)),
    line(block.height === 0 ? "made_by" : "mined_by", addressLink(block.miner, block.miner_name, "miner")),
    line("size", `${t("bytes", { n: number(block.bytes) })} · ${t("transactions", { n: block.txs })}`),
    line("magic", h("span", { class: "mono" }, block.magic_no)),
  );
}

function hashes(block) {
  const nonce = ["nonce", block.nonce === null ? "None" : String(block.nonce)];
  const time = ["time", block.timestamp];
  const prev = ["prev", block.prev_block_hash];
  const root = ["merkle", block.hash_merkle_root];
  const height = ["height", String(block.height)];

  return [
    h("h3", {}, t("hash_of_block")),
    preimage("", partsOf(block.hash_text, [time, prev, root, height, nonce]), t("hash"), h("b", { class: "mono" }, hashSignLong(block.hash))),
    block.work ? [h("h3", {}, t("work_of_block", { n: block.work_bits })), preimage("", partsOf(block.work_text, [prev, root, time, height, nonce]), t("work"), work(block))] : null,
  ];
}

/** Returns the parts of a text, or the text itself if they do not make it up. */
function partsOf(text, fields) {
  const parts = fields.filter(([, part]) => part !== "").map(([field, part]) => [part, field]);
  return parts.map(([part]) => part).join("") === text ? parts : text;
}

const hashSignLong = (hash) => [hashSign(hash).firstChild, wholeHash(hash)];

/** The hash of the work, with the bits that must be zero, in hex and one by one. */
function work(block) {
  const digits = Math.ceil(block.work_bits / 4);
  const bits = [...block.work.slice(0, digits + 3)].map((digit) => parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
  return [
    h("b", { class: "mono" }, h("mark", {}, block.work.slice(0, digits)), block.work.slice(digits, 32), h("wbr"), block.work.slice(32)),
    h("span", { class: "bits mono" }, h("span", { class: "faint" }, t("in_bits"), " "), h("mark", {}, bits.slice(0, block.work_bits)), bits.slice(block.work_bits), "…"),
  ];
}

function transactions(block, first) {
  const shown = block.transactions ?? [];
  const isPart = shown.length < block.txs;
  const go = (to, word) => h("a", { href: `#/block/${block.hash}?tx=${to}`, "data-key": word }, t(word));
  return h(
    "section",
    {},
    h(
      "div",
      { class: "title" },
      h("h3", {}, t("transactions", { n: block.txs })),
      isPart ? h("span", { class: "note" }, t("txs_shown", { a: first + 1, b: first + shown.length, n: block.txs })) : null,
      isPart && first > 0 ? go(Math.max(0, first - 200), "earlier_txs") : null,
      isPart && first + shown.length < block.txs ? go(first + 200, "later_txs") : null,
    ),
    h(
      "ol",
      { class: "txs", start: first + 1 },
      shown.map((tx) => h("li", { class: "tx" }, h("p", { class: "tx-name" }, t(tx.coinbase ? "coinbase" : "payment"), " ", txLink(tx.txid, undefined, "tx")), flow(tx, tx.txid))),
    ),
  );
}

/** The Merkle tree: the root above, each hash over the two below it, and the leaves. */
function tree(block) {
  const levels = block.merkle ?? [];
  if (levels.length === 0 || levels[0].length > MOST_LEAVES) {
    return [h("h3", {}, t("merkle")), h("p", { class: "note" }, t("merkle_big", { n: block.txs }))];
  }

  const [step, wide, high, gap] = [104, 92, 26, 30];
  const x = levels.map(() => []);
  levels.forEach((level, l) => level.forEach((_, i) => {
    const left = x[l - 1]?.[2 * i];
    const right = x[l - 1]?.[2 * i + 1];
    x[l].push(l === 0 ? i * step + step / 2 : (left + (right ?? left)) / 2);
  }));
  const y = (l) => (levels.length - 1 - l) * (high + gap);
  const width = levels[0].length * step;
  const height = y(0) + high + 20;

  const drawn = [];
  levels.forEach((level, l) => level.forEach((hash, i) => {
    if (l > 0) {
      for (const child of [2 * i, 2 * i + 1]) {
        const from = x[l - 1][child] ?? x[l - 1][2 * i]; // an odd one is taken twice
        const isTwice = x[l - 1][child] === undefined;
        const bow = isTwice ? 16 : 0;
        drawn.push(svg("path", { class: "branch" + (isTwice ? " is-twice" : ""), d: `M${x[l][i]} ${y(l) + high}C${x[l][i] + bow} ${y(l) + high + gap / 2} ${from + bow} ${y(l - 1) - gap / 2} ${from} ${y(l - 1)}` }));
      }
    }
    const isRoot = l === levels.length - 1;
    drawn.push(
      svg(
        "g",
        { class: isRoot ? "knot is-root" : "knot" },
        svg("title", {}, hash),
        svg("rect", { x: x[l][i] - wide / 2, y: y(l), width: wide, height: high, rx: 5 }),
        svg("text", { x: x[l][i], y: y(l) + 17 }, short(hash)),
      ),
    );
    if (l === 0) {
      const tx = block.transactions?.[i];
      drawn.push(svg("text", { class: "knot-label", x: x[l][i], y: y(0) + high + 15 }, tx?.coinbase ? t("coinbase") : tx ? short(tx.txid) : ""));
    }
  }));

  return [
    h("h3", {}, t("merkle")),
    h("div", { class: "scroll-x", tabindex: "0", role: "img", "aria-label": `${t("merkle")}: ${t("merkle_root")} ${block.hash_merkle_root}`, "data-scroll": "merkle", "data-key": "merkle" }, svg("svg", { class: "merkle", width, height, viewBox: `0 0 ${width} ${height}` }, drawn)),
    h(
      "details",
      { "data-key": "leaves" },
      h("summary", {}, t("leaf_texts")),
      (block.leaf_texts ?? []).map((text, i) => preimage(`${t("leaf")} ${i + 1}`, paymentParts(text), t("leaf"), h("b", { class: "mono" }, wholeHash(levels[0][i])))),
    ),
  ];
}
