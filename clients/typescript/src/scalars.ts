import type { Json } from "./json.js";
import { type Type, mismatch } from "./type.js";
import { Typed } from "./typed.js";

function scalar<T>(typeName: string, encode: (value: T) => Json, decode: (json: unknown) => T): Type<T> {
  return { typeName, encode, decode };
}

/** A scalar whose JSON is the value itself. */
function plain<T extends Json>(typeName: string, is: (value: unknown) => value is T): Type<T> {
  const check = (value: unknown): T => (is(value) ? value : mismatch(typeName, value));
  return scalar(typeName, check, check);
}

const isString = (value: unknown): value is string => typeof value === "string";
const isBool = (value: unknown): value is boolean => typeof value === "boolean";
const isInt = (value: unknown): value is number | bigint =>
  typeof value === "bigint" ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);

export const bool = plain("bool", isBool);
export const string = plain("String", isString);
export const uuid = plain("UuidValue", isString);
export const uri = plain("Uri", isString);

/** A 64-bit integer: a `number` while that is exact (up to ±2^53), beyond it a `bigint`, both ways. */
export const int64 = plain("int", isInt);

/** {@link int64} for integers that are known to be small, typed so. One beyond ±2^53 still arrives as an exact `bigint`. */
export const int = int64 as Type<number>;

const doubleType = scalar<number>("double", encodeDouble, (json) =>
  typeof json === "number" || typeof json === "bigint" ? Number(json) : mismatch("double", json),
);

function encodeDouble(value: number): number {
  return Number.isFinite(value) ? value : mismatch("a finite double", value);
}

/** A double; called, it makes a number a double for a `dynamic` place: `double(42)`, where 42 would go as an int. */
export const double = Object.assign((value: number): Typed => new Typed(doubleType, value), doubleType);

/** A `Date`. It holds milliseconds: a server's microseconds are cut off. */
export const dateTime = scalar<Date>(
  "DateTime",
  (date) => (date instanceof Date && !Number.isNaN(date.getTime()) ? date.toISOString() : mismatch("a valid Date", date)),
  (json) => {
    const date = new Date(isString(json) ? json : Number.NaN);
    return Number.isNaN(date.getTime()) ? mismatch("DateTime", json) : date;
  },
);

/** A duration in whole milliseconds, as a `number`. */
export const duration = scalar<number>(
  "Duration",
  (ms) => (Number.isSafeInteger(ms) ? ms : mismatch("whole milliseconds", ms)),
  (json) => (Number.isSafeInteger(json) ? (json as number) : mismatch("Duration", json)),
);

export const bigInt = scalar<bigint>(
  "BigInt",
  (value) => (typeof value === "bigint" ? value.toString() : mismatch("a bigint", value)),
  (json) => (isString(json) && /^-?\d+$/.test(json) ? BigInt(json) : mismatch("BigInt", json)),
);

/** ByteData: a `Uint8Array`. */
export const bytes = scalar<Uint8Array>(
  "ByteData",
  (value) => (value instanceof Uint8Array ? `decode('${toBase64(value)}', 'base64')` : mismatch("a Uint8Array", value)),
  (json) => {
    const base64 = isString(json) ? /^decode\('([A-Za-z0-9+/=]*)', 'base64'\)$/.exec(json)?.[1] : undefined;
    return base64 === undefined ? mismatch("ByteData", json) : Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  },
);

export function toBase64(value: Uint8Array): string {
  let binary = "";
  for (let start = 0; start < value.length; start += 0x8000) {
    binary += String.fromCharCode(...value.subarray(start, start + 0x8000)); // In chunks: arguments have a limit.
  }
  return btoa(binary);
}

/** No value; what a method that returns nothing returns. */
export const voidType: Type<void> = scalar<void>("void", () => null, () => undefined);
