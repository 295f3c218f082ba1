// Streampod's TypeScript client in one module. MIT OR Apache-2.0. Built by `npm run build`; do not edit.

/** Where the `Authorization` header of each call comes from, such as `Bearer <token>`. */
interface Authentication {
    header(): Promise<string | undefined> | string | undefined;
    /**
     * Called when the server did not accept a header: a call was answered with 401, or a stream refused as unauthorized.
     * `true` says that `header()` has a new one; the call is then made once more. Calls that are refused together share it,
     * and wait for it; so it must not await a call of the same client that can be refused for want of a login.
     */
    refresh?(): Promise<boolean> | boolean;
}
/** A header, and after how many refreshes it was asked for. */
interface Authorization {
    readonly header: string | undefined;
    readonly refreshes: number;
}
/** The user's {@link Authentication}, refreshed once for all the calls that need it. */
declare class Authenticator {
    #private;
    constructor(authentication: Authentication | undefined);
    authorize(): Promise<Authorization>;
    /** Whether a call that was refused with this authorization is worth another attempt. */
    renew({ refreshes }: Authorization): Promise<boolean>;
}
/** Time, as the runtime sees it; tests inject their own. */
interface Clock {
    now(): number;
    setTimeout(callback: () => void, ms: number): unknown;
    clearTimeout(timer: unknown): void;
}
declare const systemClock: Clock;
/** Everything the runtime itself throws extends this; what a method throws on purpose is a {@link SerializableException}. */
declare class StreampodError extends Error {
    readonly name: string;
}
/** The connection failed, not the call: trying again later may succeed. What `reconnecting` retries by default. */
declare class ConnectionError extends StreampodError {
    readonly name: string;
}
/** The server could not be reached. */
declare class ConnectionFailedError extends ConnectionError {
    readonly name: string;
}
/** The server did not answer the first ping within `connectTimeoutMs`. */
declare class HandshakeTimeoutError extends ConnectionError {
    readonly name: string;
}
/** The connection was lost while calls were open on it. */
declare class ConnectionLostError extends ConnectionError {
    readonly name: string;
}
/** Nothing was heard for `idleTimeoutMs`, not even an answer to a ping. */
declare class IdleTimeoutError extends ConnectionError {
    readonly name: string;
}
/** An ordinary call was not answered within `callTimeoutMs`. It may have run all the same. */
declare class CallTimeoutError extends ConnectionError {
    readonly name: string;
}
type RefusalReason = "notFound" | "unauthorized" | "forbidden" | "badRequest";
/** The server refused to open a streaming call. */
declare class CallRefusedError extends StreampodError {
    readonly reason: RefusalReason;
    readonly name: string;
    constructor(reason: RefusalReason, call: string);
}
/** The server closed the call with an error that it does not explain; an input's own failure is the `cause`. */
declare class CallClosedWithErrorError extends StreampodError {
    readonly name: string;
}
/** Elements arrived faster than they were consumed, and `maxBufferedElements` were waiting. The call was cancelled. */
declare class SlowConsumerError extends StreampodError {
    readonly name: string;
}
/** The client was closed, by `close()`. */
declare class ClientClosedError extends StreampodError {
    readonly name: string;
}
/** A value does not fit the type it was declared with. */
declare class CodecError extends StreampodError {
    readonly name: string;
}
/** An ordinary call was answered with a status other than 200. */
declare class HttpError extends StreampodError {
    readonly statusCode: number;
    readonly name: string;
    constructor(statusCode: number, message: string);
}
declare class BadRequestError extends HttpError {
    readonly name: string;
}
declare class UnauthorizedError extends HttpError {
    readonly name: string;
}
declare class ForbiddenError extends HttpError {
    readonly name: string;
}
declare class NotFoundError extends HttpError {
    readonly name: string;
}
declare class InternalServerError extends HttpError {
    readonly name: string;
}
/** The error class for a status. */
declare function httpError(statusCode: number, body: string): HttpError;
/**
 * The id of a call. `crypto.randomUUID` exists in secure contexts only, so a page served over plain HTTP lacks it, and
 * Node 18 lacks `crypto` altogether. `Math.random` will do there: the id only tells one connection's calls apart.
 */
