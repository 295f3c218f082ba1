import { type Authentication, Authenticator } from "./authentication.js";
import { Call, type CallSetup } from "./call.js";
import { type Clock, systemClock } from "./clock.js";
import { Connection, type SocketOptions, type WebSocketConstructor } from "./connection.js";
import { CallClosedWithErrorError, CallTimeoutError, ClientClosedError, ConnectionFailedError, httpError } from "./errors.js";
import { parse, stringify } from "./json.js";
import type { CallOptions, Input, Method, StreamingMethod } from "./method.js";
import { Protocol } from "./protocol.js";
import { voidType } from "./scalars.js";
import { Status } from "./status.js";
import { type AnyType, type Fields, type Infer, type ValuesOf, encodeFields } from "./type.js";

export interface ClientOptions {
  /** By default the global one; Node has it from version 22, before that pass the `ws` package's. */
  WebSocket?: WebSocketConstructor;
  fetch?: typeof fetch;
  authentication?: Authentication;
  /** How long the WebSocket may take until the server answered the first ping. Default 5,000. */
  connectTimeoutMs?: number;
  /** How long an ordinary call may take, with its header and a refresh of that. Default 20,000. */
  callTimeoutMs?: number;
  /** Default 20,000. */
  pingIntervalMs?: number;
  /** How long the server may be silent before the connection is given up. Default 40,000. */
  idleTimeoutMs?: number;
  /** How long the WebSocket stays open after its last call ended. Default 0: it is closed at once. */
  closeDelayMs?: number;
  /** How many received elements of a stream may wait to be consumed; one more ends it. Default 10,000. */
  maxBufferedElements?: number;
  clock?: Clock;
}

/** Of the WebSocket: `idle` while no streaming call needs it, `closed` after {@link StreampodClient.close}. */
export type ClientStatus = "idle" | "connecting" | "open" | "closed";

type OptionalInput = { readonly field: { readonly optional: true } };

/** What feeds the stream parameters of a call; optional ones may be left out. */
type Inputs<I extends Fields> = {
  [K in keyof I as I[K] extends OptionalInput ? never : K]: Input<Infer<I[K]>>;
} & {
  [K in keyof I as I[K] extends OptionalInput ? K : never]?: Input<Infer<I[K]>> | undefined;
};

/** The base of a generated client: ordinary calls over HTTP, streaming calls over one WebSocket that manages itself. */
export class StreampodClient {
  /** The types that arrive by name. A generated client passes its own. */
  readonly protocol: Protocol;

  readonly #host: string;
  readonly #options: ClientOptions;
  readonly #authenticator: Authenticator;
  readonly #status = new Status<ClientStatus>("idle");
  #connection: Connection | undefined;

  /** @param host the URL of the API, such as `http://localhost:8080/`. */
  constructor(host: string, options: ClientOptions = {}, protocol = new Protocol()) {
    this.#host = withSlash(host);
    this.#options = options;
    this.#authenticator = new Authenticator(options.authentication);
    this.protocol = protocol;
  }

  get status(): ClientStatus {
    return this.#status.value;
  }

  /** @returns a function that takes the listener off again. */
  onStatus(listener: (status: ClientStatus) => void): () => void {
    return this.#status.listen(listener);
  }

  /** Ends every streaming call with a {@link ClientClosedError}. */
  close(): void {
    this.#setStatus("closed");
    this.#connection?.fail(new ClientClosedError("the client was closed"));
  }

