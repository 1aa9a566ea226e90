// Making elements, asking the server, and saying something short at the foot of the page.

/** An element: props that start with "on" are listeners, "class" and others attributes, null and false are left out. */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "dataset") Object.assign(node.dataset, value);
    else if (key === "value" || key === "checked" || key === "selected" || key === "disabled") node[key] = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) add(node, child);
    else node.append(child);
  }
}

export const $ = (selector, within = document) => within.querySelector(selector);

/** POST /do/{what}; always an object with `ok`. A server that is away is said, not thrown. */
export async function ask(what, body) {
  try {
    const answer = await fetch(`/do/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body || {}),
    });
    const said = await answer.json();
    if (!said.ok && said.error && !said.quiet) toast(said.error, "bad");
    return said;
  } catch {
    toast("The sandbox does not answer. Is it still running?", "bad");
    return { ok: false, error: "offline", quiet: true };
  }
}

export async function fetchJson(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** A sentence at the foot of the page for some seconds. */
export function toast(text, kind = "") {
  const place = $("#toasts");
  const note = h("div", { class: `toast ${kind}`, role: kind === "bad" ? "alert" : "status" }, text);
  place.append(note);
  setTimeout(() => note.classList.add("going"), 5200);
  setTimeout(() => note.remove(), 5700);
}

/** "Ana Sousa" -> "AS" */
export function initials(name) {
  const words = String(name || "?").replace(/[^\p{L}\p{N}\s]/gu, "").split(/\s+/).filter(Boolean);
  return ((words[0] || "?")[0] + (words.length > 1 ? words[words.length - 1][0] : "")).toUpperCase();
}

/** The same name always has the same calm colour. */
export function hue(name) {
  let sum = 7;
  for (const letter of String(name)) sum = (sum * 31 + letter.codePointAt(0)) % 360;
  return sum;
}

export function avatar(name, kind = "") {
  const node = h("span", { class: `avatar ${kind}`, "aria-hidden": "true" }, initials(name));
  node.style.setProperty("--hue", hue(name));
  return node;
}

export const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
