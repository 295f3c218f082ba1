// Streampod's TypeScript client in one module. MIT OR Apache-2.0. Built by `npm run build`; do not edit.
// src/clock.ts
var systemClock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer)
};

// src/authentication.ts
var Authenticator = class {
  #authentication;
  #refreshes = 0;
  #refreshing;
  constructor(authentication) {
    this.#authentication = authentication;
  }
  async authorize() {
    const refreshes = this.#refreshes;
    return { header: await this.#authentication?.header(), refreshes };
  }
  /** Whether a call that was refused with this authorization is worth another attempt. */
  async renew({ refreshes }) {
    if (!this.#authentication?.refresh) return false;
    if (refreshes < this.#refreshes) return true;
    this.#refreshing ??= this.#refresh(this.#authentication.refresh()).finally(() => this.#refreshing = void 0);
    return this.#refreshing;
  }
  async #refresh(refreshed) {
    if (!await refreshed) return false;
    this.#refreshes++;
    return true;
  }
};

// src/errors.ts
var StreampodError = class extends Error {
  // Written out in each class: a minifier renames classes.
  name = "StreampodError";
};
var ConnectionError = class extends StreampodError {
  name = "ConnectionError";
};
var ConnectionFailedError = class extends ConnectionError {
  name = "ConnectionFailedError";
};
var HandshakeTimeoutError = class extends ConnectionError {
  name = "HandshakeTimeoutError";
};
var ConnectionLostError = class extends ConnectionError {
  name = "ConnectionLostError";
};
var IdleTimeoutError = class extends ConnectionError {
  name = "IdleTimeoutError";
};
var CallTimeoutError = class extends ConnectionError {
  name = "CallTimeoutError";
};
var CallRefusedError = class extends StreampodError {
  constructor(reason, call) {
    super(`${call} was refused: ${reason}`);
    this.reason = reason;
  }
  reason;
  name = "CallRefusedError";
};
var CallClosedWithErrorError = class extends StreampodError {
  name = "CallClosedWithErrorError";
};
var SlowConsumerError = class extends StreampodError {
  name = "SlowConsumerError";
};
var ClientClosedError = class extends StreampodError {
  name = "ClientClosedError";
};
var CodecError = class extends StreampodError {
  name = "CodecError";
};
var HttpError = class extends StreampodError {
  constructor(statusCode, message) {
    super(message || `HTTP status ${statusCode}`);
    this.statusCode = statusCode;
  }
  statusCode;
  name = "HttpError";
};
var BadRequestError = class extends HttpError {
  name = "BadRequestError";
};
var UnauthorizedError = class extends HttpError {
  name = "UnauthorizedError";
};
var ForbiddenError = class extends HttpError {
  name = "ForbiddenError";
};
var NotFoundError = class extends HttpError {
  name = "NotFoundError";
};
var InternalServerError = class extends HttpError {
  name = "InternalServerError";
};
var httpErrors = {
  400: BadRequestError,
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  500: InternalServerError
};
function httpError(statusCode, body) {
  return new (httpErrors[statusCode] ?? HttpError)(statusCode, body.trim());
}

// src/type.ts
function className(type, value) {
  return type.classNameOf?.(value) ?? type.typeName;
}
function mismatch(expected, value) {
  const shown = value === null || typeof value !== "object" ? String(value).slice(0, 40) : Array.isArray(value) ? "a list" : "an object";
  throw new CodecError(`expected ${expected}, got ${typeof value === "string" ? JSON.stringify(shown) : shown}`);
}
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function within(place, code) {
  try {
    return code();
  } catch (error) {
    if (error instanceof CodecError) error.message = `${place}: ${error.message}`;
    throw error;
  }
}
function own(object, key) {
  return Object.hasOwn(object, key) ? object[key] : void 0;
}
function encodeFields(fields, values, skip = (_value) => false) {
  const entries = [];
  for (const [name, type] of Object.entries(fields)) {
    const value = own(values, name);
    if (value === void 0 && type.field?.optional) continue;
    const json = within(name, () => type.encode(value));
    if (!skip(value)) entries.push([type.field?.key ?? name, json]);
  }
  return Object.fromEntries(entries);
}
function decodeFields(fields, json, protocol) {
  if (!isObject(json)) mismatch("an object", json);
  return Object.fromEntries(
    Object.entries(fields).map(([name, type]) => {
      const item = own(json, type.field?.key ?? name) ?? null;
      const isDefault = item === null && type.field?.default !== void 0 && !type.typeName.endsWith("?");
      return [name, isDefault ? void 0 : within(name, () => type.decode(item, protocol))];
    })
  );
}

// src/typed.ts
var Typed = class {
  constructor(type, value) {
    this.type = type;
    this.value = value;
  }
  type;
  value;
};
function typed(type, value) {
  return new Typed(type, value);
}

// src/scalars.ts
function scalar(typeName, encode, decode) {
  return { typeName, encode, decode };
}
function plain(typeName, is) {
  const check = (value) => is(value) ? value : mismatch(typeName, value);
  return scalar(typeName, check, check);
}
var isString = (value) => typeof value === "string";
var isBool = (value) => typeof value === "boolean";
var isInt = (value) => typeof value === "bigint" ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);
var bool = plain("bool", isBool);
var string = plain("String", isString);
var uuid = plain("UuidValue", isString);
var uri = plain("Uri", isString);
var int64 = plain("int", isInt);
var int = int64;
var doubleType = scalar(
  "double",
  encodeDouble,
  (json) => typeof json === "number" || typeof json === "bigint" ? Number(json) : mismatch("double", json)
);
function encodeDouble(value) {
  return Number.isFinite(value) ? value : mismatch("a finite double", value);
}
var double = Object.assign((value) => new Typed(doubleType, value), doubleType);
var dateTime = scalar(
  "DateTime",
  (date) => date instanceof Date && !Number.isNaN(date.getTime()) ? date.toISOString() : mismatch("a valid Date", date),
  (json) => {
    const date = new Date(isString(json) ? json : Number.NaN);
    return Number.isNaN(date.getTime()) ? mismatch("DateTime", json) : date;
  }
);
var duration = scalar(
  "Duration",
  (ms) => Number.isSafeInteger(ms) ? ms : mismatch("whole milliseconds", ms),
  (json) => Number.isSafeInteger(json) ? json : mismatch("Duration", json)
);
var bigInt = scalar(
  "BigInt",
  (value) => typeof value === "bigint" ? value.toString() : mismatch("a bigint", value),
  (json) => isString(json) && /^-?\d+$/.test(json) ? BigInt(json) : mismatch("BigInt", json)
);
var bytes = scalar(
  "ByteData",
  (value) => value instanceof Uint8Array ? `decode('${toBase64(value)}', 'base64')` : mismatch("a Uint8Array", value),
  (json) => {
    const base64 = isString(json) ? /^decode\('([A-Za-z0-9+/=]*)', 'base64'\)$/.exec(json)?.[1] : void 0;
    return base64 === void 0 ? mismatch("ByteData", json) : Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  }
);
function toBase64(value) {
  let binary = "";
  for (let start = 0; start < value.length; start += 32768) {
    binary += String.fromCharCode(...value.subarray(start, start + 32768));
  }
  return btoa(binary);
}
var voidType = scalar("void", () => null, () => void 0);

// src/dynamic.ts
var dynamic = {
  typeName: "dynamic",
  encode(value) {
    if (value instanceof Typed) return wrap(value.type, value.value);
    return wrap(typeOf(value), value);
  },
  decode: (json, protocol) => json === null ? null : protocol.unwrap(json)
};
function wrap(type, value) {
  if (type === dynamic) return dynamic.encode(value);
  const data = type.encode(value);
  return { className: data === null ? "null" : className(type, value), data };
}
var nothing = { typeName: "null", encode: () => null, decode: () => null };
function typeOf(value) {
  if (value === null || value === void 0) return nothing;
  switch (typeof value) {
    case "string":
      return string;
    case "boolean":
      return bool;
    case "number":
      return Number.isSafeInteger(value) ? int64 : double;
    case "bigint":
      return BigInt.asIntN(64, value) === value ? int64 : bigInt;
  }
  if (value instanceof Date) return dateTime;
  if (value instanceof Uint8Array) return bytes;
  const type = Object.getPrototypeOf(value)?.constructor;
  return typeof type?.typeName === "string" ? type : mismatch("a value whose class is known (or typed(…))", value);
}

// src/uuid.ts
function uuidV4(crypto2 = globalThis.crypto) {
  if (crypto2?.randomUUID) return crypto2.randomUUID();
  return format(crypto2?.getRandomValues?.(new Uint8Array(16)) ?? Uint8Array.from({ length: 16 }, () => Math.random() * 256), 4);
}
function randomUuid() {
  return format(randomBytes(), 4);
}
function randomUuidV7() {
  const bytes2 = randomBytes();
  new DataView(bytes2.buffer).setBigUint64(0, BigInt(Date.now()) << 16n | BigInt(bytes2[6] * 256 + bytes2[7]));
  return format(bytes2, 7);
}
function randomBytes() {
  if (!globalThis.crypto) throw new StreampodError("no random UUID without globalThis.crypto; in Node 18 it is node:crypto's webcrypto");
  return crypto.getRandomValues(new Uint8Array(16));
}
function format(bytes2, version) {
  bytes2[6] = bytes2[6] & 15 | version << 4;
  bytes2[8] = bytes2[8] & 63 | 128;
  const hex = Array.from(bytes2, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// src/json.ts
function stringify(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return write(value);
  }
}
function write(value) {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(write).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).flatMap(([key, item]) => item === void 0 ? [] : [`${JSON.stringify(key)}:${write(item)}`]);
  return `{${fields.join()}}`;
}
function parse(text) {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const mark = uuidV4();
  let inString = false;
  const marked = text.replace(/\\.|"|-?\d[\d.eE+-]*/g, (token) => {
    if (token === '"') inString = !inString;
    const isBig = !inString && /^-?[1-9]\d{15,}$/.test(token) && !Number.isSafeInteger(Number(token));
    return isBig ? `"${mark}${token}"` : token;
  });
  return JSON.parse(
    marked,
    (_key, value) => typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value
  );
}

