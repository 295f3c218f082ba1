import { type Conversation, type Entry, type Group, dayName, groups, timeOfDay } from "./conversation.js";
import type { Conversations } from "./conversations.js";
import { avatar, dressAvatar, element, h } from "./dom.js";
import { icon } from "./sidebar.js";

const textMaxChars = 2_000;
/** From how near to the end on the view follows what is new. */
const nearPx = 80;

const scroll = element("scroll");
const text = element<HTMLTextAreaElement>("text");
const newer = element<HTMLButtonElement>("newer");
const send = element("composer").querySelector<HTMLButtonElement>(".send")!;

export interface TalkEvents {
  send(text: string): void;
  sendAgain(entry: Entry): void;
  /** Everything that is new is in view. */
  seen(): void;
}

/** The open conversation: what was said, and the field to say something. */
export class Talk {
  readonly #events: TalkEvents;
  readonly #drafts = new Map<string, string>();
  #open: Conversation | undefined;

  constructor(events: TalkEvents) {
    this.#events = events;
    element<HTMLFormElement>("composer").onsubmit = (event) => {
      event.preventDefault();
      this.#send();
    };
    text.oninput = () => this.#typed();
    text.onkeydown = (event) => {
      // While a word is being composed, Enter accepts it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    };
    newer.onclick = () => this.#toEnd();
    scroll.onscroll = () => {
      if (!this.isAtEnd) return;
      newer.hidden = true;
      this.#events.seen();
    };
  }

  get isAtEnd(): boolean {
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < nearPx;
  }

  /** Opens a conversation, at its end. */
  open(conversation: Conversation | undefined, all: Conversations): void {
    if (this.#open) this.#drafts.set(this.#open.id, text.value);
    this.#open = conversation;
    newer.hidden = true;
    this.show(all);
    if (!conversation) return;
    text.value = this.#drafts.get(conversation.id) ?? "";
    this.#typed();
    this.#toEnd();
    // On a phone that would bring up the keyboard.
    if (matchMedia("(min-width: 760px) and (pointer: fine)").matches) text.focus();
  }

  /** Shows what the conversation has now. */
  show(all: Conversations): void {
    const conversation = this.#open;
    element("talk").dataset.id = conversation?.id ?? "";
    if (!conversation) return;
    const { id, title, entries } = conversation;
    const wasAtEnd = this.isAtEnd;
    const person = all.people.find(({ conversation }) => conversation.id === id);
    const isOnline = all.online.some((user) => `@${user.id}` === id);
    const topic = all.rooms.find(({ name }) => `#${name}` === id)?.topic ?? (isOnline ? "Online" : "Away: messages wait");
    element("talk-title").textContent = title;
    element("talk-topic").textContent = topic;
    element("talk-topic").dataset.online = String(isOnline);
    const user = person?.user ?? { id: id.slice(1), name: title };
    element("talk-sign").replaceChildren(id.startsWith("#") ? icon("hash") : dressAvatar(h("span", { class: "avatar" }), user));
    element("text-label").textContent = text.placeholder = id.startsWith("#") ? `Message #${title}` : `Message ${title}`;
    element("messages").replaceChildren(...groups(entries, all.me).flatMap((group) => this.#group(group)));
    this.#showEmpty(conversation);
    if (wasAtEnd) this.#toEnd();
  }

  /** Something new came that may be out of view. */
  arrived(): void {
    newer.hidden = this.isAtEnd;
  }

  #showEmpty({ id, title, entries }: Conversation): void {
    const empty = element("empty");
    empty.hidden = entries.length > 0;
    element("messages").hidden = entries.length === 0;
    if (entries.length > 0) return;
    const isRoom = id.startsWith("#");
    const sign = isRoom ? h("span", { class: "empty-sign" }, icon("hash")) : avatar({ id: id.slice(1), name: title });
    const hint = isRoom ? "Nothing has been said here yet. Somebody has to begin." : "Only the two of you see what is said here.";
    empty.replaceChildren(sign, h("h2", {}, isRoom ? `Welcome to #${title}` : title), h("p", {}, hint));
  }

  #group({ from, isMine, at, day, entries }: Group): HTMLElement[] {
    const time = h("time", { datetime: at.toISOString() }, timeOfDay(at));
    const bubbles = entries.map((entry) => this.#bubble(entry));
    const head = h("p", { class: "head" }, h("span", { class: isMine ? "visually-hidden" : "from" }, isMine ? "You" : from.name), " ", time);
    const group = h("li", { class: isMine ? "group mine" : "group" }, !isMine && avatar(from), h("div", { class: "bubbles" }, head, ...bubbles));
    return day ? [h("li", { class: "day" }, h("span", {}, dayName(day))), group] : [group];
  }

  #bubble(entry: Entry): HTMLElement {
    const { message, sending } = entry;
    const bubble = h("p", { class: "bubble", "data-sending": sending?.state }, message.text);
    if (sending?.state !== "failed") return bubble;
    const again = h("button", { type: "button", class: "again" }, "Send again");
    again.onclick = () => this.#events.sendAgain(entry);
    return h("div", { class: "failed" }, bubble, h("p", { class: "reason" }, `Not sent. ${sending.reason} `, again));
  }

  #send(): void {
    const written = text.value.trim();
    if (!written || !this.#open) return;
    text.value = "";
    this.#typed();
    this.#events.send(written);
    this.#toEnd();
  }

  #typed(): void {
    send.disabled = text.value.trim() === "";
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight}px`;
    const left = textMaxChars - text.value.length;
    element("left").hidden = left > 200;
    element("left").textContent = String(left);
  }

  #toEnd(): void {
    scroll.scrollTop = scroll.scrollHeight;
    newer.hidden = true;
  }
}
