import type { Json } from "./json.js";
import type { Protocol } from "./protocol.js";
import { type Fields, type Infer, type Type, type ValuesOf, decodeFields, encodeFields, mismatch } from "./type.js";

/** A typed exception, thrown by a method or into a stream. Its classes are made by {@link exception}. */
export class SerializableException extends Error {}

type Values<F extends Fields> = { -readonly [K in keyof F]: Infer<F[K]> };

/** What {@link model} and {@link exception} return: a base class that is its own {@link Type}. */
export interface ModelClass<F extends Fields, Base = unknown> {
  new (values: ValuesOf<F>): Values<F> & Base;
  readonly typeName: string;
  readonly fields: F;
  encode(value: object): Json;
  decode<T>(this: new (values: ValuesOf<F>) => T, json: unknown, protocol: Protocol): T;
}

/**
 * The base of a model class:
 *
 * ```ts
 * class SimpleData extends model("SimpleData", { id: nullable(int), num: int }) {}
 * const data = new SimpleData({ num: 3 }); // id is null
 * ```
 */
export function model<F extends Fields>(typeName: string, fields: F): ModelClass<F> {
  return modelOn(class {} as new () => object, typeName, fields) as ModelClass<F>;
}

/** The base of an exception class, declared like a {@link model}. */
export function exception<F extends Fields>(typeName: string, fields: F): ModelClass<F, SerializableException> {
  return modelOn(SerializableException, typeName, fields) as ModelClass<F, SerializableException>;
}

function modelOn(Base: new () => object, typeName: string, fields: Fields) {
  return class extends Base {
    static readonly typeName = typeName;
    static readonly fields = fields;

    constructor(values: Record<string, unknown>) {
      super();
      if (this instanceof Error) this.name = typeName;
      for (const key of Object.keys(fields)) {
        // Defined, not assigned: a field may be named like a read-only property of the base class.
        Object.defineProperty(this, key, { value: values[key] ?? null, writable: true, enumerable: true, configurable: true });
      }
    }

    static encode(value: object): Json {
      if (!(value instanceof this)) mismatch(`an instance of ${typeName}`, value);
      const entries = Object.entries(encodeFields(fields, value as Record<string, unknown>));
      return Object.fromEntries(entries.filter(([, item]) => item !== null));
    }

    static decode(json: unknown, protocol: Protocol): object {
      return new this(decodeFields(fields, json, protocol));
    }
  };
}

/** An enum that travels as its name. Its values are strings. */
export function enumByName<const V extends string>(typeName: string, values: readonly V[]): Type<V> & { readonly values: readonly V[] } {
  const check = (value: unknown): V => (values.includes(value as V) ? (value as V) : mismatch(typeName, value));
  return { typeName, values, encode: check, decode: check };
}

/** An enum that travels as its index. Its values are strings all the same. */
export function enumByIndex<const V extends string>(typeName: string, values: readonly V[]): Type<V> & { readonly values: readonly V[] } {
  return {
    typeName,
    values,
    encode: (value) => (values.includes(value) ? values.indexOf(value) : mismatch(typeName, value)),
    decode: (json) => values[json as number] ?? mismatch(typeName, json),
  };
}
