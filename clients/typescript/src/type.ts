import { CodecError } from "./errors.js";
import type { FieldOptions } from "./field.js";
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
  /** The name under which a value travels alone, where that is not simply the type's. */
  classNameOf?(value: T): string;
  /** What `field` adds to a type. */
  readonly field?: FieldOptions;
}

// Types are invariant; only `any` lets a heterogeneous list of them be written down.
export type AnyType = Type<any>;

/** The values of a type: `Infer<typeof int>` is `number`; a model class stands for its instances. */
export type Infer<D> = D extends (abstract new (...args: never) => unknown) & { readonly prototype: infer I }
  ? I
  : D extends Type<infer T>
    ? T
    : never;

/** Whether whoever makes a value may leave out a field of this type. */
type IsOptional<D> = D extends { readonly field: infer O }
  ? O extends { readonly required: true }
    ? false
    : O extends { readonly default: unknown } | { readonly optional: true }
      ? true
      : HasNull<D>
  : HasNull<D>;

type HasNull<D> = null extends Infer<D> ? true : false;

/** The object that a value is made of, or that holds arguments: what is nullable or has a default may be left out. */
export type ValuesOf<F extends Fields> = {
  [K in keyof F as IsOptional<F[K]> extends true ? never : K]: Infer<F[K]>;
} & {
  [K in keyof F as IsOptional<F[K]> extends true ? K : never]?: Infer<F[K]> | undefined;
};

export type Fields = Readonly<Record<string, AnyType>>;

/** The name under which a value of the type travels alone. */
export function className(type: AnyType, value: unknown): string {
  return type.classNameOf?.(value) ?? type.typeName;
}

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

/** A property of the object itself: a key like `constructor` is not to be found in what objects inherit. */
export function own(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined;
}

/** Fields by their keys. An optional one is left out if it was not given, and so is one whose value `skip` picks. */
export function encodeFields(fields: Fields, values: object, skip = (_value: unknown): boolean => false): { [key: string]: Json } {
  const entries: [string, Json][] = [];
  for (const [name, type] of Object.entries(fields)) {
    const value = own(values, name);
    if (value === undefined && type.field?.optional) continue;
    const json = within(name, () => type.encode(value));
    if (!skip(value)) entries.push([type.field?.key ?? name, json]);
  }
  return Object.fromEntries(entries); // Not by assignment: a key may be `__proto__`.
}

/** The fields by name. One that is missing is `undefined` if a default stands in for it, otherwise `null`. */
export function decodeFields(fields: Fields, json: unknown, protocol: Protocol): Record<string, unknown> {
  if (!isObject(json)) mismatch("an object", json);
  return Object.fromEntries(
    Object.entries(fields).map(([name, type]) => {
      const item = own(json, type.field?.key ?? name) ?? null;
      const isDefault = item === null && type.field?.default !== undefined && !type.typeName.endsWith("?");
      return [name, isDefault ? undefined : within(name, () => type.decode(item, protocol))];
    }),
  );
}
