// The rows of the diagram: an event that is shown is one, and time runs downwards.
// Real time is of no use for that: a message takes 0.3 ms, and reading a minute.
// Nothing here touches the page.

import { beginsAnew } from "./lab_state.js";

export const FILTERS = ["story", "tcp", "all"];

const CHUNK = 64; // rows

/** The rows of one set of nodes: a lesson that begins has others. */
export class Rows {
  rows = []; // {number, last, at, kind, …}: of the events from number to last
  messages = []; // {message, row, number, endRow, endNumber, fate, why}, in the order in which they were sent
  cuts = []; // {row, endRow, wires}: while a set of wires is cut
  lives = new Map(); // by letter: [{row, endRow}] while a node runs
  #byID = new Map(); // messages that have not arrived
  #open = []; // chunk by chunk: which had not arrived when it began
  #starts = []; // chunk by chunk: how many had been sent before
  #filter;
  #cut = new Set();
  #isPaused = false;
  #did = null; // row of the last line

  constructor(filter) {
    this.#filter = filter;
  }

  add(event) {
    const { kind, node, message } = event;
    switch (kind) {
      case "started":
        if (this.rows.length > 0) this.#push(event, { node });
        this.#life(node).push({ row: this.rows.length - 1, endRow: Infinity });
        break;
      case "killed":
        if (!this.lives.has(node)) break; // one of the nodes before
        this.#push(event, { node });
        for (const life of this.#life(node)) life.endRow = Math.min(life.endRow, this.rows.length - 1);
        break;
      case "told":
        this.#push(event, { node, text: event.text });
        break;
      case "did":
        this.#addLine(event);
        break;
      case "lesson":
        if (event.lesson.step > 0 || event.lesson.over) this.#push(event, { lesson: event.lesson });
        break;
      case "paused":
        this.#isPaused = true;
        this.#push(event, {});
        break;
      case "resumed":
        if (this.#isPaused) this.#push(event, {});
        this.#isPaused = false;
        break;
      case "wire":
        this.#addWire(event);
        break;
      case "sent":
        if (!this.#shows(message)) break;
        this.messages.push({ message, row: this.rows.length, number: event.number, endRow: Infinity, endNumber: Infinity, fate: "", why: null });
        this.#push(event, { message });
        this.#byID.set(message.id, this.messages[this.messages.length - 1]);
        break;
      case "arrived":
      case "lost":
        this.#endMessage(event);
        break;
    }
  }

  /** Messages that are held are part of the story, whatever they say: one lets them through. */
  #shows(message) {
    switch (this.#filter) {
      case "story":
        return message.news || (this.#isPaused && !message.udp);
      case "tcp":
        return message.news || !message.udp;
    }
    return true;
  }

  /** One that arrives before anything else happens needs no second row. */
  #endMessage(event) {
    const sent = this.#byID.get(event.message.id);
    if (!sent) return;
    const isNext = sent.row === this.rows.length - 1;
    if (isNext) this.rows[sent.row].last = event.number;
    else this.#push(event, {});
    this.#byID.delete(event.message.id);
    sent.endRow = this.rows.length - 1;
    sent.endNumber = event.number;
    sent.fate = event.kind;
    sent.why = event.text ?? null;
  }

  /** What came of a line stands beside it. */
  #addLine(event) {
    if (event.line) {
      const isCheck = /^(wait|expect) /.test(event.line);
      if (isCheck && this.#filter === "story") return;
      this.#push(event, { line: event.line, said: null });
      this.#did = this.rows[this.rows.length - 1];
    } else if (this.#did) {
      this.#did.said = event.text;
    }
  }

  /** Several wires that are cut or mended at a time are one row. */
  #addWire(event) {
    const { wire } = event;
    const key = wire.from + wire.to;
    const wasCut = this.#cut.has(key);
    const what = wire.cut ? "cut" : wasCut ? "mended" : "slow";
    if (wire.cut) this.#cut.add(key);
    else this.#cut.delete(key);

    const before = this.rows[this.rows.length - 1];
    if (before?.kind === "wire" && before.what === what) {
      before.wires.push(wire);
      before.last = event.number;
    } else {
      this.#push(event, { what, wires: [wire] });
    }

    const row = this.rows.length - 1;
    const open = this.cuts[this.cuts.length - 1];
    if (open && open.endRow === Infinity) {
      if (open.row === row) this.cuts.pop();
      else open.endRow = row;
    }
    if (this.#cut.size > 0) this.cuts.push({ row, endRow: Infinity, wires: new Set(this.#cut) });
  }

  #life(letter) {
    if (!this.lives.has(letter)) this.lives.set(letter, []);
    return this.lives.get(letter);
  }

  #push(event, row) {
    if (this.rows.length % CHUNK === 0) {
      this.#open.push([...this.#byID.values()]);
      this.#starts.push(this.messages.length - (event.kind === "sent" ? 1 : 0));
    }
    this.rows.push({ number: event.number, last: event.number, at: event.at, kind: event.kind, ...row });
  }

  /** Returns the messages whose arrows may touch the rows from first to last. */
  messagesAt(first, last) {
    const chunk = Math.min(Math.floor(Math.max(0, first) / CHUNK), this.#open.length - 1);
    if (chunk < 0) return [];
    const touching = this.#open[chunk].filter((sent) => sent.endRow >= first);
    for (let i = this.#starts[chunk]; i < this.messages.length && this.messages[i].row <= last; i++) touching.push(this.messages[i]);
    return touching;
  }

  /** Returns how many rows there are after so many events. */
  countAt(number) {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle].number <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The rows of a whole tape, lesson by lesson. */
export class Story {
  filter = "story";
  #parts = [{ begin: 0, rows: new Rows("story") }]; // begin: events before it
  #added = 0;

  /** Takes in what is new on the tape. */
  follow(events) {
    for (; this.#added < events.length; this.#added++) {
      const event = events[this.#added];
      if (beginsAnew(event)) this.#parts.push({ begin: this.#added, rows: new Rows(this.filter) });
      this.#parts[this.#parts.length - 1].rows.add(event);
    }
  }

  setFilter(filter, events) {
    this.filter = filter;
    this.#parts = [{ begin: 0, rows: new Rows(filter) }];
    this.#added = 0;
    this.follow(events);
  }

  /** Returns the rows among which a moment is. */
  at(moment) {
    return this.#parts[this.#partAt(moment)].rows;
  }

  #partAt(moment) {
    let i = this.#parts.length - 1;
    while (i > 0 && this.#parts[i].begin >= moment) i--;
    return i;
  }

  /** Returns the moment one row on (by 1) or back (by -1). */
  stepFrom(moment, by, end) {
    const i = this.#partAt(moment);
    const { rows } = this.#parts[i].rows;
    const count = this.#parts[i].rows.countAt(moment);
    const endOfPart = i + 1 < this.#parts.length ? this.#parts[i + 1].begin : end;

    if (by > 0) {
      if (moment < endOfPart) return count + 1 < rows.length ? Math.min(rows[count + 1].number - 1, endOfPart) : endOfPart;
      return Math.min(endOfPart + 1, end);
    }
    if (count > 1) {
      const before = rows[count - 1].number - 1;
      return before < moment ? before : moment - 1;
    }
    return count === 1 && rows[0].number - 1 > this.#parts[i].begin ? rows[0].number - 1 : this.#parts[i].begin;
  }
}
