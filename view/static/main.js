// The page: it keeps what the node said last, and lets each part show its own.
// Nothing is asked for while nobody looks at the tab.

import { addressDetail } from "./address.js";
import { ask, follow, Refusal, refresher } from "./api.js";
import { blockDetail } from "./block.js";
import { ChainView } from "./chain.js";
import { byID, h, show } from "./dom.js";
import { directionOf, EventList } from "./events.js";
import { sentence, updateAges } from "./format.js";
import { nextTheme, setTheme, showConnection, showStatus, usualTheme } from "./header.js";
import { noteLookup, showLookup } from "./lookup.js";
import { pulse, showPeers } from "./peers.js";
import { showPool } from "./pool.js";
import { showTable } from "./table.js";
import { txDetail } from "./tx.js";
import { showWallets } from "./wallets.js";
import { applyWords, language, setLanguage, t, usualLanguage } from "./words.js";

const PEERS_EVERY = 2000; // ms
const AGES_EVERY = 5000;

const node = { status: null, pool: null, wallets: null, peers: null, table: null };
const open = { kind: "", ref: "", value: null, failure: "", first: 0 }; // what the address after # names
let connection = "connecting";

const chain = new ChainView({ onFailure: failed });
const events = new EventList();

// Asking. Each answer is kept, and shown if it is another than before.

const refresh = {
  status: refresher("status", (said) => keep("status", said), failed),
  chain: refresher("chain?count=60", (said) => chain.setHead(said), failed),
  pool: refresher("pool", (said) => keep("pool", said), failed),
  wallets: refresher("wallets", (said) => keep("wallets", said), failed),
  peers: refresher("peers", (said) => keep("peers", said), failed),
  table: refresher("table", (said) => keep("table", withoutClocks(said)), failed),
};

function refreshAll() {
  for (const ask of Object.values(refresh)) ask();
  loadDetail();
}

/** A table without what changes from second to second, which nothing here shows. */
const withoutClocks = (table) => ({ ...table, contacts: table.contacts.map(({ silent, ...contact }) => contact) });

function keep(name, said) {
  const isSame = JSON.stringify(node[name]) === JSON.stringify(said);
  node[name] = said;
  if (!isSame) showPart(name);
}

function showPart(name) {
  const { status, pool, wallets, peers, table } = node;
  if (!status) return; // all else needs it, and follows it
  switch (name) {
    case "status":
      showStatus(status);
      chain.setStatus(status);
      events.setFlags(status.flags);
      for (const other of ["pool", "wallets", "peers"]) showPart(other);
      break;
    case "pool":
      if (pool) showPool(pool, status);
      break;
    case "wallets":
      if (wallets) showWallets(wallets, status);
      break;
    case "table":
      if (table) showTable(table);
      if (peers) showPeers(peers, table, status);
      break;
    case "peers":
      if (peers) showPeers(peers, table, status);
      break;
  }
}

/** A question that failed: if nobody answers, the stream of events notices, too. */
function failed(failure) {
  if (failure instanceof Refusal) return; // the node is there, and has nothing to say yet
  setConnection("gone");
}

function setConnection(state) {
  connection = state;
  showConnection(state, node.status?.start);
}

// News.

const CHAIN_NEWS = new Set(["block accepted", "block mined", "branch switched", "blocks synced", "chain moved aside"]);
const POOL_NEWS = new Set(["transaction pooled", "transaction dropped"]);

function onEvent(event) {
  events.add(event);
  if (noteLookup(event)) soon("lookup");
  const direction = directionOf(event);
  const isNow = Date.now() - Date.parse(event.time) < 3000; // a stream begins with what is past
  if (direction && isNow) pulse(event.facts.peer, direction);

  if (CHAIN_NEWS.has(event.kind)) ["chain", "status", "pool", "wallets"].forEach(soon);
  if (CHAIN_NEWS.has(event.kind) && open.kind) soon("detail");
  if (POOL_NEWS.has(event.kind)) ["pool", "wallets", "status"].forEach(soon);
  if (event.kind.startsWith("peer ")) ["peers", "table", "status"].forEach(soon);
}

const pending = new Map(); // what is to be asked for, by name

/** Asks in a moment: what comes in a burst is asked for once. */
function soon(name) {
  if (pending.has(name)) return;
  pending.set(name, setTimeout(() => {
    pending.delete(name);
    if (name === "detail") loadDetail();
    else if (name === "lookup") showLookup();
    else refresh[name]();
  }, 120));
}

// What is open: #/block/REF, #/tx/TXID, #/address/ADDRESS.

