import type { Json } from "./json.js";
import { type AnyType, type Type, className, mismatch } from "./type.js";
import { bigInt, bool, bytes, dateTime, double, int64, string } from "./scalars.js";
import { Typed } from "./typed.js";

/**
 * Any value, sent with its class name. An integral number goes as an int (`double(42)` for a double), a `bigint` as an
 * int where it fits 64 bits and a BigInt otherwise, model instances under their own names; `typed` says the rest.
 */
export const dynamic: Type<unknown> = {
  typeName: "dynamic",
  encode(value) {
    if (value instanceof Typed) return wrap(value.type, value.value);
    return wrap(typeOf(value), value);
  },
  decode: (json, protocol) => (json === null ? null : protocol.unwrap(json)),
};

/** `{"className": …, "data": …}`: how a value travels whose type the reader does not know. */
export function wrap(type: AnyType, value: unknown): Json {
  if (type === dynamic) return dynamic.encode(value);
  const data = type.encode(value);
  return { className: data === null ? "null" : className(type, value), data };
}

const nothing: Type<null | undefined> = { typeName: "null", encode: () => null, decode: () => null };

function typeOf(value: unknown): AnyType {
  if (value === null || value === undefined) return nothing;
  switch (typeof value) {
    case "string":
      return string;
    case "boolean":
      return bool;
    case "number":
      return Number.isSafeInteger(value) ? int64 : double;
    case "bigint":
      return BigInt.asIntN(64, value) === value ? int64 : bigInt;
  }
  if (value instanceof Date) return dateTime;
  if (value instanceof Uint8Array) return bytes;
  // Not `value.constructor`: that may be a field.
  const type = (Object.getPrototypeOf(value) as { constructor: Partial<AnyType> } | null)?.constructor;
  return typeof type?.typeName === "string" ? (type as AnyType) : mismatch("a value whose class is known (or typed(…))", value);
}
