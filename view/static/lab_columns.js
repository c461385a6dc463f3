// A column for each node: who it is, what it has, and its chain as a pile of
// blocks. Blocks of one height stand beside each other in all columns, and one
// block has one colour, so that nodes agree if their columns look alike.

import { byID, h, setVars, show } from "./dom.js";
import { number, short } from "./format.js";
import { chainOf, groupByTip, nodesOf } from "./lab_state.js";
import { t } from "./words.js";

const FEWEST_ROWS = 4; // there is room for so many heights, or else the page would jump with each
const USUAL_ROWS = 7; // heights that are shown
const MOST_ROWS = 40;
const MOST_PAYMENTS = 3; // of a pool

export class Columns {
  #columns = new Map(); // by letter: {root, head, pile, blocks}
  #more = 0; // heights that somebody asked for
  #act;
  #onBlock;

  constructor({ act, onBlock }) {
    this.#act = act;
    this.#onBlock = onBlock;
  }

  /** Shows the nodes. mayAct: whether the buttons are there. */
  show(state, hues, mayAct, openHash) {
    const nodes = nodesOf(state);
    const root = byID("nodes");
    const chains = new Map(nodes.map((node) => [node.letter, chainOf(state, node)]));
    const hasChains = nodes.some((node) => node.rpc);
    const top = Math.max(0, ...nodes.flatMap((node) => [...node.has].map((hash) => state.blocks.get(hash).height)));
    const rows = hasChains ? this.#rowsFor(nodes, chains, top) : 0;

    for (const [letter, column] of this.#columns) {
      if (state.nodes.has(letter)) continue;
      column.root.remove();
      this.#columns.delete(letter);
    }
    setVars(root, { "--rows": rows });
    root.classList.toggle("is-small", !hasChains);
    for (const node of nodes) {
      const column = this.#columnOf(node.letter, root);
      showHead(column, state, node, mayAct, this.#act);
      this.#showPile(column, state, node, new Set(chains.get(node.letter)), top, rows, hues, openHash);
    }
    this.#showMore(root, top, rows);
  }

  /** So many heights that one sees where the chains part. */
  #rowsFor(nodes, chains, top) {
    const lists = nodes.filter((node) => node.height >= 0).map((node) => chains.get(node.letter).toReversed());
    let parts = 0;
    while (lists.length > 1 && lists.every((list) => list[parts] && list[parts] === lists[0][parts])) parts++;
    const isSplit = lists.some((list) => list[parts]);
    const wanted = isSplit ? top - parts + 2 : 0;
    return Math.max(FEWEST_ROWS, Math.min(top + 1, MOST_ROWS + this.#more, Math.max(USUAL_ROWS + this.#more, wanted)));
  }

  #columnOf(letter, root) {
    let column = this.#columns.get(letter);
    if (column) return column;

    const head = h("div", { class: "node-head" });
    const pile = h("div", { class: "pile" });
    column = { root: h("article", { class: "node", "data-node": letter, "data-testid": "node-" + letter }, head, pile), head, pile, blocks: new Map(), told: "" };
    this.#columns.set(letter, column);
    const after = [...root.querySelectorAll(".node")].find((other) => other.dataset.node > letter);
    root.insertBefore(column.root, after ?? root.querySelector(".older"));
    return column;
  }

  #showPile(column, state, node, chain, top, rows, hues, openHash) {
    const lowest = Math.max(0, top - rows + 1);
    const beside = new Map(); // by height: how many have a place
    const seen = new Set();
    const hashes = [...node.has].filter((hash) => state.blocks.get(hash).height >= lowest);
    const lanes = Math.min(2, Math.max(0, ...countBeside(hashes.filter((hash) => !chain.has(hash)), state)));
    setVars(column.pile, { "--lanes": lanes });

    for (const hash of rows > 0 ? hashes : []) {
      const block = state.blocks.get(hash);
      const isOn = chain.has(hash);
      const lane = isOn ? 0 : (beside.get(block.height) ?? 0) + 1;
      if (!isOn) beside.set(block.height, lane);
      if (lane > 2) continue;

      seen.add(hash);
      let element = column.blocks.get(hash);
      if (!element) {
        element = this.#newBlock(block, hues.get(hash));
        column.blocks.set(hash, element);
        column.pile.append(element);
      }
      element.classList.toggle("is-beside", !isOn);
      element.classList.toggle("is-tip", hash === node.tip);
      element.setAttribute("aria-pressed", String(hash === openHash));
      element.setAttribute("aria-label", `${node.letter}: ${t("block")} ${block.height}, ${short(hash)}, ${t(isOn ? "on_chain" : "beside")}`);
      element.dataset.lane = lane;
      setVars(element, { "--row": rows - 1 - (block.height - lowest) });
    }
    for (const [hash, element] of column.blocks) {
      if (seen.has(hash)) continue;
      element.remove();
      column.blocks.delete(hash);
    }
  }

