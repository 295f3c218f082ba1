import { type ClientOptions, StreampodClient, bufferBound, socketOptions, webSocketUrl } from "../client.js";
import { ClientClosedError, CodecError, ConnectionError, ConnectionFailedError } from "../errors.js";
import { dynamic } from "../dynamic.js";
import type { Json } from "../json.js";
import type { Protocol } from "../protocol.js";
import { Status } from "../status.js";
import { StreamingConnection, type StreamingConnectionStatus } from "./connection.js";
import { MessageStream } from "./message-stream.js";

/**
 * The base of a generated client of a server that has streaming endpoints. They exchange messages over a connection of their
 * own, which is opened and closed by hand; all else is as in {@link StreampodClient}.
 *
 * @deprecated Methods with streams take the place of streaming endpoints.
 */
export class StreamingEndpointsClient extends StreampodClient {
  readonly #url: string;
  readonly #options: ClientOptions;
  readonly #streams = new Map<string, MessageStream>();
  readonly #status = new Status<StreamingConnectionStatus>("disconnected");
  #connection: StreamingConnection | undefined;

  /** @param host the URL of the API, such as `http://localhost:8080/`. */
  constructor(host: string, options: ClientOptions = {}, protocol?: Protocol) {
    super(host, options, protocol);
    this.#url = webSocketUrl(host, "websocket");
    this.#options = options;
  }

  /**
   * Opens the streaming connection; `connectWebSocket` in Serverpod 1. Resolves once the WebSocket is open and the first
   * ping was sent. The status is `connecting` then, and messages can be sent already; it becomes `connected` when the server
   * answers, and `disconnected` if it does not within `connectTimeoutMs`. Does nothing if the connection is open. One that is
   * lost stays so: {@link StreamingConnectionHandler} opens it again.
   *
   * Whoever is signed in stays so: the token in the `authentication`'s header goes along.
   *
   * @throws ConnectionFailedError if it cannot be opened; ClientClosedError after {@link close}; what `header()` throws.
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  async openStreamingConnection(): Promise<void> {
    if (this.status === "closed") throw closedError();
    const { authentication } = this.#options;
    const connection = (this.#connection ??= new StreamingConnection({
      ...socketOptions(this.#options),
      url: this.#url,
      header: async () => authentication?.header(),
      onStatus: (changed) => this.#changed(changed),
      onMessage: (endpoint, object) => this.#streams.get(endpoint)?.push(object), // One that is not known here is ignored.
    }));
    this.#changed(connection); // A listener may close it.
    await connection.opened;
  }

  /**
   * Closes the streaming connection; nothing happens if it is not open.
   *
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  closeStreamingConnection(): void {
    this.#connection?.close(new ConnectionFailedError("the streaming connection was closed before it was open"));
  }

  /** @deprecated Methods with streams take the place of streaming endpoints. */
  get streamingConnectionStatus(): StreamingConnectionStatus {
    return this.#status.value;
  }

  /**
   * Tells the listener of each change; `addStreamingConnectionStatusListener` and `removeStreamingConnectionStatusListener`
   * in Serverpod.
   *
   * @returns a function that takes the listener off again.
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  onStreamingConnectionStatus(listener: (status: StreamingConnectionStatus) => void): () => void {
    return this.#status.listen(listener);
  }

  /**
   * Signs in on the open connection with another key, or out with `null`; does nothing if it is disconnected. What is sent
   * after it is sent with that key. It goes in the way of the header with which the connection was opened: `Basic` or
   * `Bearer`, and `Bearer` if there was none. A connection that is opened later asks the `authentication` again.
   *
   * @param key the token itself, not the header.
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  updateStreamingConnectionAuthenticationKey(key: string | null): void {
    this.#connection?.authenticate(key);
  }

  /**
   * The messages from an endpoint, by its name; what the `stream` of a generated endpoint is.
   *
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  streamOf(endpoint: string): AsyncIterable<unknown> {
    let stream = this.#streams.get(endpoint);
    if (!stream) {
      stream = new MessageStream(endpoint, this.protocol, bufferBound(this.#options));
      this.#streams.set(endpoint, stream);
      if (this.status === "closed") stream.close();
    }
    return stream;
  }

  /**
   * Sends a message to an endpoint, by its name; what `sendStreamMessage` of a generated endpoint does. It is on its way when
   * this returns; the promise resolves when less than 1 MiB waits in the socket, so whoever sends much awaits it. No answer
   * tells whether it arrived.
   *
   * @param message as for {@link dynamic}: a model, or something else whose class is known; not `null`.
   * @throws ConnectionError if there is no connection; CodecError for what is no message; ClientClosedError after {@link close}.
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  async sendStreamMessage(endpoint: string, message: unknown): Promise<void> {
    const object = dynamic.encode(message) as { [key: string]: Json };
    if (object.data === null) throw new CodecError("expected a message, got null");
    if (this.status === "closed") throw closedError();
    if (!this.#connection?.isWritable) {
      throw new ConnectionError("there is no streaming connection: await openStreamingConnection() first");
    }
    await this.#connection.send({ endpoint, object });
  }

  /** Ends every streaming call with a {@link ClientClosedError}, and the streams of the streaming endpoints. */
  override close(): void {
    super.close();
    this.#connection?.close(closedError());
    for (const stream of this.#streams.values()) stream.close();
  }

  #changed(connection: StreamingConnection): void {
    const { status } = connection;
    if (status === "disconnected") this.#connection = undefined; // Before a listener opens another one.
    this.#status.set(status);
  }
}

function closedError(): ClientClosedError {
  return new ClientClosedError("the client was closed");
}
