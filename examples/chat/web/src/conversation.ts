import { Message, type User } from "./client/index.js";

/** How far a message has come: `waiting` for the server, or refused by it for a reason that is told. */
export type Sending = { state: "waiting" } | { state: "failed"; reason: string } | undefined;

export interface Entry {
  message: Message;
  sending: Sending;
}

/** How many messages of a conversation the page keeps. */
export const kept = 500;

/** What was said in one room, or between two people: each message once, in the order in which the server took them. */
export class Conversation {
  entries: readonly Entry[] = [];
  /** What was said until then was seen. */
  readUntil: number;

  /** @param id `#room`, or `@user`. */
  constructor(
    readonly id: string,
    readonly title: string,
    readonly me: User,
    readUntil = 0,
  ) {
    this.readUntil = readUntil;
  }

  /** Adds what the server sent. @returns what was not there yet. */
  add(messages: readonly Message[]): Message[] {
    const known = new Map(this.entries.map((entry) => [keyOf(entry.message), entry]));
    const fresh: Message[] = [];
    for (const message of messages) {
      const key = keyOf(message);
      const entry = known.get(key);
      if (entry && !entry.sending) continue; // It comes twice: among the earlier ones and live, or sent again.
      if (!entry) fresh.push(message);
      known.set(key, { message, sending: undefined });
    }
    this.#keep([...known.values()]);
    return fresh;
  }

  /** Shows a message that the server does not have yet. */
  send(message: Message): void {
    this.#keep([...this.entries.filter((entry) => keyOf(entry.message) !== keyOf(message)), { message, sending: { state: "waiting" } }]);
  }

  /** Tells how far a message has come that the server does not have. */
  mark(message: Message, sending: Sending): void {
    this.entries = this.entries.map((entry) => (entry.sending && keyOf(entry.message) === keyOf(message) ? { message: entry.message, sending } : entry));
  }

  /** What the server does not have, oldest first. */
  get unsent(): Message[] {
    return this.entries.filter((entry) => entry.sending?.state === "waiting").map((entry) => entry.message);
  }

  /** How much of what others said was not seen. */
  get unread(): number {
    return this.entries.filter(({ message }) => message.from.id !== this.me.id && message.at.getTime() > this.readUntil).length;
  }

  get latest(): number {
    return this.entries.at(-1)?.message.at.getTime() ?? 0;
  }

  #keep(entries: Entry[]): void {
    // What is not sent yet stands last: nobody knows when the server will take it.
    const waits = (entry: Entry) => (entry.sending ? 1 : 0);
    entries.sort((a, b) => waits(a) - waits(b) || a.message.at.getTime() - b.message.at.getTime() || (keyOf(a.message) < keyOf(b.message) ? -1 : 1));
    this.entries = entries.slice(-kept);
  }
}

/** Ids are chosen by those who send, so nobody's can hide another's. */
function keyOf({ id, from }: Message): string {
  return `${id} ${from.id}`;
}

/** Consecutive messages of one person, under one name and time. */
export interface Group {
  from: User;
  isMine: boolean;
  at: Date;
  /** Set if it is the first of its day. */
  day: Date | undefined;
  entries: Entry[];
}

const groupMs = 5 * 60_000;

export function groups(entries: readonly Entry[], me: User): Group[] {
  const made: Group[] = [];
  let previous: Message | undefined;
  for (const entry of entries) {
    const { from, at } = entry.message;
    const isNewDay = !previous || !isSameDay(previous.at, at);
    if (isNewDay || previous!.from.id !== from.id || at.getTime() - previous!.at.getTime() > groupMs) {
      made.push({ from, isMine: from.id === me.id, at, day: isNewDay ? at : undefined, entries: [] });
    }
    made.at(-1)!.entries.push(entry);
    previous = entry.message;
  }
  return made;
}

export function isSameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}

/** "Today", "Yesterday", or the date. */
export function dayName(day: Date, now = new Date()): string {
  if (isSameDay(day, now)) return "Today";
  if (isSameDay(day, new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1))) return "Yesterday";
  const year = day.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return day.toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long", year });
}

export function timeOfDay(at: Date): string {
  return at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}