declare function uuidV4(crypto?: Partial<Crypto> | undefined): string;
/** A random UUID: version 4. */
declare function randomUuid(): string;
/** A UUID that begins with the time: version 7. */
declare function randomUuidV7(): string;
/** What `JSON` can say, and integers beyond 2^53 as `bigint`. `undefined` properties are left out. */
type Json = null | boolean | number | bigint | string | Json[] | {
    [key: string]: Json | undefined;
};
/** `JSON.stringify` that writes a `bigint` as the integer it is. */
declare function stringify(value: Json): string;
/**
 * `JSON.parse` that reads integers beyond 2^53 as `bigint`, exactly.
 *
 * `JSON.parse` alone would round them. A text without 16 digits in a row cannot hold one and takes the fast path; in any
 * other, each becomes a string with a mark that nobody can foresee, by which it is known again.
 */
declare function parse(text: string): unknown;

/** A value together with its type, for a `dynamic` place. Made by {@link typed}, or by `double(42)`. */
declare class Typed {
    readonly type: AnyType;
    readonly value: unknown;
    constructor(type: AnyType, value: unknown);
}
/** Says which type a value has where it cannot be seen: `typed(list(int), [1, 2])`, `typed(TestEnum, "one")`. */
declare function typed<D extends AnyType>(type: D, value: Infer<D>): Typed;

declare const bool: Type<boolean>;
declare const string: Type<string>;
declare const uuid: Type<string>;
declare const uri: Type<string>;
/** A 64-bit integer: a `number` while that is exact (up to ±2^53), beyond it a `bigint`, both ways. */
declare const int64: Type<number | bigint>;
/** {@link int64} for integers that are known to be small, typed so. One beyond ±2^53 still arrives as an exact `bigint`. */
declare const int: Type<number>;
/** A double; called, it makes a number a double for a `dynamic` place: `double(42)`, where 42 would go as an int. */
declare const double: ((value: number) => Typed) & Type<number>;
/** A `Date`. It holds milliseconds: a server's microseconds are cut off. */
declare const dateTime: Type<Date>;
/** A duration in whole milliseconds, as a `number`. */
declare const duration: Type<number>;
declare const bigInt: Type<bigint>;
/** ByteData: a `Uint8Array`. */
declare const bytes: Type<Uint8Array<ArrayBufferLike>>;
declare function toBase64(value: Uint8Array): string;
/** No value; what a method that returns nothing returns. */
declare const voidType: Type<void>;

/**
 * Any value, sent with its class name. An integral number goes as an int (`double(42)` for a double), a `bigint` as an
 * int where it fits 64 bits and a BigInt otherwise, model instances under their own names; `typed` says the rest.
 */
declare const dynamic: Type<unknown>;
/** `{"className": …, "data": …}`: how a value travels whose type the reader does not know. */
declare function wrap(type: AnyType, value: unknown): Json;

/** The types that a client knows by name: how `dynamic` values and exceptions find their class. */
declare class Protocol {
    #private;
    /** @param types the models, exceptions and enums that may arrive in a dynamic place. */
    constructor(types?: readonly AnyType[]);
    /** Reads `{"className": …, "data": …}`. */
    unwrap(json: unknown): unknown;
    /** The type of a class name, such as `SimpleData` or `Map<String,List<int?>>`. */
    type(className: string): AnyType;
}

/** `T?`: the value or `null`. `undefined` is taken for `null`. */
declare function nullable<D extends AnyType>(type: D): Type<Infer<D> | null>;
/** A type that is only defined further down, such as the model that a model of the same name holds. */
declare function lazy<T>(type: () => Type<T>): Type<T>;
declare function list<D extends AnyType>(type: D): Type<Infer<D>[]>;
declare function set<D extends AnyType>(type: D): Type<Set<Infer<D>>>;
/** A `Map`. With `String` keys it is an object on the wire, otherwise a list of entries. */
declare function map<K extends AnyType, V extends AnyType>(key: K, value: V): Type<Map<Infer<K>, Infer<V>>>;
type Tuple<P extends readonly AnyType[]> = {
    -readonly [I in keyof P]: Infer<P[I]>;
};
type Named<N extends Fields> = {
    [K in keyof N]: Infer<N[K]>;
};
/** A record: a tuple of its positional fields, followed by one object of the named fields if it has any. */
declare function record<const P extends readonly AnyType[]>(positional: P): Type<Tuple<P>>;
declare function record<const P extends readonly AnyType[], N extends Fields>(positional: P, named: N): Type<[...Tuple<P>, Named<N>]>;

