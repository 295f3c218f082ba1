import { paper } from "./palette.js";

/** What was painted here and is not yet known to be the server's. */
interface Stroke {
  color: number;
  state: "queued" | "sent" | "saved";
  /** The server announced it, before it answered the call. */
  announced: boolean;
}

/**
 * The picture as it is shown: the server's, under what was painted here and is on its way.
 *
 * A painted pixel keeps showing its colour until the server's own order of changes has caught up with it: its answer says
 * that the pixel is saved, its announcement when. Only then is it known whether somebody else painted over it.
 *
 * At most one stroke for each pixel is kept, so what waits for a server that is away is bounded by the picture's size.
 */
export class Picture {
  width = 64;
  height = 64;
  /** Whether the server's picture has arrived. */
  loaded = false;

  #server = new Uint8Array(this.width * this.height).fill(paper);
  readonly #strokes = new Map<number, Stroke>();

  /** @param onChange told which pixel looks different, or `undefined` when all may. */
  constructor(readonly onChange: (index: number | undefined) => void) {}

  get size(): number {
    return this.#server.length;
  }

  /** How many painted pixels the server has not confirmed. */
  get unsaved(): number {
    let count = 0;
    for (const { state } of this.#strokes.values()) if (state !== "saved") count++;
    return count;
  }

  colorAt(index: number): number {
    return this.#strokes.get(index)?.color ?? this.#server[index] ?? paper;
  }

  /** Replaces the server's picture, such as after a new connection. */
  load(width: number, height: number, pixels: Uint8Array): void {
    this.width = width;
    this.height = height;
    this.#server = pixels.slice();
    this.loaded = true;
    for (const [index, { state }] of this.#strokes) {
      if (state === "saved" || index >= pixels.length) this.#strokes.delete(index);
    }
    this.onChange(undefined);
  }

  /** The server announced a change. @returns whether it shows as one: what was painted here shows already. */
  announce(index: number, color: number): boolean {
    if (index >= this.size) return false;
    const before = this.colorAt(index);
    this.#server[index] = color;
    const stroke = this.#strokes.get(index);
    if (stroke?.state === "saved") this.#strokes.delete(index);
    else if (stroke?.state === "sent" && stroke.color === color) stroke.announced = true;
    if (this.colorAt(index) === before) return false;
    this.onChange(index);
    return true;
  }

  /** Paints a pixel here. @returns whether that changes anything. */
  paint(index: number, color: number): boolean {
    if (index < 0 || index >= this.size || this.colorAt(index) === color) return false;
    this.#strokes.delete(index); // To the end of the order.
    this.#strokes.set(index, { color, state: "queued", announced: false });
    this.onChange(index);
    return true;
  }

  /** The next pixel to send that `isBusy` does not hold back; it counts as sent from now on. */
  takeQueued(isBusy: (index: number) => boolean): { index: number; stroke: Stroke } | undefined {
    for (const [index, stroke] of this.#strokes) {
      if (stroke.state !== "queued" || isBusy(index)) continue;
      stroke.state = "sent";
      return { index, stroke };
    }
    return undefined;
  }

  /** The server saved the stroke. */
  saved(index: number, stroke: Stroke): void {
    stroke.state = "saved";
    if (stroke.announced && this.#strokes.get(index) === stroke) this.#strokes.delete(index);
    this.onChange(index);
  }

  /** The stroke did not reach the server: it waits again, unless it was painted over meanwhile. */
  requeue(stroke: Stroke): void {
    stroke.state = "queued";
    stroke.announced = false;
  }

  /** The server refused the stroke: the pixel shows what it was, unless it was painted over meanwhile. */
  refused(index: number, stroke: Stroke): void {
    if (this.#strokes.get(index) === stroke) this.#strokes.delete(index);
    this.onChange(index);
  }
}
