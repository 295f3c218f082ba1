import type { Status } from "./live.js";
import { palette } from "./palette.js";
import type { Tool } from "./pointer.js";

export function element<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

const root = document.documentElement;
const toastMs = 6_000;
const maxToasts = 3;

/** Tells people who do not see the screen. */
export function say(text: string): void {
  element("announcer").textContent = text;
}

/** Tells everybody, for a while. */
export function toast(text: string): void {
  const note = document.createElement("p");
  note.className = "toast panel";
  note.textContent = text;
  const toasts = element("toasts");
  toasts.append(note);
  while (toasts.children.length > maxToasts) toasts.firstElementChild?.remove();
  setTimeout(() => note.remove(), toastMs);
}

const announcements: Record<Status, string> = {
  connecting: "Connecting",
  live: "Connected: you see every change live",
  reconnecting: "The connection was lost; connecting again",
  offline: "You are offline; what you paint is kept and sent later",
};

let retryTick: ReturnType<typeof setTimeout> | undefined;

/** Shows how the connection is, counting down to the next attempt. */
export function showStatus(status: Status, retryAt?: number): void {
  if (root.dataset.status !== status) say(announcements[status]);
  root.dataset.status = status;
  clearTimeout(retryTick);
  element("retry").hidden = retryAt === undefined;
  const text = element("status-text");
  if (status === "live") text.textContent = "Live";
  else if (status === "offline") text.textContent = "Offline";
  else if (status === "connecting") text.textContent = "Connecting…";
  else countDown(text, retryAt);
}

function countDown(text: HTMLElement, retryAt: number | undefined): void {
  const seconds = retryAt === undefined ? 0 : Math.ceil((retryAt - performance.now()) / 1000);
  text.textContent = seconds > 0 ? `Reconnecting in ${seconds} s` : "Reconnecting…";
  if (seconds > 0) retryTick = setTimeout(() => countDown(text, retryAt), 250);
}

export function showPeople(count: number | undefined): void {
  if (count === undefined) delete root.dataset.people;
  else root.dataset.people = String(count);
  element("people-count").textContent = count === undefined ? "–" : String(count);
  element("people-label").textContent = count === undefined ? "" : count === 1 ? "person here" : "people here";
}

/** Says what the server does not have yet, once that is worth mentioning. */
export function showUnsaved(count: number, isLive: boolean): void {
  root.dataset.unsaved = String(count);
  const pill = element("unsaved");
  pill.hidden = count === 0 || (isLive && count < 50); // While live it is a matter of moments.
  pill.textContent = `${count} ${count === 1 ? "pixel" : "pixels"} to save`;
}

/** A group of radio buttons, with the keyboard's ways of one. @returns how to check one from elsewhere. */
function radioGroup(group: HTMLElement, onCheck: (button: HTMLButtonElement) => void): (button: HTMLButtonElement) => void {
  const buttons = [...group.querySelectorAll<HTMLButtonElement>("[role=radio]")];
  const check = (checked: HTMLButtonElement) => {
    for (const button of buttons) {
      button.setAttribute("aria-checked", String(button === checked));
      button.tabIndex = button === checked ? 0 : -1;
    }
    onCheck(checked);
  };
  group.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>("[role=radio]");
    if (button) check(button);
  });
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    if (!step || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = buttons[(at + step + buttons.length) % buttons.length]!;
    next.focus();
    check(next);
  });
  return check;
}

/** Fills the palette. @returns how to choose a colour from elsewhere. */
export function setUpPalette(onChoose: (color: number) => void): (color: number) => void {
  const group = element("palette");
  const swatches = palette.map(({ name, hex }, index) => {
    const swatch = document.createElement("button");
    swatch.type = "button";
    swatch.className = "swatch";
    swatch.setAttribute("role", "radio");
    swatch.setAttribute("aria-label", name);
    swatch.title = `${name} (${index < 9 ? index + 1 : `Shift ${index - 8}`})`;
    swatch.style.setProperty("--colour", hex);
    return swatch;
  });
  group.append(...swatches);
  const check = radioGroup(group, (swatch) => {
    root.style.setProperty("--chosen", palette[swatches.indexOf(swatch)]!.hex);
    onChoose(swatches.indexOf(swatch));
  });
  return (color) => check(swatches[color]!);
}

/** @returns how to choose a tool from elsewhere. */
export function setUpTools(onChoose: (tool: Tool) => void): (tool: Tool) => void {
  const group = element("tools");
  const check = radioGroup(group, (button) => {
    root.dataset.tool = button.dataset.tool;
    onChoose(button.dataset.tool as Tool);
  });
  return (tool) => check(group.querySelector<HTMLButtonElement>(`[data-tool=${tool}]`)!);
}
