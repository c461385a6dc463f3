// The page of the lab: it keeps all events, and shows how the lab stood at one
// moment of them, mostly the last. In a file that was saved it has them from
// the start, and nobody to talk to.

import { follow } from "./api.js";
import { byID, h, setVars, show } from "./dom.js";
import { commandText, sentence } from "./format.js";
import { nextTheme, setTheme, usualTheme } from "./header.js";
import { Columns, showAgreement, showCard } from "./lab_columns.js";
import { Diagram } from "./lab_diagram.js";
import { Doer, takeToken } from "./lab_do.js";
import { Lesson } from "./lab_lesson.js";
import { FILTERS, Story } from "./lab_rows.js";
import { Tape } from "./lab_state.js";
import { TimeBar } from "./lab_time.js";
import { Wires } from "./lab_wires.js";
import { LAB_WORDS } from "./lab_words.js";
import { addWords, applyWords, language, setLanguage, t, usualLanguage } from "./words.js";

addWords(LAB_WORDS);

const saved = savedRecord(); // null: the page is live
const token = saved ? "" : takeToken();
let isForbidden = false;
let connection = saved ? "file" : "connecting";

let tape = new Tape();
const story = new Story();
const doer = new Doer(token, () => {
  isForbidden = true;
  relabel();
});

const columns = new Columns({ act, onBlock: openBlock });
const diagram = new Diagram({ onBlock: openBlock });
const wires = new Wires(act);
const lesson = new Lesson(act, () => time.jump(1));
let time = newTime();
let openHash = "";

columns.onChange = draw;

/** What was saved stands in the page. */
function savedRecord() {
  const element = document.getElementById("record");
  return element ? JSON.parse(element.textContent) : null;
}

function newTime() {
  return new TimeBar({ tape, story, onMove: draw, canFollow: !saved });
}

const mayAct = () => token !== "" && !isForbidden && !saved && connection !== "over";

function act(line) {
  time.live();
  doer.act(line);
}

// Showing.

let drawing = 0;

function drawSoon() {
  drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    time.grow();
    draw();
  });
}

function draw() {
  const state = tape.at(time.moment);
  const may = mayAct();
  measure(state);
  showAgreement(state, tape.hues);
  columns.show(state, tape.hues, may, openHash);
  showCard(state, tape.hues, openHash, closeBlock);
  drawDiagram(state);
  showHeld(state, may);
  wires.show(state, may);
  lesson.show(state.lesson, may, time.isFollowing);
  doer.show(state, may);
}

let column = 0; // px
let gutter = 0; // px at the left, for the time

function drawDiagram(state) {
  diagram.show({ rows: story.at(time.moment), moment: time.moment, state, column, gutter, hues: tape.hues, isPaused: state.isPaused, isLive: time.isFollowing });
}

/** Columns are as wide as there is room, and the diagram's lines stand below them. */
function measure(state) {
  const count = Math.max(1, state.nodes.size);
  const whole = byID("stage-scroll").clientWidth;
  gutter = whole < 600 ? 40 : 58;
  const room = whole - gutter;
  const hasChains = [...state.nodes.values()].some((node) => node.rpc);
  const least = hasChains || state.nodes.size === 0 ? 68 : 44;
  column = Math.max(least, Math.min(300, Math.floor(room / count)));
  setVars(byID("lab"), { "--gutter-time": gutter + "px", "--col": column + "px", "--count": count });
}

/** How many messages are on their way, and the buttons that hold them. */
function showHeld(state, may) {
  const flying = [...state.flying.values()].filter((message) => !message.udp).length;
  byID("in-flight").textContent = flying === 0 && !state.isPaused ? "" : t(state.isPaused ? "held" : "in_flight", { n: flying });

  // A button that is drawn anew while somebody presses it would not notice.
  const button = (word, line) => h("button", { type: "button", "data-key": "held-" + word, "data-testid": line, onclick: () => act(line) }, t(word));
  const told = `${may} ${state.isPaused} ${language()}`;
  if (byID("held").dataset.told === told) return;
  byID("held").dataset.told = told;
  show(byID("held"), !may ? [] : state.isPaused ? [button("step_one", "step"), button("let_go", "resume")] : button("hold", "pause"));
}

function showFilter() {
  show(
    byID("filter"),
    FILTERS.map((filter) =>
      h("button", { type: "button", "aria-pressed": String(story.filter === filter), "data-key": filter, "data-testid": "filter-" + filter, onclick: () => {
        story.setFilter(filter, tape.events);
        showFilter();
        draw();
      } }, t("filter_" + filter)),
    ),
  );
}

function openBlock(hash) {
  openHash = hash === openHash ? "" : hash;
  draw();
  if (!openHash) return;
  byID("card").querySelector(".card-title")?.focus({ preventScroll: true });
  byID("card").scrollIntoView({ block: "nearest", behavior: "instant" });
}

function closeBlock() {
  const element = document.querySelector(`.lab-block[data-hash="${openHash}"]`);
  openHash = "";
  draw();
  element?.focus({ preventScroll: true });
}

function showConnection() {
  const sign = byID("connection");
  sign.dataset.state = connection;
  sign.textContent = t({ file: "lab_file", over: "lab_over", live: "live", connecting: "connecting", gone: "gone" }[connection]);
  byID("gone").hidden = connection !== "gone";
  if (connection === "gone") show(byID("gone"), t("lab_gone"), commandText("go run . lab"));
  byID("read-only").hidden = Boolean(saved) || connection === "over" || (token !== "" && !isForbidden);
  show(byID("read-only"), sentence(t("read_only")));
}

function setConnection(state) {
  if (connection === "over") return;
  connection = state;
  showConnection();
}

function relabel() {
  applyWords();
  const title = saved?.title || t("lab");
  byID("lab-name").textContent = title;
  document.title = title;
  byID("lang").textContent = t("other_language");
  byID("lang").lang = language() === "zh" ? "en" : "zh-CN";
  setTheme(document.documentElement.dataset.theme);
  showConnection();
  showFilter();
  time.show();
  draw();
}

// Events.

function take(event) {
  if (event.number !== tape.length + 1) return; // a stream that begins again repeats some
  tape.add(event);
  if (event.kind === "closed") setConnection("over");
}

function takeAll(events) {
  for (const event of events) take(event);
  story.follow(tape.events);
}

let run = ""; // of the lab: another begins with no events

function followLab() {
  const close = follow({
    onEvent: (event) => {
      takeAll([event]);
      drawSoon();
      if (event.kind === "closed") close(); // or the browser would ask again and again
    },
    onLost: () => {},
    onState: (state, hello) => {
      if (state === "live" && hello.run !== run) {
        if (run) startOver();
        run = hello.run;
      }
      setConnection(state);
    },
  });
}

function startOver() {
  tape = new Tape();
  story.setFilter(story.filter, []);
  time = newTime();
  connection = "connecting";
  relabel();
}

function begin() {
  document.documentElement.dataset.theme = usualTheme();
  setLanguage(usualLanguage());
  if (saved) {
    takeAll(saved.events ?? []);
    connection = "file";
    time.goTo(tape.stops[0] ?? tape.end);
  }
  relabel();

  byID("lang").addEventListener("click", () => {
    setLanguage(language() === "zh" ? "en" : "zh");
    relabel();
  });
  byID("theme").addEventListener("click", () => setTheme(nextTheme()));
  byID("skip").addEventListener("click", (event) => {
    event.preventDefault();
    byID("nodes").focus();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && openHash) closeBlock();
    else time.onKey(event);
  });
  new ResizeObserver(() => draw()).observe(byID("stage-scroll"));
  if (!saved) followLab();
}

begin();
