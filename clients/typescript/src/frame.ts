import { CodecError, type RefusalReason } from "./errors.js";
import { type Json, parse, stringify } from "./json.js";
import { isObject } from "./type.js";

/** The frames of section 3 of the wire contract that concern one call; `call` is its id. */
export type CallFrame =
  | { type: "omsr"; call: string; result: string }
  | { type: "msm"; call: string; parameter?: string; object: unknown }
  | { type: "msse"; call: string; parameter?: string; exception: unknown }
  | { type: "cmsc"; call: string; parameter?: string; reason: "done" | "error" };

export type Frame = { type: "ping" } | { type: "pong" } | { type: "brm"; request: string } | CallFrame;

export const pingFrame = '{"type":"ping"}';
export const pongFrame = '{"type":"pong"}';

export function frame(type: string, data: { [key: string]: Json | undefined }): string {
  return stringify({ type, data });
}

/** @throws if the text is not a frame of the protocol. */
export function parseFrame(text: string): Frame {
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

/** What `omsr` says when it is not `success`. */
export const refusals: ReadonlyMap<string, RefusalReason> = new Map([
  ["endpointNotFound", "notFound"],
  ["authenticationFailed", "unauthorized"],
  ["authorizationDeclined", "forbidden"],
  ["invalidArguments", "badRequest"],
]);
