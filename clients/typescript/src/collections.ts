import type { Json } from "./json.js";
import type { Protocol } from "./protocol.js";
import { type AnyType, type Fields, type Infer, type Type, className, decodeFields, encodeFields, isObject, mismatch, within } from "./type.js";

/** `T?`: the value or `null`. `undefined` is taken for `null`. */
export function nullable<D extends AnyType>(type: D): Type<Infer<D> | null> {
  return {
    get typeName() {
      return `${type.typeName}?`;
    },
    encode: (value) => (value === null || value === undefined ? null : type.encode(value)),
    decode: (json, protocol) => (json === null || json === undefined ? null : type.decode(json, protocol)),
    // The `?` is kept only by what is composed: `List<int>?`, but `int`.
    classNameOf: (value) => (/^[\w.]+$/.test(type.typeName) ? className(type, value) : `${type.typeName}?`),
  };
}

/** A type that is only defined further down, such as the model that a model of the same name holds. */
export function lazy<T>(type: () => Type<T>): Type<T> {
  return {
    get typeName() {
      return type().typeName;
    },
    encode: (value) => type().encode(value),
    decode: (json, protocol) => type().decode(json, protocol),
    classNameOf: (value) => className(type(), value),
  };
}

function encodeAll(type: AnyType, values: Iterable<unknown>): Json[] {
  return Array.from(values, (value, index) => within(`[${index}]`, () => type.encode(value)));
}

function decodeAll(type: AnyType, json: unknown, protocol: Protocol): unknown[] {
  if (!Array.isArray(json)) mismatch("a list", json);
  return json.map((item, index) => within(`[${index}]`, () => type.decode(item, protocol)));
}

export function list<D extends AnyType>(type: D): Type<Infer<D>[]> {
  return {
    get typeName() {
      return `List<${type.typeName}>`;
    },
    encode: (values) => (Array.isArray(values) ? encodeAll(type, values) : mismatch("an array", values)),
    decode: (json, protocol) => decodeAll(type, json, protocol) as Infer<D>[],
  };
}

export function set<D extends AnyType>(type: D): Type<Set<Infer<D>>> {
  return {
    get typeName() {
      return `Set<${type.typeName}>`;
    },
    encode: (values) => (values instanceof Set ? encodeAll(type, values) : mismatch("a Set", values)),
    decode: (json, protocol) => new Set(decodeAll(type, json, protocol) as Infer<D>[]),
  };
}

/** A `Map`. With `String` keys it is an object on the wire, otherwise a list of entries. */
export function map<K extends AnyType, V extends AnyType>(key: K, value: V): Type<Map<Infer<K>, Infer<V>>> {
  const entry = { k: key, v: value };
  const isDictionary = key.typeName === "String";
  return {
    get typeName() {
      return `Map<${key.typeName},${value.typeName}>`;
    },
    encode(values) {
      if (!(values instanceof Map)) return mismatch("a Map", values);
      const entries = Array.from(values, ([k, v]) => ({ k: key.encode(k), v: value.encode(v) }));
      return isDictionary ? Object.fromEntries(entries.map(({ k, v }) => [k, v])) : entries;
    },
    decode(json, protocol) {
      const entries = isDictionary && isObject(json) ? Object.entries(json).map(([k, v]) => ({ k, v })) : json;
      if (!Array.isArray(entries)) mismatch(this.typeName, json);
      return new Map(
        entries.map((item) => {
          const { k, v } = decodeFields(entry, item, protocol) as { k: Infer<K>; v: Infer<V> };
          return [k, v];
        }),
      );
    },
  };
}

type Tuple<P extends readonly AnyType[]> = { -readonly [I in keyof P]: Infer<P[I]> };
type Named<N extends Fields> = { [K in keyof N]: Infer<N[K]> };

/** A record: a tuple of its positional fields, followed by one object of the named fields if it has any. */
export function record<const P extends readonly AnyType[]>(positional: P): Type<Tuple<P>>;
export function record<const P extends readonly AnyType[], N extends Fields>(positional: P, named: N): Type<[...Tuple<P>, Named<N>]>;
export function record(positional: readonly AnyType[], named?: Fields): Type<unknown[]> {
  return {
    get typeName() {
      const parts = positional.map((type) => type.typeName);
      if (named) parts.push(`{${Object.entries(named).map(([name, type]) => `${type.typeName} ${name}`)}}`);
      return `(${parts}${parts.length === 1 && !named ? "," : ""})`;
    },
    encode(value) {
      if (!Array.isArray(value)) mismatch(this.typeName, value);
      const rest = value[positional.length] as Record<string, unknown>;
      return {
        p: positional.length ? positional.map((type, index) => type.encode(value[index])) : undefined,
        n: named && encodeFields(named, rest),
      };
    },
    decode(json, protocol) {
      if (!isObject(json)) mismatch(this.typeName, json);
      const given = Array.isArray(json.p) ? json.p : [];
      const values: unknown[] = positional.map((type, index) => type.decode(given[index] ?? null, protocol));
      if (named) values.push(decodeFields(named, json.n ?? {}, protocol));
      return values;
    },
  };
}
