import type { AnyType, Infer } from "./type.js";

/** A value together with its type, for a `dynamic` place. Made by {@link typed}, or by `double(42)`. */
export class Typed {
  constructor(readonly type: AnyType, readonly value: unknown) {}
}

/** Says which type a value has where it cannot be seen: `typed(list(int), [1, 2])`, `typed(TestEnum, "one")`. */
export function typed<D extends AnyType>(type: D, value: Infer<D>): Typed {
  return new Typed(type, value);
}
