// The page: joins the board, shows what happens on it, and tells where this guest points.

import { BadName, Cheered, Client, GuestLeft, GuestMoved, Welcome } from "./client/index.js";
import { reconnecting } from "./client/streampod-client.js";
import { Pointers } from "./pointers.js";

const cheerMs = 2600;
const noteMs = 5000;
/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const nameField = /** @type {HTMLInputElement} */ (element("name"));

const board = element("board");
const pointers = new Pointers(board);
const client = new Client(await apiUrl());

let visit = new AbortController();
let gap;

nameField.value = localStorage.getItem("name") ?? randomName();
void join();

// Another name is another visit.
nameField.addEventListener("change", () => {
  visit.abort();
  visit = new AbortController();
  void join();
});
element("who").addEventListener("submit", (event) => {
  event.preventDefault();
  nameField.blur();
});
for (const button of document.querySelectorAll("#cheers button")) {
  button.addEventListener("click", async () => {
    try {
      await client.board.cheer(button.dataset.cheer);
    } catch {
      say("The server did not hear that. Is it running?");
    }
  });
}
addEventListener("online", () => gap?.retryNow());

/** Is on the board until the visit is over, however often the connection is lost. */
async function join() {
  const { signal } = visit;
  const name = nameField.value;
  const open = (options) => client.board.join(name, pointers.ownPositions(), options);
  // The stream never ends by itself, so whatever ended it, it is called again: but not for a name that is refused.
  const retry = (error) => !(error instanceof BadName);
  const onGap = (newGap) => {
    gap = newGap;
    show("reconnecting");
  };
  try {
    for await (const event of reconnecting(open, { signal, retry, onGap, backoff: { minMs: 300, maxMs: 5000 } })) {
      if (event instanceof Welcome) {
        pointers.welcome(event.you, event.guests);
        showTotal(event.cheers);
        show("live");
        localStorage.setItem("name", name);
      } else if (event instanceof GuestMoved) {
        pointers.set(event.guest);
      } else if (event instanceof GuestLeft) {
        pointers.remove(event.id);
      } else if (event instanceof Cheered) {
        cheer(event.cheer);
        showTotal(event.total);
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    show("not on the board");
    say(error instanceof BadName ? error.message : `Something is wrong: ${error}`);
  }
}

/** The API's URL is the server's to say: only it knows its ports. `localhost` stands for the machine that the page came from. */
async function apiUrl() {
  const response = await fetch("config.json");
  const url = new URL((await response.json()).apiUrl);
  if (url.hostname === "localhost") url.hostname = location.hostname;
  return url.href;
}

function show(state) {
  element("status").textContent = state;
  element("status").dataset.state = state;
}

function showTotal(total) {
  element("total").textContent = total.toLocaleString();
}

/** Lets the sign of a cheer rise from below. */
function cheer(name) {
  const sign = document.querySelector(`#cheers svg.${name}`)?.cloneNode(true);
  if (!sign) return;
  sign.classList.add("cheer");
  sign.style.left = `${10 + 80 * Math.random()}%`;
  sign.style.setProperty("--drift", `${Math.round(120 * (Math.random() - 0.5))}px`);
  board.append(sign);
  setTimeout(() => sign.remove(), cheerMs);
}

let noteTimer;
function say(text) {
  element("note").textContent = text;
  element("note").hidden = false;
  clearTimeout(noteTimer);
  noteTimer = setTimeout(() => (element("note").hidden = true), noteMs);
}

function randomName() {
  const one = (words) => words[Math.floor(words.length * Math.random())];
  const kind = one(["Brave", "Calm", "Keen", "Lucky", "Quick", "Quiet", "Sunny", "Wise"]);
  return `${kind} ${one(["Badger", "Crane", "Fox", "Hare", "Lynx", "Otter", "Owl", "Wren"])}`;
}