// src/frame.ts
var pingFrame = '{"type":"ping"}';
var pongFrame = '{"type":"pong"}';
function frame(type, data) {
  return stringify({ type, data });
}
function parseFrame(text) {
  const message = parse(text);
  if (!isObject(message)) throw new CodecError("a frame is an object");
  const { type } = message;
  if (type === "ping" || type === "pong") return { type };
  const data = isObject(message.data) ? message.data : {};
  if (type === "brm") return { type, request: String(data.req) };
  const { cid: call } = data;
  if (typeof call !== "string") throw new CodecError("a frame without a call id");
  const target = typeof data.p === "string" ? { call, parameter: data.p } : { call };
  switch (type) {
    case "omsr":
      return { type, call, result: String(data.res) };
    case "msm":
      return { type, ...target, object: data.o };
    case "msse":
      return { type, ...target, exception: data.ex };
    case "cmsc":
      return { type, ...target, reason: data.cr === "done" ? "done" : "error" };
  }
  throw new CodecError(`unknown frame type ${String(type)}`);
}
var refusals = /* @__PURE__ */ new Map([
  ["endpointNotFound", "notFound"],
  ["authenticationFailed", "unauthorized"],
  ["authorizationDeclined", "forbidden"],
  ["invalidArguments", "badRequest"]
]);

// src/model.ts
var SerializableException = class extends Error {
  static typeName = "SerializableException";
  static fields = {};
  constructor(values = {}) {
    super();
    this.name = new.target.typeName;
    fill(this, new.target.fields, values);
  }
};
var Model = class {
  static fields = {};
  constructor(values) {
    fill(this, new.target.fields, values);
  }
};
function model(typeName, fields) {
  return derive(Model, typeName, fields);
}
function exception(typeName, fields) {
  return derive(SerializableException, typeName, fields);
}
function extend(parent, typeName, fields) {
  return derive(parent, typeName, { ...parent.fields, ...fields });
}
function immutable(base) {
  return base;
}
function sealed(base, members) {
  const { typeName } = base;
  const member = (name) => members().find((type) => type.typeName === name) ?? mismatch(`a class of ${typeName}`, name);
  return class Sealed extends base {
    static classNameOf(value) {
      return member(value?.$type).typeName;
    }
    static encode(value) {
      const __className__ = this.classNameOf(value);
      return { __className__, ...member(__className__).encode(value) };
    }
    static decode(json, protocol) {
      return isObject(json) ? member(own(json, "__className__")).decode(json, protocol) : mismatch(typeName, json);
    }
  };
}
function derive(Base, typeName, fields) {
  return class extends Base {
    static typeName = typeName;
    static fields = fields;
    get $type() {
      return typeName;
    }
    static classNameOf() {
      return typeName;
    }
    static encode(value) {
      if (!(value instanceof this)) mismatch(`an instance of ${typeName}`, value);
      return encodeFields(fields, value, isNull);
    }
    static decode(json, protocol) {
      return new this(decodeFields(fields, json, protocol));
    }
  };
}
function isNull(value) {
  return value === null || value === void 0;
}
function fill(instance, fields, values) {
  for (const [name, type] of Object.entries(fields)) {
    const given = own(values, name);
    Object.defineProperty(instance, name, { value: given === void 0 ? initial(type) : given, writable: true, enumerable: true, configurable: true });
  }
}
function initial({ field: field2 }) {
  return typeof field2?.default === "function" ? field2.default() : field2?.default ?? null;
}

