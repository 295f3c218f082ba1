import { StreampodError } from "./errors.js";

/**
 * The id of a call. `crypto.randomUUID` exists in secure contexts only, so a page served over plain HTTP lacks it, and
 * Node 18 lacks `crypto` altogether. `Math.random` will do there: the id only tells one connection's calls apart.
 */
export function uuidV4(crypto: Partial<Crypto> | undefined = globalThis.crypto): string {
  if (crypto?.randomUUID) return crypto.randomUUID();
  return format(crypto?.getRandomValues?.(new Uint8Array(16)) ?? Uint8Array.from({ length: 16 }, () => Math.random() * 256), 4);
}

/** A random UUID: version 4. */
export function randomUuid(): string {
  return format(randomBytes(), 4);
}

/** A UUID that begins with the time: version 7. */
export function randomUuidV7(): string {
  const bytes = randomBytes();
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(Date.now()) << 16n) | BigInt(bytes[6]! * 256 + bytes[7]!));
  return format(bytes, 7);
}

/** Such as nobody can foresee: what a model's default makes may be a secret. */
function randomBytes(): Uint8Array<ArrayBuffer> {
  if (!globalThis.crypto) throw new StreampodError("no random UUID without globalThis.crypto; in Node 18 it is node:crypto's webcrypto");
  return crypto.getRandomValues(new Uint8Array(16));
}

function format(bytes: Uint8Array, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
