import { EndpointRef } from "../client.js";
import type { StreamingEndpointsClient } from "./client.js";

/**
 * The base of a generated endpoint that exchanges messages over the streaming connection.
 *
 * @deprecated Methods with streams take the place of streaming endpoints.
 */
export class StreamingEndpointRef extends EndpointRef {
  protected declare readonly client: StreamingEndpointsClient;
  readonly #name: string;

  constructor(client: StreamingEndpointsClient, name: string) {
    super(client);
    this.#name = name;
    client.streamOf(name); // From here on its messages are kept until somebody iterates.
  }

  /**
   * The messages from the endpoint, each of the class under whose name it came. Every iterator gets all from its beginning on;
   * those that arrive while nobody iterates wait for the next who does. The stream goes on in the next connection when one is
   * lost, and ends when the client is closed.
   *
   * Iterating throws a {@link CodecError} for a message that cannot be read, and a {@link SlowConsumerError} where messages
   * were lost because `maxBufferedElements` were waiting already. That iterator has ended then; another one goes on behind it.
   *
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  get stream(): AsyncIterable<unknown> {
    return this.client.streamOf(this.#name);
  }

  /**
   * Sends a message to the endpoint. Await it when there are many: it resolves when less than 1 MiB waits to be sent.
   *
   * @throws ConnectionError if there is no connection; CodecError if the class of the message is not known.
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  sendStreamMessage(message: unknown): Promise<void> {
    return this.client.sendStreamMessage(this.#name, message);
  }
}
