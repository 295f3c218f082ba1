// Plays one case of the shared table.
import assert from "node:assert/strict";
import {
  type AnyType, type CallOptions, type ClientOptions, type Input, BadRequestError, CallClosedWithErrorError,
  CallRefusedError, CallTimeoutError, ConnectionFailedError, ConnectionLostError, ForbiddenError, HandshakeTimeoutError,
  IdleTimeoutError, InternalServerError, NotFoundError, UnauthorizedError, int64, string,
} from "../../src/index.js";
import { parse, stringify } from "../../src/json.js";
import { Client, ExceptionWithData } from "../generated/conformance/index.js";
import { type Ending, TrackedInput } from "./input.js";
import { headerOf, options } from "./login.js";
import { GeneratedMethod } from "./method.js";
import { Proxy } from "./proxy.js";
import { type Case, type Item, isText, textOf } from "./table.js";

const errors: Record<string, (error: unknown) => boolean> = {
  exception: (error) => error instanceof ExceptionWithData,
  serverError: (error) => error instanceof InternalServerError,
  closedWithError: (error) => error instanceof CallClosedWithErrorError,
  notFound: (error) => error instanceof NotFoundError || isRefusal(error, "notFound"),
  unauthorized: (error) => error instanceof UnauthorizedError || isRefusal(error, "unauthorized"),
  forbidden: (error) => error instanceof ForbiddenError || isRefusal(error, "forbidden"),
  badRequest: (error) => error instanceof BadRequestError || isRefusal(error, "badRequest"),
  couldNotConnect: (error) => error instanceof ConnectionFailedError,
  handshakeTimeout: (error) => error instanceof HandshakeTimeoutError,
  callTimeout: (error) => error instanceof CallTimeoutError,
  lost: (error) => error instanceof ConnectionLostError,
  idleTimeout: (error) => error instanceof IdleTimeoutError,
};

function isRefusal(error: unknown, reason: string): boolean {
  return error instanceof CallRefusedError && error.reason === reason;
}

/** Short enough for a test, where the network is harmed. */
const timeouts: Record<string, ClientOptions> = {
  silent: { connectTimeoutMs: 300, callTimeoutMs: 300 },
  freeze: { pingIntervalMs: 300, idleTimeoutMs: 1000 },
};

/** What one call came to. */
interface Outcome {
  elements: string[];
  result?: string;
  error?: unknown;
}

export async function play(testCase: Case, server: string): Promise<void> {
  const { network, times = 1 } = testCase;
  const header = await headerOf(testCase, server);
  const login = header !== undefined && { authentication: { header: () => header } };
  const proxy = await Proxy.start(new URL(server), network === "silent");
  if (network === "refuse") await proxy.stop();
  const client = new Client(proxy.url, { ...options, ...timeouts[network ?? ""], ...login });
  try {
    const calls = Array.from({ length: times }, () => new CaseCall(testCase, client));
    const outcomes = calls.map((call) => call.run());
    if (network === "cut" || network === "freeze") {
      await Promise.all(calls.map((call) => call.isReady));
      proxy[network]();
    }
    for (const outcome of await Promise.all(outcomes)) check(testCase, outcome);
    const isStreaming = calls[0]!.isStreaming;
    if (network !== "refuse" && network !== "silent") {
      assert.equal(proxy.webSockets.length, isStreaming ? 1 : 0, "WebSockets");
      for (const connection of proxy.webSockets) {
        if (network !== "cut") await connection.closedByClient;
        if (network !== "freeze") await connection.closed; // Frozen, the server never learns of it.
      }
    }
    for (const input of calls.flatMap((call) => call.inputs)) assert.ok(!input.isHeld, "an input is held");
  } finally {
    client.close();
    if (network !== "refuse") await proxy.stop();
  }
}

/** One call of a case. */
class CaseCall {
  readonly inputs: TrackedInput[] = [];
  /** Resolves once the call is open and gave as many elements as are expected. */
  readonly isReady: Promise<unknown>;
  readonly isStreaming: boolean;
  readonly #case: Case;
  readonly #returns: AnyType;
  readonly #start: (options: CallOptions) => unknown;
  #opened = () => {};
  #gotAll = () => {};
  readonly #isOpen: Promise<void>;

