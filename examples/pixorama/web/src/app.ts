import { Board } from "./board.js";
import { setUpKeyboard } from "./keyboard.js";
import { Live, type Status } from "./live.js";
import { Outbox } from "./outbox.js";
import { palette } from "./palette.js";
import { Picture } from "./picture.js";
import { PointerInput, type Tool, lineCells } from "./pointer.js";
import { element, say, setUpPalette, setUpTools, showPeople, showStatus, showUnsaved, toast } from "./ui.js";
import { type Point, View } from "./view.js";

const firstColor = 13; // Violet: seen at once on paper.

const canvas = element<HTMLCanvasElement>("board");
const help = element<HTMLDialogElement>("help");
let tool: Tool = "brush";
let color = firstColor;
let status: Status = "connecting";
let cursor: Point | undefined;

const picture = new Picture((index) => {
  board.update(index);
  showUnsaved(picture.unsaved, status === "live");
});
const view = new View(picture, () => {
  element("zoom-level").textContent = `${Math.round(view.zoom * 100)}%`;
  board.draw();
});
const board = new Board(canvas, picture, view);

let refused = 0;
const outbox = new Outbox(
  picture,
  async (index, value) => {
    await live.setPixel(index, value);
  },
  () => {
    if (refused++ > 0) return; // Many pixels of one line: one note.
    setTimeout(() => {
      toast(refused === 1 ? "The server did not take a pixel: it is not saved." : `The server did not take ${refused} pixels: they are not saved.`);
      refused = 0;
    }, 300);
  },
);

const live = new Live({
  image({ width, height, pixels }) {
    picture.load(width, height, pixels);
    element("veil").hidden = true;
    layOut();
    outbox.resume();
  },
  update({ pixelIndex, colorIndex }) {
    if (picture.announce(pixelIndex, colorIndex)) board.pulse(pixelIndex);
    board.draw();
  },
  people: showPeople,
  status(next, retryAt) {
    status = next;
    showStatus(next, retryAt);
    showUnsaved(picture.unsaved, next === "live");
  },
});

function paint(index: number, value: number): void {
  if (!picture.loaded || !picture.paint(index, value)) return;
  outbox.flush();
}

function contains({ x, y }: Point): boolean {
  return x >= 0 && y >= 0 && x < picture.width && y < picture.height;
}

function indexOf({ x, y }: Point): number {
  return y * picture.width + x;
}

function showCursor(cell: Point | undefined): void {
  cursor = cell && contains(cell) ? cell : undefined;
  const visible = cursor && tool === "brush" && picture.loaded;
  board.cursor = visible ? { index: indexOf(cursor!), color: palette[color]!.hex } : undefined;
  board.draw();
}

const chooseColor = setUpPalette((chosen) => {
  color = chosen;
  showCursor(cursor);
});
const chooseTool = setUpTools((chosen) => {
  tool = chosen;
  showCursor(cursor);
});

let picking = false;
addEventListener("pointerdown", (event) => (picking = event.altKey), { capture: true });
const pointer = new PointerInput(canvas, view, {
  tool: () => tool,
  paint(from, to) {
    if (picking) return contains(to) ? chooseColor(picture.colorAt(indexOf(to))) : undefined;
    for (const cell of lineCells(from, to)) if (contains(cell)) paint(indexOf(cell), color);
  },
  hover: showCursor,
  onPanning: (panning) => canvas.classList.toggle("panning", panning),
});

setUpKeyboard(canvas, help, {
  chooseColor,
  chooseTool,
  zoomBy: (factor) => view.zoomBy(factor),
  fit: () => view.fit(),
  help: () => help.showModal(),
  holdSpace: (held) => pointer.holdSpace(held),
  moveCursor(dx, dy) {
    const { x, y } = cursor ?? { x: Math.floor(picture.width / 2) - dx, y: Math.floor(picture.height / 2) - dy };
    const next = { x: x + dx, y: y + dy };
    if (!contains(next)) return;
    showCursor(next);
    say(`Column ${next.x + 1}, row ${next.y + 1}: ${palette[picture.colorAt(indexOf(next))]?.name}`);
  },
  paintAtCursor() {
    if (!cursor) return;
    paint(indexOf(cursor), color);
    say(`Painted ${palette[color]!.name}`);
  },
});

element("zoom-in").onclick = () => view.zoomBy(1.25);
element("zoom-out").onclick = () => view.zoomBy(0.8);
element("zoom-fit").onclick = () => view.fit();
element("help-open").onclick = () => help.showModal();
element("retry").onclick = () => live.retryNow();

/** Takes over the window's size, and what the panels leave of it. */
function layOut(): void {
  const top = document.querySelector("header")!.getBoundingClientRect().bottom;
  const dock = document.querySelector("nav")!.getBoundingClientRect();
  const side = Math.max(16, Math.min(40, innerWidth * 0.04));
  const isBeside = dock.left > innerWidth / 2;
  const right = isBeside ? innerWidth - dock.left + 16 : side;
  const bottom = isBeside ? 16 : innerHeight - dock.top + 24;
  view.resize(innerWidth, innerHeight, { top: top + 20, right, bottom, left: side });
}
addEventListener("resize", layOut);
addEventListener("beforeunload", (event) => {
  if (picture.unsaved > 0) event.preventDefault();
});

chooseColor(firstColor);
chooseTool("brush");
showStatus("connecting");
layOut();
board.update();
live.start();

/** For tests, and for the curious in the browser's console. */
const pixorama = {
  /** The colour index that a pixel shows. */
  pixelAt: (index: number): number => picture.colorAt(index),
  /** Paints a pixel, as the brush does. */
  paint,
  /** The middle of a pixel in the window, in CSS pixels. */
  centerOf: (index: number): Point => view.centerOf(index),
};
Object.assign(window, { pixorama });
