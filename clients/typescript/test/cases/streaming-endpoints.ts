// Plays one case of the deprecated streaming endpoints: conformance/cases/streaming_endpoints/README.md says what each step
// means.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  ConnectionError, StreamingConnectionHandler, type StreamingConnectionHandlerState, type StreamingConnectionStatus,
  type StreamingEndpointRef, dynamic,
} from "../../src/index.js";
import { parse, stringify } from "../../src/json.js";
import { Client } from "../generated/conformance/index.js";
import { settle } from "../support.js";
import { Login, options } from "./login.js";
import { Proxy } from "./proxy.js";
import { endpointOf } from "./method.js";

/** A message as it travels. */
type Message = { className: string; data: unknown };

type Status = StreamingConnectionHandlerState["status"];

type Step =
  | { open: Status }
  | { send: string; object: Message }
  | { receive: string; object: Message }
  | { fails: string; object: Message }
  | { silent: string }
  | { authenticate: string[] | null }
  | { cut: true }
  | { refuse: boolean }
  | { status: Status }
  | { close: true };

export interface StreamingCase {
  name: string;
  signIn?: string[];
  handler?: true;
  steps: Step[];
}

export function readStreamingCases(): StreamingCase[] {
  return JSON.parse(readFileSync("../../conformance/cases/streaming_endpoints/cases.json", "utf8")) as StreamingCase[];
}

export async function playStreaming({ signIn, handler, steps }: StreamingCase, server: string): Promise<void> {
  const header = signIn && (await Login.start(server, signIn)).header;
  const proxy = await Proxy.start(new URL(server), false);
  const client = new Client(proxy.url, { ...options, authentication: { header: () => header } });
  try {
    const player = new Player(client, proxy, server, handler ? new Handled(client) : new Plain(client));
    player.listen(steps);
    for (const [index, step] of steps.entries()) {
      try {
        await player.play(step);
      } catch (error) {
        throw new Error(`step ${index + 1}, ${JSON.stringify(step)}: ${String(error)}`, { cause: error });
      }
    }
    client.close();
    await player.ended();
    for (const connection of proxy.webSockets) {
      assert.equal(connection.path, "/websocket");
      if (!connection.isCut) await connection.closedByClient;
      await connection.closed;
    }
  } finally {
    client.close();
    await proxy.stop();
  }
}

/** Whatever opens the connection and closes it. */
interface Opener {
  readonly status: Status;
  onStatus: () => void;
  open(): Promise<void>;
  close(): void;
}

class Plain implements Opener {
  onStatus = (): void => {};

  constructor(readonly client: Client) {
    client.onStreamingConnectionStatus(() => this.onStatus());
  }

  get status(): StreamingConnectionStatus {
    return this.client.streamingConnectionStatus;
  }

  open(): Promise<void> {
    return this.client.openStreamingConnection();
  }

  close(): void {
    this.client.closeStreamingConnection();
  }
}

class Handled implements Opener {
  onStatus = (): void => {};
  readonly #handler: StreamingConnectionHandler;

  constructor(client: Client) {
    this.#handler = new StreamingConnectionHandler(client, { retryEverySeconds: 1, listener: () => this.onStatus() });
  }

  get status(): Status {
    return this.#handler.state.status;
  }

  async open(): Promise<void> {
    this.#handler.connect();
  }

  close(): void {
    this.#handler.close();
  }
}

class Player {
  readonly #received = new Map<string, Received>();

  constructor(readonly client: Client, readonly proxy: Proxy, readonly server: string, readonly opener: Opener) {}

  /** Listens to every endpoint of the case. */
  listen(steps: Step[]): void {
    for (const step of steps) {
      const name = "send" in step ? step.send : "receive" in step ? step.receive : "silent" in step ? step.silent : undefined;
      if (name && !this.#received.has(name)) this.#received.set(name, new Received(endpoint(this.client, name).stream));
    }
  }

  async play(step: Step): Promise<void> {
    if ("open" in step) {
      await this.opener.open();
      await this.#reach(step.open);
    } else if ("send" in step) await this.#send(step.send, step.object);
    else if ("receive" in step) assert.deepEqual(asJson(await this.#received.get(step.receive)!.next()), step.object);
    else if ("fails" in step) await assert.rejects(this.#send(step.fails, step.object), ConnectionError);
    else if ("silent" in step) {
      await settle();
      assert.equal(this.#received.get(step.silent)!.waiting, 0);
    } else if ("authenticate" in step) {
      const key = step.authenticate && (await Login.start(this.server, step.authenticate)).token;
      this.client.updateStreamingConnectionAuthenticationKey(key);
    } else if ("cut" in step) this.proxy.cut();
    else if ("refuse" in step) this.proxy.isRefusing = step.refuse;
    else if ("status" in step) await this.#reach(step.status);
    else this.opener.close();
  }

  /** Resolves when the client was closed and every stream has ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#received.values()].map(({ ended }) => ended));
  }

  #send(name: string, message: Message): Promise<void> {
    return endpoint(this.client, name).sendStreamMessage(this.client.protocol.unwrap(message));
  }

  async #reach(status: Status): Promise<void> {
    while (this.opener.status !== status) await new Promise<void>((resolve) => (this.opener.onStatus = resolve));
  }
}

/** What a stream yields, until it is asked for. */
class Received {
  readonly ended: Promise<void>;
  readonly #values: unknown[] = [];
  #came = () => {};

  constructor(stream: AsyncIterable<unknown>) {
    this.ended = this.#read(stream);
    this.ended.catch(() => this.#came()); // Told by whoever awaits it.
  }

  get waiting(): number {
    return this.#values.length;
  }

  async next(): Promise<unknown> {
    if (this.waiting === 0) await Promise.race([new Promise<void>((resolve) => (this.#came = resolve)), this.ended]);
    assert.ok(this.waiting > 0, "the stream goes on");
    return this.#values.shift();
  }

  async #read(stream: AsyncIterable<unknown>): Promise<void> {
    for await (const value of stream) {
      this.#values.push(value);
      this.#came();
    }
  }
}

function asJson(message: unknown): unknown {
  return parse(stringify(dynamic.encode(message)));
}

/** The streaming endpoint of this name on the wire. */
function endpoint(client: Client, wireName: string): StreamingEndpointRef {
  const found = endpointOf(client, wireName) as StreamingEndpointRef | undefined;
  assert.ok(found?.stream, `the generated client has a streaming endpoint ${wireName}`);
  return found;
}