// src/queue.ts
var ElementQueue = class {
  /** @param onDone told once, when the consumer stops or the queue overflows. */
  constructor(bound, onDone) {
    this.bound = bound;
    this.onDone = onDone;
  }
  bound;
  onDone;
  #elements = [];
  #waiting = [];
  #end;
  push(value) {
    if (this.#end) return;
    const resolve = this.#waiting.shift();
    if (resolve) resolve({ done: false, value });
    else if (this.#elements.length < this.bound) this.#elements.push(value);
    else {
      this.end({ error: new SlowConsumerError(`more than ${this.bound} elements were waiting to be consumed`) });
      this.onDone();
    }
  }
  /** What was pushed before is still consumed, then comes the end, or the error. */
  end(end = {}) {
    if (this.#end) return;
    this.#end = end;
    for (const resolve of this.#waiting.splice(0)) resolve(this.next());
  }
  next() {
    if (this.#elements.length > 0) return Promise.resolve({ done: false, value: this.#elements.shift() });
    if (!this.#end) return new Promise((resolve) => this.#waiting.push(resolve));
    const end = this.#end;
    this.#end = {};
    return "error" in end ? Promise.reject(end.error) : Promise.resolve({ done: true, value: void 0 });
  }
  return() {
    this.#elements.length = 0;
    const wasOpen = !this.#end;
    this.end();
    this.#end = {};
    if (wasOpen) this.onDone();
    return Promise.resolve({ done: true, value: void 0 });
  }
};

// src/call.ts
var Call = class {
  id = uuidV4();
  elements;
  #setup;
  #args;
  #connection;
  #authorization;
  #renewed = false;
  #opened = false;
  #ended = false;
  /** The inputs that are being fed, by parameter. */
  #feeds = /* @__PURE__ */ new Map();
  /** Why an input failed: the cause when the server then closes the call with an error. */
  #inputError;
  /** @throws CodecError for arguments that do not fit. */
  constructor(setup) {
    this.#setup = setup;
    this.#args = stringify(encodeFields(setup.method.args, setup.args));
    this.elements = new ElementQueue(setup.maxBufferedElements, () => this.#cancel());
    setup.options.signal?.addEventListener("abort", this.#abort);
  }
  /** Opens the call on the connection, now or once that is open. */
  start(connection, authorization) {
    this.#connection = connection;
    this.#authorization = authorization;
    connection.add(this);
  }
  connected() {
    const { endpoint, method, inputs } = this.#setup.method;
    const auth = this.#authorization?.header;
    const is = Object.keys(inputs).filter((parameter) => this.#input(parameter));
    this.#connection?.send(frame("omsc", { en: endpoint, m: method, cid: this.id, args: this.#args, is, auth }));
  }
  received(received) {
    switch (received.type) {
      case "omsr":
        return this.#answered(received.result);
      case "msm":
        return this.#element(received.object);
      case "msse":
        return this.#exception(received.exception);
      case "cmsc":
        if (received.parameter !== void 0) this.#stopFeed(received.parameter);
        else if (received.reason === "done") this.#end();
        else this.#end({ error: new CallClosedWithErrorError(`${this.#name} was closed with an error`, { cause: this.#inputError }) });
    }
  }
  /** Whether nothing more will happen, be it because it was cancelled. */
  get ended() {
    return this.#ended;
  }
  failed(error) {
    this.#end({ error });
  }
  get #name() {
    const { endpoint, method } = this.#setup.method;
    return `${endpoint}.${method}`;
  }
  #answered(result) {
    if (this.#opened) return;
    if (result !== "success") return void this.#refused(new CallRefusedError(refusals.get(result) ?? "badRequest", this.#name));
    this.#opened = true;
    for (const [parameter, type] of Object.entries(this.#setup.method.inputs)) {
      const input = this.#input(parameter);
      if (input && !this.#ended) void this.#feed(parameter, type, input);
    }
    this.#setup.options.onOpen?.();
  }
  #input(parameter) {
    return own(this.#setup.inputs, parameter);
  }
  /** Ends the call; but one that lacked a login is opened once more if there is another one now. */
  async #refused(refusal) {
    const { authenticator } = this.#setup;
    const authorization = refusal.reason === "unauthorized" && !this.#renewed ? this.#authorization : void 0;
    this.#renewed = true;
    try {
      if (!authorization || !await authenticator.renew(authorization)) return this.failed(refusal);
      this.#authorization = await authenticator.authorize();
      if (!this.#ended) this.connected();
    } catch (error) {
      this.failed(error);
    }
  }
  #element(object) {
    const { method, protocol } = this.#setup;
    try {
      const isDynamic = method.returns === dynamic;
      const data = isDynamic ? object : object?.data ?? null;
      this.elements.push(method.returns.decode(data, protocol));
    } catch (error) {
      this.#cancel({ error });
    }
  }
  #exception(wrapped2) {
    try {
      this.#cancel({ error: this.#setup.protocol.unwrap(wrapped2) });
    } catch (cause) {
      this.#cancel({ error: new CallClosedWithErrorError(`${this.#name} threw an unknown exception`, { cause }) });
    }
  }
  async #feed(parameter, type, input) {
    let iterator;
    try {
      iterator = Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]();
      if (this.#ended) return stop(iterator);
      this.#feeds.set(parameter, iterator);
      while (this.#feeds.has(parameter)) {
        const { done, value } = await iterator.next();
        if (!this.#feeds.has(parameter)) return;
        if (done) return this.#closeFeed(parameter, "done");
        this.#send("msm", { p: parameter, o: wrap(type, value) });
        await this.#connection?.writable();
      }
    } catch (error) {
      if (!iterator || this.#feeds.has(parameter)) this.#inputFailed(parameter, error);
      if (iterator) stop(iterator);
    }
  }
  #inputFailed(parameter, error) {
    this.#inputError = error;
    try {
      if (error instanceof SerializableException) this.#send("msse", { p: parameter, ex: dynamic.encode(error) });
    } catch (unencodable) {
      this.#inputError = unencodable;
    }
    this.#closeFeed(parameter, "error");
  }
  #closeFeed(parameter, reason) {
    this.#feeds.delete(parameter);
    this.#send("cmsc", { p: parameter, cr: reason });
  }
  #stopFeed(parameter) {
    const iterator = this.#feeds.get(parameter);
    this.#feeds.delete(parameter);
    if (iterator) stop(iterator);
  }
  #send(type, data) {
    const { endpoint, method } = this.#setup.method;
    this.#connection?.send(frame(type, { en: endpoint, m: method, cid: this.id, ...data }));
  }
  #abort = () => this.#cancel({ error: this.#setup.options.signal?.reason });
  /** Ends the call from this side: tells the server, if it knows of the call. */
  #cancel(end = {}) {
    if (this.#ended) return;
    if (this.#connection?.state === "open") this.#send("cmsc", { cr: "done" });
    this.#end(end);
  }
  #end(end = {}) {
    if (this.#ended) return;
    this.#ended = true;
    this.#setup.options.signal?.removeEventListener("abort", this.#abort);
    for (const parameter of [...this.#feeds.keys()]) this.#stopFeed(parameter);
    this.elements.end(end);
    this.#connection?.remove(this);
  }
};
function stop(iterator) {
  void (async () => iterator.return?.())().catch(() => {
  });
}

// src/keepalive.ts
var Keepalive = class {
  #options;
  #sendPing;
  #onSilence;
  #lastHeard = 0;
  /** When the first of the pings was sent after which nothing was heard. */
  #unanswered;
  /** The time after which the peer is given up. */
  #deadline;
  #nextPing;
  constructor(options, sendPing, onSilence) {
    this.#options = options;
    this.#sendPing = sendPing;
    this.#onSilence = onSilence;
  }
  /** The peer has just been heard for the first time. */
  start() {
    this.heard();
    this.#watch(this.#options.idleTimeoutMs);
    this.#pingLater();
  }
  heard() {
    this.#lastHeard = this.#options.clock.now();
    this.#unanswered = void 0;
  }
  stop() {
    this.#options.clock.clearTimeout(this.#deadline);
    this.#options.clock.clearTimeout(this.#nextPing);
  }
  #pingLater() {
    this.#nextPing = this.#options.clock.setTimeout(() => {
      this.#ping();
      this.#pingLater();
    }, this.#options.pingIntervalMs);
  }
  #ping() {
    this.#unanswered ??= this.#options.clock.now();
    this.#sendPing();
  }
  /**
   * Looks after `ms` whether anything was heard within the idle timeout. In a page that the browser paused or slows down, pings
   * are late: the silence is the server's only if it had as long to answer one as it has otherwise.
   */
  #watch(ms) {
    const { clock, idleTimeoutMs, pingIntervalMs } = this.#options;
    this.#deadline = clock.setTimeout(() => {
      const now = clock.now();
      let left = this.#lastHeard + idleTimeoutMs - now;
      if (left <= 0) {
        if (this.#unanswered === void 0) this.#ping();
        left = this.#unanswered + idleTimeoutMs - pingIntervalMs - now;
      }
      if (left > 0) this.#watch(left);
      else this.#onSilence();
    }, ms);
  }
};

// src/connection.ts
var highWaterBytes = 1 << 20;
var drainPollMs = 20;
var Connection = class {
  state = "connecting";
  #options;
  #calls = /* @__PURE__ */ new Map();
  #socket;
  /** Whether the socket itself opened; the connection is open once the server answered. */
  #socketOpened = false;
  #keepalive;
  /** The time after which connecting is given up. */
  #deadline;
  #closing;
  /** @throws what the WebSocket's constructor throws, such as for a malformed URL. */
  constructor(url, options) {
    this.#options = options;
    const { clock, idleTimeoutMs } = options;
    this.#keepalive = new Keepalive(
      options,
      () => this.send(pingFrame),
      () => this.fail(new IdleTimeoutError(`nothing was heard for ${idleTimeoutMs} ms`))
    );
    const socket = this.#socket = new options.WebSocket(url);
    socket.onopen = () => {
      this.#socketOpened = true;
      this.send(pingFrame);
    };
    socket.onmessage = (event) => this.#received(event.data);
    socket.onerror = (event) => this.#lost(event.error);
    socket.onclose = () => this.#lost();
    this.#deadline = clock.setTimeout(
      () => this.fail(new HandshakeTimeoutError(`no answer within ${options.connectTimeoutMs} ms`)),
      options.connectTimeoutMs
    );
  }
  add(call) {
    this.#options.clock.clearTimeout(this.#closing);
    this.#calls.set(call.id, call);
    if (this.state === "open") call.connected();
  }
  remove(call) {
    this.#calls.delete(call.id);
    if (this.#calls.size > 0 || this.state === "closed") return;
    const { clock, closeDelayMs } = this.#options;
    if (closeDelayMs === 0) this.close();
    else this.#closing = clock.setTimeout(() => this.close(), closeDelayMs);
  }
  send(text) {
    if (this.state !== "closed") this.#socket.send(text);
  }
  /** Resolves once the socket has taken enough of what was sent. */
  writable() {
    return drained(this.#socket, this.#options.clock, () => this.state === "open");
  }
  /** Ends every call with the error, and closes. */
  fail(error) {
    if (this.state === "closed") return;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.close();
    for (const call of calls) call.failed(error);
  }
  close() {
    if (this.state === "closed") return;
    this.state = "closed";
    const { clock } = this.#options;
    for (const timer of [this.#deadline, this.#closing]) clock.clearTimeout(timer);
    this.#keepalive.stop();
    this.#socket.close();
    this.#options.onState(this);
  }
  #lost(cause) {
    if (this.state === "open") return this.fail(new ConnectionLostError("the connection was lost", { cause }));
    this.fail(new ConnectionFailedError(this.#socketOpened ? "the server closed the connection at once" : "could not connect", { cause }));
  }
  #received(data) {
    if (this.state === "closed") return;
    this.#keepalive.heard();
    if (typeof data !== "string") return this.fail(new ConnectionLostError("the server sent a binary frame"));
    let received;
    try {
      received = parseFrame(data);
    } catch (error) {
      this.send(frame("brm", { req: data }));
      return this.fail(new ConnectionLostError("the server sent an unreadable frame", { cause: error }));
    }
    if (this.state === "connecting") this.#opened();
    this.#dispatch(received);
  }
  #opened() {
    this.#options.clock.clearTimeout(this.#deadline);
    this.#keepalive.start();
    this.state = "open";
    this.#options.onState(this);
    for (const call of [...this.#calls.values()]) call.connected();
  }
  #dispatch(received) {
    switch (received.type) {
      case "ping":
        if (this.#socket.bufferedAmount < highWaterBytes) this.send(pongFrame);
        return;
      case "pong":
        return;
      case "brm":
        return this.fail(new ConnectionLostError(`the server could not read: ${received.request}`));
      default:
        this.#calls.get(received.call)?.received(received);
    }
  }
};
async function drained(socket, clock, isOpen) {
  while (isOpen() && socket.bufferedAmount > highWaterBytes) {
    await new Promise((resolve) => clock.setTimeout(resolve, drainPollMs));
  }
}

// src/collections.ts
function nullable(type) {
  return {
    get typeName() {
      return `${type.typeName}?`;
    },
    encode: (value) => value === null || value === void 0 ? null : type.encode(value),
    decode: (json, protocol) => json === null || json === void 0 ? null : type.decode(json, protocol),
    // The `?` is kept only by what is composed: `List<int>?`, but `int`.
    classNameOf: (value) => /^[\w.]+$/.test(type.typeName) ? className(type, value) : `${type.typeName}?`
  };
}
function lazy(type) {
  return {
    get typeName() {
      return type().typeName;
    },
    encode: (value) => type().encode(value),
    decode: (json, protocol) => type().decode(json, protocol),
    classNameOf: (value) => className(type(), value)
  };
}
function encodeAll(type, values) {
  return Array.from(values, (value, index) => within(`[${index}]`, () => type.encode(value)));
}
function decodeAll(type, json, protocol) {
  if (!Array.isArray(json)) mismatch("a list", json);
  return json.map((item, index) => within(`[${index}]`, () => type.decode(item, protocol)));
}
function list(type) {
  return {
    get typeName() {
      return `List<${type.typeName}>`;
    },
    encode: (values) => Array.isArray(values) ? encodeAll(type, values) : mismatch("an array", values),
    decode: (json, protocol) => decodeAll(type, json, protocol)
  };
}
function set(type) {
  return {
    get typeName() {
      return `Set<${type.typeName}>`;
    },
    encode: (values) => values instanceof Set ? encodeAll(type, values) : mismatch("a Set", values),
    decode: (json, protocol) => new Set(decodeAll(type, json, protocol))
  };
}
function map(key, value) {
  const entry = { k: key, v: value };
  const isDictionary = key.typeName === "String";
  return {
    get typeName() {
      return `Map<${key.typeName},${value.typeName}>`;
    },
    encode(values) {
      if (!(values instanceof Map)) return mismatch("a Map", values);
      const entries = Array.from(values, ([k, v]) => ({ k: key.encode(k), v: value.encode(v) }));
      return isDictionary ? Object.fromEntries(entries.map(({ k, v }) => [k, v])) : entries;
    },
    decode(json, protocol) {
      const entries = isDictionary && isObject(json) ? Object.entries(json).map(([k, v]) => ({ k, v })) : json;
      if (!Array.isArray(entries)) mismatch(this.typeName, json);
      return new Map(
        entries.map((item) => {
          const { k, v } = decodeFields(entry, item, protocol);
          return [k, v];
        })
      );
    }
  };
}
function record(positional, named) {
  return {
    get typeName() {
      const parts = positional.map((type) => type.typeName);
      if (named) parts.push(`{${Object.entries(named).map(([name, type]) => `${type.typeName} ${name}`)}}`);
      return `(${parts}${parts.length === 1 && !named ? "," : ""})`;
    },
    encode(value) {
      if (!Array.isArray(value)) mismatch(this.typeName, value);
      const rest = value[positional.length];
      return {
        p: positional.length ? positional.map((type, index) => type.encode(value[index])) : void 0,
        n: named && encodeFields(named, rest)
      };
    },
    decode(json, protocol) {
      if (!isObject(json)) mismatch(this.typeName, json);
      const given = Array.isArray(json.p) ? json.p : [];
      const values = positional.map((type, index) => type.decode(given[index] ?? null, protocol));
      if (named) values.push(decodeFields(named, json.n ?? {}, protocol));
      return values;
    }
  };
}

// src/protocol.ts
var scalars = [bool, int64, double, string, dateTime, duration, bytes, uuid, uri, bigInt, dynamic];
var Protocol = class {
  #types = /* @__PURE__ */ new Map();
  /** @param types the models, exceptions and enums that may arrive in a dynamic place. */
  constructor(types = []) {
    for (const type of [...scalars, ...types]) this.#types.set(type.typeName, type);
  }
  /** Reads `{"className": …, "data": …}`. */
  unwrap(json) {
    if (!isObject(json) || typeof json.className !== "string") mismatch("className and data", json);
    if (json.className === "null") return null;
    return this.type(json.className).decode(json.data ?? null, this);
  }
  /** The type of a class name, such as `SimpleData` or `Map<String,List<int?>>`. */
  type(className2) {
    return this.#types.get(className2) ?? new NameParser(className2, this.#types).parse();
  }
};
var NameParser = class {
  constructor(name, types) {
    this.name = name;
    this.types = types;
  }
  name;
  types;
  #at = 0;
  parse() {
    const type = this.#type();
    return this.#at === this.name.length ? type : this.#fail();
  }
  #type() {
    const type = this.#takes("(") ? this.#record() : this.#named();
    return this.#takes("?") ? nullable(type) : type;
  }
  #named() {
    const word = this.#word();
    const known = this.types.get(word);
    if (known) return known;
    const parameters = [];
    if (this.#takes("<")) {
      do
        parameters.push(this.#type());
      while (this.#takes(","));
      if (!this.#takes(">")) this.#fail();
    }
    const [first, second] = parameters;
    if (first && word === "List") return list(first);
    if (first && word === "Set") return set(first);
    if (first && second && word === "Map") return map(first, second);
    return this.#fail();
  }
  /** After the opening parenthesis: `int,String)`, `int,)`, `int,{String name})`. */
  #record() {
    const positional = [];
    let named;
    while (!this.#takes(")")) {
      if (this.#takes("{")) named = this.#namedFields();
      else positional.push(this.#type());
      if (!this.#takes(",") && this.name[this.#at] !== ")") this.#fail();
    }
    return named ? record(positional, named) : record(positional);
  }
  #namedFields() {
    const fields = {};
    do {
      const type = this.#type();
      fields[this.#word()] = type;
    } while (this.#takes(","));
    return this.#takes("}") ? fields : this.#fail();
  }
  #word() {
    const word = /^\s*([\w.]+)/.exec(this.name.slice(this.#at));
    if (!word?.[1]) return this.#fail();
    this.#at += word[0].length;
    return word[1];
  }
  #takes(char) {
    while (this.name[this.#at] === " ") this.#at++;
    if (this.name[this.#at] !== char) return false;
    this.#at++;
    return true;
  }
  #fail() {
    throw new CodecError(`unknown class name ${JSON.stringify(this.name.slice(0, 80))}`);
  }
};

// src/status.ts
var Status = class {
  constructor(value) {
    this.value = value;
  }
  value;
  #listeners = /* @__PURE__ */ new Set();
  /** @returns a function that takes the listener off again. */
  listen(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
  set(value) {
    if (this.value === value) return;
    this.value = value;
    for (const listener of [...this.#listeners]) {
      if (this.value !== value) return;
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
};

// src/client.ts
var StreampodClient = class {
  /** The types that arrive by name. A generated client passes its own. */
  protocol;
  #host;
  #options;
  #authenticator;
  #status = new Status("idle");
  #connection;
  /** @param host the URL of the API, such as `http://localhost:8080/`. */
  constructor(host, options = {}, protocol = new Protocol()) {
    this.#host = withSlash(host);
    this.#options = options;
    this.#authenticator = new Authenticator(options.authentication);
    this.protocol = protocol;
  }
  get status() {
    return this.#status.value;
  }
  /** @returns a function that takes the listener off again. */
  onStatus(listener) {
    return this.#status.listen(listener);
  }
  /** Ends every streaming call with a {@link ClientClosedError}. */
  close() {
    this.#setStatus("closed");
    this.#connection?.fail(new ClientClosedError("the client was closed"));
  }
  /** Calls an ordinary method, over HTTP. */
  async call(method, args, options = {}) {
    this.#assertOpen();
    const body = stringify({ ...encodeFields(method.args, args), method: method.method });
    const { status, isJson, text } = await this.#limited(
      method.endpoint,
      options.signal,
      (signal) => this.#authorized((header) => this.#post(method.endpoint, body, header, signal))
    );
    if (status === 200) return method.returns.decode(parse(text), this.protocol);
    if (status === 400 && isJson) throw this.protocol.unwrap(parse(text));
    throw httpError(status, text);
  }
  /**
   * A streaming method's returned stream. Iterating it opens the call; `break` or the signal cancels it. Each iteration is
   * a call of its own.
   */
  open(method, args, inputs, options = {}) {
    return { [Symbol.asyncIterator]: () => this.#start(method, args, inputs, options) };
  }
  /** Calls a streaming method that returns a single value, or nothing. */
  async openValue(method, args, inputs, options = {}) {
    let result;
    for await (const value of this.open(method, args, inputs, options)) result ??= { value };
    if (!result && method.returns !== voidType) {
      throw new CallClosedWithErrorError(`${method.endpoint}.${method.method} ended without a value`);
    }
    return result?.value;
  }
  #start(method, args, inputs, options) {
    const maxBufferedElements = bufferBound(this.#options);
    const { protocol } = this;
    const call = new Call({ method, args, inputs, options, protocol, maxBufferedElements, authenticator: this.#authenticator });
    void this.#connect(call, options).catch((error) => call.failed(error));
    return call.elements;
  }
  async #connect(call, { signal }) {
    signal?.throwIfAborted();
    const authorization = await this.#authenticator.authorize();
    this.#assertOpen();
    if (call.ended) return;
    const reused = this.#connection?.state === "closed" ? void 0 : this.#connection;
    this.#connection = reused ?? this.#newConnection();
    call.start(this.#connection, authorization);
    if (!reused) this.#setStatus("connecting");
  }
  #newConnection() {
    const url = webSocketUrl(this.#host, "v1/websocket");
    const options = socketOptions(this.#options);
    try {
      return new Connection(url, {
        ...options,
        closeDelayMs: this.#options.closeDelayMs ?? 0,
        onState: (connection) => {
          if (connection === this.#connection) this.#setStatus(connection.state === "open" ? "open" : "idle");
        }
      });
    } catch (cause) {
      throw new ConnectionFailedError(`could not connect to ${url}`, { cause });
    }
  }
  /** Sends a request; once more with another header if the server did not accept the first one. */
  async #authorized(send) {
    const authorization = await this.#authenticator.authorize();
    const answer = await send(authorization.header);
    if (answer.status !== 401 || !await this.#authenticator.renew(authorization)) return answer;
    return send((await this.#authenticator.authorize()).header);
  }
  /** Gives up what a call waits for, a header included, when it takes too long or `caller` aborts. */
  async #limited(endpoint, caller, work) {
    const { clock = systemClock, callTimeoutMs = 2e4 } = this.#options;
    caller?.throwIfAborted();
    const abort = new AbortController();
    const { signal } = abort;
    const aborted = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
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
  async #post(endpoint, body, authorization, signal) {
    const { fetch = globalThis.fetch } = this.#options;
    signal.throwIfAborted();
    try {
      const headers = { "Content-Type": "application/json; charset=utf-8" };
      if (authorization) headers.Authorization = authorization;
      const response = await fetch(this.#host + endpoint, { method: "POST", headers, body, signal });
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
      return { status: response.status, isJson, text: await response.text() };
    } catch (cause) {
      throw new ConnectionFailedError(`could not call ${endpoint}`, { cause });
    }
  }
  #assertOpen() {
    if (this.status === "closed") throw new ClientClosedError("the client was closed");
  }
  #setStatus(status) {
    if (this.status !== "closed") this.#status.set(status);
  }
};
var EndpointRef = class {
  constructor(client) {
    this.client = client;
  }
  client;
};
function socketOptions(options) {
  const { WebSocket = globalThis.WebSocket, clock = systemClock } = options;
  if (!WebSocket) throw new ConnectionFailedError("there is no WebSocket here: pass one in the client's options");
  const { connectTimeoutMs = 5e3, pingIntervalMs = 2e4, idleTimeoutMs = 4e4 } = options;
  return { WebSocket, clock, connectTimeoutMs, pingIntervalMs, idleTimeoutMs };
}
function webSocketUrl(host, path) {
  return withSlash(host).replace(/^http/, "ws") + path;
}
function bufferBound({ maxBufferedElements = 1e4 }) {
  return maxBufferedElements;
}
function withSlash(host) {
  return host.replace(/\/*$/, "/");
}

// src/reconnecting.ts
function reconnecting(open, options = {}) {
  const wait = { end: () => {
  }, unwanted: false };
  const elements = callAgain(open, options, wait);
  const finish = elements.return.bind(elements);
  elements.return = (value) => {
    wait.unwanted = true;
    wait.end();
    return finish(value);
  };
  return elements;
}
async function* callAgain(open, options, wait) {
  const { signal, retry = (error) => error instanceof ConnectionError, onGap, onStatus } = options;
  let attempt = 0;
  const onOpen = () => {
    attempt = 0;
    onStatus?.("open");
  };
  for (; ; ) {
    let error;
    onStatus?.("connecting");
    try {
      const call = open({ signal, onOpen })[Symbol.asyncIterator]();
      wait.end = () => stop(call);
      for await (const element of { [Symbol.asyncIterator]: () => call }) {
        attempt = 0;
        yield element;
      }
    } catch (failure) {
      error = failure;
    }
    if (signal?.aborted) throw signal.reason;
    if (wait.unwanted) return;
    if (!retry(error)) {
      if (error === void 0) return;
      throw error;
    }
    const delayMs = delay(attempt++, options);
    await pause(options, delayMs, (end) => {
      wait.end = end;
      onGap?.({ error, attempt, delayMs, retryNow: end });
    });
    if (wait.unwanted) return;
  }
}
function delay(attempt, { backoff: { minMs = 500, maxMs = 3e4, jitter = 0.5 } = {}, random = Math.random }) {
  return Math.round(Math.min(maxMs, minMs * 2 ** attempt) * (1 - jitter * random()));
}
async function pause({ signal, clock = systemClock }, ms, begun) {
  let end = () => {
  };
  const ended = new Promise((resolve) => end = resolve);
  const timer = clock.setTimeout(end, ms);
  signal?.addEventListener("abort", end);
  try {
    begun(end);
    await ended;
  } finally {
    clock.clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
  signal?.throwIfAborted();
}

// src/streaming-endpoints/token.ts
var basic = "Basic ";
var bearer = "Bearer ";
function tokenOf(header) {
  if (header.startsWith(bearer)) return header.slice(bearer.length);
  if (!header.startsWith(basic)) return header;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(header.slice(basic.length)), (char) => char.charCodeAt(0)));
  } catch {
    throw new ConnectionFailedError("expected base64 behind `Basic` in the authentication's header");
  }
}
function wrapped(token, like) {
  return like?.startsWith(basic) ? basic + toBase64(new TextEncoder().encode(token)) : bearer + token;
}

// src/streaming-endpoints/connection.ts
var StreamingConnection = class {
  status = "connecting";
  /** Resolves once the first ping was sent. */
  opened;
  #options;
  #keepalive;
  #socket;
  /** Whether the socket itself opened. */
  #socketOpened = false;
  #setOpened;
  #setFailed;
  /** The time after which connecting is given up. */
  #deadline;
  #header;
  /** What is to be signed in with as soon as the socket opens. */
  #nextKey;
  constructor(options) {
    this.#options = options;
    this.opened = new Promise((resolve, reject) => {
      this.#setOpened = resolve;
      this.#setFailed = reject;
    });
    this.#keepalive = new Keepalive(options, () => this.#ping(), () => this.close());
    void this.#open().catch((error) => this.close(error));
  }
  /** Whether something can be sent. */
  get isWritable() {
    return this.#socketOpened && this.status !== "disconnected";
  }
  /** Sends at once, and resolves when the socket has taken enough of it. Nothing happens if it is not writable. */
  async send(frame2) {
    this.#sendNow(frame2);
    if (this.#socket) await drained(this.#socket, this.#options.clock, () => this.isWritable);
  }
  /** Signs in with a key, now or as soon as the socket opens; or out. */
  authenticate(key) {
    if (this.isWritable) this.#sendNow({ command: "auth", args: { key: key === null ? null : wrapped(key, this.#header) } });
    else this.#nextKey = key;
  }
  /** Closes. The error is for whoever still waits until it is open; the others see the status. */
  close(error) {
    if (this.status === "disconnected") return;
    this.status = "disconnected";
    this.#options.clock.clearTimeout(this.#deadline);
    this.#keepalive.stop();
    this.#socket?.close();
    this.#setFailed(error);
    this.#options.onStatus(this);
  }
  async #open() {
    const { WebSocket, url, header, clock, connectTimeoutMs } = this.#options;
    this.#header = await header();
    if (this.status === "disconnected") return;
    const query = this.#header ? `?auth=${encodeURIComponent(tokenOf(this.#header))}` : "";
    try {
      this.#socket = new WebSocket(url + query);
    } catch (error) {
      const cause = String(error);
      const shown = query ? cause.replaceAll(query, "") : cause;
      throw new ConnectionFailedError(`could not connect to ${url}: ${shown}`);
    }
    const socket = this.#socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#received(event.data);
    socket.onerror = (event) => this.#lost(event.error);
    socket.onclose = () => this.#lost();
    const late = new ConnectionFailedError(`no answer within ${connectTimeoutMs} ms`);
    this.#deadline = clock.setTimeout(() => this.close(late), connectTimeoutMs);
  }
  #opened() {
    this.#socketOpened = true;
    this.#ping();
    if (this.#nextKey !== void 0) this.authenticate(this.#nextKey);
    this.#setOpened();
  }
  #ping() {
    this.#sendNow({ command: "ping", args: {} });
  }
  #sendNow(frame2) {
    if (this.isWritable) this.#socket?.send(stringify(frame2));
  }
  #lost(cause) {
    this.close(new ConnectionFailedError("could not connect", { cause }));
  }
  #received(data) {
    if (this.status === "disconnected") return;
    this.#keepalive.heard();
    const frame2 = read(data);
    if (!frame2) return this.close();
    if (this.status === "connecting") this.#connected();
    if (frame2.endpoint !== void 0) this.#options.onMessage(frame2.endpoint, frame2.object);
  }
  #connected() {
    this.#options.clock.clearTimeout(this.#deadline);
    this.#keepalive.start();
    this.status = "connected";
    this.#options.onStatus(this);
  }
};
function read(data) {
  let frame2;
  try {
    frame2 = typeof data === "string" && parse(data);
  } catch {
    return void 0;
  }
  if (!isObject(frame2)) return void 0;
  const { command, endpoint, object } = frame2;
  if (typeof command === "string") return {};
  return typeof endpoint === "string" ? { endpoint, object } : void 0;
}

// src/streaming-endpoints/message-stream.ts
var MessageStream = class {
  constructor(endpoint, protocol, bound) {
    this.endpoint = endpoint;
    this.protocol = protocol;
    this.bound = bound;
  }
  endpoint;
  protocol;
  bound;
  #iterators = /* @__PURE__ */ new Set();
  #waiting = new Backlog();
  #isClosed = false;
  /** @param object as it came: perhaps no message. */
  push(object) {
    if (this.#iterators.size === 0) this.#waiting.push(object, this.bound);
    for (const iterator of [...this.#iterators]) iterator.push(object);
  }
  /** What was pushed before is still consumed, then comes the end. */
  close() {
    this.#isClosed = true;
    for (const iterator of [...this.#iterators]) iterator.end();
  }
  [Symbol.asyncIterator]() {
    const iterator = new MessageIterator(this, this.#waiting, (left) => {
      const wasHere = this.#iterators.delete(iterator);
      if (wasHere && this.#iterators.size === 0) this.#waiting = left;
    });
    this.#waiting = new Backlog();
    this.#iterators.add(iterator);
    if (this.#isClosed) iterator.end();
    return iterator;
  }
  /** @throws CodecError */
  decode(object) {
    return within(`a message from ${this.endpoint}`, () => this.protocol.unwrap(object) ?? mismatch("a message", null));
  }
};
var Backlog = class {
  #entries = [];
  #messages = 0;
  push(object, bound) {
    const last = this.#entries.at(-1);
    if (this.#messages < bound) {
      this.#entries.push({ object });
      this.#messages++;
    } else if (last && "lost" in last) last.lost++;
    else this.#entries.push({ lost: 1 });
  }
  shift() {
    const entry = this.#entries.shift();
    if (entry && "object" in entry) this.#messages--;
    return entry;
  }
};
var MessageIterator = class {
  #stream;
  #onDone;
  #next = [];
  #backlog;
  /** Whether nothing more comes behind the backlog. */
  #isEnding = false;
  /** @param onDone told when it consumes no more, and what it leaves. */
  constructor(stream, backlog, onDone) {
    this.#stream = stream;
    this.#backlog = backlog;
    this.#onDone = onDone;
  }
  push(object) {
    const resolve = this.#next.shift();
    if (resolve) resolve(this.#give({ object }));
    else this.#backlog.push(object, this.#stream.bound);
  }
  end() {
    this.#isEnding = true;
    for (const resolve of this.#next.splice(0)) resolve({ done: true, value: void 0 });
  }
  next() {
    const entry = this.#backlog.shift();
    if (entry) return this.#give(entry);
    if (this.#isEnding) return Promise.resolve({ done: true, value: void 0 });
    return new Promise((resolve) => this.#next.push(resolve));
  }
  return() {
    this.#leave();
    return Promise.resolve({ done: true, value: void 0 });
  }
  async #give(entry) {
    try {
      if ("object" in entry) return { done: false, value: this.#stream.decode(entry.object) };
      const { endpoint, bound } = this.#stream;
      throw new SlowConsumerError(`${entry.lost} messages from ${endpoint} were lost: ${bound} were waiting to be consumed`);
    } catch (error) {
      this.#leave();
      throw error;
    }
  }
  #leave() {
    const left = this.#backlog;
    this.#backlog = new Backlog();
    this.end();
    this.#onDone(left);
  }
};

// src/streaming-endpoints/client.ts
var StreamingEndpointsClient = class extends StreampodClient {
  #url;
  #options;
  #streams = /* @__PURE__ */ new Map();
  #status = new Status("disconnected");
  #connection;
  /** @param host the URL of the API, such as `http://localhost:8080/`. */
  constructor(host, options = {}, protocol) {
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
  async openStreamingConnection() {
    if (this.status === "closed") throw closedError();
    const { authentication } = this.#options;
    const connection = this.#connection ??= new StreamingConnection({
      ...socketOptions(this.#options),
      url: this.#url,
      header: async () => authentication?.header(),
      onStatus: (changed) => this.#changed(changed),
      onMessage: (endpoint, object) => this.#streams.get(endpoint)?.push(object)
      // One that is not known here is ignored.
    });
    this.#changed(connection);
    await connection.opened;
  }
  /**
   * Closes the streaming connection; nothing happens if it is not open.
   *
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  closeStreamingConnection() {
    this.#connection?.close(new ConnectionFailedError("the streaming connection was closed before it was open"));
  }
  /** @deprecated Methods with streams take the place of streaming endpoints. */
  get streamingConnectionStatus() {
    return this.#status.value;
  }
  /**
   * Tells the listener of each change; `addStreamingConnectionStatusListener` and `removeStreamingConnectionStatusListener`
   * in Serverpod.
   *
   * @returns a function that takes the listener off again.
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  onStreamingConnectionStatus(listener) {
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
  updateStreamingConnectionAuthenticationKey(key) {
    this.#connection?.authenticate(key);
  }
  /**
   * The messages from an endpoint, by its name; what the `stream` of a generated endpoint is.
   *
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  streamOf(endpoint) {
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
  async sendStreamMessage(endpoint, message) {
    const object = dynamic.encode(message);
    if (object.data === null) throw new CodecError("expected a message, got null");
    if (this.status === "closed") throw closedError();
    if (!this.#connection?.isWritable) {
      throw new ConnectionError("there is no streaming connection: await openStreamingConnection() first");
    }
    await this.#connection.send({ endpoint, object });
  }
  /** Ends every streaming call with a {@link ClientClosedError}, and the streams of the streaming endpoints. */
  close() {
    super.close();
    this.#connection?.close(closedError());
    for (const stream of this.#streams.values()) stream.close();
  }
  #changed(connection) {
    const { status } = connection;
    if (status === "disconnected") this.#connection = void 0;
    this.#status.set(status);
  }
};
function closedError() {
  return new ClientClosedError("the client was closed");
}

// src/streaming-endpoints/endpoint.ts
var StreamingEndpointRef = class extends EndpointRef {
  #name;
  constructor(client, name) {
    super(client);
    this.#name = name;
    client.streamOf(name);
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
  get stream() {
    return this.client.streamOf(this.#name);
  }
  /**
   * Sends a message to the endpoint. Await it when there are many: it resolves when less than 1 MiB waits to be sent.
   *
   * @throws ConnectionError if there is no connection; CodecError if the class of the message is not known.
   * @deprecated Methods with streams take the place of streaming endpoints.
   */
  sendStreamMessage(message) {
    return this.client.sendStreamMessage(this.#name, message);
  }
};

// src/streaming-endpoints/handler.ts
var StreamingConnectionHandler = class {
  #client;
  #retryEverySeconds;
  #clock;
  #state = new Status({ status: "disconnected" });
  #stopListening;
  /** Whether it is to be open. */
  #isWanted = false;
  /** Of the countdown. */
  #timer;
  constructor(client, options = {}) {
    const { retryEverySeconds = 5, listener, clock = systemClock } = options;
    this.#client = client;
    this.#retryEverySeconds = Math.max(1, Math.ceil(retryEverySeconds));
    this.#clock = clock;
    this.#set({ status: client.streamingConnectionStatus });
    if (listener) this.#state.listen(listener);
    const stopListening = [
      client.onStreamingConnectionStatus((status) => this.#changed(status)),
      client.onStatus(() => client.status === "closed" && this.#changed("disconnected"))
      // It may be waiting to retry.
    ];
    this.#stopListening = () => stopListening.forEach((stop2) => stop2());
  }
  get state() {
    return this.#state.value;
  }
  /** Opens the connection, at once if it was waiting to retry, and keeps it open from now on. */
  connect() {
    this.#isWanted = true;
    this.#client.openStreamingConnection().catch(() => this.#isWanted && this.#changed(this.#client.streamingConnectionStatus));
  }
  /** Closes the connection, and keeps it closed. */
  close() {
    this.#isWanted = false;
    this.#client.closeStreamingConnection();
    this.#changed(this.#client.streamingConnectionStatus);
  }
  /** Ends this handler; a connection that is open stays so. */
  dispose() {
    this.#isWanted = false;
    this.#stopListening();
    this.#clock.clearTimeout(this.#timer);
  }
  #changed(status) {
    this.#clock.clearTimeout(this.#timer);
    if (status !== "disconnected" || !this.#isWanted || this.#client.status === "closed") this.#set({ status });
    else this.#countDown(this.#retryEverySeconds);
  }
  #countDown(retryInSeconds) {
    if (retryInSeconds === 0) return this.connect();
    this.#timer = this.#clock.setTimeout(() => this.#countDown(retryInSeconds - 1), 1e3);
    this.#set({ status: "waitingToRetry", retryInSeconds });
  }
  #set(state) {
    const { status, retryInSeconds } = this.state;
    if (status !== state.status || retryInSeconds !== state.retryInSeconds) this.#state.set(state);
  }
};

// src/enum.ts
function enumByName(typeName, values, fallback) {
  return enumType(typeName, values, fallback, (name) => name, (json) => json);
}
function enumByIndex(typeName, values, fallback) {
  return enumType(typeName, values, fallback, (name, names) => names.indexOf(name), (json, names) => names[json]);
}
function enumType(typeName, given, fallback, write2, read2) {
  const values = Array.isArray(given) ? given : Object.keys(given);
  const known = (value) => values.includes(value);
  return {
    typeName,
    values,
    properties: given,
    encode: (value) => known(value) ? write2(value, values) : mismatch(typeName, value),
    decode(json) {
      const value = read2(json, values);
      return known(value) ? value : json === null ? mismatch(typeName, json) : fallback ?? mismatch(typeName, json);
    }
  };
}

// src/field.ts
function field(type, options) {
  return Object.assign(lazy(() => type), { field: options });
}
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
  EndpointRef,
  ForbiddenError,
  HandshakeTimeoutError,
  HttpError,
  IdleTimeoutError,
  InternalServerError,
  NotFoundError,
  Protocol,
  SerializableException,
  SlowConsumerError,
  StreamingConnectionHandler,
  StreamingEndpointRef,
  StreamingEndpointsClient,
  StreampodClient,
  StreampodError,
  Typed,
  UnauthorizedError,
  bigInt,
  bool,
  bytes,
  dateTime,
  double,
  duration,
  dynamic,
  enumByIndex,
  enumByName,
  exception,
  extend,
  field,
  immutable,
  int,
  int64,
  lazy,
  list,
  map,
  model,
  nullable,
  randomUuid,
  randomUuidV7,
  reconnecting,
  record,
  sealed,
  set,
  string,
  systemClock,
  typed,
  uri,
  uuid,
  voidType
};