/** What a field or an argument has beside its type. */
interface FieldOptions<T = unknown> {
    /** The key on the wire, if that is not the name. */
    readonly key?: string;
    /** What a field is when whoever makes a value leaves it out. A function is called for each value. */
    readonly default?: T | (() => T);
    /** Whoever makes a value must give the field, although it may be `null`. */
    readonly required?: true;
    /** The argument may be left out; the server knows what stands in for it. */
    readonly optional?: true;
}
/** A field or an argument that is more than its type: `field(int, { default: 1 })`. */
declare function field<D extends AnyType, const O extends FieldOptions<Infer<D>>>(type: D, options: O): Type<Infer<D>> & {
    readonly field: O;
};

/**
 * A type of the wire: how its values are written and read. Section 1 of the wire contract.
 *
 * Model and exception classes are types themselves (see {@link model}), so `list(SimpleData)` reads as it should.
 */
interface Type<T> {
    /** Its `className` on the wire. */
    readonly typeName: string;
    encode(value: T): Json;
    decode(json: unknown, protocol: Protocol): T;
    /** The name under which a value travels alone, where that is not simply the type's. */
    classNameOf?(value: T): string;
    /** What `field` adds to a type. */
    readonly field?: FieldOptions;
}
type AnyType = Type<any>;
/** The values of a type: `Infer<typeof int>` is `number`; a model class stands for its instances. */
type Infer<D> = D extends (abstract new (...args: never) => unknown) & {
    readonly prototype: infer I;
} ? I : D extends Type<infer T> ? T : never;
/** Whether whoever makes a value may leave out a field of this type. */
type IsOptional<D> = D extends {
    readonly field: infer O;
} ? O extends {
    readonly required: true;
} ? false : O extends {
    readonly default: unknown;
} | {
    readonly optional: true;
} ? true : HasNull<D> : HasNull<D>;
type HasNull<D> = null extends Infer<D> ? true : false;
/** The object that a value is made of, or that holds arguments: what is nullable or has a default may be left out. */
type ValuesOf<F extends Fields> = {
    [K in keyof F as IsOptional<F[K]> extends true ? never : K]: Infer<F[K]>;
} & {
    [K in keyof F as IsOptional<F[K]> extends true ? K : never]?: Infer<F[K]> | undefined;
};
type Fields = Readonly<Record<string, AnyType>>;
/** The name under which a value of the type travels alone. */
declare function className(type: AnyType, value: unknown): string;
/** Refuses a value, naming what was expected. */
declare function mismatch(expected: string, value: unknown): never;
declare function isObject(value: unknown): value is Record<string, unknown>;
/** Runs `code`; a {@link CodecError} from within is told where it happened. */
declare function within<T>(place: string, code: () => T): T;
/** A property of the object itself: a key like `constructor` is not to be found in what objects inherit. */
declare function own(object: object, key: string): unknown;
/** Fields by their keys. An optional one is left out if it was not given, and so is one whose value `skip` picks. */
declare function encodeFields(fields: Fields, values: object, skip?: (_value: unknown) => boolean): {
    [key: string]: Json;
};
/** The fields by name. One that is missing is `undefined` if a default stands in for it, otherwise `null`. */
declare function decodeFields(fields: Fields, json: unknown, protocol: Protocol): Record<string, unknown>;

/** The frames of section 3 of the wire contract that concern one call; `call` is its id. */
type CallFrame = {
    type: "omsr";
    call: string;
    result: string;
} | {
    type: "msm";
    call: string;
    parameter?: string;
    object: unknown;
} | {
    type: "msse";
    call: string;
    parameter?: string;
    exception: unknown;
} | {
    type: "cmsc";
    call: string;
    parameter?: string;
    reason: "done" | "error";
};
type Frame = {
    type: "ping";
} | {
    type: "pong";
} | {
    type: "brm";
    request: string;
} | CallFrame;
declare const pingFrame = "{\"type\":\"ping\"}";
declare const pongFrame = "{\"type\":\"pong\"}";
declare function frame(type: string, data: {
    [key: string]: Json | undefined;
}): string;
/** @throws if the text is not a frame of the protocol. */
declare function parseFrame(text: string): Frame;
/** What `omsr` says when it is not `success`. */
declare const refusals: ReadonlyMap<string, RefusalReason>;

