import { InternalServerError, UnauthorizedError, randomUuid } from "@streampod/client";
import { Client, Message, NotSent, type User } from "./client/index.js";
import type { Conversation } from "./conversation.js";
import { Conversations } from "./conversations.js";
import { closeDevices, setUpDevices } from "./devices.js";
import { announce, dressAvatar, element, toast } from "./dom.js";
import { setUpGate, showGate } from "./gate.js";
import { Live, type Status, apiUrl, isUnreached } from "./live.js";
import { type SignIn, deviceName, readMarks, storeSession, storedSession } from "./session.js";
import { showSidebar, showStatus } from "./sidebar.js";
import { Talk } from "./talk.js";

const root = document.documentElement;
const wide = matchMedia("(min-width: 760px)");
/** When a message is sent again that did not reach the server. */
const againMs = 2_000;
/** After how many failures of the server its user decides about that. */
const failuresMax = 10;

/** Everything there is while somebody is signed in. */
interface Signed {
  client: Client;
  live: Live;
  all: Conversations;
}

let signed: Signed | undefined;
let open: Conversation | undefined;
let status: Status = "connecting";
let server = "";

const talk = new Talk({
  send: (text) => open && sendTo(open, text),
  sendAgain: ({ message }) => {
    signed?.all.of(message)?.send(message);
    show();
    void deliver(message);
  },
  seen: markRead,
});

setUpGate(async (name, password) => {
  const client = await clientWith();
  const { token, user, isNew } = await client.account.signIn(name, password, deviceName());
  const session = { token, user, at: Date.now() };
  storeSession(session);
  await begin(session);
  if (isNew) toast(`Welcome, ${user.name}. This name is yours now.`);
});

setUpDevices({
  list: async () => (await signed?.client.devices.list()) ?? [],
  signOutOn: async (id) => (await signed?.client.devices.signOutOn(id)) ?? false,
  signOutEverywhere: () => leave((client) => client.devices.signOutEverywhere(), "You are signed out on every device."),
  refused: (error) => signed?.live.refused(error) ?? false,
});

let lastName = "";
element("leave-button").onclick = () => leave((client) => client.devices.signOut());
element("again").onclick = () => showGate(lastName);

async function clientWith(token?: string): Promise<Client> {
  return new Client(await apiUrl(), { authentication: { header: () => token && `Bearer ${token}` } });
}

/** Shows the chat, and follows everything. */
async function begin({ token, user, at }: SignIn): Promise<void> {
  const client = await clientWith(token);
  const all = new Conversations(user, readMarks(user), at);
  const live = new Live(client, {
    rooms(rooms) {
      all.setRooms(rooms);
      route();
    },
    messages(messages, isEarlier) {
      const fresh = all.add(messages);
      route(); // Who was asked for by the address may be known now.
      if (!isEarlier) for (const message of fresh) heard(message);
      markRead();
    },
    people(people) {
      all.setOnline(people.online);
      server = people.server;
      showStatus(status, server);
      route();
    },
    status(next, retryAt) {
      const isBack = next === "live" && status === "reconnecting";
      status = next;
      showStatus(next, server, retryAt);
      if (isBack) toast("Reconnected: you are up to date.");
      if (next === "live") for (const message of all.unsent) void deliver(message);
    },
    signedOut: () => end(() => (root.dataset.view = "signed-out")),
  });
  signed = { client, live, all };
  lastName = user.name;
  element("my-name").textContent = user.name;
  dressAvatar(element("my-avatar"), user);
  root.dataset.view = "chat";
  status = "connecting";
  route();
  live.start();
}

/** Signs out, here or more: the streams that this ends are no surprise. */
async function leave(signOut: (client: Client) => Promise<void>, note?: string): Promise<void> {
  if (!signed) return;
  const { live } = signed;
  const token = storedSession()?.token;
  // Let go of first: from here on, nothing that ends because of this is told. So the call needs a client of its own.
  live.stop();
  try {
    await signOut(await clientWith(token));
  } catch (error) {
    // One that is signed out already is what was wanted.
    if (!(error instanceof UnauthorizedError)) note = "The server could not be told. Sign in again and look at your devices.";
  }
  end(() => showGate(lastName));
  if (note) toast(note);
}

