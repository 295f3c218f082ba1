import { lazy } from "./collections.js";
import type { AnyType, Infer, Type } from "./type.js";

/** What a field or an argument has beside its type. */
export interface FieldOptions<T = unknown> {
  /** The key on the wire, if that is not the name. */
  readonly key?: string;
  /** What a field is when whoever makes a value leaves it out. A function is called for each value. */
  readonly default?: T | (() => T);
  /** Whoever makes a value must give the field, although it may be `null`. */
  readonly required?: true;
  /** The argument may be left out; the server knows what stands in for it. */
  readonly optional?: true;
}

/** A field or an argument that is more than its type: `field(int, { default: 1 })`. */
export function field<D extends AnyType, const O extends FieldOptions<Infer<D>>>(
  type: D,
  options: O,
): Type<Infer<D>> & { readonly field: O } {
  return Object.assign(lazy<Infer<D>>(() => type), { field: options });
}
