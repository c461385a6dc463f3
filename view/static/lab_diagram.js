// The messages, as a diagram of Lamport's kind: a line down for each node, and an
// arrow for each message, from where and when it was sent to where and when it
// arrived. Only what is on screen is drawn.

import { byID, h, isStill, setVars, show, svg } from "./dom.js";
import { nodesOf } from "./lab_state.js";
import { pick, t } from "./words.js";

const ROW = 26; // px
const BEFORE = 14; // px above the first row
const AFTER = 46; // px below the last one: what is on its way ends there
export const GUTTER = 58; // px at the left, for the time
const SPARE = 12; // rows above and below the window that are drawn, too

export class Diagram {
  #scroll = byID("diagram-scroll");
  #track = byID("diagram-track");
  #picture = svg("svg", { class: "diagram", "aria-hidden": "true" });
  #shown = null; // what show was given last
  #drawing = 0;
  #onBlock;

  constructor({ onBlock }) {
    this.#onBlock = onBlock;
    this.#track.append(this.#picture);
    this.#scroll.addEventListener("scroll", () => this.#drawSoon());
  }

  /** Shows the rows up to a moment. column: its width in px. */
  show(shown) {
    this.#shown = shown;
    const { rows, moment, state, column } = shown;
    const count = rows.countAt(moment);
    const letters = nodesOf(state).map((node) => node.letter);
    Object.assign(shown, { count, letters, x: new Map(letters.map((letter, i) => [letter, GUTTER + (i + 0.5) * column])) });

    const width = GUTTER + letters.length * column;
    const height = BEFORE + count * ROW + AFTER;
    setVars(this.#track, { "--width": width + "px", "--height": height + "px" });
    show(byID("diagram-head"), h("div", { class: "heads", vars: { "--width": width + "px" } }, letters.map((letter) => headOf(letter, shown))));
    this.#scroll.scrollTop = height; // the moment is at the end
    this.#draw();
  }

  #drawSoon() {
    this.#drawing ||= requestAnimationFrame(() => {
      this.#drawing = 0;
      if (this.#shown) this.#draw();
    });
  }

  #draw() {
    const { rows, count, letters, column } = this.#shown;
    const top = this.#scroll.scrollTop;
    const first = Math.max(0, Math.floor((top - BEFORE) / ROW) - SPARE);
    const last = Math.min(count - 1, Math.ceil((top + this.#scroll.clientHeight) / ROW) + SPARE);
    const width = Math.max(GUTTER + letters.length * column, this.#scroll.clientWidth);
    const begin = first === 0 ? 0 : yOf(first) - ROW / 2;
    const end = Math.min(yOf(last) + ROW / 2 + (last >= count - 1 ? AFTER : 0), BEFORE + count * ROW + AFTER);

    const { x } = this.#shown;
    const area = { first, last, width, begin, end, x };
    const parts = [this.#cuts(area), this.#lines(area)];
    if (count === 0) parts.push(text(GUTTER, BEFORE + 16, t(this.#shown.isLive ? "nothing_yet" : "nothing_saved"), { class: "row-text faint" }));
    for (const sent of rows.messagesAt(first, last)) if (sent.row < count) parts.push(this.#arrow(sent, area));
    for (let i = first; i <= last; i++) parts.push(this.#row(rows.rows[i], i, area));

    setVars(this.#picture, { "--top": begin + "px" });
    this.#picture.setAttribute("viewBox", `0 ${begin} ${width} ${Math.max(1, end - begin)}`);
    this.#picture.setAttribute("width", width);
    this.#picture.setAttribute("height", Math.max(1, end - begin));
    this.#picture.replaceChildren(...parts.flat(Infinity).filter(Boolean));
  }

  /** The line of each node, which is broken while it does not run. */
  #lines({ begin, end, x }) {
    const { rows, letters, count } = this.#shown;
    return letters.map((letter) => {
      const line = [svg("line", { class: "life is-dead", x1: x.get(letter), x2: x.get(letter), y1: begin, y2: end })];
      for (const life of rows.lives.get(letter) ?? []) {
        const from = life.row < 0 ? 0 : yOf(life.row);
        const to = life.endRow < count ? yOf(life.endRow) : Infinity;
        if (life.row >= count || to < begin || from > end) continue;
        line.push(svg("line", { class: "life", x1: x.get(letter), x2: x.get(letter), y1: Math.max(begin, from), y2: Math.min(end, to) }));
      }
      return line;
    });
  }

  /** While wires are cut: a bar at the left, and which nodes still reach each other. */
  #cuts({ begin, end, x }) {
    const { rows, letters, count, column } = this.#shown;
    const parts = [];
    for (const cut of rows.cuts) {
      const from = yOf(cut.row);
      const to = cut.endRow < count ? yOf(cut.endRow) : end;
      if (cut.row >= count || to < begin || from > end) continue;
      const y = Math.max(begin, from);
      const height = Math.max(0, Math.min(end, to) - y);
      parts.push(svg("rect", { class: "cut-bar", x: GUTTER - 8, y, width: 3, height }));

      const sides = sidesOf(letters, cut.wires);
      const isSplit = sides.some((side) => side > 0);
      letters.forEach((letter, i) => {
        if (isSplit) parts.push(svg("rect", { class: "side", "data-side": sides[i] % 4, x: x.get(letter) - column / 2, y, width: column, height }));
        if (i > 0 && sides[i] !== sides[i - 1]) parts.push(svg("line", { class: "cut-line", x1: x.get(letter) - column / 2, x2: x.get(letter) - column / 2, y1: y, y2: y + height }));
      });
    }
    return parts;
  }

  #arrow(sent, { x, width, first, last }) {
    const { moment, count, isPaused, hues, column } = this.#shown;
    const { message } = sent;
    const from = x.get(message.from);
    const to = x.get(message.to);
    if (from === undefined || to === undefined) return null;

    const isFlying = sent.endNumber > moment;
    const direction = Math.sign(to - from) || 1;
    const begin = yOf(sent.row) - 2;
    const isQuick = !isFlying && sent.endRow - sent.row <= 3;
    const end = isFlying ? yOf(count) + 4 : sent.endRow === sent.row ? begin + ROW * 0.5 : yOf(sent.endRow);
    const stop = to - direction * 7;

    // One that takes long goes half of its way, waits, and goes on.
    const spread = ((message.id % 7) - 3) * Math.min(7, column / 12);
    const wait = from + (to - from) * 0.5 + spread;
    const down = begin + ROW * 0.6;
    const isLost = !isFlying && sent.fate === "lost";

    let path = isQuick ? `M${from} ${begin}L${isLost ? (from + to) / 2 : stop} ${isLost ? (begin + end) / 2 : end}` : `M${from} ${begin}L${wait} ${down}V${Math.max(down, end - (isFlying || isLost ? 0 : ROW * 0.6))}`;
    if (!isQuick && !isFlying && !isLost) path += `L${stop} ${end}`;
    const tipFrom = isQuick ? [from, begin] : [wait, end - ROW * 0.6];

    const hue = message.kind === "block" ? hues.get(message.hash) : undefined;
    const kind = hue !== undefined ? "block" : { transactions: "tx", handshake: "handshake", "get block": "ask", block: "tx" }[message.kind] ?? (message.udp ? "udp" : "ask");
    const label = pick(message.text ?? { en: message.kind });
    const fate = isFlying ? t("message_flying") : isLost ? t("message_lost", { why: sent.why ? pick(sent.why) : "" }) : "";
    const parts = [svg("title", {}, `${message.from} → ${message.to}: ${label}${fate ? " (" + fate + ")" : ""}`), svg("path", { class: "shaft", d: path })];
    const midX = isQuick ? (from + to) / 2 : wait;
    const midY = isQuick ? (begin + end) / 2 : end;

    if (isFlying) {
      const y = Math.max(down, end);
      parts.push(svg("circle", { class: "flying" + (isPaused && !message.udp ? " is-held" : "") + (isStill() ? "" : " is-moving"), cx: wait, cy: y, r: 5 }));
      if (isPaused && !message.udp) parts.push(svg("path", { class: "pause-sign", d: `M${wait - 1.6} ${y - 2.4}v4.8M${wait + 1.6} ${y - 2.4}v4.8` }));
    } else if (isLost) {
      parts.push(svg("path", { class: "lost-sign", d: `M${midX - 5} ${midY - 5}l10 10m0 -10l-10 10` }));
    } else {
      parts.push(svg("path", { class: "tip", d: tip(tipFrom[0], tipFrom[1], stop + direction * 5, end) }));
    }
    if (sent.row >= first && sent.row <= last) {
      const room = direction > 0 ? width - from - 16 : from - GUTTER - 8;
      parts.push(text(from + direction * 9, begin - 3, clip(label, Math.max(room, 60)), { class: "arrow-text", "text-anchor": direction > 0 ? "start" : "end" }));
    }

    const open = hue !== undefined ? { onclick: () => this.#onBlock(message.hash) } : {};
    return svg("g", { class: `arrow-of is-${kind}${message.news ? " is-news" : ""}`, "data-message": message.id, vars: hue === undefined ? {} : { "--hue": hue }, ...open }, parts);
  }

  #row(row, i, area) {
    const y = yOf(i);
    const before = i > 0 ? this.#shown.rows.rows[i - 1].at : -Infinity;
    const parts = [row.at - before >= 500 || i % 12 === 0 ? text(4, y + 4, clock(row.at), { class: "row-time" }) : null];
    const whole = (sign, words, name) => parts.push(text(GUTTER + 4, y + 4, clip(`${sign} ${words}`, area.width - GUTTER - 12), { class: "row-text is-" + name }));
    const node = area.x.get(row.node);

    switch (row.kind) {
      case "told":
        if (node !== undefined) parts.push(this.#told(pick(row.text), node, y, area));
        break;
      case "killed":
      case "started":
        if (node !== undefined) parts.push(svg("path", { class: "life-end", d: row.kind === "killed" ? `M${node - 6} ${y - 6}l12 12m0 -12l-12 12` : `M${node - 7} ${y}h14` }), this.#told(t("event_" + row.kind), node, y, area, false));
        break;
      case "did":
        whole("›", row.line, "did");
        if (row.said) parts.push(svg("title", {}, pick(row.said)));
        break;
      case "paused":
        whole("⏸", t("event_paused"), "held");
        break;
      case "resumed":
        whole("▶", t("event_resumed"), "held");
        break;
      case "lesson":
        parts.push(svg("line", { class: "lesson-line", x1: GUTTER, x2: area.width, y1: y - 11, y2: y - 11 }));
        whole("¶", row.lesson.over ? t(row.lesson.failed ? "lesson" : "lesson_question") : t("event_lesson", { a: row.lesson.step, b: row.lesson.steps }), "lesson");
        break;
      case "wire":
        parts.push(this.#wire(row, y, area));
        break;
    }
    return svg("g", { class: "row", "data-kind": row.kind, "data-number": row.number }, parts);
  }

  #told(words, x, y, { width }, dot = true) {
    const goesRight = x < (GUTTER + width) / 2;
    const room = goesRight ? width - x - 20 : x - GUTTER - 16;
    return [
      dot ? svg("circle", { class: "told", cx: x, cy: y, r: 4.5 }) : null,
      svg("g", {}, svg("title", {}, words), text(x + (goesRight ? 11 : -11), y + 4, clip(words, room), { class: "row-text", "text-anchor": goesRight ? "start" : "end" })),
    ];
  }

  #wire(row, y, { x, width }) {
    const ends = row.wires.flatMap((wire) => [x.get(wire.from), x.get(wire.to)]).filter((at) => at !== undefined);
    if (ends.length === 0) return null;
    const sign = { cut: "✂", mended: "⚭", slow: "~" }[row.what];
    const words = `${sign} ${t("event_" + row.what)}: ${namesOf(row.wires)}${row.what === "slow" ? " " + qualities(row.wires[0]) : ""}`;
    return [
      svg("line", { class: "wire-line is-" + row.what, x1: Math.min(...ends), x2: Math.max(...ends), y1: y, y2: y }),
      [...new Set(ends)].map((at) => svg("circle", { class: "wire-end is-" + row.what, cx: at, cy: y, r: 3.5 })),
      svg("g", {}, svg("title", {}, words), text(GUTTER + 4, y - 5, clip(words, width - GUTTER - 12), { class: "row-text is-wire is-" + row.what })),
    ];
  }
}

const yOf = (row) => BEFORE + row * ROW + ROW / 2;

function headOf(letter, { state, x }) {
  return h("span", { class: "head" + (state.nodes.get(letter).isRunning ? "" : " is-killed"), vars: { "--x": x.get(letter) + "px" } }, letter);
}

function text(x, y, words, props) {
  return svg("text", { x, y, ...props }, words);
}

/** A text that fits, by a guess of its width. */
function clip(words, room) {
  let width = 0;
  for (let i = 0; i < words.length; i++) {
    width += words.charCodeAt(i) > 0x2e80 ? 12.5 : 6.6;
    if (width > room) return words.slice(0, Math.max(1, i - 1)) + "…";
  }
  return words;
}

/** The head of an arrow, which points from somewhere to x, y. */
function tip(fromX, fromY, x, y) {
  const angle = Math.atan2(y - fromY, x - fromX);
  const at = (turn, length) => `${(x - length * Math.cos(angle + turn)).toFixed(1)} ${(y - length * Math.sin(angle + turn)).toFixed(1)}`;
  return `M${x} ${y}L${at(0.42, 10)}L${at(-0.42, 10)}Z`;
}

/** Milliseconds since the lab began, as one reads them. */
function clock(at) {
  if (at < 60000) return (at / 1000).toFixed(2) + " s";
  const minutes = Math.floor(at / 60000);
  return `${minutes}:${String(Math.floor(at / 1000) % 60).padStart(2, "0")}`;
}

/** For each node: in which part of the network it is, by wires that are whole. */
export function sidesOf(letters, cut) {
  const sides = new Map();
  let next = 0;
  for (const letter of letters) {
    if (sides.has(letter)) continue;
    const reach = [letter];
    for (let i = 0; i < reach.length; i++) {
      sides.set(reach[i], next);
      for (const other of letters) {
        if (!sides.has(other) && !reach.includes(other) && !cut.has(reach[i] + other) && !cut.has(other + reach[i])) reach.push(other);
      }
    }
    next++;
  }
  return letters.map((letter) => sides.get(letter));
}

/** "A–C A–D", or "A→C" if it is one direction only. */
function namesOf(wires) {
  const keys = new Set(wires.map((wire) => wire.from + wire.to));
  const names = [];
  for (const { from, to } of wires) {
    const isBoth = keys.has(to + from);
    if (!isBoth) names.push(`${from}→${to}`);
    else if (from < to) names.push(`${from}–${to}`);
  }
  return names.sort().join(" ");
}

export function qualities(wire) {
  return [wire.delay > 0 ? t("wire_delay", { n: wire.delay }) : null, wire.loss > 0 ? t("wire_loss", { n: Math.round(wire.loss * 100) }) : null].filter(Boolean).join(", ");
}
