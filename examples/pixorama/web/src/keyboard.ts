import type { Tool } from "./pointer.js";
import { palette } from "./palette.js";

export interface KeyboardActions {
  chooseColor(color: number): void;
  chooseTool(tool: Tool): void;
  zoomBy(factor: number): void;
  fit(): void;
  help(): void;
  holdSpace(held: boolean): void;
  /** The canvas's own cursor. */
  moveCursor(dx: number, dy: number): void;
  paintAtCursor(): void;
}

const arrows: Record<string, [dx: number, dy: number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function setUpKeyboard(canvas: HTMLElement, help: HTMLDialogElement, actions: KeyboardActions): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const onControl = event.target instanceof HTMLButtonElement;
    if ((event.target === canvas && canvasKey(event, actions)) || key(event, onControl, actions)) event.preventDefault();
  });
  addEventListener("keyup", (event) => event.code === "Space" && actions.holdSpace(false));
  addEventListener("blur", () => actions.holdSpace(false));
}

/** @returns whether the key meant something. */
function canvasKey(event: KeyboardEvent, actions: KeyboardActions): boolean {
  const arrow = arrows[event.key];
  if (arrow) actions.moveCursor(...arrow);
  else if (event.key === "Enter") actions.paintAtCursor();
  else return false;
  return true;
}

function key(event: KeyboardEvent, onControl: boolean, actions: KeyboardActions): boolean {
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (digit) {
    const color = Number(digit) - 1 + (event.shiftKey ? 9 : 0);
    if (color < palette.length) actions.chooseColor(color);
  } else if (event.code === "Space" && !onControl) actions.holdSpace(true);
  else if (event.key === "+" || event.key === "=") actions.zoomBy(1.25);
  else if (event.key === "-" || event.key === "_") actions.zoomBy(0.8);
  else if (event.key === "0") actions.fit();
  else if (event.key === "?") actions.help();
  else if (event.key.toLowerCase() === "b") actions.chooseTool("brush");
  else if (event.key.toLowerCase() === "h") actions.chooseTool("hand");
  else return false;
  return true;
}
