// Pixorama's client, in the shape that `streampod generate` writes.
import {
  EndpointRef,
  Protocol,
  StreampodClient,
  bytes,
  dynamic,
  int,
  model,
  voidType,
  type CallOptions,
  type ClientOptions,
} from "../../../../clients/typescript/src/index.js";

/** The whole picture. */
export class ImageData extends model("ImageData", {
  /** One byte for each pixel, row by row: the index of its colour. */
  pixels: bytes,
  width: int,
  height: int,
}) {}

/** One pixel's new colour. */
export class ImageUpdate extends model("ImageUpdate", { pixelIndex: int, colorIndex: int }) {}

export class EndpointPixorama extends EndpointRef {
  /** Gives one pixel a colour. */
  setPixel(colorIndex: number, pixelIndex: number, options?: CallOptions): Promise<void> {
    return this.client.call(setPixel, { colorIndex, pixelIndex }, options);
  }

  /** The whole picture as `ImageData`, then every change as `ImageUpdate`. */
  imageUpdates(options?: CallOptions): AsyncIterable<unknown> {
    return this.client.open(imageUpdates, {}, {}, options);
  }

  /** How many people are present: at once, then on every change. */
  presence(options?: CallOptions): AsyncIterable<number> {
    return this.client.open(presence, {}, {}, options);
  }
}

const setPixel = { endpoint: "pixorama", method: "setPixel", args: { colorIndex: int, pixelIndex: int }, returns: voidType };
const imageUpdates = { endpoint: "pixorama", method: "imageUpdates", args: {}, inputs: {}, returns: dynamic };
const presence = { endpoint: "pixorama", method: "presence", args: {}, inputs: {}, returns: int };

export class Client extends StreampodClient {
  readonly pixorama = new EndpointPixorama(this);

  constructor(host: string, options?: ClientOptions) {
    super(host, options, new Protocol([ImageData, ImageUpdate]));
  }
}
