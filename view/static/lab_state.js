// How a lab stood at a moment: a fold over its events, in the shapes of
// view/lab.go. Nothing here touches the page.

/** Returns the state before the first event. */
export function newState() {
  return { number: 0, at: 0, nodes: new Map(), wires: new Map(), flying: new Map(), blocks: new Map(), isPaused: false, lesson: null, isClosed: false };
}

/** Changes a state by the next event. */
export function apply(state, event) {
  state.number = event.number;
  state.at = event.at;
  const node = state.nodes.get(event.node);

  switch (event.kind) {
    case "started":
      // Its first "chain" says all that is on its disk.
      state.nodes.set(event.node, { ...(node ?? newNode(event.node)), ...event.state, isRunning: true, isFresh: true });
      break;
    case "killed":
      if (node) state.nodes.set(event.node, { ...node, isRunning: false, pool: [] });
      break;
    case "chain":
      if (node) state.nodes.set(event.node, grow(state, node, event.chain));
      break;
    case "pool":
      if (node) state.nodes.set(event.node, { ...node, pool: event.pool ?? [] });
      break;
    case "coins":
      if (node) state.nodes.set(event.node, { ...node, wallets: event.wallets ?? [] });
      break;
    case "wire":
      state.wires.set(event.wire.from + event.wire.to, event.wire);
      break;
    case "paused":
      state.isPaused = true;
      break;
    case "resumed":
      state.isPaused = false;
      break;
    case "sent":
      state.flying.set(event.message.id, event.message);
      break;
    case "arrived":
    case "lost":
      state.flying.delete(event.message.id);
      break;
    case "lesson":
      if (beginsAnew(event)) Object.assign(state, { ...newState(), number: event.number, at: event.at });
      state.lesson = event.lesson;
      break;
    case "closed":
      state.isClosed = true;
      break;
  }
}

/** A lesson that begins has nodes of its own. */
export const beginsAnew = (event) => event.kind === "lesson" && event.lesson.step === 0 && !event.lesson.over;

const newNode = (letter) => ({ letter, person: "", addr: "", rpc: "", page: "", id: "", height: -1, tip: "", has: new Set(), pool: [], wallets: [], isRunning: false, isFresh: true });

function grow(state, node, chain) {
  const has = new Set(node.isFresh ? [] : node.has);
  for (const block of chain.blocks ?? []) {
    state.blocks.set(block.hash, block);
    has.add(block.hash);
  }
  for (const hash of chain.gone ?? []) has.delete(hash);
  return { ...node, height: chain.height, tip: chain.tip, has, isFresh: false };
}

/** Returns a state that changes independently. What is in its maps is never changed. */
function copy(state) {
  return { ...state, nodes: new Map(state.nodes), wires: new Map(state.wires), flying: new Map(state.flying), blocks: new Map(state.blocks) };
}

/** Returns the hashes of a node's chain, from its tip down. */
export function chainOf(state, node) {
  const chain = [];
  for (let hash = node.tip; hash && node.has.has(hash) && chain.length <= node.height; hash = state.blocks.get(hash).prev) chain.push(hash);
  return chain;
}

/**
 * Returns the nodes that run, grouped by the tip of their chain, the highest
 * first. A group is behind if the highest chain of all goes on from its tip.
 */
export function groupByTip(state) {
  const groups = new Map();
  for (const node of nodesOf(state)) {
    if (!node.isRunning || node.height < 0) continue;
    const group = groups.get(node.tip) ?? { tip: node.tip, height: node.height, nodes: [], isBehind: false };
    group.nodes.push(node.letter);
    groups.set(node.tip, group);
  }

  const sorted = [...groups.values()].sort((a, b) => b.height - a.height || b.nodes.length - a.nodes.length);
  if (sorted.length > 1) {
    const highest = new Set(chainOf(state, state.nodes.get(sorted[0].nodes[0])));
    for (const group of sorted.slice(1)) group.isBehind = highest.has(group.tip);
  }
  return sorted;
}

/** Returns the nodes in the order of their letters. */
export const nodesOf = (state) => [...state.nodes.values()].sort((a, b) => (a.letter < b.letter ? -1 : 1));

/** How one direction of a wire stands. */
export const wireOf = (state, from, to) => state.wires.get(from + to) ?? { from, to, cut: false, delay: 0, loss: 0 };

const KEEP_EVERY = 2000; // events

/** All events of a lab, and the state after any number of them. */
export class Tape {
  events = [];
  hues = new Map(); // of blocks, by hash
  stops = []; // how many events there are where a lesson says something
  #kept = [newState()]; // after 0, KEEP_EVERY, 2 * KEEP_EVERY … events
  #last = newState(); // after #applied events
  #applied = 0;
  #newest = newState(); // after all

  add(event) {
    if (event.kind === "chain") for (const block of event.chain.blocks ?? []) this.#colour(block);
    this.events.push(event);
    apply(this.#newest, event);
    if (this.events.length % KEEP_EVERY === 0) this.#kept.push(copy(this.#newest));
    this.#noteStop(event);
  }

  get length() {
    return this.events.length;
  }

  /** How many events there are until the lab is put away: that its nodes end then is no news. */
  get end() {
    let end = this.events.length;
    if (this.events[end - 1]?.kind !== "closed") return end;
    end--;
    while (this.events[end - 1]?.kind === "killed") end--;
    return end;
  }

  /** Returns the state after so many events. It is valid until the next call. */
  at(count) {
    if (count === this.events.length) return this.#newest;
    const kept = Math.floor(count / KEEP_EVERY);
    if (count < this.#applied || kept * KEEP_EVERY > this.#applied) {
      this.#last = copy(this.#kept[kept]);
      this.#applied = kept * KEEP_EVERY;
    }
    for (; this.#applied < count; this.#applied++) apply(this.#last, this.events[this.#applied]);
    return this.#last;
  }

  /**
   * Gives a block the hue of its hash, unless another block beside, below or above
   * it is too much like it: what differs has to look so.
   */
  #colour(block) {
    if (this.hues.has(block.hash)) return;
    const near = [...this.#hashesAt(block.height), ...this.#hashesAt(block.height - 1)].map((hash) => this.hues.get(hash));
    const distance = (hue) => Math.min(360, ...near.map((other) => Math.abs(((hue - other + 540) % 360) - 180)));
    const own = (parseInt(block.hash.slice(0, 6), 16) * 137) % 360 || 0;
    let best = own;
    for (let i = 0; i < 12 && distance(best) < 55; i++) {
      const hue = (own + i * 30) % 360;
      if (distance(hue) > distance(best)) best = hue;
    }
    this.hues.set(block.hash, best);
    this.#hashesAt(block.height).push(block.hash);
  }

  #byHeight = new Map();

  #hashesAt(height) {
    if (!this.#byHeight.has(height)) this.#byHeight.set(height, []);
    return this.#byHeight.get(height);
  }

  /** A stop lasts until somebody does something: what the nodes tell until then belongs to it. */
  #noteStop(event) {
    const isStop = event.kind === "lesson" && (event.lesson.step > 0 || event.lesson.over);
    if (isStop) {
      this.stops.push(this.events.length);
      this.#stopIsOpen = true;
    } else if (event.kind === "did" || event.kind === "closed" || event.kind === "killed" || event.kind === "lesson") {
      this.#stopIsOpen = false;
    } else if (this.#stopIsOpen) {
      this.stops[this.stops.length - 1] = this.events.length;
    }
  }

  #stopIsOpen = false;
}
