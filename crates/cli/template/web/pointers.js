// The guests: their pointers on the board, and who they are.

import { Position } from "./client/index.js";

/** At most so often this guest's position is sent. */
const intervalMs = 33;
const facesMax = 6;

export class Pointers {
  #board;
  /** The guests and, if they point at something, their pointers. */
  #guests = new Map();
  #you;
  #own = { x: 0.5, y: 0.5 };
  /** Wakes who waits for this guest to move. */
  #moved = () => {};

  /** @param {HTMLElement} board */
  constructor(board) {
    this.#board = board;
    for (const type of ["pointerdown", "pointermove"]) {
      board.addEventListener(type, (event) => this.#point(event.clientX / innerWidth, event.clientY / innerHeight));
    }
    addEventListener("resize", () => this.#guests.forEach((guest) => this.#place(guest)));
  }

  /** Shows the guests who are there, in place of all others. */
  welcome(you, guests) {
    for (const id of this.#guests.keys()) this.remove(id);
    this.#you = you;
    guests.forEach((guest) => this.set(guest));
  }

  /** Shows a guest who has come or moved. */
  set({ id, name, position }) {
    const known = this.#guests.get(id);
    const guest = known ?? { id, name };
    // This guest's own pointer moves at once, not after a round trip.
    if (id !== this.#you) guest.position = position;
    this.#guests.set(id, guest);
    this.#place(guest);
    if (!known) this.#showFaces();
  }

  /** Shows a guest no more. */
  remove(id) {
    this.#guests.get(id)?.pointer?.remove();
    this.#guests.delete(id);
    this.#showFaces();
  }

  /** Where this guest points: the newest position, whenever that has changed. */
  async *ownPositions() {
    for (;;) {
      await new Promise((resolve) => (this.#moved = resolve));
      yield new Position(this.#own);
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  }

  #point(x, y) {
    this.#own = { x, y };
    const guest = this.#guests.get(this.#you);
    if (guest) {
      guest.position = this.#own;
      this.#place(guest);
    }
    this.#moved();
  }

  #place(guest) {
    if (!guest.position) return;
    if (!guest.pointer) {
      guest.pointer = document.createElement("div");
      guest.pointer.className = guest.id === this.#you ? "pointer own" : "pointer";
      guest.pointer.style.setProperty("--hue", hue(guest.id));
      const label = document.createElement("span");
      label.textContent = guest.name;
      guest.pointer.append(label);
      this.#board.append(guest.pointer);
    }
    const { x, y } = guest.position;
    guest.pointer.style.transform = `translate(${x * innerWidth}px, ${y * innerHeight}px)`;
  }

  #showFaces() {
    const guests = [...this.#guests.values()];
    const faces = guests.slice(0, facesMax).map(({ id, name }) => {
      const face = document.createElement("li");
      face.textContent = initials(name);
      face.title = id === this.#you ? `${name} (you)` : name;
      face.style.setProperty("--hue", hue(id));
      return face;
    });
    if (guests.length > facesMax) {
      const more = document.createElement("li");
      more.className = "more";
      more.textContent = `+${guests.length - facesMax}`;
      faces.push(more);
    }
    document.getElementById("guests")?.replaceChildren(...faces);
    document.getElementById("alone")?.classList.toggle("over", guests.length > 1);
  }
}

/** A colour for each guest; those who come one after the other get very different ones. */
function hue(id) {
  return Math.round((id * 137.508) % 360);
}

function initials(name) {
  return name.split(/\s+/, 2).map((word) => [...word][0]).join("").toUpperCase();
}
