// The chain, as a strip of blocks with the newest at the right, and the branches
// below it. Only the blocks on the screen, and a few beside them, are asked for
// and drawn: of 100,000 there are some thirty elements.

import { ask, Refusal } from "./api.js";
import { byID, h, isStill, setVars, show, svg } from "./dom.js";
import { ageOf, commandButton, commandText, hashSign, hue, sentence, short, shortAddress } from "./format.js";
import { layLanes } from "./lanes.js";
import { t } from "./words.js";

const SPAN = 40_000; // blocks that one can scroll through: no browser draws an element wider than some 10 million px
const BESIDE = 6; // blocks drawn outside the window, at each side
const PAGE = 60; // blocks asked for at once, at least
const STEERED = 3000; // ms after a touch or a turn of the wheel in which it still rolls
const KEPT = 400; // blocks remembered at each side of the window

/** The strip. Whatever changes what is to be seen, news or a scroll, calls draw. */
export class ChainView {
  #scroll = byID("chain-scroll");
  #track = byID("chain-track");
  #links = svg("svg", { class: "links", "aria-hidden": "true" });

  #rows = new Map(); // by height: what the node told, the chain's own block first
  #cards = new Map(); // by hash: the elements
  #chain = null; // the last answer about the tip
  #status = null;
  #base = 0; // height at the left end of the track
  #follows = true; // the right end, as it grows
  #steered = -Infinity; // when the user last scrolled, in ms; -Infinity: this page has scrolled since
  #active = ""; // hash of the block that Tab goes to
  #wanted = -1; // height of the block that gets the focus once it is there
  #asking = false;
  #stale = false; // the window must be asked for anew
  #newFrom = Infinity; // blocks from this height on slide in
  #open = ""; // hash of the block that is open below
  #unseen = -1; // height of the block that was opened before the chain was known
  #drawing = 0;

