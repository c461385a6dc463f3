// Doing something in the lab: every button sends a line, as one types it at the
// lab's prompt.

import { byID, h, show } from "./dom.js";
import { sentence } from "./format.js";
import { nodesOf } from "./lab_state.js";
import { t } from "./words.js";

const KEPT = "lab-token";
const MOST_ANSWERS = 6;
const MOST_NODES = 12;

/** Returns the token of the URL, and takes it out of the address bar; else the one of before. */
export function takeToken() {
  const [, token] = location.hash.match(/^#token=([^&]+)/) ?? [];
  try {
    if (!token) return sessionStorage.getItem(KEPT) ?? "";
    sessionStorage.setItem(KEPT, token);
  } catch {
    // A browser that keeps nothing loses it when the page is loaded again.
  }
  history.replaceState(null, "", location.pathname + location.search);
  return token ?? "";
}

export class Doer {
  #token;
  #answers = []; // newest first: {line, said, isBad}
  #lines = []; // that were typed
  #at = 0; // which of them is shown; #lines.length: none
  #told = "";
  #onForbidden;
  #root = null;
  #output = null;

  constructor(token, onForbidden) {
    this.#token = token;
    this.#onForbidden = onForbidden;
  }

  /** Carries out a line, and shows what comes of it. */
  async act(line) {
    const answer = { line, said: t("doing"), isBad: false };
    this.#answers.unshift(answer);
    this.#answers.length = Math.min(this.#answers.length, MOST_ANSWERS);
    this.#showAnswers();
    Object.assign(answer, await this.#post(line));
    this.#showAnswers();
  }

  async #post(line) {
    try {
      const response = await fetch("/do", { method: "POST", headers: { "Content-Type": "application/json", "X-Lab-Token": this.#token }, body: JSON.stringify({ line }) });
      const { said, error } = await response.json();
      if (response.status === 403) this.#onForbidden();
      return error === undefined ? { said, isBad: false } : { said: error, isBad: true };
    } catch (failure) {
      if (failure instanceof TypeError || failure instanceof SyntaxError) return { said: t("no_answer"), isBad: true };
      throw failure;
    }
  }

  /** Shows the forms. They are drawn anew when other names are known, not while one types. */
  show(state, mayAct) {
    const people = [...new Set(nodesOf(state).flatMap((node) => node.wallets.map((wallet) => wallet.name)).filter(Boolean))];
    const letters = nodesOf(state).map((node) => node.letter);
    const hasChains = nodesOf(state).some((node) => node.rpc);
    const told = JSON.stringify([people, letters, hasChains, mayAct, document.documentElement.lang]);
    byID("do-panel").hidden = !mayAct;
    if (told === this.#told || !mayAct) return;
    this.#told = told;

    const typed = this.#root?.querySelector("#prompt")?.value ?? "";
    this.#output = h("ol", { class: "answers", "aria-label": t("answers"), "aria-live": "polite", "data-testid": "answers" });
    this.#root = h("div", { class: "do" }, hasChains && people.length > 0 ? this.#sendForm(people) : null, this.#prompt(typed), this.#output, hasChains && letters.length < MOST_NODES ? this.#newNode(letters) : null);
    show(byID("do"), this.#root);
    this.#showAnswers();
  }

  #sendForm(people) {
    const choose = (name, chosen) => h("select", { name, "data-key": "send-" + name, "data-testid": "send-" + name }, people.map((person) => h("option", { value: person, selected: person === chosen }, person)));
    const from = choose("from", people[0]);
    const to = choose("to", people[1] ?? people[0]);
    const amount = h("input", { type: "number", min: 1, value: 10, inputmode: "numeric", "data-key": "send-amount", "data-testid": "send-amount" });
    const label = (word, input) => h("label", {}, h("span", {}, t(word)), input);
    return h(
      "form",
      { class: "send-form", onsubmit: (event) => { event.preventDefault(); this.act(`send ${from.value} ${to.value} ${Number(amount.value) || 0}`); } },
      label("from_node", from), label("to_node", to), label("amount", amount), h("button", { "data-key": "send", "data-testid": "send" }, t("send")),
    );
  }

  #prompt(typed) {
    const input = h("input", {
      id: "prompt", type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: 400, placeholder: t("prompt"), "aria-label": t("prompt_label"), "data-key": "prompt", "data-testid": "prompt",
      onkeydown: (event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        this.#at = Math.max(0, Math.min(this.#lines.length, this.#at + (event.key === "ArrowUp" ? -1 : 1)));
        input.value = this.#lines[this.#at] ?? "";
      },
    });
    input.value = typed;
    return h(
      "form",
      {
        class: "prompt-form",
        onsubmit: (event) => {
          event.preventDefault();
          const line = input.value.trim();
          if (!line) return;
          this.#lines.push(line);
          this.#at = this.#lines.length;
          input.value = "";
          this.act(line);
        },
      },
      input, h("button", { "data-key": "prompt-do" }, t("prompt_do")),
    );
  }

  #newNode(letters) {
    const next = "ABCDEFGHIJKL".split("").find((letter) => !letters.includes(letter));
    return h("button", { class: "quiet", type: "button", "data-key": "new-node", "data-testid": "new-node", onclick: () => this.act("start " + next) }, "+ ", t("more_node", { node: next }));
  }

  #showAnswers() {
    this.#output?.replaceChildren(...this.#answers.map(({ line, said, isBad }) => h("li", { class: isBad ? "is-bad" : "" }, h("p", { class: "mono did" }, "› ", line, said ? null : h("span", { class: "is-done", role: "img", "aria-label": t("done") }, " ✓")), said ? answer(said) : null)));
  }
}

/** A paragraph; or, of several lines, a table, whose columns stand below each other. */
function answer(said) {
  if (!said.includes("\n")) return h("p", { class: "said" }, sentence(said));
  return h("p", { class: "said is-table mono", tabindex: 0 }, said);
}