function end(showOther: () => void): void {
  signed?.live.stop();
  signed = open = undefined;
  server = "";
  storeSession(undefined);
  closeDevices();
  history.replaceState(null, "", location.pathname);
  document.title = "Chat";
  element("messages").replaceChildren();
  showOther();
  element("again").focus();
}

/** Opens the conversation that the address names; in a wide window some conversation is always open. */
function route(): void {
  if (!signed) return;
  const { all } = signed;
  const named = all.get(decodeURIComponent(location.hash.slice(1)));
  const next = named ?? (wide.matches ? open ?? all.get(`#${all.rooms[0]?.name}`) : undefined);
  root.dataset.pane = named ? "talk" : "list";
  if (next !== open) {
    open = next;
    talk.open(open, all);
  }
  show();
  markRead();
}
addEventListener("hashchange", route);
wide.addEventListener("change", route);
document.addEventListener("visibilitychange", markRead);

function show(): void {
  if (!signed) return;
  const { all } = signed;
  showSidebar(all, open);
  talk.show(all);
  const elsewhere = all.unread;
  document.title = elsewhere > 0 ? `(${elsewhere}) Chat` : "Chat";
  const mark = element("unread-elsewhere");
  mark.hidden = elsewhere === 0;
  mark.textContent = String(elsewhere);
}

/** What is in view counts as read. */
function markRead(): void {
  if (!signed || !open || document.visibilityState === "hidden" || !talk.isAtEnd || open.unread === 0) return;
  signed.all.read(open);
  show();
}

/** Something was said by somebody else, just now. */
function heard(message: Message): void {
  if (!signed || message.from.id === signed.all.me.id) return;
  const conversation = signed.all.of(message);
  announce(`${message.from.name}${conversation === open ? "" : ` in ${conversation?.title}`}: ${message.text}`);
  if (conversation === open) talk.arrived();
}

function sendTo({ id, title }: Conversation, text: string): void {
  if (!signed) return;
  const { me } = signed.all;
  const room = id.startsWith("#") ? id.slice(1) : null;
  const to: User | null = room === null ? signed.all.people.find(({ conversation }) => conversation.id === id)?.user ?? null : null;
  if (room === null && !to) return toast(`${title} is not known any more.`);
  const message = new Message({ id: randomUuid(), from: me, room, to, text, at: new Date() });
  signed.all.of(message)?.send(message);
  show();
  void deliver(message);
}

/** Those that are under way, by id. */
const underWay = new Set<string>();
/** How often the server failed to take one, by id. */
const failures = new Map<string, number>();

/** Brings a message to the server. What does not reach it is sent again, under the same id: it is said once. */
async function deliver(message: Message): Promise<void> {
  const { id, room, to, text } = message;
  if (!signed || underWay.has(id)) return;
  const { client, all, live } = signed;
  const conversation = all.of(message);
  if (!conversation?.unsent.some((unsent) => unsent.id === id)) return; // The server has it meanwhile.
  underWay.add(id);
  try {
    const taken = room !== null ? await client.chat.post(id, room, text) : await client.chat.direct(id, to!.id, text);
    failures.delete(id);
    all.add([taken]);
  } catch (error) {
    if (live.refused(error)) return;
    const count = (failures.get(id) ?? 0) + 1;
    if (isUnreached(error) || (error instanceof InternalServerError && count < failuresMax)) {
      if (!isUnreached(error)) failures.set(id, count);
      setTimeout(() => void deliver(message), againMs);
    } else {
      failures.delete(id);
      conversation.mark(message, { state: "failed", reason: error instanceof NotSent ? error.message : "The server could not take it." });
    }
  } finally {
    underWay.delete(id);
  }
  show();
}

const stored = storedSession();
if (stored) begin(stored).catch(() => showGate(stored.user.name));
else showGate();
