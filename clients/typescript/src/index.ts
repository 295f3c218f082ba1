/**
 * The runtime under Streampod's generated TypeScript clients.
 *
 * {@link StreampodClient} makes calls and streams; the types (`int`, `list`, {@link model}, …) describe what they carry;
 * {@link reconnecting} calls a stream again when its connection was lost.
 */
export type { Authentication } from "./authentication.js";
export { systemClock, type Clock } from "./clock.js";
export { EndpointRef, StreampodClient, type ClientOptions, type ClientStatus } from "./client.js";
export type { WebSocketConstructor, WebSocketLike } from "./connection.js";
export type { CallOptions, Input, Method, StreamingMethod } from "./method.js";
export { reconnecting, type Backoff, type Gap, type ReconnectingOptions } from "./reconnecting.js";
export { Protocol } from "./protocol.js";

// Streaming endpoints, which are deprecated: all there is of them.
export { StreamingEndpointsClient } from "./streaming-endpoints/client.js";
export type { StreamingConnectionStatus } from "./streaming-endpoints/connection.js";
export { StreamingEndpointRef } from "./streaming-endpoints/endpoint.js";
export {
  StreamingConnectionHandler,
  type StreamingConnectionHandlerOptions,
  type StreamingConnectionHandlerState,
} from "./streaming-endpoints/handler.js";

export { bigInt, bool, bytes, dateTime, double, duration, int, int64, string, uri, uuid, voidType } from "./scalars.js";
export { lazy, list, map, nullable, record, set } from "./collections.js";
export { enumByIndex, enumByName, type EnumType } from "./enum.js";
export { field, type FieldOptions } from "./field.js";
export { SerializableException, exception, extend, immutable, model, sealed, type Members, type ModelClass, type SealedClass } from "./model.js";
export { dynamic } from "./dynamic.js";
export { Typed, typed } from "./typed.js";
export { randomUuid, randomUuidV7 } from "./uuid.js";
export type { AnyType, Fields, Infer, Type, ValuesOf } from "./type.js";

export {
  BadRequestError,
  CallClosedWithErrorError,
  CallRefusedError,
  CallTimeoutError,
  ClientClosedError,
  CodecError,
  ConnectionError,
  ConnectionFailedError,
  ConnectionLostError,
  ForbiddenError,
  HandshakeTimeoutError,
  HttpError,
  IdleTimeoutError,
  InternalServerError,
  NotFoundError,
  SlowConsumerError,
  StreampodError,
  UnauthorizedError,
  type RefusalReason,
} from "./errors.js";
