// Making elements. Whatever comes from the node, and so perhaps from a peer whom
// nobody trusts, gets onto the page as a text node: never as markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Returns an element. A property that begins with "on" is a listener, "vars" are
 * CSS custom properties, and all else are attributes: false and null leave one
 * out. Children are nodes or texts.
 */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** Returns an element of SVG, like h. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "vars") setVars(element, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Sets CSS custom properties, which the page's policy allows to a script. */
export function setVars(element, vars) {
  for (const [name, value] of Object.entries(vars)) element.style.setProperty(name, value);
}

/** Returns the element with an id. */
export const byID = (id) => document.getElementById(id);

/**
 * Puts children in place of what is in root. What was focused, scrolled or
 * unfolded stays so, if the element is there again: by its data-key.
 */
export function show(root, ...children) {
  const focused = root.contains(document.activeElement) ? document.activeElement.closest("[data-key]")?.dataset.key : null;
  const scrolled = [...root.querySelectorAll("[data-scroll]")].map((e) => [e.dataset.scroll, e.scrollTop, e.scrollLeft]);
  const open = new Set([...root.querySelectorAll("details[open][data-key]")].map((e) => e.dataset.key));

  root.replaceChildren(...children.flat(Infinity).filter(Boolean));

  for (const details of root.querySelectorAll("details[data-key]")) {
    if (open.has(details.dataset.key)) details.open = true;
  }
  for (const [name, top, left] of scrolled) {
    root.querySelector(`[data-scroll="${name}"]`)?.scrollTo({ top, left, behavior: "instant" });
  }
  if (focused) {
    const again = [...root.querySelectorAll("[data-key]")].find((e) => e.dataset.key === focused);
    (again?.matches("details") ? again.querySelector("summary") : again)?.focus({ preventScroll: true });
  }
}

/** Reports whether whoever looks asked for no motion. */
export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
