// The lesson: what it says, where it stands, and the button that lets it go on.

import { byID, h, show } from "./dom.js";
import { sentence } from "./format.js";
import { language, pick, t } from "./words.js";

const LESSONS = ["article", "fork", "double-spend", "late", "lookup", "majority", "python"];

export class Lesson {
  #act;
  #onNext;
  #told = "";
  #isAnswerShown = false;
  #chosen = "fork";
  #played = "";
  #said = "";

  /** onNext: shows the next stop of a lesson that went on from there already. */
  constructor(act, onNext) {
    this.#act = act;
    this.#onNext = onNext;
  }

  /** Shows a view.LabLesson, or the list of lessons. isNow: it is not a moment that has passed. */
  show(lesson, mayAct, isNow) {
    const told = JSON.stringify([lesson, mayAct, isNow, language(), this.#isAnswerShown]);
    if (told === this.#told) return;
    if (this.#said !== JSON.stringify(lesson?.say)) this.#isAnswerShown = false;
    this.#told = told;
    this.#said = JSON.stringify(lesson?.say);
    if (lesson && this.#played !== lesson.name) this.#chosen = this.#played = lesson.name;

    byID("lesson-panel").hidden = !lesson && !mayAct;
    show(byID("lesson"), lesson ? this.#story(lesson, mayAct, isNow) : [h("h2", { id: "lesson-title" }, t("lesson")), h("p", { class: "note" }, t("lesson_none"))], mayAct ? this.#list(lesson) : null);
    const news = lesson?.say ? pick(lesson.say) : "";
    if (isNow && byID("lesson-news").textContent !== news) byID("lesson-news").textContent = news;
  }

  #story(lesson, mayAct, isNow) {
    const parts = [h("h2", { id: "lesson-title" }, pick(lesson.title))];
    if (lesson.over && lesson.failed) return [...parts, h("p", { class: "lesson-failed", "data-testid": "lesson-failed" }, sentence(t("lesson_failed", { why: lesson.failed })))];

    const where = lesson.over ? t("lesson_question") : lesson.step > 0 ? t("lesson_step", { a: lesson.step, b: lesson.steps }) : "";
    parts.push(h("p", { class: "lesson-where", "data-testid": "lesson-step" }, where || t("lesson"), steps(lesson)));
    if (lesson.say) parts.push(paragraphs(pick(lesson.say), "lesson-say"));
    else parts.push(h("p", { class: "note" }, t("lesson_setting")));

    const hasNext = isNow ? lesson.stops && mayAct : lesson.step > 0 && !lesson.over;
    if (hasNext) parts.push(h("button", { class: "go", type: "button", "data-key": "next", "data-testid": "next", onclick: (event) => (isNow ? this.#next(event.currentTarget) : this.#onNext()) }, t("next"), " →"));
    if (lesson.over && lesson.answer) {
      parts.push(
        this.#isAnswerShown
          ? h("div", { class: "answer", "data-testid": "answer", tabindex: "-1" }, paragraphs(pick(lesson.answer), ""))
          : h("button", { class: "go", type: "button", "data-key": "answer", "data-testid": "show-answer", onclick: () => { this.#isAnswerShown = true; this.show(lesson, mayAct, isNow); byID("lesson").querySelector(".answer")?.focus(); } }, t("show_answer")),
      );
    }
    return parts;
  }

  /** The button is drawn anew at the next stop. Until then there is nothing to press. */
  #next(button) {
    button.disabled = true;
    this.#act("next");
  }

  #list(lesson) {
    const select = h("select", { "data-key": "lessons", "data-testid": "lessons", "aria-label": t("lesson_pick"), onchange: () => (this.#chosen = select.value) }, LESSONS.map((name) => h("option", { value: name, selected: name === this.#chosen }, `${name}: ${t("lesson_" + name)}`)));
    return h("div", { class: "lesson-list" + (lesson ? " is-below" : "") }, select, h("button", { type: "button", "data-key": "begin", "data-testid": "begin-lesson", onclick: () => this.#act("play " + select.value) }, t("lesson_begin")));
  }
}

function steps(lesson) {
  const dots = [];
  for (let i = 1; i <= lesson.steps; i++) dots.push(h("i", { class: i < lesson.step || lesson.over ? "is-done" : i === lesson.step ? "is-now" : "" }));
  return h("span", { class: "lesson-dots", "aria-hidden": "true" }, dots);
}

function paragraphs(words, name) {
  return words.split(/\n+/).map((paragraph) => h("p", { class: name }, sentence(paragraph)));
}