interface KeepaliveOptions {
    clock: Clock;
    pingIntervalMs: number;
    idleTimeoutMs: number;
}
/** Pings a peer at intervals, and says when it was silent for too long. */
declare class Keepalive {
    #private;
    constructor(options: KeepaliveOptions, sendPing: () => void, onSilence: () => void);
    /** The peer has just been heard for the first time. */
    start(): void;
    heard(): void;
    stop(): void;
}

/** The part of a WebSocket that the runtime uses: a browser's, Node's, or the `ws` package's. */
interface WebSocketLike {
    readonly bufferedAmount: number;
    onopen: ((event: never) => void) | null;
    onmessage: ((event: never) => void) | null;
    onerror: ((event: never) => void) | null;
    onclose: ((event: never) => void) | null;
    send(data: string): void;
    close(): void;
}
type WebSocketConstructor = new (url: string) => WebSocketLike;
/** What a client's WebSockets have in common. */
interface SocketOptions extends KeepaliveOptions {
    WebSocket: WebSocketConstructor;
    connectTimeoutMs: number;
}
interface ConnectionOptions extends SocketOptions {
    closeDelayMs: number;
    onState: (connection: Connection) => void;
}
/** A call as its connection sees it. */
interface ConnectedCall {
    readonly id: string;
    /** The connection is open. */
    connected(): void;
    received(frame: CallFrame): void;
    /** The connection is no more. */
    failed(error: StreampodError): void;
}
/** One WebSocket from opening to closing, shared by many calls. It closes itself when the last of them ends. */
declare class Connection {
    #private;
    state: "connecting" | "open" | "closed";
    /** @throws what the WebSocket's constructor throws, such as for a malformed URL. */
    constructor(url: string, options: ConnectionOptions);
    add(call: ConnectedCall): void;
    remove(call: ConnectedCall): void;
    send(text: string): void;
    /** Resolves once the socket has taken enough of what was sent. */
    writable(): Promise<void>;
    /** Ends every call with the error, and closes. */
    fail(error: StreampodError): void;
    close(): void;
}
/** Resolves once the socket has taken enough of what was sent. It has no event for that, so this looks again and again. */
declare function drained(socket: WebSocketLike, clock: Clock, isOpen: () => boolean): Promise<void>;

/** An ordinary method, as generated code describes it. */
interface Method<A extends Fields = Fields, R extends AnyType = AnyType> {
    readonly endpoint: string;
    readonly method: string;
    readonly args: A;
    readonly returns: R;
}
/** A streaming method: `inputs` are its stream parameters; `returns` is the type of an element, or of the single value. */
interface StreamingMethod<A extends Fields = Fields, I extends Fields = Fields, R extends AnyType = AnyType> extends Method<A, R> {
    readonly inputs: I;
}
/** Options of a single call. */
interface CallOptions {
    /** Cancels the call; what awaits it is rejected with the signal's reason. */
    signal?: AbortSignal | undefined;
    /** Told when the server accepted a streaming call. */
    onOpen?: (() => void) | undefined;
}
type Input<T> = AsyncIterable<T> | Iterable<T>;

/**
 * A typed exception, thrown by a method or into a stream; `instanceof` tells them apart. Its classes are made by
 * {@link exception}.
 */
declare class SerializableException extends Error {
    static readonly typeName: string;
    static readonly fields: Fields;
    constructor(values?: object);
}
type Values<F extends Fields> = {
    -readonly [K in keyof F]: Infer<F[K]>;
};
/** What {@link model} and its like return: a base class that is its own {@link Type}. */
interface ModelClass<F extends Fields, Base = unknown, Instance = Values<F> & Base> {
    new (values: ValuesOf<F>): Instance;
    readonly typeName: string;
    readonly fields: F;
    encode(value: object): Json;
    decode<T>(this: new (values: ValuesOf<F>) => T, json: unknown, protocol: Protocol): T;
}
/**
 * The base of a model class:
 *
 * ```ts
 * class SimpleData extends model("SimpleData", { id: nullable(int), num: int }) {}
 * const data = new SimpleData({ num: 3 }); // id is null
 * ```
 */
