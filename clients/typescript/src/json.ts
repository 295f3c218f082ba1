import { uuidV4 } from "./uuid.js";

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
 * other, each becomes a string with a mark that nobody can foresee, by which it is known again.
 */
export function parse(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const mark = uuidV4();
  let inString = false;
  // Strings are left by their quotes: a pattern for a whole one overflows the stack when it has millions of escapes.
  const marked = text.replace(/\\.|"|-?\d[\d.eE+-]*/g, (token) => {
    if (token === '"') inString = !inString;
    const isBig = !inString && /^-?[1-9]\d{15,}$/.test(token) && !Number.isSafeInteger(Number(token));
    return isBig ? `"${mark}${token}"` : token;
  });
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}
