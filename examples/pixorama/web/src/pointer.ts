import type { Point, View } from "./view.js";

export type Tool = "brush" | "hand";

export interface PointerActions {
  tool(): Tool;
  /** Paints a line of cells, both ends included. */
  paint(from: Point, to: Point): void;
  hover(cell: Point | undefined): void;
  onPanning(panning: boolean): void;
}

/** A finger paints only once it moved this far, or was lifted: before that it may be the first of two. */
const fingerSlop = 6;

/** Mouse, pen and fingers on the canvas: one draws, the hand tool, the space bar or the middle button moves, two fingers zoom. */
export class PointerInput {
  readonly #canvas: HTMLCanvasElement;
  readonly #view: View;
  readonly #actions: PointerActions;
  readonly #pointers = new Map<number, Point>();
  #mode: "none" | "maybe" | "draw" | "pan" | "pinch" = "none";
  #last: Point = { x: 0, y: 0 };
  #space = false;

  constructor(canvas: HTMLCanvasElement, view: View, actions: PointerActions) {
    this.#canvas = canvas;
    this.#view = view;
    this.#actions = actions;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event, true));
    canvas.addEventListener("pointercancel", (event) => this.#up(event, false));
    canvas.addEventListener("pointerleave", () => actions.hover(undefined));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  /** While the space bar is held, dragging moves the picture. */
  holdSpace(held: boolean): void {
    this.#space = held;
    this.#actions.onPanning(held);
  }

  #down(event: PointerEvent): void {
    if (event.button > 1) return;
    event.preventDefault();
    this.#canvas.focus({ preventScroll: true });
    this.#canvas.setPointerCapture(event.pointerId);
    const point = pointOf(event);
    this.#pointers.set(event.pointerId, point);
    this.#last = point;
    if (this.#pointers.size === 2) this.#mode = "pinch";
    else if (this.#pointers.size > 2) return;
    else if (event.button === 1 || this.#space || this.#actions.tool() === "hand") this.#mode = "pan";
    else if (event.pointerType === "touch") this.#mode = "maybe";
    else this.#startDrawing(point);
    if (this.#mode === "pan" || this.#mode === "pinch") this.#actions.onPanning(true);
  }

  #move(event: PointerEvent): void {
    const point = pointOf(event);
    if (event.pointerType !== "touch") this.#actions.hover(this.#view.cellAt(point));
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    if (this.#mode === "pinch") return this.#pinch(event.pointerId, before, point);
    if (this.#mode === "maybe") {
      if (Math.hypot(point.x - this.#last.x, point.y - this.#last.y) < fingerSlop) return;
      this.#startDrawing(this.#last);
    }
    this.#pointers.set(event.pointerId, point);
    if (this.#mode === "pan") this.#view.panBy(point.x - before.x, point.y - before.y);
    if (this.#mode === "draw") {
      const points = event.getCoalescedEvents?.().map(pointOf) ?? [];
      for (const next of points.length > 0 ? points : [point]) this.#drawTo(next);
    }
  }

  #up(event: PointerEvent, completed: boolean): void {
    if (!this.#pointers.delete(event.pointerId)) return;
    if (this.#mode === "maybe" && completed) this.#startDrawing(this.#last);
    if (this.#pointers.size > 0) return; // After a pinch, the finger that stays does nothing.
    this.#mode = "none";
    this.#actions.onPanning(this.#space);
  }

  #startDrawing(point: Point): void {
    this.#mode = "draw";
    this.#last = point;
    this.#drawTo(point);
  }

  #drawTo(point: Point): void {
    this.#actions.paint(this.#view.cellAt(this.#last), this.#view.cellAt(point));
    this.#last = point;
  }

  /** One of two fingers moved: what was between them stays between them. */
  #pinch(id: number, before: Point, point: Point): void {
    const other = [...this.#pointers].find(([key]) => key !== id)?.[1];
    if (!other) return;
    this.#pointers.set(id, point);
    const factor = distance(point, other) / Math.max(1, distance(before, other));
    this.#view.panBy((point.x - before.x) / 2, (point.y - before.y) / 2);
    this.#view.zoomBy(factor, { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 });
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const speed = event.ctrlKey ? 0.01 : 0.0016; // A trackpad's pinch arrives as small steps with ctrlKey.
    this.#view.zoomBy(Math.exp(-event.deltaY * lines * speed), pointOf(event));
  }
}

function pointOf({ clientX, clientY }: MouseEvent): Point {
  return { x: clientX, y: clientY }; // The canvas fills the window.
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** The cells of a line, both ends included (Bresenham). */
export function* lineCells(from: Point, to: Point): Generator<Point> {
  const [dx, dy] = [Math.abs(to.x - from.x), -Math.abs(to.y - from.y)];
  const [stepX, stepY] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  let { x, y } = from;
  let error = dx + dy;
  for (;;) {
    yield { x, y };
    if (x === to.x && y === to.y) return;
    const double = 2 * error;
    if (double >= dy) {
      error += dy;
      x += stepX;
    }
    if (double <= dx) {
      error += dx;
      y += stepY;
    }
  }
}