declare function model<F extends Fields>(typeName: string, fields: F): ModelClass<F>;
/** The base of an exception class, declared like a {@link model}. */
declare function exception<F extends Fields>(typeName: string, fields: F): ModelClass<F, SerializableException>;
type Parent<F extends Fields, I> = {
    readonly fields: F;
} & (abstract new (values: never) => I);
/**
 * What a class inherits but for fields. Classes of one sealed hierarchy are told apart by their `$type`, so the type of
 * one is never that of another, although `instanceof` says that it is.
 */
type Inherited<I, Name> = I extends {
    readonly $type: string;
} ? (I extends SerializableException ? SerializableException : unknown) & {
    readonly $type: Name;
} : I;
/** The base of a class that extends another one: it has that one's fields, then its own. */
declare function extend<P extends Fields, I, const Name extends string, F extends Fields>(parent: Parent<P, I>, typeName: Name, fields: F): ModelClass<P & F, Inherited<I, Name>>;
/** Makes the fields read-only: `class Point extends immutable(model("Point", { x: int })) {}`. */
declare function immutable<F extends Fields, Base>(base: ModelClass<F, Base>): ModelClass<F, Base, Readonly<Values<F>> & Base>;
/** The classes of a sealed hierarchy, of which `T` is the union. */
type Members<T> = readonly (AnyType & (abstract new (values: never) => T))[];
/** What {@link sealed} returns: the {@link Type} of all members, and the class that they extend. */
interface SealedClass<F extends Fields, T, Base = unknown> {
    /** None: what the members inherit from. */
    new (values: never): {
        readonly $type: string;
    } & Base;
    /** What `instanceof` narrows to. */
    readonly prototype: T;
    readonly typeName: string;
    readonly fields: F;
    encode(value: T): Json;
    decode(json: unknown, protocol: Protocol): T;
}
/**
 * A class of which only those that extend it have values. Where a value's static type is the sealed one, the object on
 * the wire says with `__className__` which of them it is; in JavaScript its `$type` does:
 *
 * ```ts
 * const Shape = sealed(model("Shape", { name: string }), (): Members<Shape> => [Circle, Square]);
 * type Shape = Circle | Square;
 * class Circle extends extend(Shape, "Circle", { radius: double }) {}
 * ```
 */
declare function sealed<F extends Fields, Base, T>(base: ModelClass<F, Base>, members: () => Members<T>): SealedClass<F, T, Base>;
/**
 * Elements between a call that receives them and the `for await` that consumes them. At most `bound` wait: the protocol
 * cannot ask a server to pause, so one more ends the queue with a {@link SlowConsumerError}.
 */
declare class ElementQueue<T> implements AsyncIterator<T, undefined> {
    #private;
    readonly bound: number;
    readonly onDone: () => void;
    /** @param onDone told once, when the consumer stops or the queue overflows. */
    constructor(bound: number, onDone: () => void);
    push(value: T): void;
    /** What was pushed before is still consumed, then comes the end, or the error. */
    end(end?: {
        error?: unknown;
    }): void;
    next(): Promise<IteratorResult<T, undefined>>;
    return(): Promise<IteratorResult<T, undefined>>;
}

