import type { AnyType, Fields } from "./type.js";

/** An ordinary method, as generated code describes it. */
export interface Method<A extends Fields = Fields, R extends AnyType = AnyType> {
  readonly endpoint: string;
  readonly method: string;
  readonly args: A;
  readonly returns: R;
}

/** A streaming method: `inputs` are its stream parameters; `returns` is the type of an element, or of the single value. */
export interface StreamingMethod<A extends Fields = Fields, I extends Fields = Fields, R extends AnyType = AnyType>
  extends Method<A, R> {
  readonly inputs: I;
}

/** Options of a single call. */
export interface CallOptions {
  /** Cancels the call; what awaits it is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Told when the server accepted a streaming call. */
  onOpen?: (() => void) | undefined;
}

export type Input<T> = AsyncIterable<T> | Iterable<T>;