  constructor({ onFailure }) {
    this.onFailure = onFailure;
    this.#track.append(this.#links);
    this.#scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    for (const kind of ["wheel", "pointerdown", "touchmove"]) {
      this.#scroll.addEventListener(kind, () => (this.#steered = performance.now()), { passive: true });
    }
    this.#scroll.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.#track.addEventListener("keydown", (event) => this.#key(event));
    this.#track.addEventListener("focusin", (event) => this.#focused(event));
    byID("chain-latest").addEventListener("click", () => this.goTo(this.#top()));
    new ResizeObserver(() => this.#resized()).observe(this.#scroll);
  }

  get tip() {
    return this.#chain?.tip ?? "";
  }

  /** Takes what the node says of the newest blocks. */
  setHead(chain) {
    const before = this.#chain;
    const isFirst = before === null;
    this.#chain = chain;
    this.#newFrom = isFirst ? Infinity : before.height + 1;

    // What lies lower may have changed, too: what is on the screen is asked for
    // anew, and the rest is forgotten until somebody scrolls there.
    if (!isFirst) {
      const [low, high] = this.#window();
      for (const height of this.#rows.keys()) {
        if (height < low || height > high || height > chain.height) this.#rows.delete(height);
      }
      const lowestTold = chain.blocks.at(-1)?.height ?? 0;
      if (low < lowestTold) this.#stale = true;
    }
    this.#take(chain.blocks);

    if (!isFirst && chain.height >= 0 && before.tip !== chain.tip) {
      byID("news").textContent = t("new_block", { height: chain.height, hash: short(chain.tip) });
    }
    if (before?.tip !== chain.tip) this.#placeBase();
    this.#scroll.classList.toggle("is-empty", chain.height < 0); // now, for what scrolls below
    setVars(this.#track, { "--blocks": this.#span() });
    this.draw();
    if (this.#follows) this.#toEnd(before !== null && chain.height - before.height <= 2);
    if (this.#unseen >= 0) {
      const height = this.#unseen;
      this.#unseen = -1;
      this.#bringUp(height);
    }
  }

  setStatus(status) {
    const before = this.#status;
    this.#status = status;
    if (before?.pool !== status.pool || before?.pool_size !== status.pool_size || before?.flags !== status.flags || before?.hint !== status.hint) this.draw();
  }

  /** Marks the block that is open, and brings it into view. */
  setOpen(block) {
    this.#open = block?.hash ?? "";
    this.#active = block?.hash ?? this.#active;
    if (block && this.#chain) this.#bringUp(block.height);
    else this.#unseen = block?.height ?? -1;
    this.draw();
  }

  #bringUp(height) {
    const left = this.#x(height) - this.#scroll.scrollLeft;
    if (left < 0 || left + this.#step() > this.#scroll.clientWidth) this.goTo(height, false);
  }

  /** Scrolls to a height, and gives the focus to its block. */
  goTo(height, focus = true) {
    height = Math.max(0, Math.min(height, this.#top()));
    if (height < this.#base || height >= this.#base + this.#span()) this.#setBase(height - SPAN / 2);

    const middle = this.#x(height) - (this.#scroll.clientWidth - this.#step()) / 2;
    const isNear = Math.abs(middle - this.#scroll.scrollLeft) < 3 * this.#scroll.clientWidth;
    this.#follows = height === this.#top();
    this.#steered = -Infinity;
    if (this.#follows) this.#toEnd(isNear);
    else this.#scroll.scrollTo({ left: middle, behavior: isNear && !isStill() ? "smooth" : "instant" });
    if (focus) this.#wanted = height;
    this.draw();
  }

  /** Gives the focus back to the block that was open. */
  focusActive() {
    const card = this.#cards.get(this.#active);
    (card?.link ?? this.#track.querySelector("a[tabindex='0']"))?.focus({ preventScroll: true });
  }

  /** Draws when the browser next does: a burst of news is drawn once. */
  draw() {
    this.#drawing ||= requestAnimationFrame(() => {
      this.#drawing = 0;
      this.#draw();
    });
  }

  /** Writes all words anew. */
  relabel() {
    for (const card of this.#cards.values()) card.slot.remove();
    this.#cards.clear();
    this.#newFrom = Infinity;
    this.draw();
  }

  // Geometry. A height has its place in px from the left end of the track.

  #length = (name) => parseFloat(getComputedStyle(this.#scroll).getPropertyValue(name));
  #step = () => this.#length("--step");
  #top = () => this.#chain?.height ?? -1;
  #span = () => Math.min(this.#top() + 2, SPAN); // with the place of the next block
  #x = (height) => this.#length("--edge") + (height - this.#base) * this.#step();

  /** The lowest and the highest height in the window, and some beside it. */
  #window(beside = BESIDE) {
    const step = this.#step();
    const left = this.#scroll.scrollLeft - this.#length("--edge");
    const low = this.#base + Math.floor(left / step) - beside;
    const high = this.#base + Math.floor((left + this.#scroll.clientWidth) / step) + beside;
    return [Math.max(0, low), Math.min(this.#top(), high)];
  }

  #placeBase() {
    if (this.#follows) this.#base = Math.max(0, this.#top() + 2 - SPAN);
    else this.#base = Math.max(0, Math.min(this.#base, this.#top() + 2 - this.#span()));
  }

  /** Lets the track begin at another height, without a move on the screen. */
  #setBase(base) {
    base = Math.round(Math.max(0, Math.min(base, this.#top() + 2 - this.#span())));
    const shift = (this.#base - base) * this.#step();
    this.#base = base;
    this.#scroll.scrollLeft += shift;

    // The blocks go along at once: they do not glide there.
    this.#track.classList.add("is-still");
    setTimeout(() => this.#track.classList.remove("is-still"), 100);
  }

  #toEnd(glides) {
    this.#steered = -Infinity;
    this.#scroll.scrollTo({ left: this.#scroll.scrollWidth, behavior: glides && !isStill() ? "smooth" : "instant" });
  }

  #resized() {
    if (this.#follows) this.#toEnd(false);
    this.draw();
  }

  #scrolled() {
    const { scrollLeft, scrollWidth, clientWidth } = this.#scroll;
    const left = scrollWidth - clientWidth - scrollLeft;
    const isLast = this.#base + this.#span() === this.#top() + 2;
    if (performance.now() - this.#steered < STEERED) this.#follows = isLast && left < this.#step() / 2;

    // Near an end of the track there may be more blocks: shift it.
    const near = 200 * this.#step();
    if ((scrollLeft < near && this.#base > 0) || (left < near && !isLast)) {
      this.#setBase(this.#window(0)[0] - SPAN / 2);
    }
    this.draw();
  }

  /** A wheel that turns down goes into the past, where there is nothing to scroll down to. */
  #wheel(event) {
    const { scrollHeight, clientHeight } = this.#scroll;
    if (!event.shiftKey || event.deltaX !== 0 || scrollHeight > clientHeight) return;
    event.preventDefault();
    this.#scroll.scrollLeft += event.deltaY;
  }

  // What the node told.

  #take(blocks) {
    const told = Map.groupBy(blocks, (row) => row.height);
    for (const [height, rows] of told) this.#rows.set(height, rows);
  }

  /** Asks for what is in the window and not known: one question at a time. */
  async #fill() {
    if (this.#asking || !this.#chain || this.#chain.height < 0) return;
    const [low, high] = this.#window();
    let [first, last] = [Infinity, -1];
    for (let height = low; height <= high; height++) {
      if (this.#stale || !this.#rows.has(height)) [first, last] = [Math.min(first, height), height];
    }
    if (last < 0) return;

    const spare = Math.max(0, PAGE - (last - first + 1));
    const highest = Math.min(this.#top(), last + Math.ceil(spare / 2));
    const count = Math.min(200, highest - Math.max(0, first - Math.ceil(spare / 2)) + 1);
    const tip = this.#chain.tip;

    this.#asking = true;
    this.#stale = false;
    try {
      const chain = await ask(`chain?highest=${highest}&count=${count}`);
      if (this.#chain.tip === tip) this.#take(chain.blocks); // else its news are on their way
      else this.#stale = true;
      this.#forget();
    } catch (failure) {
      if (!(failure instanceof Refusal || failure instanceof TypeError)) throw failure;
      this.onFailure(failure);
      return; // the next news, or scroll, asks again
    } finally {
      this.#asking = false;
    }
    this.draw();
  }

  /** Forgets what is far from the window. */
  #forget() {
    const [low, high] = this.#window();
    for (const height of this.#rows.keys()) {
      if (height < low - KEPT || height > high + KEPT) this.#rows.delete(height);
    }
  }

  // Drawing.

  #draw() {
    if (!this.#chain) return; // nothing is known yet, not even that there is none
    this.#note();
    if (this.#top() < 0) {
      this.#drawEmpty();
      return;
    }
    if (this.#track.firstChild !== this.#links) this.#track.replaceChildren(this.#links);

    const [low, high] = this.#window();
    const near = [];
    for (let height = low - 1; height <= high; height++) near.push(...(this.#rows.get(height) ?? []));
    const lanes = layLanes(near);
    const shown = near.filter((row) => row.height >= low);
    setVars(this.#track, { "--blocks": this.#span(), "--lanes": 1 + this.#deepest(shown, lanes) });

    const keep = new Set();
    for (const row of shown) {
      const card = this.#card(row);
      setVars(card.slot, { "--x": this.#x(row.height), "--lane": lanes.get(row.hash) });
      keep.add(row.hash);
    }
    for (let height = low; height <= high; height++) {
      if (!this.#rows.has(height)) keep.add(this.#blank(height));
    }
    if (high === this.#top()) keep.add(this.#nextBlock());
    for (const [key, card] of this.#cards) {
      if (keep.has(key) || card.slot.contains(document.activeElement)) continue;
      card.slot.remove();
      this.#cards.delete(key);
    }

    this.#drawLinks(near, lanes, low);
    this.#rove(shown);
    this.#fill();
  }

  /** The lowest lane with a block on the screen, or right beside it: there is no room for others. */
  #deepest(rows, lanes) {
    const [low, high] = this.#window(1);
    return Math.max(0, ...rows.filter((row) => row.height >= low && row.height <= high).map((row) => lanes.get(row.hash)));
  }

  /** Returns a block's element, made if there is none or it was told otherwise before. */
  #card(row) {
    const made = this.#cards.get(row.hash);
    if (made && made.onChain === row.on_chain && made.open === (row.hash === this.#open)) return made;

    const link = this.#link(row);
    if (made) { // the slot stays, so that it moves to its new lane
      const hadFocus = made.link === document.activeElement;
      made.link.replaceWith(link);
      if (hadFocus) link.focus({ preventScroll: true });
      Object.assign(made, { link, onChain: row.on_chain, open: row.hash === this.#open });
      return made;
    }

    if (row.height >= this.#newFrom) link.classList.add("is-new");
    const slot = h("div", { class: "slot" }, link);
    const card = { slot, link, row, onChain: row.on_chain, open: row.hash === this.#open };
    this.#cards.set(row.hash, card);
    this.#track.append(slot);
    return card;
  }

  #link(row) {
    const miner = row.miner_name || shortAddress(row.miner);
    const by = t(row.height === 0 ? "made_by" : "mined_by");
    const payments = row.txs > 1 ? t("payments", { n: row.txs - 1 }) : t("no_payments");
    return h(
      "a",
      {
        class: "block" + (row.on_chain ? "" : " is-beside"),
        href: "#/block/" + row.hash,
        tabindex: "-1",
        title: `go run . block ${row.on_chain ? row.height : short(row.hash)}${this.#status?.flags ?? ""}`,
        "aria-label": t("block_label", {
          height: row.height,
          hash: short(row.hash),
          txs: t("transactions", { n: row.txs }),
          miner: `${by} ${miner}`,
          state: t(row.on_chain ? "on_chain" : "beside"),
        }),
        "aria-current": row.hash === this.#open ? "true" : null,
        "data-testid": "block-" + row.height,
        "data-hash": row.hash,
        "data-height": row.height,
        "data-onchain": String(row.on_chain),
        vars: { "--hue": hue(row.hash), "--hue-prev": hue(row.prev_block_hash) },
      },
      h("span", { class: "block-top" }, h("b", { class: "block-height" }, row.height), ageOf(row.timestamp)),
      h("span", { class: "block-hash" }, hashSign(row.hash)),
      h("span", { class: "block-line" }, payments),
      h("span", { class: "block-line" }, by + " ", h("span", { class: "block-miner" }, miner)),
      h("span", { class: "block-prev" }, row.prev_block_hash ? ["← ", hashSign(row.prev_block_hash)] : t("genesis")),
    );
  }

  /** The place of a block that the node has not told of yet. */
  #blank(height) {
    const key = "blank " + height;
    if (!this.#cards.has(key)) {
      const slot = h("div", { class: "slot", "aria-hidden": "true" }, h("div", { class: "block is-blank" }, h("b", { class: "block-height" }, height)));
      this.#cards.set(key, { slot });
      this.#track.append(slot);
    }
    setVars(this.#cards.get(key).slot, { "--x": this.#x(height), "--lane": 0 });
    return key;
  }

  /** The place of the block that is to come, and what it waits for. */
  #nextBlock() {
    const key = "next";
    if (!this.#cards.has(key)) {
      const slot = h("div", { class: "slot" });
      this.#cards.set(key, { slot });
      this.#track.append(slot);
    }

    const { slot } = this.#cards.get(key);
    const { pool = 0, pool_size: size = 0 } = this.#status ?? {};
    const missing = Math.max(0, size - pool);
    const filled = size > 0 ? Math.min(1, pool / size) : 0;
    setVars(slot, { "--x": this.#x(this.#top() + 1), "--lane": 0 });
    slot.replaceChildren(
      h(
        "div",
        { class: "block is-next", vars: { "--filled": filled } },
        h("span", { class: "block-top" }, h("b", { class: "block-height" }, this.#top() + 1), h("span", {}, t("of", { a: pool, b: size }))),
        h("span", { class: "block-line" }, h("b", {}, t("next_block"))),
        h("span", { class: "block-line block-wait" }, size === 0 ? "" : missing > 0 ? t("next_missing", { n: missing }) : t("next_now")),
        h("span", { class: "fill", "aria-hidden": "true" }),
      ),
    );
    return key;
  }

  /** Lines from each block to its parent. */
  #drawLinks(rows, lanes, low) {
    const step = this.#step();
    const lane = this.#length("--lane-height");
    const card = this.#length("--card");
    const height = this.#length("--card-height");
    const byHash = new Map(rows.map((row) => [row.hash, row]));
    const left = this.#x(low) - step;
    const middle = (hash) => lanes.get(hash) * lane + height / 2;

    const paths = [];
    for (const row of rows) {
      if (row.height === 0) continue;
      const parent = byHash.get(row.prev_block_hash);
      const x2 = this.#x(row.height) - left;
      const x1 = x2 - step + card;
      const y2 = middle(row.hash);
      const from = parent ? middle(parent.hash) : y2;
      const y1 = from + 14 * Math.sign(y2 - from); // apart from the link of the chain
      const bend = x1 + (x2 - x1) / 2;
      const kind = row.on_chain ? "" : " is-beside";
      paths.push(
        svg("path", { class: "link" + kind, d: `M${x2} ${y2}C${bend} ${y2} ${bend} ${y1} ${x1 + 6} ${y1}` }),
        svg("path", { class: "link-head" + kind, d: `M${x1 + 1} ${y1}l9 -5v10z` }),
      );
    }
    setVars(this.#links, { "--x": left });
    this.#links.replaceChildren(...paths);
  }

  /** Tab goes to one block: the one that was walked to, or the newest. */
  #rove(shown) {
    if (this.#wanted >= 0) {
      const row = this.#rows.get(this.#wanted)?.[0];
      const card = row && this.#cards.get(row.hash);
      if (card) {
        this.#wanted = -1;
        this.#active = row.hash;
        card.link.focus({ preventScroll: true });
      }
    }

    const stop = this.#cards.has(this.#active) ? this.#active : shown.findLast((row) => row.on_chain)?.hash;
    for (const [hash, { link }] of this.#cards) link?.setAttribute("tabindex", hash === stop ? "0" : "-1");
  }

  #drawEmpty() {
    this.#cards.clear();
    const flags = this.#status?.flags ?? "";
    const hint = this.#status?.hint ?? "";
    show(
      this.#track,
      h(
        "div",
        { class: "empty empty-chain", "data-testid": "empty-chain" },
        h("h3", {}, t("no_chain")),
        hint && !hint.includes("genesis_block") // it is to come from another node
          ? h("p", { class: "hint" }, sentence(hint, flags))
          : [
              h("p", {}, t("no_chain_say"), " ", commandText("go run . genesis_block" + flags)),
              h("p", {}, t("no_chain_join"), " ", commandText("go run . start -bootstrap HOST:PORT")),
            ],
      ),
    );
  }

  #note() {
    const omitted = this.#chain?.omitted ?? 0;
    const texts = this.#top() < 0 ? [] : [t("chain_note")];
    if (omitted > 0) texts.push(t("chain_omitted", { n: omitted }));
    byID("chain-note").textContent = texts.join(" ");
    byID("chain-latest").hidden = this.#follows || this.#top() < 0;
    const flags = this.#status?.flags ?? "";
    const place = byID("chain-command");
    if (place.dataset.flags !== flags || place.lang !== document.documentElement.lang) {
      place.dataset.flags = flags;
      place.lang = document.documentElement.lang;
      place.replaceChildren(commandButton("chain -all", flags));
    }
  }

  // Walking.

  #focused(event) {
    const link = event.target.closest("a.block");
    if (!link) return;
    this.#active = link.dataset.hash;
    for (const card of this.#cards.values()) card.link?.setAttribute("tabindex", card.link === link ? "0" : "-1");
    this.#reveal(Number(link.dataset.height));
    const slot = link.parentElement;
    const top = slot.offsetTop + Number(slot.style.getPropertyValue("--lane")) * this.#length("--lane-height");
    const bottom = top + this.#length("--card-height");
    if (bottom > this.#scroll.scrollTop + this.#scroll.clientHeight) this.#scroll.scrollTop = bottom - this.#scroll.clientHeight + 24;
    else if (top < this.#scroll.scrollTop) this.#scroll.scrollTop = top;
  }

  /** Scrolls just as far as it takes to see a height. */
  #reveal(height) {
    const x = this.#x(height);
    const { scrollLeft, clientWidth } = this.#scroll;
    const edge = this.#length("--edge");
    if (x - edge < scrollLeft) this.#scroll.scrollTo({ left: x - edge, behavior: "instant" });
    else if (x + this.#step() > scrollLeft + clientWidth) this.#scroll.scrollTo({ left: x + this.#step() - clientWidth, behavior: "instant" });
    else return;
    this.#steered = performance.now();
  }

  #key(event) {
    const card = this.#cards.get(this.#active);
    if (!card?.row || event.altKey || event.ctrlKey || event.metaKey) return;
    const { row } = card;
    const at = (height) => this.#rows.get(height) ?? [];

    let next;
    switch (event.key) {
      case "ArrowLeft":
        next = at(row.height - 1).find((other) => other.hash === row.prev_block_hash);
        if (!next && row.height > 0) this.goTo(row.height - 1);
        break;
      case "ArrowRight":
        next = at(row.height + 1).find((other) => other.prev_block_hash === row.hash);
        if (!next && row.height < this.#top() && card.onChain) this.goTo(row.height + 1);
        break;
      case "ArrowDown":
      case "ArrowUp": {
        const here = at(row.height);
        next = here[here.findIndex((other) => other.hash === row.hash) + (event.key === "ArrowDown" ? 1 : -1)];
        break;
      }
      case "Home":
        this.goTo(0);
        break;
      case "End":
        this.goTo(this.#top());
        break;
      default:
        return;
    }

    event.preventDefault();
    if (!next) return;
    this.#reveal(next.height);
    this.#draw();
    this.#cards.get(next.hash)?.link?.focus({ preventScroll: true });
  }
}
