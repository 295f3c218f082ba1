// Calling a generated method by the names of its parameters.
import type { AnyType, CallOptions, Input, StreamingMethod } from "../../src/index.js";
import { Client } from "../generated/conformance/index.js";

type Endpoint = Record<string, ((...args: unknown[]) => unknown) | undefined>;

/** A method of the generated client: what it is made of, and in which place it takes each parameter. */
export class GeneratedMethod {
  readonly args: Record<string, AnyType>;
  readonly inputs: Record<string, AnyType>;
  readonly returns: AnyType;
  /** Where each parameter stands; those that are passed together stand in one object. */
  readonly #places = new Map<string, number>();
  readonly #named: number | undefined;
  readonly #options: number;

  /** Learns that from the method itself, by calling it with marks on a client that does not call anybody. */
  constructor(readonly endpoint: string, readonly method: string) {
    let called: unknown[] = [];
    const record = (...args: unknown[]) => (called = args);
    const probe = Object.assign(new Client("http://nowhere/"), { call: record, open: record, openValue: record });
    const marks = Array.from({ length: 16 }, (_, place) => ({ [`mark${place}`]: place }));
    invoke(probe, endpoint, method, marks);
    const [descriptor, ...passed] = called as [StreamingMethod, ...Record<string, unknown>[]];
    this.args = descriptor.args;
    this.inputs = descriptor.inputs ?? {};
    this.returns = descriptor.returns;
    this.#options = marks.indexOf(passed.pop() as never);
    for (const [name, value] of passed.flatMap((parameters) => Object.entries(parameters))) {
      const place = marks.indexOf(value as never);
      if (place >= 0) this.#places.set(name, place);
      else if (name.startsWith("mark")) this.#named = value as number;
    }
  }

  /** Makes the call: a promise, or an iterable. */
  call(client: Client, values: Record<string, unknown>, inputs: Record<string, Input<unknown>>, options: CallOptions): unknown {
    const passed: unknown[] = [];
    passed[this.#options] = options;
    for (const [name, value] of Object.entries({ ...values, ...inputs })) {
      const place = this.#places.get(name);
      if (place !== undefined) passed[place] = value;
      else passed[this.#named!] = { ...(passed[this.#named!] as object), [name]: value };
    }
    return invoke(client, this.endpoint, this.method, passed);
  }
}

function invoke(client: Client, endpoint: string, method: string, passed: unknown[]): unknown {
  const target = endpointOf(client, endpoint) as Endpoint | undefined;
  if (!target?.[method]) throw new Error(`the generated client has no ${endpoint}.${method}`);
  return target[method](...passed);
}

/** The endpoint of this name on the wire, which may be one of a module. */
export function endpointOf(client: Client, wireName: string): unknown {
  const parts = wireName.split(".");
  const name = parts.pop()!;
  const module = parts[0]?.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const owner: unknown = module === undefined ? client : (client.modules as Record<string, unknown>)[module];
  return (owner as Record<string, unknown> | undefined)?.[name];
}
