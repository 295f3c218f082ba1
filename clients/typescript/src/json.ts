/** What `JSON` can say, and integers beyond 2^53 as `bigint`. `undefined` properties are left out. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json | undefined };

/** `JSON.stringify` that writes a `bigint` as the integer it is. */
export function stringify(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch {
    return write(value); // JSON.stringify refuses bigints; only then the slow way.
  }
}

function write(value: Json): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(write).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [`${JSON.stringify(key)}:${write(item)}`]));
  return `{${fields.join()}}`;
}

/**
 * `JSON.parse` that reads integers beyond 2^53 as `bigint`, exactly.
 *
 * `JSON.parse` alone would round them. A text without 16 digits in a row cannot hold one and takes the fast path; in any
 * other, tokens are tagged before parsing (`"n…"` a big integer, `"s…"` a string that is not a key) and untagged after.
 */
export function parse(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const tagged = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d[\d.eE+-]*/g, (token, isKey?: string) => {
    if (token.startsWith('"')) return isKey ? token : `"s${token.slice(1)}`;
    return /^-?[1-9]\d{15,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"n${token}"` : token;
  });
  return JSON.parse(tagged, (_key, value: unknown) => {
    if (typeof value !== "string") return value;
    return value.startsWith("n") ? BigInt(value.slice(1)) : value.slice(1);
  });
}