  #newBlock(block, hue) {
    return h(
      "button",
      { class: "lab-block", type: "button", title: block.hash, "data-testid": "lab-block", "data-hash": block.hash, "data-height": block.height, vars: { "--hue": hue }, onclick: () => this.#onBlock(block.hash) },
      h("b", {}, String(block.height)),
      " ",
      h("span", { class: "mono" }, block.hash.slice(0, 4), h("span", { class: "second" }, block.hash.slice(4, 8))),
    );
  }

  #showMore(root, top, rows) {
    let button = root.querySelector(".older");
    if (!button) {
      button = h("button", { class: "older quiet", type: "button", "data-key": "older", onclick: () => this.#onMore() });
      root.append(button);
    }
    button.textContent = "⋮ " + t("older_blocks");
    button.hidden = rows === 0 || rows > top;
  }

  #onMore() {
    this.#more += 20;
    this.onChange();
  }

  onChange() {}
}

function countBeside(hashes, state) {
  const counts = new Map();
  for (const hash of hashes) {
    const { height } = state.blocks.get(hash);
    counts.set(height, (counts.get(height) ?? 0) + 1);
  }
  return counts.values();
}

/** Who a node is, and what it has. It is drawn anew when that changes. */
function showHead(column, state, node, mayAct, act) {
  const told = JSON.stringify([node.person, node.page, node.rpc, node.isRunning, node.height, node.pool, node.wallets, mayAct, document.documentElement.lang, state.nodes.size]);
  if (column.told === told) return;
  column.told = told;
  column.root.classList.toggle("is-killed", !node.isRunning);

  const name = node.page && mayAct
    ? h("a", { href: node.page, target: "_blank", rel: "noopener", title: t("node_page", { node: node.letter }), "data-key": "page" }, node.letter, h("span", { class: "out", "aria-hidden": "true" }, "↗"))
    : node.letter;
  const hasChain = Boolean(node.rpc);
  const button = (word, line, key) => h("button", { class: "act", type: "button", "data-key": key, "data-testid": `${key}-${node.letter}`, onclick: () => act(line) }, t(word));
  const buttons = [];
  if (mayAct && node.isRunning && hasChain) buttons.push(node.height >= 0 ? button("mine", "mine " + node.letter, "mine") : button("genesis_do", "genesis " + node.letter, "genesis"));
  if (mayAct && hasChain) buttons.push(node.isRunning ? button("kill", "kill " + node.letter, "kill") : button("start", "start " + node.letter, "start"));

  show(
    column.head,
    h("h3", { class: "node-name" }, h("span", { class: "letter" }, name), node.person ? h("span", { class: "person" }, node.person) : null),
    h("p", { class: "node-state", "data-state": node.isRunning ? "running" : "killed" }, t(node.isRunning ? "node_running" : "node_killed")),
    hasChain ? h("p", { class: "node-height", "data-testid": "height-" + node.letter }, node.height < 0 ? t("no_block") : [t("height"), " ", h("b", {}, number(node.height))]) : null,
    hasChain ? h("ul", { class: "node-coins", "data-testid": "coins-" + node.letter }, node.wallets.map(coinsOf)) : null,
    hasChain ? poolOf(node) : null,
    buttons.length > 0 ? h("div", { class: "acts" }, buttons) : null,
  );
}

function coinsOf(wallet) {
  return h(
    "li",
    { title: wallet.address },
    h("span", { class: "who" }, wallet.name || wallet.address.slice(0, 6) + "…"),
    " ",
    h("b", {}, number(wallet.confirmed)),
    wallet.waiting !== 0 ? h("span", { class: wallet.waiting > 0 ? "is-plus" : "is-minus" }, " ", (wallet.waiting > 0 ? "+" : "−") + number(Math.abs(wallet.waiting))) : null,
  );
}

function poolOf(node) {
  const shown = node.pool.slice(0, MOST_PAYMENTS);
  return h(
    "div",
    { class: "node-pool", "data-testid": "pool-" + node.letter },
    h("span", { class: "faint" }, t("pool_of"), " ", h("b", {}, String(node.pool.length))),
    shown.map((tx) => h("p", { class: "pool-line", title: tx.txid }, payment(tx))),
    node.pool.length > shown.length ? h("p", { class: "faint" }, t("pool_more", { n: node.pool.length - shown.length })) : null,
  );
}

