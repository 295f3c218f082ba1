// The parts of the page that need no browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Message, Room, User } from "../src/client/index.ts";
import { dayName, groups, kept } from "../src/conversation.ts";
import { Conversations } from "../src/conversations.ts";
import { deviceName } from "../src/session.ts";

const [ann, ben, eve] = ["Ann", "Ben", "Eve"].map((name) => new User({ id: name.toLowerCase(), name }));
const noon = new Date(2024, 4, 20, 12).getTime();
let ids = 0;

/** A message that was taken so many seconds after noon. */
function message(from, seconds, { to = null, room = to ? null : "lobby", text = `at ${seconds}`, id = `id-${ids++}` } = {}) {
  return new Message({ id, from, room, to, text, at: new Date(noon + seconds * 1_000) });
}

/** Ann's conversations, and what was kept of what she has read. */
function setUp(marks = new Map(), since = 0) {
  const all = new Conversations(ann, { get: (id) => marks.get(id), set: (id, until) => marks.set(id, until) }, since);
  all.setRooms(["lobby", "rust"].map((name) => new Room({ name, topic: name })));
  return { all, marks, lobby: all.get("#lobby") };
}

const texts = (conversation) => conversation.entries.map(({ message }) => message.text);

test("a message that comes twice is there once, in the order of the server", () => {
  const { all, lobby } = setUp();
  const [first, second, third] = [1, 2, 3].map((seconds) => message(ben, seconds));
  assert.deepEqual(all.add([third]), [third]);
  assert.deepEqual(all.add([first, second, third]), [first, second], "the earlier ones come after a live one");
  assert.deepEqual(texts(lobby), ["at 1", "at 2", "at 3"]);
});

test("nobody hides a message of another by its id", () => {
  const { all, lobby } = setUp();
  all.add([message(eve, 1, { id: "same" }), message(ben, 2, { id: "same" })]);
  assert.deepEqual(texts(lobby), ["at 1", "at 2"]);
});

test("what is being sent stands last, until the server takes it", () => {
  const { all, lobby } = setUp();
  const sent = message(ann, 0, { text: "mine" });
  lobby.send(sent);
  all.add([message(ben, 60)]);
  assert.deepEqual(texts(lobby), ["at 60", "mine"]);
  assert.deepEqual(all.unsent, [sent]);

  lobby.mark(sent, { state: "failed", reason: "no" });
  assert.deepEqual([all.unsent, lobby.entries[1].sending.reason], [[], "no"]);
  lobby.send(sent);
  assert.equal(lobby.entries.length, 2);

  const taken = message(ann, 30, { id: sent.id, text: "mine" });
  assert.deepEqual(all.add([taken, taken]), [], "no news to who said it");
  assert.deepEqual(texts(lobby), ["mine", "at 60"]);
  lobby.mark(sent, { state: "failed", reason: "too late" });
  assert.deepEqual(lobby.entries.map(({ sending }) => sending), [undefined, undefined], "what was taken cannot fail any more");
});

test("a sent message that is taken twice keeps its first place", () => {
  const { all, lobby } = setUp();
  all.add([message(ann, 1, { id: "twice" }), message(ben, 2), message(ann, 3, { id: "twice" })]);
  assert.deepEqual(texts(lobby), ["at 1", "at 2"]);
});

test("the page keeps the newest messages only", () => {
  const { all, lobby } = setUp();
  all.add(Array.from({ length: kept + 5 }, (_, n) => message(ben, n)));
  assert.deepEqual([lobby.entries.length, lobby.entries[0].message.text], [kept, "at 5"]);
});

test("direct messages are found by the other of the two", () => {
  const { all } = setUp();
  all.add([message(ben, 1, { to: ann }), message(ann, 2, { to: ben }), message(ann, 3, { to: eve })]);
  assert.deepEqual(texts(all.get("@ben")), ["at 1", "at 2"]);
  assert.deepEqual(texts(all.get("@eve")), ["at 3"]);
  assert.equal(all.get("@ann"), undefined);
});

test("what others said is unread until it is read, also after signing in again", () => {
  const { all, lobby, marks } = setUp();
  all.add([message(ben, 1), message(ann, 2), message(eve, 3), message(ben, 4, { to: ann })]);
  assert.deepEqual([lobby.unread, all.get("@ben").unread, all.unread], [2, 1, 3]);
  all.read(lobby);
  assert.deepEqual([lobby.unread, all.unread], [0, 1]);
  const later = setUp(marks);
  later.all.add([message(ben, 1), message(eve, 3), message(eve, 5)]);
  assert.equal(later.lobby.unread, 1);
});

test("what was said in rooms before signing in is no news; what was said to the user is", () => {
  const { all } = setUp(new Map(), noon + 10_000);
  all.add([message(ben, 5), message(ben, 6, { to: ann }), message(ben, 15)]);
  assert.deepEqual([all.get("#lobby").unread, all.get("@ben").unread], [1, 1]);
});

test("people are those online and those talked to, the latest first", () => {
  const { all } = setUp();
  all.setOnline([ann, ben, eve]);
  assert.deepEqual(all.people.map(({ user, isOnline }) => [user.id, isOnline]), [["ben", true], ["eve", true]]);
  all.add([message(eve, 1, { to: ann })]);
  all.setOnline([ann]);
  assert.deepEqual(all.people.map(({ user, isOnline }) => [user.id, isOnline]), [["eve", false]]);
  all.setOnline([ann, ben]);
  assert.deepEqual(all.people.map(({ user }) => user.id), ["eve", "ben"]);
});

test("messages of one person that follow each other are a group, for five minutes and one day", () => {
  const { all, lobby } = setUp();
  all.add([message(ben, 0), message(ben, 200), message(ann, 201), message(ben, 202), message(ben, 600), message(ben, 24 * 3600)]);
  const made = groups(lobby.entries, ann);
  assert.deepEqual(made.map(({ from, isMine, entries }) => [from.id, isMine, entries.length]), [
    ["ben", false, 2],
    ["ann", true, 1],
    ["ben", false, 1],
    ["ben", false, 1],
    ["ben", false, 1],
  ]);
  assert.deepEqual(made.map(({ day }) => day?.getDate()), [20, undefined, undefined, undefined, 21]);
});

test("days have the names that people give them", () => {
  const now = new Date(2024, 2, 1, 8);
  assert.equal(dayName(new Date(2024, 2, 1, 0, 5), now), "Today");
  assert.equal(dayName(new Date(2024, 1, 29, 23, 55), now), "Yesterday");
  assert.match(dayName(new Date(2023, 11, 31), now), /2023/);
});

test("devices are named by browser and system", () => {
  assert.equal(deviceName("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"), "Firefox on Linux");
  assert.equal(deviceName("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1"), "Safari on iOS");
  assert.equal(deviceName("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/125.0 Safari/537.36 Edg/125.0"), "Edge on Windows");
  assert.equal(deviceName("curl/8"), "A browser on an unknown system");
});
