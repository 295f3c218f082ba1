import { CodecError } from "./errors.js";
import type { Json } from "./json.js";
import type { Protocol } from "./protocol.js";

/**
 * A type of the wire: how its values are written and read. Section 1 of the wire contract.
 *
 * Model and exception classes are types themselves (see {@link model}), so `list(SimpleData)` reads as it should.
 */
export interface Type<T> {
  /** Its `className` on the wire. */
  readonly typeName: string;
  encode(value: T): Json;
  decode(json: unknown, protocol: Protocol): T;
}

// Types are invariant; only `any` lets a heterogeneous list of them be written down.
export type AnyType = Type<any>;

/** The values of a type: `Infer<typeof int>` is `number`; a model class stands for its instances. */
export type Infer<D> = D extends abstract new (...args: never[]) => infer I ? I : D extends Type<infer T> ? T : never;

/** The argument object for a record of types; nullable ones may be left out. */
export type ValuesOf<F extends Fields> = {
  [K in keyof F as null extends Infer<F[K]> ? never : K]: Infer<F[K]>;
} & {
  [K in keyof F as null extends Infer<F[K]> ? K : never]?: Infer<F[K]> | undefined;
};

export type Fields = Readonly<Record<string, AnyType>>;

/** Refuses a value, naming what was expected. */
export function mismatch(expected: string, value: unknown): never {
  const shown = value === null || typeof value !== "object" ? String(value).slice(0, 40) : Array.isArray(value) ? "a list" : "an object";
  throw new CodecError(`expected ${expected}, got ${typeof value === "string" ? JSON.stringify(shown) : shown}`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Runs `code`; a {@link CodecError} from within is told where it happened. */
export function within<T>(place: string, code: () => T): T {
  try {
    return code();
  } catch (error) {
    if (error instanceof CodecError) error.message = `${place}: ${error.message}`;
    throw error;
  }
}

/** Every field, `null` ones too: arguments and records are sent whole, where a model leaves them out. */
export function encodeFields(fields: Fields, values: Record<string, unknown>): { [key: string]: Json } {
  const json: { [key: string]: Json } = {};
  for (const [key, type] of Object.entries(fields)) json[key] = within(key, () => type.encode(values[key]));
  return json;
}

export function decodeFields(fields: Fields, json: unknown, protocol: Protocol): Record<string, unknown> {
  if (!isObject(json)) mismatch("an object", json);
  const values: Record<string, unknown> = {};
  for (const [key, type] of Object.entries(fields)) {
    values[key] = within(key, () => type.decode(json[key] ?? null, protocol));
  }
  return values;
}
