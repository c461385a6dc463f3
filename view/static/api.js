// Asking the node. All is JSON, in the shapes of view/view.go.

/** An answer of the node that says why there is no other: its text is a sentence. */
export class Refusal extends Error {}

/** Asks for /api/…, and returns what the node says. Throws a Refusal, or a TypeError if nobody answers. */
export async function ask(path) {
  const response = await fetch("/api/" + path, { headers: { Accept: "application/json" } });
  const said = await response.json();
  if (!response.ok) throw new Refusal(said.error ?? response.statusText);
  return said;
}

/**
 * Returns a function that asks for a path and hands on the answer. Called while
 * it asks, it asks once more afterwards: a burst of news costs two questions.
 */
export function refresher(path, onAnswer, onFailure) {
  let running = false;
  let again = false;
  return async function refresh() {
    if (running) {
      again = true;
      return;
    }

    running = true;
    do {
      again = false;
      try {
        onAnswer(await ask(path));
      } catch (failure) {
        if (failure instanceof Refusal || failure instanceof TypeError || failure instanceof SyntaxError) onFailure(failure);
        else throw failure; // a bug of this page
      } finally {
        if (!again) running = false;
      }
    } while (again);
  };
}

/**
 * Follows the events of a node, or of a lab, whose events have no name. The
 * browser connects anew by itself when the connection breaks, but not after an
 * answer that is no stream, such as "too many pages": then we do.
 */
export function follow({ onEvent, onLost, onState }) {
  const PAUSE = 2000; // ms
  let source = null;
  let retry = 0;

  function open() {
    source = new EventSource("/events");
    source.addEventListener("hello", (message) => onState("live", JSON.parse(message.data)));
    for (const name of ["log", "message"]) source.addEventListener(name, (message) => onEvent(JSON.parse(message.data)));
    source.addEventListener("lost", (message) => onLost(JSON.parse(message.data).lost));
    source.addEventListener("error", () => {
      onState("gone");
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(open, PAUSE);
    });
  }

  open();
  return function close() {
    clearTimeout(retry);
    source.close();
  };
}