  constructor(testCase: Case, client: Client) {
    this.#case = testCase;
    this.#isOpen = new Promise((resolve) => (this.#opened = resolve));
    this.isReady = Promise.all([this.#isOpen, new Promise<void>((resolve) => (this.#gotAll = resolve))]);
    const dot = testCase.call.lastIndexOf(".");
    const [endpoint, method] = [testCase.call.slice(0, dot), testCase.call.slice(dot + 1)];
    if (testCase.untyped) {
      this.isStreaming = testCase.elements !== undefined;
      this.#returns = this.isStreaming ? int64 : string;
      this.#start = (options) => this.#callUntyped(client, endpoint, method, options);
    } else {
      const generated = new GeneratedMethod(endpoint, method);
      this.isStreaming = testCase.elements !== undefined || Object.keys(generated.inputs).length > 0;
      this.#returns = generated.returns;
      this.#start = (options) => generated.call(client, this.#values(generated.args), this.#feeds(generated.inputs), options);
    }
  }

  async run(): Promise<Outcome> {
    const outcome: Outcome = { elements: [] };
    if (this.#case.elements?.length === 0) this.#gotAll();
    try {
      const called = this.#start({ onOpen: () => this.#opened() });
      if (called instanceof Promise) outcome.result = stringify(this.#returns.encode(await called));
      else await this.#consume(called as AsyncIterable<unknown>, outcome.elements);
    } catch (error) {
      outcome.error = error;
    }
    return outcome;
  }

  async #consume(stream: AsyncIterable<unknown>, elements: string[]): Promise<void> {
    const { take, elements: expected } = this.#case;
    const iterator = stream[Symbol.asyncIterator]();
    if (take === 0) await this.#isOpen;
    while (elements.length !== take) {
      const { done, value } = await iterator.next();
      if (done) return;
      elements.push(stringify(this.#returns.encode(value)));
      if (elements.length === expected?.length) this.#gotAll();
    }
    await iterator.return?.();
  }

  #callUntyped(client: Client, endpoint: string, method: string, options: CallOptions): unknown {
    const { args = {}, inputs = {} } = this.#case;
    const [argTypes, inputTypes] = [allOf(args, int64), allOf(inputs, int64)];
    const description = { endpoint, method, args: argTypes, inputs: inputTypes, returns: this.#returns };
    const values = this.#values(argTypes);
    return this.isStreaming ? client.open(description, values, this.#feeds(inputTypes), options) : client.call(description, values, options);
  }

  #values(types: Record<string, AnyType>): Record<string, unknown> {
    const entries = Object.entries(this.#case.args ?? {});
    return Object.fromEntries(entries.map(([name, text]) => [name, decode(types[name], textOf(text))]));
  }

  #feeds(types: Record<string, AnyType>): Record<string, Input<unknown>> {
    const entries = Object.entries(this.#case.inputs ?? {}).map(([name, items]) => {
      const values = items.filter(isText).map((item) => decode(types[name], textOf(item)));
      const input = new TrackedInput(values, endingOf(items));
      this.inputs.push(input);
      return [name, input.stream] as const;
    });
    return Object.fromEntries(entries);
  }
}

const { protocol } = new Client("http://nowhere/");

function decode(type: AnyType | undefined, text: string): unknown {
  assert.ok(type, "the method has this parameter");
  return type.decode(parse(text), protocol);
}

function allOf(of: object, type: AnyType): Record<string, AnyType> {
  return Object.fromEntries(Object.keys(of).map((name) => [name, type]));
}

function endingOf(items: Item[]): Ending {
  const last = items.at(-1);
  if (last === undefined || isText(last)) return { kind: "done" };
  if ("open" in last) return { kind: "open" };
  return { kind: "error", error: "fail" in last ? new Error(last.fail) : decode(ExceptionWithData, last.throw) };
}

function check(testCase: Case, { elements, result, error }: Outcome): void {
  const { network, error: expected, anyOrder } = testCase;
  if (expected) assert.ok(errors[expected]?.(error), `expected ${expected}, got ${String(error)}`);
  else if (error !== undefined) throw error;
  if (testCase.exception) {
    const json = ExceptionWithData.encode(error as ExceptionWithData) as Record<string, unknown>;
    for (const [field, value] of Object.entries(testCase.exception)) assert.deepEqual(json[field], value, field);
  }
  if (testCase.elements) {
    const texts = testCase.elements.map(textOf);
    // Where the network is harmed, more may have been on their way.
    const compared = network ? elements.slice(0, texts.length) : elements;
    assert.deepEqual(anyOrder ? [...compared].sort() : compared, anyOrder ? [...texts].sort() : texts);
  } else if (!expected) assert.equal(result, testCase.result ? textOf(testCase.result) : "null");
}