interface CallSetup {
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
declare class Call implements ConnectedCall {
    #private;
    readonly id: string;
    readonly elements: ElementQueue<unknown>;
    /** @throws CodecError for arguments that do not fit. */
    constructor(setup: CallSetup);
    /** Opens the call on the connection, now or once that is open. */
    start(connection: Connection, authorization: Authorization): void;
    connected(): void;
    received(received: CallFrame): void;
    /** Whether nothing more will happen, be it because it was cancelled. */
    get ended(): boolean;
    failed(error: unknown): void;
}
/** Lets an iterator clean up. A generator that is awaiting something does so only after that; nobody waits for it. */
declare function stop(iterator: AnyIterator): void;
/** A status, and who is told when it changes. */
declare class Status<S> {
    #private;
    value: S;
    constructor(value: S);
    /** @returns a function that takes the listener off again. */
    listen(listener: (value: S) => void): () => void;
    set(value: S): void;
}

interface ClientOptions {
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
type ClientStatus = "idle" | "connecting" | "open" | "closed";
type OptionalInput = {
    readonly field: {
        readonly optional: true;
    };
};
/** What feeds the stream parameters of a call; optional ones may be left out. */
type Inputs<I extends Fields> = {
    [K in keyof I as I[K] extends OptionalInput ? never : K]: Input<Infer<I[K]>>;
} & {
    [K in keyof I as I[K] extends OptionalInput ? K : never]?: Input<Infer<I[K]>> | undefined;
};
/** The base of a generated client: ordinary calls over HTTP, streaming calls over one WebSocket that manages itself. */
declare class StreampodClient {
    #private;
    /** The types that arrive by name. A generated client passes its own. */
    readonly protocol: Protocol;
    /** @param host the URL of the API, such as `http://localhost:8080/`. */
    constructor(host: string, options?: ClientOptions, protocol?: Protocol);
    get status(): ClientStatus;
    /** @returns a function that takes the listener off again. */
    onStatus(listener: (status: ClientStatus) => void): () => void;
    /** Ends every streaming call with a {@link ClientClosedError}. */
    close(): void;
    /** Calls an ordinary method, over HTTP. */
    call<A extends Fields, R extends AnyType>(method: Method<A, R>, args: ValuesOf<A>, options?: CallOptions): Promise<Infer<R>>;
    /**
     * A streaming method's returned stream. Iterating it opens the call; `break` or the signal cancels it. Each iteration is
     * a call of its own.
     */
    open<A extends Fields, I extends Fields, R extends AnyType>(method: StreamingMethod<A, I, R>, args: ValuesOf<A>, inputs: Inputs<I>, options?: CallOptions): AsyncIterable<Infer<R>>;
    /** Calls a streaming method that returns a single value, or nothing. */
    openValue<A extends Fields, I extends Fields, R extends AnyType>(method: StreamingMethod<A, I, R>, args: ValuesOf<A>, inputs: Inputs<I>, options?: CallOptions): Promise<Infer<R>>;
}
/** The base of a generated endpoint: it calls through its client. */
declare class EndpointRef {
    protected readonly client: StreampodClient;
    constructor(client: StreampodClient);
}
/** @throws ConnectionFailedError if there is no WebSocket here. */
declare function socketOptions(options: ClientOptions): SocketOptions;
/** The URL of a WebSocket of the API at `host`. */
declare function webSocketUrl(host: string, path: string): string;
declare function bufferBound({ maxBufferedElements }: ClientOptions): number;

/** Waits double from `minMs` to `maxMs`; of each, a random share up to `jitter` is taken off, so that clients spread out. */
interface Backoff {
    /** Default 500. */
    minMs?: number;
    /** Default 30,000. */
    maxMs?: number;
    /** Default 0.5. */
    jitter?: number;
}
/** A stretch in which elements may have been missed. */
interface Gap {
    /** Why the call ended; `undefined` when the server ended the stream. */
    error: unknown;
    /** Counts from 1 since the last success. */
    attempt: number;
    /** When the next attempt is made, from now. */
    delayMs: number;
    /** Makes it at once. */
    retryNow(): void;
}
interface ReconnectingOptions {
    signal?: AbortSignal;
    backoff?: Backoff;
    /** Whether to call again after an error, or after a normal end (`undefined`). By default after a {@link ConnectionError}. */
    retry?: (error: unknown) => boolean;
    /** Told of each gap, when it begins. */
    onGap?: (gap: Gap) => void;
    /** Told when an attempt begins, and when its call is open. */
    onStatus?: (status: "connecting" | "open") => void;
    clock?: Clock;
    random?: () => number;
}
/**
 * A stream that is called again whenever its connection was lost:
 *
 * ```ts
 * for await (const update of reconnecting((options) => client.board.watch(options), { signal, onGap })) …
 * ```
 *
 * What happened between two calls is lost; `onGap` is the place to say so, or to fetch what was missed.
 */
declare function reconnecting<T>(open: (options: CallOptions) => AsyncIterable<T>, options?: ReconnectingOptions): AsyncGenerator<T, void, undefined>;
/**
 * The token in the value of an `Authorization` header: what `Basic` and `Bearer` hold, or the value itself.
 *
 * @throws ConnectionFailedError if `Basic` holds no base64.
 */
declare function tokenOf(header: string): string;
/** The value of an `Authorization` header with another token, made like the one that is given. */
declare function wrapped(token: string, like: string | undefined): string;

/**
 * Of the streaming connection: `connected` once the server answered.
 *
 * @deprecated Methods with streams take the place of streaming endpoints.
 */
type StreamingConnectionStatus = "connecting" | "connected" | "disconnected";
interface StreamingConnectionOptions extends SocketOptions {
    url: string;
    header: () => Promise<string | undefined>;
    onStatus: (connection: StreamingConnection) => void;
    /** Told of each message, as it came: `object` is perhaps no message. */
    onMessage: (endpoint: string, object: unknown) => void;
}
/** One WebSocket of the streaming endpoints from opening to closing. Section 4 of the wire contract. */
declare class StreamingConnection {
    #private;
    status: StreamingConnectionStatus;
    /** Resolves once the first ping was sent. */
    readonly opened: Promise<void>;
    constructor(options: StreamingConnectionOptions);
    /** Whether something can be sent. */
    get isWritable(): boolean;
    /** Sends at once, and resolves when the socket has taken enough of it. Nothing happens if it is not writable. */
    send(frame: {
        [key: string]: Json;
    }): Promise<void>;
    /** Signs in with a key, now or as soon as the socket opens; or out. */
    authenticate(key: string | null): void;
    /** Closes. The error is for whoever still waits until it is open; the others see the status. */
    close(error?: unknown): void;
}

/**
 * The messages from one streaming endpoint. Each iterator gets every message from its beginning on. While there is none,
 * messages wait for the next one, and so does what the last one left.
 */
declare class MessageStream implements AsyncIterable<unknown> {
    #private;
    readonly endpoint: string;
    readonly protocol: Protocol;
    readonly bound: number;
    constructor(endpoint: string, protocol: Protocol, bound: number);
    /** @param object as it came: perhaps no message. */
    push(object: unknown): void;
    /** What was pushed before is still consumed, then comes the end. */
    close(): void;
    [Symbol.asyncIterator](): AsyncIterator<unknown, undefined>;
    /** @throws CodecError */
    decode(object: unknown): unknown;
}

/**
 * The base of a generated client of a server that has streaming endpoints. They exchange messages over a connection of their
 * own, which is opened and closed by hand; all else is as in {@link StreampodClient}.
 *
 * @deprecated Methods with streams take the place of streaming endpoints.
 */
declare class StreamingEndpointsClient extends StreampodClient {
    #private;
    /** @param host the URL of the API, such as `http://localhost:8080/`. */
    constructor(host: string, options?: ClientOptions, protocol?: Protocol);
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
    openStreamingConnection(): Promise<void>;
    /**
     * Closes the streaming connection; nothing happens if it is not open.
     *
     * @deprecated Methods with streams take the place of streaming endpoints.
     */
    closeStreamingConnection(): void;
    /** @deprecated Methods with streams take the place of streaming endpoints. */
    get streamingConnectionStatus(): StreamingConnectionStatus;
    /**
     * Tells the listener of each change; `addStreamingConnectionStatusListener` and `removeStreamingConnectionStatusListener`
     * in Serverpod.
     *
     * @returns a function that takes the listener off again.
     * @deprecated Methods with streams take the place of streaming endpoints.
     */
    onStreamingConnectionStatus(listener: (status: StreamingConnectionStatus) => void): () => void;
    /**
     * Signs in on the open connection with another key, or out with `null`; does nothing if it is disconnected. What is sent
     * after it is sent with that key. It goes in the way of the header with which the connection was opened: `Basic` or
     * `Bearer`, and `Bearer` if there was none. A connection that is opened later asks the `authentication` again.
     *
     * @param key the token itself, not the header.
     * @deprecated Methods with streams take the place of streaming endpoints.
     */
    updateStreamingConnectionAuthenticationKey(key: string | null): void;
    /**
     * The messages from an endpoint, by its name; what the `stream` of a generated endpoint is.
     *
     * @deprecated Methods with streams take the place of streaming endpoints.
     */
    streamOf(endpoint: string): AsyncIterable<unknown>;
    /**
     * Sends a message to an endpoint, by its name; what `sendStreamMessage` of a generated endpoint does. It is on its way when
     * this returns; the promise resolves when less than 1 MiB waits in the socket, so whoever sends much awaits it. No answer
     * tells whether it arrived.
     *
     * @param message as for {@link dynamic}: a model, or something else whose class is known; not `null`.
     * @throws ConnectionError if there is no connection; CodecError for what is no message; ClientClosedError after {@link close}.
     * @deprecated Methods with streams take the place of streaming endpoints.
     */
    sendStreamMessage(endpoint: string, message: unknown): Promise<void>;
    /** Ends every streaming call with a {@link ClientClosedError}, and the streams of the streaming endpoints. */
    close(): void;
}

/**
 * The base of a generated endpoint that exchanges messages over the streaming connection.
 *
 * @deprecated Methods with streams take the place of streaming endpoints.
 */
declare class StreamingEndpointRef extends EndpointRef {
    #private;
    protected readonly client: StreamingEndpointsClient;
    constructor(client: StreamingEndpointsClient, name: string);
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
    get stream(): AsyncIterable<unknown>;
    /**
     * Sends a message to the endpoint. Await it when there are many: it resolves when less than 1 MiB waits to be sent.
     *
     * @throws ConnectionError if there is no connection; CodecError if the class of the message is not known.
     * @deprecated Methods with streams take the place of streaming endpoints.
     */
    sendStreamMessage(message: unknown): Promise<void>;
}

/**
 * What a {@link StreamingConnectionHandler} tells.
 *
 * @deprecated Methods with streams take the place of streaming endpoints.
 */
interface StreamingConnectionHandlerState {
    readonly status: StreamingConnectionStatus | "waitingToRetry";
    /** While it is waiting to retry: in how many seconds it will. */
    readonly retryInSeconds?: number;
}
/** @deprecated Methods with streams take the place of streaming endpoints. */
interface StreamingConnectionHandlerOptions {
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
declare class StreamingConnectionHandler {
    #private;
    constructor(client: StreamingEndpointsClient, options?: StreamingConnectionHandlerOptions);
    get state(): StreamingConnectionHandlerState;
    /** Opens the connection, at once if it was waiting to retry, and keeps it open from now on. */
    connect(): void;
    /** Closes the connection, and keeps it closed. */
    close(): void;
    /** Ends this handler; a connection that is open stays so. */
    dispose(): void;
}

/** An enum: its values are strings. `properties` tells what each of them has beside its name. */
interface EnumType<V extends string, P = unknown> extends Type<V> {
    readonly values: readonly V[];
    readonly properties: {
        readonly [K in V]: P;
    };
}
/** The names of an enum's values, in their order; or an object that has each of them with its properties. */
type EnumValues<V extends string, P> = readonly V[] | {
    readonly [K in V]: P;
};
/** An enum that travels as its name. With a `fallback`, a value that is not known is taken for that. */
declare function enumByName<const V extends string, P = undefined>(typeName: string, values: EnumValues<V, P>, fallback?: NoInfer<V>): EnumType<V, P>;
/** An enum that travels as its index; otherwise as {@link enumByName}. */
declare function enumByIndex<const V extends string, P = undefined>(typeName: string, values: EnumValues<V, P>, fallback?: NoInfer<V>): EnumType<V, P>;
export { BadRequestError, CallClosedWithErrorError, CallRefusedError, CallTimeoutError, ClientClosedError, CodecError, ConnectionError, ConnectionFailedError, ConnectionLostError, EndpointRef, ForbiddenError, HandshakeTimeoutError, HttpError, IdleTimeoutError, InternalServerError, NotFoundError, Protocol, SerializableException, SlowConsumerError, StreamingConnectionHandler, StreamingEndpointRef, StreamingEndpointsClient, StreampodClient, StreampodError, Typed, UnauthorizedError, bigInt, bool, bytes, dateTime, double, duration, dynamic, enumByIndex, enumByName, exception, extend, field, immutable, int, int64, lazy, list, map, model, nullable, randomUuid, randomUuidV7, reconnecting, record, sealed, set, string, systemClock, type AnyType, type Authentication, type Backoff, type CallOptions, type ClientOptions, type ClientStatus, type Clock, type EnumType, type FieldOptions, type Fields, type Gap, type Infer, type Input, type Members, type Method, type ModelClass, type ReconnectingOptions, type RefusalReason, type SealedClass, type StreamingConnectionHandlerOptions, type StreamingConnectionHandlerState, type StreamingConnectionStatus, type StreamingMethod, type Type, type ValuesOf, type WebSocketConstructor, type WebSocketLike, typed, uri, uuid, voidType };
