export interface Point {
  x: number;
  y: number;
}

/** Space that panels cover, in CSS pixels. */
export interface Insets {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

const maxScale = 64;
/** How much of the picture stays in sight, however far it is moved. */
const keepInSight = 48;

/** Where the picture lies on the screen: `scale` CSS pixels for each of its own, its corner at `x`, `y`. */
export class View {
  scale = 8;
  x = 0;
  y = 0;
  width = 0;
  height = 0;
  #fitted = true;
  #fitScale = 1;
  #insets: Insets = { top: 0, right: 0, bottom: 0, left: 0 };

  constructor(readonly picture: { readonly width: number; readonly height: number }, readonly onChange: () => void) {}

  /** The zoom relative to the whole picture fitting the screen. */
  get zoom(): number {
    return this.scale / this.#fitScale;
  }

  resize(width: number, height: number, insets: Insets): void {
    const { x, y } = { x: (width - this.width) / 2, y: (height - this.height) / 2 };
    Object.assign(this, { width, height });
    this.#insets = insets;
    this.#fitScale = Math.max(1, Math.min(this.#room.width / this.picture.width, this.#room.height / this.picture.height));
    if (this.#fitted) this.fit();
    else this.panBy(x, y);
  }

  /** Shows the whole picture, and keeps doing so when the window changes. */
  fit(): void {
    const { width, height } = this.#room;
    this.scale = this.#fitScale;
    this.x = this.#insets.left + (width - this.picture.width * this.scale) / 2;
    this.y = this.#insets.top + (height - this.picture.height * this.scale) / 2;
    this.#fitted = true;
    this.onChange();
  }

  /** Zooms; what is at the point stays there. By default the middle of what panels leave free. */
  zoomBy(factor: number, at: Point = this.#middle): void {
    const scale = Math.min(maxScale, Math.max(this.#fitScale / 2, this.scale * factor));
    const ratio = scale / this.scale;
    this.scale = scale;
    this.#moveTo(at.x - (at.x - this.x) * ratio, at.y - (at.y - this.y) * ratio);
  }

  panBy(dx: number, dy: number): void {
    this.#moveTo(this.x + dx, this.y + dy);
  }

  /** The picture's column and row at a point of the screen; they may lie outside of it. */
  cellAt({ x, y }: Point): Point {
    return { x: Math.floor((x - this.x) / this.scale), y: Math.floor((y - this.y) / this.scale) };
  }

  /** The middle of a pixel on the screen. */
  centerOf(index: number): Point {
    const { width } = this.picture;
    return { x: this.x + ((index % width) + 0.5) * this.scale, y: this.y + (Math.floor(index / width) + 0.5) * this.scale };
  }

  get #room(): { width: number; height: number } {
    const { top, right, bottom, left } = this.#insets;
    return { width: this.width - left - right, height: this.height - top - bottom };
  }

  get #middle(): Point {
    return { x: this.#insets.left + this.#room.width / 2, y: this.#insets.top + this.#room.height / 2 };
  }

  #moveTo(x: number, y: number): void {
    this.x = Math.min(this.width - keepInSight, Math.max(keepInSight - this.picture.width * this.scale, x));
    this.y = Math.min(this.height - keepInSight, Math.max(keepInSight - this.picture.height * this.scale, y));
    this.#fitted = false;
    this.onChange();
  }
}