  /** Calls an ordinary method, over HTTP. */
  async call<A extends Fields, R extends AnyType>(method: Method<A, R>, args: ValuesOf<A>, options: CallOptions = {}): Promise<Infer<R>> {
    this.#assertOpen();
    const body = stringify({ ...encodeFields(method.args, args), method: method.method });
    const { status, isJson, text } = await this.#limited(method.endpoint, options.signal, (signal) =>
      this.#authorized((header) => this.#post(method.endpoint, body, header, signal)),
    );
    if (status === 200) return method.returns.decode(parse(text), this.protocol) as Infer<R>;
    if (status === 400 && isJson) throw this.protocol.unwrap(parse(text));
    throw httpError(status, text);
  }

  /**
   * A streaming method's returned stream. Iterating it opens the call; `break` or the signal cancels it. Each iteration is
   * a call of its own.
   */
  open<A extends Fields, I extends Fields, R extends AnyType>(
    method: StreamingMethod<A, I, R>,
    args: ValuesOf<A>,
    inputs: Inputs<I>,
    options: CallOptions = {},
  ): AsyncIterable<Infer<R>> {
    return { [Symbol.asyncIterator]: () => this.#start(method, args, inputs, options) as AsyncIterator<Infer<R>> };
  }

  /** Calls a streaming method that returns a single value, or nothing. */
  async openValue<A extends Fields, I extends Fields, R extends AnyType>(
    method: StreamingMethod<A, I, R>,
    args: ValuesOf<A>,
    inputs: Inputs<I>,
    options: CallOptions = {},
  ): Promise<Infer<R>> {
    let result: { value: Infer<R> } | undefined;
    for await (const value of this.open(method, args, inputs, options)) result ??= { value };
    if (!result && method.returns !== voidType) {
      throw new CallClosedWithErrorError(`${method.endpoint}.${method.method} ended without a value`);
    }
    return result?.value as Infer<R>;
  }

  #start(method: StreamingMethod, args: Record<string, unknown>, inputs: CallSetup["inputs"], options: CallOptions) {
    const maxBufferedElements = bufferBound(this.#options);
    const { protocol } = this;
    const call = new Call({ method, args, inputs, options, protocol, maxBufferedElements, authenticator: this.#authenticator });
    void this.#connect(call, options).catch((error: unknown) => call.failed(error));
    return call.elements;
  }

  async #connect(call: Call, { signal }: CallOptions): Promise<void> {
    signal?.throwIfAborted();
    const authorization = await this.#authenticator.authorize();
    this.#assertOpen();
    if (call.ended) return;
    const reused = this.#connection?.state === "closed" ? undefined : this.#connection;
    this.#connection = reused ?? this.#newConnection();
    call.start(this.#connection, authorization);
    if (!reused) this.#setStatus("connecting"); // Last: a listener may close the client, or cancel the call.
  }

  #newConnection(): Connection {
    const url = webSocketUrl(this.#host, "v1/websocket");
    const options = socketOptions(this.#options);
    try {
      return new Connection(url, {
        ...options,
        closeDelayMs: this.#options.closeDelayMs ?? 0,
        onState: (connection) => {
          if (connection === this.#connection) this.#setStatus(connection.state === "open" ? "open" : "idle");
        },
      });
    } catch (cause) {
      throw new ConnectionFailedError(`could not connect to ${url}`, { cause });
    }
  }

  /** Sends a request; once more with another header if the server did not accept the first one. */
  async #authorized<T extends { status: number }>(send: (header: string | undefined) => Promise<T>): Promise<T> {
    const authorization = await this.#authenticator.authorize();
    const answer = await send(authorization.header);
    if (answer.status !== 401 || !(await this.#authenticator.renew(authorization))) return answer;
    return send((await this.#authenticator.authorize()).header);
  }

  /** Gives up what a call waits for, a header included, when it takes too long or `caller` aborts. */
  async #limited<T>(endpoint: string, caller: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock = systemClock, callTimeoutMs = 20_000 } = this.#options;
    caller?.throwIfAborted();
    const abort = new AbortController();
    const { signal } = abort;
    const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const cancel = () => abort.abort(caller?.reason);
    const tooLate = new CallTimeoutError(`${endpoint} did not answer within ${callTimeoutMs} ms`);
    const timer = clock.setTimeout(() => abort.abort(tooLate), callTimeoutMs);
    caller?.addEventListener("abort", cancel);
    try {
      return await Promise.race([work(signal), aborted]);
    } finally {
      clock.clearTimeout(timer);
      caller?.removeEventListener("abort", cancel);
    }
  }

  async #post(endpoint: string, body: string, authorization: string | undefined, signal: AbortSignal) {
    const { fetch = globalThis.fetch } = this.#options;
    signal.throwIfAborted(); // It may have been given up while there was no header.
    try {
      const headers: Record<string, string> = { "Content-Type": "application/json; charset=utf-8" };
      if (authorization) headers.Authorization = authorization;
      const response = await fetch(this.#host + endpoint, { method: "POST", headers, body, signal });
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
      return { status: response.status, isJson, text: await response.text() };
    } catch (cause) {
      throw new ConnectionFailedError(`could not call ${endpoint}`, { cause });
    }
  }

  #assertOpen(): void {
    if (this.status === "closed") throw new ClientClosedError("the client was closed");
  }

  #setStatus(status: ClientStatus): void {
    if (this.status !== "closed") this.#status.set(status);
  }
}

/** The base of a generated endpoint: it calls through its client. */
export class EndpointRef {
  constructor(protected readonly client: StreampodClient) {}
}

/** @throws ConnectionFailedError if there is no WebSocket here. */
export function socketOptions(options: ClientOptions): SocketOptions {
  const { WebSocket = globalThis.WebSocket as unknown as WebSocketConstructor | undefined, clock = systemClock } = options;
  if (!WebSocket) throw new ConnectionFailedError("there is no WebSocket here: pass one in the client's options");
  const { connectTimeoutMs = 5_000, pingIntervalMs = 20_000, idleTimeoutMs = 40_000 } = options;
  return { WebSocket, clock, connectTimeoutMs, pingIntervalMs, idleTimeoutMs };
}

/** The URL of a WebSocket of the API at `host`. */
export function webSocketUrl(host: string, path: string): string {
  return withSlash(host).replace(/^http/, "ws") + path;
}

export function bufferBound({ maxBufferedElements = 10_000 }: ClientOptions): number {
  return maxBufferedElements;
}

function withSlash(host: string): string {
  return host.replace(/\/*$/, "/");
}
