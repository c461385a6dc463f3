// The slider over time: the page follows the lab until somebody drags it back.

import { byID, h, show } from "./dom.js";
import { language, t } from "./words.js";

const SPEEDS = [0.5, 1, 2, 4, 8];
const SHORTEST = 90; // ms from one event to the next, at speed 1
const LONGEST = 700;

export class TimeBar {
  moment = 0; // how many events are shown
  isFollowing;
  #tape;
  #story;
  #onMove;
  #canFollow;
  #speed = 1;
  #timer = 0;
  #told = "";
  #parts = null;

  constructor({ tape, story, onMove, canFollow }) {
    this.#tape = tape;
    this.#story = story;
    this.#onMove = onMove;
    this.#canFollow = canFollow;
    this.isFollowing = canFollow;
  }

  /** Events have come. */
  grow() {
    if (this.isFollowing) this.moment = this.#tape.end;
    this.show();
  }

  goTo(moment) {
    this.moment = Math.max(0, Math.min(this.#tape.end, moment));
    this.isFollowing = this.#canFollow && this.moment >= this.#tape.end;
    this.show();
    this.#onMove();
  }

  live() {
    this.halt();
    this.isFollowing = this.#canFollow;
    this.goTo(this.#tape.end);
  }

  step(by) {
    this.halt();
    this.goTo(this.#story.stepFrom(this.moment, by, this.#tape.end));
  }

  /** Goes to where the lesson says the next thing, or the one before. */
  jump(by) {
    this.halt();
    const stops = this.#tape.stops;
    const next = by > 0 ? stops.find((stop) => stop > this.moment) ?? this.#tape.end : stops.findLast((stop) => stop < this.moment) ?? 0;
    this.goTo(next);
  }

  #drag(moment) {
    this.halt();
    this.goTo(moment);
  }

  get isPlaying() {
    return this.#timer !== 0;
  }

  play() {
    if (this.moment >= this.#tape.end) this.goTo(0);
    this.#schedule();
    this.show();
  }

  halt() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.show();
  }

  #schedule() {
    const next = this.#story.stepFrom(this.moment, 1, this.#tape.end);
    const events = this.#tape.events;
    const took = next > 0 && this.moment > 0 ? events[next - 1].at - events[this.moment - 1].at : 0;
    this.#timer = setTimeout(() => {
      this.goTo(next);
      if (this.moment >= this.#tape.end) this.halt();
      else this.#schedule();
    }, Math.max(SHORTEST * 3, Math.min(LONGEST, took)) / this.#speed);
  }

  /** Keys that work wherever the focus is, but where one types. */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=range]), select, textarea")) return;
    const keys = { ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1), "[": () => this.jump(-1), "]": () => this.jump(1), Home: () => this.goTo(0), End: () => this.live() };
    const isOurs = event.target.closest("#time") !== null;
    if (event.key === " " && !event.target.closest("button, a, summary") && (isOurs || !this.#canFollow)) {
      event.preventDefault();
      if (this.isPlaying) this.halt();
      else this.play();
      return;
    }
    if (!keys[event.key] || ((event.key === "Home" || event.key === "End") && !isOurs)) return;
    event.preventDefault();
    keys[event.key]();
  }

  show() {
    const { end } = this.#tape;
    if (this.#told !== language()) this.#build();
    const { slider, play, live, when, past } = this.#parts;
    slider.max = end;
    slider.value = this.moment;
    const at = this.moment > 0 ? this.#tape.events[this.moment - 1].at : 0;
    const words = `${this.moment} / ${end}`;
    slider.setAttribute("aria-valuetext", `${words}, ${(at / 1000).toFixed(2)} s`);
    when.textContent = `${(at / 1000).toFixed(2)} s`;
    play.textContent = this.isPlaying ? "❚❚" : "▶";
    play.title = t(this.isPlaying ? "halt" : "play");
    play.setAttribute("aria-label", play.title);
    live.hidden = !this.#canFollow;
    live.setAttribute("aria-pressed", String(this.isFollowing));
    past.hidden = !this.#canFollow || this.isFollowing;
    document.body.classList.toggle("is-past", !past.hidden);
  }

  #build() {
    this.#told = language();
    const button = (sign, word, act) => h("button", { class: "quiet sign", type: "button", title: t(word), "aria-label": t(word), "data-key": word, "data-testid": "time-" + word, onclick: act }, sign);
    const slider = h("input", { type: "range", min: 0, step: 1, "aria-label": t("time_label"), "data-key": "slider", "data-testid": "slider", oninput: () => this.#drag(Number(slider.value)) });
    const play = button("▶", "play", () => (this.isPlaying ? this.halt() : this.play()));
    const live = h("button", { class: "live", type: "button", "data-key": "live", "data-testid": "live", onclick: () => this.live() }, t("to_live"));
    const speed = h("select", { "aria-label": t("speed"), title: t("speed"), "data-key": "speed", "data-testid": "speed", onchange: () => (this.#speed = Number(speed.value)) }, SPEEDS.map((n) => h("option", { value: n, selected: n === this.#speed }, n === 0.5 ? "½×" : n + "×")));
    const when = h("span", { class: "when", "data-testid": "when" });
    const past = h("span", { class: "past" }, t("past"));
    this.#parts = { slider, play, live, when, past };
    show(byID("time"), h("div", { class: "time-buttons" }, button("«", "back_stop", () => this.jump(-1)), button("‹", "back_one", () => this.step(-1)), play, button("›", "on_one", () => this.step(1)), button("»", "on_stop", () => this.jump(1)), speed), slider, h("div", { class: "time-state" }, when, past, live));
  }
}
