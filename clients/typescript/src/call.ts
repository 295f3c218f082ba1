import type { Authenticator, Authorization } from "./authentication.js";
import type { ConnectedCall, Connection } from "./connection.js";
import { dynamic, wrap } from "./dynamic.js";
import { CallClosedWithErrorError, CallRefusedError } from "./errors.js";
import { type CallFrame, frame, refusals } from "./frame.js";
import { type Json, stringify } from "./json.js";
import type { CallOptions, Input, StreamingMethod } from "./method.js";
import { SerializableException } from "./model.js";
import type { Protocol } from "./protocol.js";
import { ElementQueue } from "./queue.js";
import { type AnyType, encodeFields, own } from "./type.js";
import { uuidV4 } from "./uuid.js";

export interface CallSetup {
  method: StreamingMethod;
  args: Record<string, unknown>;
  /** By parameter. An optional one may be missing. */
  inputs: Record<string, Input<unknown> | undefined>;
  options: CallOptions;
  protocol: Protocol;
  maxBufferedElements: number;
  authenticator: Authenticator;
}

type AnyIterator = AsyncIterator<unknown> | Iterator<unknown>;

/** One streaming call: opens it, feeds its inputs, and puts what it returns into `elements`. */
export class Call implements ConnectedCall {
  readonly id = uuidV4();
  readonly elements: ElementQueue<unknown>;

  readonly #setup: CallSetup;
  readonly #args: string;
  #connection: Connection | undefined;
  #authorization: Authorization | undefined;
  #renewed = false;
  #opened = false;
  #ended = false;
  /** The inputs that are being fed, by parameter. */
  readonly #feeds = new Map<string, AnyIterator>();
  /** Why an input failed: the cause when the server then closes the call with an error. */
  #inputError: unknown;

