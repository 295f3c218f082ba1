import type { Conversation } from "./conversation.js";
import type { Conversations } from "./conversations.js";
import { avatar, element, h } from "./dom.js";
import type { Status } from "./live.js";

/** Shows rooms and people, and which of them is open. */
export function showSidebar(all: Conversations, open: Conversation | undefined): void {
  const rooms = all.rooms.map(({ name, topic }) => {
    const sign = h("span", { class: "room-sign", "aria-hidden": "true" }, icon("hash"));
    return line(all.get(`#${name}`)!, sign, open, topic);
  });
  const people = all.people.map(({ user, isOnline, conversation }) => {
    const circle = h("span", { class: "who", "data-online": isOnline }, avatar(user), h("i", { class: "dot" }), h("span", { class: "visually-hidden" }, isOnline ? "online: " : "away: "));
    return line(conversation, circle, open, isOnline ? "Online" : "Away");
  });
  replace(element("rooms"), rooms);
  replace(element("people"), people);
  element("nobody").hidden = people.length > 0;
  const others = all.online.filter(({ id }) => id !== all.me.id).length;
  element("online-count").textContent = others > 0 ? `${others} online` : "";
  document.documentElement.dataset.online = String(others);
}

/** One conversation: what was said last in it, or `otherwise`, if nothing was. */
function line(conversation: Conversation, sign: HTMLElement, open: Conversation | undefined, otherwise: string): HTMLElement {
  const { id, title, unread } = conversation;
  const link = h(
    "a",
    { href: `#${encodeURIComponent(id)}`, class: "line", "data-id": id, "aria-current": conversation === open && "page" },
    sign,
    h("span", { class: "line-text" }, h("span", { class: "line-title" }, title), h("span", { class: "line-last" }, last(conversation) ?? otherwise)),
    unread > 0 && h("span", { class: "unread" }, unread > 99 ? "99+" : String(unread), h("span", { class: "visually-hidden" }, " unread")),
  );
  return h("li", {}, link);
}

/** What was said last, and by whom if that is not clear. */
function last({ id, me, entries }: Conversation): string | undefined {
  const message = entries.at(-1)?.message;
  if (!message) return undefined;
  const isMine = message.from.id === me.id;
  return isMine || id.startsWith("#") ? `${isMine ? "You" : message.from.name}: ${message.text}` : message.text;
}

/** Puts new items into a list, and the focus where it was. */
function replace(list: HTMLElement, items: HTMLElement[]): void {
  const focused = list.contains(document.activeElement) && document.activeElement?.getAttribute("data-id");
  list.replaceChildren(...items);
  if (focused) list.querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"]`)?.focus();
}

export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

let tick: ReturnType<typeof setTimeout> | undefined;

/** Shows how the connection is, counting down to the next attempt. */
export function showStatus(status: Status, server: string, retryAt?: number): void {
  document.documentElement.dataset.status = status;
  clearTimeout(tick);
  const text = element("status-text");
  if (status === "live") text.textContent = server && server !== "default" ? `Live on ${server}` : "Live";
  else if (status === "offline") text.textContent = "Offline";
  else if (status === "connecting") text.textContent = "Connecting…";
  else countDown(text, retryAt);
}

function countDown(text: HTMLElement, retryAt: number | undefined): void {
  const seconds = retryAt === undefined ? 0 : Math.ceil((retryAt - performance.now()) / 1000);
  text.textContent = seconds > 1 ? `Reconnecting in ${seconds} s` : "Reconnecting…";
  if (seconds > 1) tick = setTimeout(() => countDown(text, retryAt), 250);
}
