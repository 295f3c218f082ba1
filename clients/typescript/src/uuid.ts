/**
 * A UUID, version 4. `crypto.randomUUID` exists in secure contexts only, so a page served over plain HTTP lacks it, and
 * Node 18 lacks `crypto` altogether. `Math.random` will do there: the id only tells one connection's calls apart.
 */
export function uuidV4(crypto: Partial<Crypto> | undefined = globalThis.crypto): string {
  if (crypto?.randomUUID) return crypto.randomUUID();
  const random = crypto?.getRandomValues?.(new Uint8Array(16)) ?? Uint8Array.from({ length: 16 }, () => Math.random() * 256);
  random[6] = (random[6]! & 0x0f) | 0x40;
  random[8] = (random[8]! & 0x3f) | 0x80;
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