function route() {
  const [, kind = "", ref = "", query = ""] = location.hash.match(/^#\/(block|tx|address)\/([^?]+)(?:\?(.*))?$/) ?? [];
  const options = new URLSearchParams(query);
  Object.assign(open, { kind, ref: decode(ref), value: null, failure: "", first: Number(options.get("tx")) || 0, count: Number(options.get("count")) || 50 });
  showDetail();
  if (!kind) chain.setOpen(null);
  loadDetail(true);
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function loadDetail(isNew = false) {
  const { kind, ref, first, count } = open;
  if (!kind) return;
  const name = encodeURIComponent(ref);
  const path = { block: `block/${name}?tx=${first}`, tx: `tx/${name}`, address: `history/${name}?count=${count}` }[kind];
  const isStillOpen = () => open.kind === kind && open.ref === ref && open.first === first;
  try {
    const value = await ask(path);
    if (!isStillOpen()) return;
    const isSame = JSON.stringify(value) === JSON.stringify(open.value);
    Object.assign(open, { value, failure: "" });
    if (!isSame) showDetail();
    if (isNew && kind === "block") chain.setOpen(value);
  } catch (failure) {
    if (!(failure instanceof Refusal)) return failed(failure);
    if (!isStillOpen()) return;
    Object.assign(open, { value: null, failure: failure.message });
    showDetail();
  }
  if (isNew) focusDetail();
}

function showDetail() {
  const { kind, value, failure } = open;
  const box = byID("detail");
  box.hidden = !kind;
  if (!kind) return show(box);

  const flags = node.status?.flags ?? "";
  const close = h("button", { class: "quiet", title: "Esc", "data-key": "close", onclick: closeDetail }, t("close"), " ✕");
  if (failure) return show(box, h("article", { class: "detail-body" }, h("div", { class: "title" }, h("h2", { tabindex: "-1", class: "detail-title" }, open.ref), h("nav", { class: "steps" }, close)), h("p", { class: "wrap" }, sentence(failure, flags))));
  if (!value) return show(box, h("article", { class: "detail-body" }, h("p", { class: "note" }, t("loading"))));
  show(box, { block: () => blockDetail(value, open.first, flags, close), tx: () => txDetail(value, flags, close), address: () => addressDetail(value, flags, close) }[kind]());
}

function focusDetail() {
  const title = byID("detail").querySelector(".detail-title");
  title?.focus({ preventScroll: true });
  byID("detail").scrollIntoView({ block: "nearest", behavior: "instant" });
}

function closeDetail() {
  location.hash = "#/";
  chain.focusActive();
}

/** Goes to what somebody typed: a height, a hash, a txid, an address or a name. */
async function find(text) {
  const isHeight = /^\d{1,9}$/.test(text) && Number(text) <= (node.status?.height ?? -1);
  if (isHeight) {
    chain.goTo(Number(text), false);
    location.hash = "#/block/" + text;
    return;
  }
  if (!/^[0-9a-f]{6,64}$/i.test(text)) {
    location.hash = "#/address/" + encodeURIComponent(text);
    return;
  }

  // A name may consist of such digits, too.
  const digits = text.toLowerCase();
  const places = [["block/" + digits, "#/block/" + digits], ["tx/" + digits, "#/tx/" + digits], [`history/${text}?count=1`, "#/address/" + text]];
  for (const [path, place] of places) {
    try {
      await ask(path);
      location.hash = place;
      return;
    } catch (failure) {
      if (!(failure instanceof Refusal)) return failed(failure);
    }
  }
  location.hash = "#/tx/" + digits; // which says that there is none
}

// Words.

function relabel() {
  applyWords();
  byID("lang").textContent = t("other_language");
  byID("lang").lang = language() === "zh" ? "en" : "zh-CN";
  setTheme(document.documentElement.dataset.theme);
  setConnection(connection);
  for (const name of Object.keys(node)) showPart(name);
  chain.relabel();
  events.relabel();
  showLookup();
  showDetail();
}

// The tab, in front or hidden.

let timers = [];
let unfollow = null;

function wake() {
  if (unfollow) return;
  refreshAll();
  timers = [
    setInterval(() => ["peers", "table", "status"].forEach((name) => refresh[name]()), PEERS_EVERY),
    setInterval(() => updateAges(), AGES_EVERY),
  ];
  unfollow = follow({
    onEvent: (event) => event.number > lastNumber && onEvent(remember(event)),
    onLost: (n) => events.addLost(n),
    onState: (state, hello) => {
      if (state === "live" && hello.run !== lastRun) [lastRun, lastNumber] = [hello.run, 0];
      const wasGone = connection === "gone";
      setConnection(state);
      if (state === "live" && wasGone) refreshAll();
    },
  });
}

let lastRun = ""; // of the node: another begins its numbers anew
let lastNumber = 0; // of the last event: a stream that begins again repeats some

function remember(event) {
  lastNumber = event.number;
  return event;
}

function sleep() {
  timers.forEach((timer) => clearInterval(timer));
  unfollow?.();
  unfollow = null;
}

function begin() {
  document.documentElement.dataset.theme = usualTheme();
  setLanguage(usualLanguage());
  relabel();

  byID("lang").addEventListener("click", () => {
    setLanguage(language() === "zh" ? "en" : "zh");
    relabel();
  });
  byID("theme").addEventListener("click", () => setTheme(nextTheme()));
  byID("skip").addEventListener("click", (event) => {
    event.preventDefault(); // what stands after # names what is open
    byID("chain-title").focus();
  });
  byID("find").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byID("find-text").value.trim();
    if (text) find(text);
  });

  addEventListener("hashchange", route);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open.kind) closeDetail();
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? sleep() : wake()));
  if (!document.hidden) wake();
  route();
}

begin();
