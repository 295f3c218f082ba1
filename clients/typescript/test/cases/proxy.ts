// A TCP proxy between client and server, which sees what the client does to the network and can harm it.
import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";

/** One connection whose request was for a WebSocket. */
export interface WebSocketConnection {
  /** What it asked for, without its query. */
  readonly path: string;
  /** Whether the proxy has cut it. */
  isCut: boolean;
  /** Resolves when the client says that it closes it. */
  readonly closedByClient: Promise<void>;
  /** Resolves when both sides are gone. */
  readonly closed: Promise<unknown>;
}

export class Proxy {
  readonly webSockets: WebSocketConnection[] = [];
  /** Where clients find it. */
  url = "";
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#accepted(socket));
  /** Whether it accepts nobody. What is connected stays so. */
  isRefusing = false;
  #isFrozen = false;

  private constructor(readonly target: URL, readonly isSilent: boolean) {}

  static async start(target: URL, isSilent: boolean): Promise<Proxy> {
    const proxy = new Proxy(target, isSilent);
    await once(proxy.#server.listen(0, "127.0.0.1"), "listening");
    proxy.url = `http://127.0.0.1:${(proxy.#server.address() as AddressInfo).port}/`;
    return proxy;
  }

  /** Closes both sides of every connection. */
  cut(): void {
    for (const connection of this.webSockets) connection.isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Forwards nothing any more. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** Stops listening, which cuts what is left. */
  async stop(): Promise<void> {
    this.cut();
    await once(this.#server.close(), "close");
  }

  #accepted(client: Socket): void {
    this.#keep(client);
    if (this.isRefusing) return void client.resetAndDestroy();
    if (this.isSilent) return void client.pause();
    const server = connect(Number(this.target.port), this.target.hostname);
    this.#keep(server);
    let webSocket: FrameReader | undefined;
    let isFirst = true;
    client.on("data", (data) => {
      const path = isFirst ? /^GET (\/(v1\/)?websocket)[ ?]/.exec(data.toString("latin1"))?.[1] : undefined;
      if (path) {
        webSocket = new FrameReader();
        const closed = Promise.all([once(client, "close"), once(server, "close")]);
        this.webSockets.push({ path, isCut: false, closedByClient: webSocket.closeFrame, closed });
      } else webSocket?.read(data);
      isFirst = false;
      if (!this.#isFrozen) server.write(data);
    });
    server.on("data", (data) => void (this.#isFrozen || client.write(data)));
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    client.on("end", () => server.end());
    server.on("end", () => client.end());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {}); // A close event follows.
  }
}

/** Waits for the close frame in a client's half of a WebSocket. */
class FrameReader {
  readonly closeFrame: Promise<void>;
  #closed = () => {};
  #rest = Buffer.alloc(0);

  constructor() {
    this.closeFrame = new Promise((resolve) => (this.#closed = resolve));
  }

  read(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data]);
    while (this.#rest.length >= 2) {
      const short = this.#rest[1]! & 0x7f;
      const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + 4; // The last four: the mask.
      if (this.#rest.length < head) return;
      if ((this.#rest[0]! & 0x0f) === 8) return this.#closed();
      const length = short === 126 ? this.#rest.readUInt16BE(2) : short === 127 ? Number(this.#rest.readBigUInt64BE(2)) : short;
      if (this.#rest.length < head + length) return;
      this.#rest = this.#rest.subarray(head + length);
    }
  }
}
