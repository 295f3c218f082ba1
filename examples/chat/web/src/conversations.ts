import type { Message, Room, User } from "./client/index.js";
import { Conversation } from "./conversation.js";

/** Keeps until when each conversation was read. */
export interface ReadMarks {
  get(id: string): number | undefined;
  set(id: string, until: number): void;
}

/** Somebody to talk to. */
export interface Person {
  user: User;
  isOnline: boolean;
  conversation: Conversation;
}

/** All conversations of one user, and who is online. */
export class Conversations {
  rooms: readonly Room[] = [];
  online: readonly User[] = [];
  /** Rooms as `#name`, people as `@id`. */
  readonly #byId = new Map<string, Conversation>();
  readonly #known = new Map<string, User>();

  /** @param since what was said in rooms before is not news. */
  constructor(
    readonly me: User,
    private readonly marks: ReadMarks,
    private readonly since: number,
  ) {}

  get(id: string): Conversation | undefined {
    return this.#byId.get(id);
  }

  setRooms(rooms: readonly Room[]): void {
    this.rooms = rooms;
    for (const { name } of rooms) this.#open(`#${name}`, name, this.since);
  }

  setOnline(users: readonly User[]): void {
    this.online = users;
    for (const user of users) this.#meet(user);
  }

  /** Adds what the server sent. @returns what was not there yet. */
  add(messages: readonly Message[]): Message[] {
    const parts = new Map<Conversation, Message[]>();
    for (const message of messages) {
      const conversation = this.of(message);
      if (conversation) parts.set(conversation, [...(parts.get(conversation) ?? []), message]);
    }
    return [...parts].flatMap(([conversation, part]) => conversation.add(part));
  }

  /** The conversation that a message belongs to; one with somebody new begins with it. */
  of(message: Message): Conversation | undefined {
    if (message.room !== null) return this.#byId.get(`#${message.room}`);
    const other = message.from.id === this.me.id ? message.to : message.from;
    return other ? this.#meet(other) : undefined;
  }

  /** Takes note that all of a conversation was seen. */
  read(conversation: Conversation): void {
    if (conversation.latest <= conversation.readUntil) return;
    conversation.readUntil = conversation.latest;
    this.marks.set(conversation.id, conversation.latest);
  }

  /** Those who are online, and those with whom something was said; the latest conversation first, then by name. */
  get people(): Person[] {
    const online = new Set(this.online.map((user) => user.id));
    return [...this.#known.values()]
      .map((user) => ({ user, isOnline: online.has(user.id), conversation: this.#byId.get(`@${user.id}`)! }))
      .filter(({ isOnline, conversation }) => isOnline || conversation.entries.length > 0)
      .sort((a, b) => b.conversation.latest - a.conversation.latest || Number(b.isOnline) - Number(a.isOnline) || a.user.name.localeCompare(b.user.name));
  }

  get unsent(): Message[] {
    return [...this.#byId.values()].flatMap((conversation) => conversation.unsent);
  }

  get unread(): number {
    return [...this.#byId.values()].reduce((sum, conversation) => sum + conversation.unread, 0);
  }

  /** The conversation with somebody; none with oneself. */
  #meet(user: User): Conversation | undefined {
    if (user.id === this.me.id) return undefined;
    this.#known.set(user.id, user);
    return this.#open(`@${user.id}`, user.name, 0);
  }

  #open(id: string, title: string, since: number): Conversation {
    const open = this.#byId.get(id) ?? new Conversation(id, title, this.me, this.marks.get(id) ?? since);
    this.#byId.set(id, open);
    return open;
  }
}