  /** @throws CodecError for arguments that do not fit. */
  constructor(setup: CallSetup) {
    this.#setup = setup;
    this.#args = stringify(encodeFields(setup.method.args, setup.args));
    this.elements = new ElementQueue(setup.maxBufferedElements, () => this.#cancel());
    setup.options.signal?.addEventListener("abort", this.#abort);
  }

  /** Opens the call on the connection, now or once that is open. */
  start(connection: Connection, authorization: Authorization): void {
    this.#connection = connection;
    this.#authorization = authorization;
    connection.add(this);
  }

  connected(): void {
    const { endpoint, method, inputs } = this.#setup.method;
    const auth = this.#authorization?.header;
    const is = Object.keys(inputs).filter((parameter) => this.#input(parameter));
    this.#connection?.send(frame("omsc", { en: endpoint, m: method, cid: this.id, args: this.#args, is, auth }));
  }

  received(received: CallFrame): void {
    switch (received.type) {
      case "omsr":
        return this.#answered(received.result);
      case "msm":
        return this.#element(received.object);
      case "msse":
        return this.#exception(received.exception);
      case "cmsc":
        if (received.parameter !== undefined) this.#stopFeed(received.parameter);
        else if (received.reason === "done") this.#end();
        else this.#end({ error: new CallClosedWithErrorError(`${this.#name} was closed with an error`, { cause: this.#inputError }) });
    }
  }

  /** Whether nothing more will happen, be it because it was cancelled. */
  get ended(): boolean {
    return this.#ended;
  }

  failed(error: unknown): void {
    this.#end({ error });
  }

  get #name(): string {
    const { endpoint, method } = this.#setup.method;
    return `${endpoint}.${method}`;
  }

  #answered(result: string): void {
    if (this.#opened) return;
    if (result !== "success") return void this.#refused(new CallRefusedError(refusals.get(result) ?? "badRequest", this.#name));
    this.#opened = true;
    for (const [parameter, type] of Object.entries(this.#setup.method.inputs)) {
      const input = this.#input(parameter);
      if (input && !this.#ended) void this.#feed(parameter, type, input);
    }
    this.#setup.options.onOpen?.();
  }

  #input(parameter: string): Input<unknown> | undefined {
    return own(this.#setup.inputs, parameter) as Input<unknown> | undefined;
  }

  /** Ends the call; but one that lacked a login is opened once more if there is another one now. */
  async #refused(refusal: CallRefusedError): Promise<void> {
    const { authenticator } = this.#setup;
    const authorization = refusal.reason === "unauthorized" && !this.#renewed ? this.#authorization : undefined;
    this.#renewed = true;
    try {
      if (!authorization || !(await authenticator.renew(authorization))) return this.failed(refusal);
      this.#authorization = await authenticator.authorize();
      if (!this.#ended) this.connected();
    } catch (error) {
      this.failed(error);
    }
  }

  #element(object: unknown): void {
    const { method, protocol } = this.#setup;
    try {
      const isDynamic = method.returns === dynamic;
      const data = isDynamic ? object : (object as { data?: unknown } | undefined)?.data ?? null;
      this.elements.push(method.returns.decode(data, protocol));
    } catch (error) {
      this.#cancel({ error });
    }
  }

  #exception(wrapped: unknown): void {
    try {
      this.#cancel({ error: this.#setup.protocol.unwrap(wrapped) });
    } catch (cause) {
      this.#cancel({ error: new CallClosedWithErrorError(`${this.#name} threw an unknown exception`, { cause }) });
    }
  }

  async #feed(parameter: string, type: AnyType, input: Input<unknown>): Promise<void> {
    let iterator: AnyIterator | undefined;
    try {
      iterator = Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]();
      if (this.#ended) return stop(iterator); // Opening the input may abort the call.
      this.#feeds.set(parameter, iterator);
      while (this.#feeds.has(parameter)) {
        const { done, value } = await iterator.next();
        if (!this.#feeds.has(parameter)) return;
        if (done) return this.#closeFeed(parameter, "done");
        this.#send("msm", { p: parameter, o: wrap(type, value) });
        await this.#connection?.writable();
      }
    } catch (error) {
      if (!iterator || this.#feeds.has(parameter)) this.#inputFailed(parameter, error); // Not if it was told to stop.
      if (iterator) stop(iterator); // Nothing to a generator that threw; one whose element did not fit still waits.
    }
  }

  #inputFailed(parameter: string, error: unknown): void {
    this.#inputError = error;
    try {
      if (error instanceof SerializableException) this.#send("msse", { p: parameter, ex: dynamic.encode(error) });
    } catch (unencodable) {
      this.#inputError = unencodable;
    }
    this.#closeFeed(parameter, "error");
  }

  #closeFeed(parameter: string, reason: "done" | "error"): void {
    this.#feeds.delete(parameter);
    this.#send("cmsc", { p: parameter, cr: reason });
  }

  #stopFeed(parameter: string): void {
    const iterator = this.#feeds.get(parameter);
    this.#feeds.delete(parameter);
    if (iterator) stop(iterator);
  }

  #send(type: string, data: { [key: string]: Json }): void {
    const { endpoint, method } = this.#setup.method;
    this.#connection?.send(frame(type, { en: endpoint, m: method, cid: this.id, ...data }));
  }

  #abort = (): void => this.#cancel({ error: this.#setup.options.signal?.reason });

  /** Ends the call from this side: tells the server, if it knows of the call. */
  #cancel(end: { error?: unknown } = {}): void {
    if (this.#ended) return;
    if (this.#connection?.state === "open") this.#send("cmsc", { cr: "done" });
    this.#end(end);
  }

  #end(end: { error?: unknown } = {}): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#setup.options.signal?.removeEventListener("abort", this.#abort);
    for (const parameter of [...this.#feeds.keys()]) this.#stopFeed(parameter);
    this.elements.end(end);
    this.#connection?.remove(this);
  }
}

/** Lets an iterator clean up. A generator that is awaiting something does so only after that; nobody waits for it. */
export function stop(iterator: AnyIterator): void {
  void (async () => iterator.return?.())().catch(() => {});
}
