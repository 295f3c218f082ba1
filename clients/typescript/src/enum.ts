import type { Json } from "./json.js";
import { type Type, mismatch } from "./type.js";

/** An enum: its values are strings. `properties` tells what each of them has beside its name. */
export interface EnumType<V extends string, P = unknown> extends Type<V> {
  readonly values: readonly V[];
  readonly properties: { readonly [K in V]: P };
}

/** The names of an enum's values, in their order; or an object that has each of them with its properties. */
type EnumValues<V extends string, P> = readonly V[] | { readonly [K in V]: P };

/** An enum that travels as its name. With a `fallback`, a value that is not known is taken for that. */
export function enumByName<const V extends string, P = undefined>(typeName: string, values: EnumValues<V, P>, fallback?: NoInfer<V>): EnumType<V, P> {
  return enumType(typeName, values, fallback, (name) => name, (json) => json);
}

/** An enum that travels as its index; otherwise as {@link enumByName}. */
export function enumByIndex<const V extends string, P = undefined>(typeName: string, values: EnumValues<V, P>, fallback?: NoInfer<V>): EnumType<V, P> {
  return enumType(typeName, values, fallback, (name, names) => names.indexOf(name), (json, names) => names[json as number]);
}

function enumType<V extends string, P>(
  typeName: string,
  given: EnumValues<V, P>,
  fallback: V | undefined,
  write: (name: V, names: readonly V[]) => Json,
  read: (json: unknown, names: readonly V[]) => unknown,
): EnumType<V, P> {
  const values = Array.isArray(given) ? (given as V[]) : (Object.keys(given) as V[]);
  const known = (value: unknown): value is V => values.includes(value as V);
  return {
    typeName,
    values,
    properties: given as EnumType<V, P>["properties"],
    encode: (value) => (known(value) ? write(value, values) : mismatch(typeName, value)),
    decode(json) {
      const value = read(json, values);
      return known(value) ? value : json === null ? mismatch(typeName, json) : (fallback ?? mismatch(typeName, json));
    },
  };
}
