// The last messages, in words.

import { byID, h, show } from "./dom.js";
import { commandButton } from "./format.js";
import { language, pick, t } from "./words.js";

const MOST = 200; // lines that are kept

/** The list of what happens, newest first. */
export class EventList {
  #events = []; // newest last
  #onlyChanges = false;
  #isPaused = false;
  #missed = 0; // lines since it was paused
  #drawing = 0;
  #flags = "";

  add(event) {
    this.#events.push(event);
    if (this.#events.length > 2 * MOST) this.#trim();
    if (this.#isPaused) {
      this.#missed++;
      return this.#draw(false);
    }
    this.#draw(true);
  }

  /** Notes that events are missing here. */
  addLost(n) {
    this.add({ number: 0, time: new Date().toISOString(), level: "WARN", kind: "lost", facts: {}, lost: n });
  }

  setFlags(flags) {
    if (flags === this.#flags) return;
    this.#flags = flags;
    this.relabel();
  }

  relabel() {
    show(byID("events-command"), commandButton("watch", this.#flags));
    this.#drawTools();
    this.#drawLines();
  }

  /** Keeps the newest of each level: chatter must not push out what changed. */
  #trim() {
    const changes = this.#events.filter((event) => event.level !== "DEBUG").slice(-MOST);
    const messages = this.#events.filter((event) => event.level === "DEBUG").slice(-MOST);
    this.#events = [...changes, ...messages].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.number - b.number)).slice(-2 * MOST);
    if (this.#events.length === 2 * MOST) this.#events.shift();
  }

  #draw(lines) {
    this.#drawing ||= setTimeout(() => {
      this.#drawing = 0;
      if (this.#isPaused) this.#drawTools();
      if (lines && !this.#isPaused) this.#drawLines();
    }, 150);
  }

  #drawTools() {
    const choice = (word, onlyChanges) =>
      h(
        "button",
        {
          "aria-pressed": String(this.#onlyChanges === onlyChanges),
          "data-key": word,
          onclick: () => {
            this.#onlyChanges = onlyChanges;
            this.#drawTools();
            this.#drawLines();
          },
        },
        t(word),
      );
    show(
      byID("events-tools"),
      h("div", { class: "choice", role: "group", "aria-label": t("events") }, choice("events_all", false), choice("events_changes", true)),
      h("button", { class: "quiet", "data-key": "pause", "aria-pressed": String(this.#isPaused), onclick: () => this.#pause(!this.#isPaused) }, t(this.#isPaused ? "resume" : "pause")),
      this.#isPaused && this.#missed > 0 ? h("span", { class: "note" }, t("paused_more", { n: this.#missed })) : null,
    );
  }

  #pause(isPaused) {
    this.#isPaused = isPaused;
    this.#missed = 0;
    this.#drawTools();
    if (!isPaused) this.#drawLines();
  }

  #drawLines() {
    const chosen = this.#onlyChanges ? this.#events.filter((event) => event.level !== "DEBUG") : this.#events;
    const shown = chosen.slice(-MOST).reverse();
    const list = byID("events");
    const { scrollTop } = list;
    list.replaceChildren(...(shown.length > 0 ? shown.map(line) : [h("li", { class: "empty" }, t("events_none"))]));
    list.scrollTop = scrollTop;
  }
}

/** Whether an event is a message, and which way it goes. */
export function directionOf({ kind }) {
  if (kind.endsWith(" sent")) return "sent";
  if (kind.endsWith(" received")) return "got";
  return "";
}

const ARROWS = { sent: "→", got: "←", "": "•" };

function line(event) {
  const direction = directionOf(event);
  const text = event.lost ? t("lost", { n: event.lost }) : pick(event.text);
  const isMessage = direction !== "" && event.facts.peer && event.facts.kind;
  return h(
    "li",
    { class: `event is-${event.level.toLowerCase()}`, "data-testid": "event-line", "data-kind": event.kind, "data-number": event.number },
    h("time", { datetime: event.time }, timeOfDay(event.time)),
    h("span", { class: "event-arrow is-" + (direction || "change"), "aria-hidden": "true" }, ARROWS[direction]),
    isMessage
      ? h("span", { class: "wrap", title: text }, h("span", { class: "mono" }, event.facts.peer), " ", gist(event))
      : h("span", { class: "wrap" }, text),
  );
}

/** A message in a few words: "handshake, height 3". */
function gist({ facts }) {
  const words = [facts.kind];
  if (facts.height && facts.height !== "-1") words.push(`${t("field_height")} ${facts.height}`);
  if (facts.distance && facts.distance !== "-1") words.push(`2^${facts.distance}`);
  if (facts.count) words.push(facts.count);
  for (const name of ["hash", "tx"]) if (facts[name]) words.push(facts[name].slice(0, 8));
  return words.join(language() === "zh" ? "，" : ", ");
}

function timeOfDay(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString("en-GB");
}
