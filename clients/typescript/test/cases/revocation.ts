// Sign-ins that end while calls rest on them. The server has one user, who signs out everywhere: these tests run one after the
// other, in the process that plays the table, and after it.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Authentication, type Gap, CallClosedWithErrorError, CallRefusedError, ConnectionLostError, ForbiddenError,
  UnauthorizedError, reconnecting,
} from "../../src/index.js";
import { Client } from "../generated/conformance/index.js";
import { Login, options } from "./login.js";
import { Proxy } from "./proxy.js";

const admin = "serverpod.admin";
const user = "user";

/** What an echo is fed with by hand. */
class Numbers implements AsyncIterableIterator<number> {
  /** Resolves when it is let go of. */
  readonly released: Promise<void>;
  #release = () => {};
  #give = (_result: IteratorResult<number>) => {};
  #asked = () => {};
  #isAsked: Promise<void>;

  constructor() {
    this.released = new Promise((resolve) => (this.#release = resolve));
    this.#isAsked = new Promise((resolve) => (this.#asked = resolve));
  }

  /** Gives a number once one is asked for, which is not before the call is open. */
  async give(value: number): Promise<void> {
    await this.#isAsked;
    this.#isAsked = new Promise((resolve) => (this.#asked = resolve));
    this.#give({ done: false, value });
  }

  next(): Promise<IteratorResult<number>> {
    this.#asked();
    return new Promise((resolve) => (this.#give = resolve));
  }

  async return(): Promise<IteratorResult<number>> {
    this.#release();
    this.#give({ done: true, value: undefined });
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** An echo that is fed by hand. */
class Echo {
  readonly #numbers = new Numbers();
  readonly #echoed: AsyncIterator<number>;

  constructor(open: (numbers: Numbers) => AsyncIterable<number>) {
    this.#echoed = open(this.#numbers)[Symbol.asyncIterator]();
  }

  async expect(value: number): Promise<void> {
    const next = this.#echoed.next();
    await Promise.race([this.#numbers.give(value), next]); // A call that fails asks for no number.
    assert.deepEqual(await next, { done: false, value });
  }

  /** Fails unless the call is closed now, for a reason that is not told. */
  async expectClosed(): Promise<void> {
    await assert.rejects(this.#echoed.next(), isUnexplained);
    assert.equal((await this.#echoed.next()).done, true);
    await this.#numbers.released;
  }

  async giveUp(): Promise<void> {
    await this.#echoed.return?.();
  }
}

/** Not that of a call that ended well, but without its value: it has the same class. */
function isUnexplained(error: unknown): boolean {
  return error instanceof CallClosedWithErrorError && error.cause === undefined && error.message.endsWith("was closed with an error");
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof CallRefusedError && error.reason === "unauthorized";
}

/** Fails unless the next calls of this client, which need the scope of administrators, are refused. */
async function expectRefused(client: Client, reason: "unauthorized" | "forbidden"): Promise<void> {
  const stream = client.authenticatedMethodStreaming.simpleStream()[Symbol.asyncIterator]();
  await assert.rejects(stream.next(), (error) => error instanceof CallRefusedError && error.reason === reason);
  await assert.rejects(client.adminScopeRequired.testMethod(), reason === "forbidden" ? ForbiddenError : UnauthorizedError);
}

/** One number, and then nothing for ever. */
async function* one(): AsyncGenerator<number> {
  yield 1;
  await new Promise(() => {});
}

/** Runs a test that gets a proxy of the server. */
function testWithProxy(server: string, name: string, run: (proxy: Proxy) => Promise<void>): void {
  test(name, { timeout: 20_000 }, async () => {
    const proxy = await Proxy.start(new URL(server), false);
    try {
      await run(proxy);
    } finally {
      await proxy.stop();
    }
  });
}

export function revocationTests(server: string): void {
  const signIn = async (scopes: string[], url = server) => (await Login.start(server, scopes)).client(url);

  testWithProxy(server, "signing out ends the streams of every device", async (proxy) => {
    const client = await signIn([admin], proxy.url);
    const other = await signIn([admin]);
    const echo = new Echo((numbers) => client.authenticatedMethodStreaming.intEchoStream(numbers));
    const others = new Echo((numbers) => other.authenticatedMethodStreaming.intEchoStream(numbers));
    // The same client's, but it rests on no login.
    const openToAll = new Echo((numbers) => client.methodStreaming.intEchoStream(numbers));
    for (const each of [echo, others, openToAll]) await each.expect(1);

    await other.authentication.signOut();
    await echo.expectClosed();
    await others.expectClosed();
    await expectRefused(client, "unauthorized");
    await expectRefused(other, "unauthorized");
    await openToAll.expect(2);
    await openToAll.giveUp();
    assert.equal(proxy.webSockets.length, 1, "WebSockets");
    await proxy.webSockets[0]!.closedByClient;

    // Signed in anew, the user is who they were.
    const again = await signIn([admin]);
    const anew = new Echo((numbers) => again.authenticatedMethodStreaming.intEchoStream(numbers));
    await anew.expect(3);
    await anew.giveUp();
  });

  test("signing out fails a call that computes a value", { timeout: 20_000 }, async () => {
    const client = await signIn([user]);
    const other = await signIn([]);
    const numbers = new Numbers();
    const rejected = assert.rejects(client.authenticatedTestTools.returnsListFromInputStream(numbers), isUnexplained);
    await numbers.give(1);
    await other.authentication.signOut();
    await rejected;
    await numbers.released;
  });

  test("losing a scope ends the calls that need it", { timeout: 20_000 }, async () => {
    const login = await Login.start(server, [admin, user]);
    const client = login.client(server);
    // Whoever is signed in without the scope has nothing to lose.
    const other = await signIn([]);
    const admins = new Echo((numbers) => client.authenticatedMethodStreaming.intEchoStream(numbers));
    const users = new Echo((numbers) => client.authenticatedTestTools.intEchoStream(numbers));
    await admins.expect(1);
    await users.expect(1);

    // Another user's scopes, and the same ones, change nothing.
    await other.authentication.updateScopes(login.user + 1, []);
    await other.authentication.updateScopes(login.user, [user, admin]);
    await admins.expect(2);
    await users.expect(2);

    await other.authentication.updateScopes(login.user, [user]);
    await admins.expectClosed();
    await expectRefused(client, "forbidden");
    await users.expect(3);
    assert.equal(await client.signInRequired.testMethod(), true);

    const numbers = new Numbers();
    const rejected = assert.rejects(client.authenticatedTestTools.returnsListFromInputStream(numbers), isUnexplained);
    await numbers.give(1);
    await other.authentication.updateScopes(login.user, []);
    await rejected;
    await numbers.released;
    await users.expectClosed();
    assert.equal(await client.signInRequired.testMethod(), true);
  });

  test("a reconnecting stream ends with its sign-in", { timeout: 20_000 }, async () => {
    const client = await signIn([admin]);
    let calls = 0;
    const stream = reconnecting((call) => {
      calls++;
      return client.authenticatedMethodStreaming.intEchoStream(one(), call);
    });
    assert.equal((await stream.next()).value, 1);
    await client.authentication.signOut();
    await assert.rejects(stream.next(), isUnexplained);
    assert.equal((await stream.next()).done, true);
    assert.equal(calls, 1);
  });

  /** A reconnecting stream whose user signs out while the connection is lost. */
  async function signOutInGap(proxy: Proxy, authentication: (login: Login) => Authentication) {
    const login = await Login.start(server, [admin]);
    const client = new Client(proxy.url, { ...options, authentication: authentication(login) });
    const result = { calls: 0, gaps: [] as Gap[] };
    let signOut = () => {};
    const signedOut = new Promise<void>((resolve) => (signOut = resolve));
    const open = reconnecting(
      (call) => {
        result.calls++;
        return client.authenticatedMethodStreaming.intEchoStream(one(), call);
      },
      // Nothing is tried again before the user is signed out.
      { backoff: { minMs: 3_600_000, maxMs: 3_600_000 }, onGap: (gap) => (result.gaps.push(gap), signOut()) },
    );
    assert.equal((await open.next()).value, 1);
    const next = open.next();
    next.catch(() => {}); // It is awaited below.
    proxy.cut();
    await signedOut;
    await login.client(server).authentication.signOut();
    result.gaps[0]!.retryNow();
    return { open, next, result };
  }

  testWithProxy(server, "a reconnecting stream ends when it is refused", async (proxy) => {
    const { open, next, result } = await signOutInGap(proxy, (login) => ({ header: () => login.header }));
    await assert.rejects(next, isUnauthorized);
    assert.equal((await open.next()).done, true);
    assert.deepEqual([result.calls, result.gaps.length], [2, 1]);
    assert.ok(result.gaps[0]!.error instanceof ConnectionLostError);
  });

  testWithProxy(server, "a reconnecting stream goes on by another sign-in", async (proxy) => {
    let refreshes = 0;
    const { open, next, result } = await signOutInGap(proxy, (login) => ({
      header: () => login.header,
      refresh: async () => {
        refreshes++;
        login = await Login.start(server, [admin]);
        return true;
      },
    }));
    assert.deepEqual(await next, { done: false, value: 1 });
    assert.deepEqual([result.calls, result.gaps.length, refreshes], [2, 1, 1]);
    await open.return();
  });
}
