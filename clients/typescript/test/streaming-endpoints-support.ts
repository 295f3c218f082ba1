// The deprecated streaming endpoints, on a scripted WebSocket and clock.
import assert from "node:assert/strict";
import {
  type ClientOptions, type StreamingConnectionStatus, Protocol, StreamingEndpointRef, StreamingEndpointsClient,
} from "../src/index.js";
import { models } from "./models.js";
import { type FakeSocket, fakeClient, settle } from "./support.js";

export const ping = { command: "ping", args: {} };

export function fake(options: ClientOptions = {}) {
  const { options: faked, sockets, socket, clock } = fakeClient(options);
  const client = new StreamingEndpointsClient("http://localhost:8080", faked, new Protocol(models));
  const chat = new StreamingEndpointRef(client, "chat");
  const seen: StreamingConnectionStatus[] = [];
  client.onStreamingConnectionStatus((status) => seen.push(status));
  return { client, chat, clock, sockets, socket, seen };
}

/** Opens the connection up to where the server has answered. */
export async function opened(options: ClientOptions = {}) {
  const all = fake(options);
  const opening = all.client.openStreamingConnection();
  await settle();
  await accept(all.socket());
  await opening;
  return all;
}

export async function accept(socket: FakeSocket): Promise<void> {
  socket.onopen?.();
  assert.deepEqual(socket.sent, [ping], "the first frame is a ping");
  await pong(socket);
}

export function pong(socket: FakeSocket): Promise<void> {
  return socket.receiveText('{"command":"pong"}');
}

export function message(socket: FakeSocket, num: unknown, endpoint = "chat"): Promise<void> {
  return socket.receiveText(JSON.stringify({ endpoint, object: { className: "int", data: num } }));
}
