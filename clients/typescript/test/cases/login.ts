// Signing in to the conformance server, which has one user.
import assert from "node:assert/strict";
import { WebSocket } from "ws";
import type { ClientOptions, WebSocketConstructor } from "../../src/index.js";
import { Client } from "../generated/conformance/index.js";
import type { Case } from "./table.js";

/** What every client has here. */
export const options: ClientOptions = { WebSocket: WebSocket as unknown as WebSocketConstructor };

export class Login {
  private constructor(readonly user: number, readonly token: string) {}

  /** Signs in by a client of its own. */
  static async start(server: string, scopes: string[]): Promise<Login> {
    const answer = await new Client(server, options).authentication.authenticate("test@foo.bar", "password", scopes);
    assert.ok(answer.success);
    return new Login(answer.userInfo!.id!, `${answer.keyId}:${answer.key}`);
  }

  get header(): string {
    return `Bearer ${this.token}`;
  }

  /** A client that is signed in by this. */
  client(server: string): Client {
    return new Client(server, { ...options, authentication: { header: () => this.header } });
  }
}

/** The `Authorization` header of a case's call, whose caller is signed in by then. */
export async function headerOf({ signIn, token, authorization }: Case, server: string): Promise<string | undefined> {
  const issued = signIn && (await Login.start(server, signIn)).token;
  const sent = token?.replaceAll("{token}", () => issued ?? "{token}") ?? issued;
  if (authorization === undefined) return sent && `Bearer ${sent}`;
  if (sent === undefined) return authorization;
  return authorization.replaceAll("{token}", () => sent).replaceAll("{base64}", () => Buffer.from(sent).toString("base64"));
}
