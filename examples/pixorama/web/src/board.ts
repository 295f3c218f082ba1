import { rgba } from "./palette.js";
import type { Picture } from "./picture.js";
import type { View } from "./view.js";

const pulseMs = 700;
const maxPulses = 200;
/** From this many CSS pixels for each of the picture's on, a grid is drawn. */
const gridScale = 12;

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** Draws the picture onto the screen's canvas, at most once for each frame. */
export class Board {
  /** The pixel under the pointer or the keyboard's cursor, and the colour it would get. */
  cursor: { index: number; color: string } | undefined;

  readonly #context: CanvasRenderingContext2D;
  /** The picture at its own size; the screen's canvas scales it up. */
  readonly #pixels = document.createElement("canvas");
  readonly #pixelsContext = this.#pixels.getContext("2d")!;
  /** Pixels that others just painted, and when. */
  readonly #pulses = new Map<number, number>();
  #frame = 0;

  constructor(readonly canvas: HTMLCanvasElement, readonly picture: Picture, readonly view: View) {
    this.#context = canvas.getContext("2d")!;
  }

  /** Takes a changed pixel over, or all of them. */
  update(index?: number): void {
    const { width, height } = this.picture;
    if (index === undefined || this.#pixels.width !== width || this.#pixels.height !== height) {
      Object.assign(this.#pixels, { width, height });
      const image = this.#pixelsContext.createImageData(width, height);
      for (let i = 0; i < width * height; i++) image.data.set(rgba(this.picture.colorAt(i)), i * 4);
      this.#pixelsContext.putImageData(image, 0, 0);
    } else {
      const [red, green, blue] = rgba(this.picture.colorAt(index));
      this.#pixelsContext.fillStyle = `rgb(${red} ${green} ${blue})`;
      this.#pixelsContext.fillRect(index % width, Math.floor(index / width), 1, 1);
    }
    this.draw();
  }

  /** Shows that somebody else painted a pixel. */
  pulse(index: number): void {
    if (!reducedMotion.matches && this.#pulses.size < maxPulses) this.#pulses.set(index, performance.now());
  }

  /** Draws with the next frame. */
  draw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    const { view, canvas } = this;
    const density = devicePixelRatio;
    const [width, height] = [Math.round(view.width * density), Math.round(view.height * density)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = this.#context;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    this.#drawPicture(context);
    if (view.scale >= gridScale) this.#drawGrid(context);
    this.#drawPulses(context);
    if (this.cursor) this.#drawCursor(context, this.cursor);
  }

  #drawPicture(context: CanvasRenderingContext2D): void {
    const { x, y, scale } = this.view;
    const [width, height] = [this.picture.width * scale, this.picture.height * scale];
    context.save();
    context.shadowColor = "rgb(0 0 0 / 0.55)";
    context.shadowBlur = 48;
    context.shadowOffsetY = 20 * devicePixelRatio;
    context.fillStyle = "#f8f5ee";
    context.fillRect(x, y, width, height);
    context.restore();
    context.imageSmoothingEnabled = false;
    context.globalAlpha = this.picture.loaded ? 1 : 0.4;
    context.drawImage(this.#pixels, x, y, width, height);
    context.globalAlpha = 1;
  }

  #drawGrid(context: CanvasRenderingContext2D): void {
    const { x, y, scale } = this.view;
    const { width, height } = this.picture;
    context.beginPath();
    for (let column = 1; column < width; column++) {
      context.moveTo(x + column * scale, y);
      context.lineTo(x + column * scale, y + height * scale);
    }
    for (let row = 1; row < height; row++) {
      context.moveTo(x, y + row * scale);
      context.lineTo(x + width * scale, y + row * scale);
    }
    context.strokeStyle = `rgb(26 28 44 / ${Math.min(0.14, (scale - gridScale) / 120 + 0.04)})`;
    context.lineWidth = 1;
    context.stroke();
  }

  #drawPulses(context: CanvasRenderingContext2D): void {
    const now = performance.now();
    const { scale } = this.view;
    for (const [index, since] of this.#pulses) {
      const age = (now - since) / pulseMs;
      if (age >= 1) {
        this.#pulses.delete(index);
        continue;
      }
      const { x, y } = this.view.centerOf(index);
      const half = scale * (0.5 + age * 0.9);
      context.strokeStyle = `rgb(127 79 245 / ${0.9 * (1 - age)})`;
      context.lineWidth = Math.max(1.5, scale * 0.14 * (1 - age));
      context.beginPath();
      context.roundRect(x - half, y - half, half * 2, half * 2, scale * 0.3 * age);
      context.stroke();
    }
    if (this.#pulses.size > 0) this.draw();
  }

  #drawCursor(context: CanvasRenderingContext2D, { index, color }: { index: number; color: string }): void {
    const { scale } = this.view;
    const { x, y } = this.view.centerOf(index);
    const half = scale / 2;
    context.fillStyle = color;
    context.fillRect(x - half, y - half, scale, scale);
    context.lineWidth = 3;
    context.strokeStyle = "rgb(255 255 255 / 0.95)";
    context.strokeRect(x - half, y - half, scale, scale);
    context.lineWidth = 1;
    context.strokeStyle = "rgb(16 18 32)";
    context.strokeRect(x - half - 1.5, y - half - 1.5, scale + 3, scale + 3);
  }
}
