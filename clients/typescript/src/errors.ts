/** Everything the runtime itself throws extends this; what a method throws on purpose is a {@link SerializableException}. */
export class StreampodError extends Error {
  // Written out in each class: a minifier renames classes.
  override readonly name: string = "StreampodError";
}

/** The connection failed, not the call: trying again later may succeed. What `reconnecting` retries by default. */
export class ConnectionError extends StreampodError {
  override readonly name: string = "ConnectionError";
}

/** The server could not be reached. */
export class ConnectionFailedError extends ConnectionError {
  override readonly name: string = "ConnectionFailedError";
}

/** The server did not answer the first ping within `connectTimeoutMs`. */
export class HandshakeTimeoutError extends ConnectionError {
  override readonly name: string = "HandshakeTimeoutError";
}

/** The connection was lost while calls were open on it. */
export class ConnectionLostError extends ConnectionError {
  override readonly name: string = "ConnectionLostError";
}

/** Nothing was heard for `idleTimeoutMs`, not even an answer to a ping. */
export class IdleTimeoutError extends ConnectionError {
  override readonly name: string = "IdleTimeoutError";
}

/** An ordinary call was not answered within `callTimeoutMs`. It may have run all the same. */
export class CallTimeoutError extends ConnectionError {
  override readonly name: string = "CallTimeoutError";
}

export type RefusalReason = "notFound" | "unauthorized" | "forbidden" | "badRequest";

/** The server refused to open a streaming call. */
export class CallRefusedError extends StreampodError {
  override readonly name: string = "CallRefusedError";

  constructor(readonly reason: RefusalReason, call: string) {
    super(`${call} was refused: ${reason}`);
  }
}

/** The server closed the call with an error that it does not explain; an input's own failure is the `cause`. */
export class CallClosedWithErrorError extends StreampodError {
  override readonly name: string = "CallClosedWithErrorError";
}

/** Elements arrived faster than they were consumed, and `maxBufferedElements` were waiting. The call was cancelled. */
export class SlowConsumerError extends StreampodError {
  override readonly name: string = "SlowConsumerError";
}

/** The client was closed, by `close()`. */
export class ClientClosedError extends StreampodError {
  override readonly name: string = "ClientClosedError";
}

/** A value does not fit the type it was declared with. */
export class CodecError extends StreampodError {
  override readonly name: string = "CodecError";
}

/** An ordinary call was answered with a status other than 200. */
export class HttpError extends StreampodError {
  override readonly name: string = "HttpError";

  constructor(readonly statusCode: number, message: string) {
    super(message || `HTTP status ${statusCode}`);
  }
}

export class BadRequestError extends HttpError {
  override readonly name: string = "BadRequestError";
}
export class UnauthorizedError extends HttpError {
  override readonly name: string = "UnauthorizedError";
}
export class ForbiddenError extends HttpError {
  override readonly name: string = "ForbiddenError";
}
export class NotFoundError extends HttpError {
  override readonly name: string = "NotFoundError";
}
export class InternalServerError extends HttpError {
  override readonly name: string = "InternalServerError";
}

const httpErrors: Record<number, typeof HttpError> = {
  400: BadRequestError,
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  500: InternalServerError,
};

/** The error class for a status. */
export function httpError(statusCode: number, body: string): HttpError {
  return new (httpErrors[statusCode] ?? HttpError)(statusCode, body.trim());
}
