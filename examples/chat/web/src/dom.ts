/** Whatever somebody says goes through here as text, never as HTML. */
type Child = Node | string | undefined | false;

export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** Makes an element: `h("p", { class: "hint" }, "text")`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | boolean | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "string") made.setAttribute(name, value);
    else if (value) made.setAttribute(name, "");
  }
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** The circle that stands for somebody: their first letter on a colour of their own. */
export function avatar(user: { id: string; name: string }): HTMLElement {
  return dressAvatar(h("span", { class: "avatar", "aria-hidden": "true" }), user);
}

export function dressAvatar(circle: HTMLElement, { id, name }: { id: string; name: string }): HTMLElement {
  circle.textContent = [...name][0]?.toUpperCase() ?? "";
  circle.style.setProperty("--hue", String(hue(id)));
  return circle;
}

function hue(id: string): number {
  let hash = 7;
  for (const letter of id) hash = (hash * 31 + letter.codePointAt(0)!) % 4_093;
  return (hash * 137) % 360;
}

const toastMs = 5_000;

/** Tells everybody, for a while. */
export function toast(text: string): void {
  const note = h("p", { class: "toast" }, text);
  const toasts = element("toasts");
  toasts.append(note);
  while (toasts.children.length > 2) toasts.firstElementChild?.remove();
  setTimeout(() => note.remove(), toastMs);
}

/** Tells people who do not see the screen. */
export function announce(text: string): void {
  element("announcer").textContent = text;
}