const nameOf = (name, address) => name || (address ? address.slice(0, 6) + "…" : "?");

/** "alice → bob 100", without what goes back to the payer. */
function payment(tx) {
  const from = nameOf(tx.inputs?.[0]?.owner_name, tx.inputs?.[0]?.owner);
  const paid = (tx.outputs ?? []).filter((output) => !output.change);
  const outputs = paid.length > 0 ? paid : tx.outputs ?? [];
  return [from, " → ", outputs.map((output, i) => [i > 0 ? ", " : "", nameOf(output.name, output.address), " ", h("b", {}, number(output.value))])];
}

/** All that there is to tell of a block, or nothing. */
export function showCard(state, hues, hash, close) {
  const box = byID("card");
  const block = hash && state.blocks.get(hash);
  box.hidden = !block;
  if (!block) return show(box);

  const holders = nodesOf(state).filter((node) => node.has.has(hash));
  const on = holders.filter((node) => chainOf(state, node).includes(hash)).map((node) => node.letter);
  const beside = holders.map((node) => node.letter).filter((letter) => !on.includes(letter));
  const where = [on.length > 0 ? t("on_chain_of", { nodes: on.join(" ") }) : null, beside.length > 0 ? t("beside_at", { nodes: beside.join(" ") }) : null].filter(Boolean);
  const payments = (block.txs ?? []).filter((tx) => !tx.coinbase);
  const coinbase = (block.txs ?? []).find((tx) => tx.coinbase);

  setVars(box, { "--hue": hues.get(hash) });
  show(
    box,
    h("div", { class: "title" }, h("h2", { tabindex: "-1", class: "card-title" }, t("block"), " ", String(block.height)), h("button", { class: "quiet", type: "button", title: "Esc", "data-key": "close", onclick: close }, t("close"), " ✕")),
    h("p", {}, where.length > 0 ? where.join(" · ") : t("nowhere")),
    h(
      "dl",
      { class: "fields" },
      h("dt", {}, t("hash")), h("dd", {}, h("span", { class: "mono" }, block.hash)),
      h("dt", {}, t("field_prev")), h("dd", {}, h("span", { class: "mono" }, block.prev || t("no_prev"))),
      h("dt", {}, t("miner")), h("dd", {}, block.miner),
    ),
    h(
      "ul",
      { class: "card-payments" },
      coinbase ? h("li", {}, t("made_coins", { n: number(coinbase.outputs?.[0]?.value ?? 0), to: nameOf(coinbase.outputs?.[0]?.name, coinbase.outputs?.[0]?.address) })) : null,
      payments.length === 0 ? h("li", { class: "faint" }, t("nobody_pays")) : payments.map((tx) => h("li", { title: tx.txid }, payment(tx), " ", h("span", { class: "mono faint" }, short(tx.txid)))),
    ),
  );
}

/** In one line: who agrees with whom. */
export function showAgreement(state, hues) {
  const groups = groupByTip(state);
  const box = byID("agreement");
  const hasChains = nodesOf(state).some((node) => node.rpc);
  box.hidden = !hasChains;
  if (!hasChains) return show(box);

  const forks = groups.filter((group) => !group.isBehind).length;
  const count = groups.reduce((sum, group) => sum + group.nodes.length, 0);
  let verdict = t("all_agree", { n: count });
  let mood = "good";
  if (groups.length === 0) [verdict, mood] = [state.blocks.size > 0 ? "" : t("no_chain_anywhere"), ""];
  else if (count === 1) [verdict, mood] = [t("one_node"), ""];
  else if (forks > 1) [verdict, mood] = [t("is_fork", { n: forks }), "bad"];
  else if (groups.length > 1) [verdict, mood] = [t("is_behind"), "warn"];

  box.dataset.mood = mood;
  show(
    box,
    h("b", { class: "verdict" }, verdict),
    groups.map((group) =>
      h(
        "span",
        { class: "tip-group", title: t("tip_of", { height: group.height, hash: short(group.tip), nodes: group.nodes.join(" ") }), vars: { "--hue": hues.get(group.tip) } },
        h("span", { class: "tip-nodes" }, group.nodes.join(" ")),
        h("span", { class: "tip-block" }, h("b", {}, String(group.height)), " ", h("span", { class: "mono" }, group.tip.slice(0, 4))),
      ),
    ),
  );
}
