import { type Clock, systemClock } from "../clock.js";
import { Status } from "../status.js";
import type { StreamingEndpointsClient } from "./client.js";
import type { StreamingConnectionStatus } from "./connection.js";

/**
 * What a {@link StreamingConnectionHandler} tells.
 *
 * @deprecated Methods with streams take the place of streaming endpoints.
 */
export interface StreamingConnectionHandlerState {
  readonly status: StreamingConnectionStatus | "waitingToRetry";
  /** While it is waiting to retry: in how many seconds it will. */
  readonly retryInSeconds?: number;
}

/** @deprecated Methods with streams take the place of streaming endpoints. */
export interface StreamingConnectionHandlerOptions {
  /** In whole seconds, at least 1. Default 5. */
  retryEverySeconds?: number;
  /** Told of each change, and of every second of the countdown to the next attempt. */
  listener?: (state: StreamingConnectionHandlerState) => void;
  clock?: Clock;
}

/**
 * Keeps the streaming connection of a client open: whenever it is lost or closed, or cannot be opened, it is opened again
 * some seconds later, until {@link close}.
 *
 * @deprecated Methods with streams take the place of streaming endpoints.
 */
export class StreamingConnectionHandler {
  readonly #client: StreamingEndpointsClient;
  readonly #retryEverySeconds: number;
  readonly #clock: Clock;
  readonly #state = new Status<StreamingConnectionHandlerState>({ status: "disconnected" });
  readonly #stopListening: () => void;
  /** Whether it is to be open. */
  #isWanted = false;
  /** Of the countdown. */
  #timer: unknown;

  constructor(client: StreamingEndpointsClient, options: StreamingConnectionHandlerOptions = {}) {
    const { retryEverySeconds = 5, listener, clock = systemClock } = options;
    this.#client = client;
    this.#retryEverySeconds = Math.max(1, Math.ceil(retryEverySeconds));
    this.#clock = clock;
    this.#set({ status: client.streamingConnectionStatus });
    if (listener) this.#state.listen(listener);
    const stopListening = [
      client.onStreamingConnectionStatus((status) => this.#changed(status)),
      client.onStatus(() => client.status === "closed" && this.#changed("disconnected")), // It may be waiting to retry.
    ];
    this.#stopListening = () => stopListening.forEach((stop) => stop());
  }

  get state(): StreamingConnectionHandlerState {
    return this.#state.value;
  }

  /** Opens the connection, at once if it was waiting to retry, and keeps it open from now on. */
  connect(): void {
    this.#isWanted = true;
    // The status tells whether it succeeds, and ends a countdown; but it stays if there is nothing to open it with.
    this.#client.openStreamingConnection().catch(() => this.#isWanted && this.#changed(this.#client.streamingConnectionStatus));
  }

  /** Closes the connection, and keeps it closed. */
  close(): void {
    this.#isWanted = false;
    this.#client.closeStreamingConnection();
    this.#changed(this.#client.streamingConnectionStatus); // It may have been waiting to retry.
  }

  /** Ends this handler; a connection that is open stays so. */
  dispose(): void {
    this.#isWanted = false;
    this.#stopListening();
    this.#clock.clearTimeout(this.#timer);
  }

  #changed(status: StreamingConnectionStatus): void {
    this.#clock.clearTimeout(this.#timer);
    if (status !== "disconnected" || !this.#isWanted || this.#client.status === "closed") this.#set({ status });
    else this.#countDown(this.#retryEverySeconds);
  }

  #countDown(retryInSeconds: number): void {
    if (retryInSeconds === 0) return this.connect();
    this.#timer = this.#clock.setTimeout(() => this.#countDown(retryInSeconds - 1), 1_000);
    this.#set({ status: "waitingToRetry", retryInSeconds }); // Last: the listener may close it.
  }

  #set(state: StreamingConnectionHandlerState): void {
    const { status, retryInSeconds } = this.state;
    if (status !== state.status || retryInSeconds !== state.retryInSeconds) this.#state.set(state);
  }
}
