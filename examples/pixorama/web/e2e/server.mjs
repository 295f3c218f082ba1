// The Pixorama server as a child process, on ports of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** Ports that were free a moment ago. */
export async function freePorts(count) {
  const listeners = Array.from({ length: count }, () => createServer().listen(0));
  await Promise.all(listeners.map((listener) => once(listener, "listening")));
  const ports = listeners.map((listener) => listener.address().port);
  await Promise.all(listeners.map((listener) => once(listener.close(), "close")));
  return ports;
}

export class PixoramaServer {
  #child;

  constructor(binary, apiPort, webPort) {
    Object.assign(this, { binary, apiPort, webPort });
  }

  get url() {
    return `http://localhost:${this.webPort}/`;
  }

  /** Starts it, and waits until both of its ports answer. */
  async start() {
    const env = {
      ...process.env,
      SERVERPOD_API_SERVER_PORT: String(this.apiPort),
      SERVERPOD_API_SERVER_PUBLIC_PORT: String(this.apiPort),
      SERVERPOD_WEB_SERVER_PORT: String(this.webPort),
      SERVERPOD_WEB_SERVER_PUBLIC_PORT: String(this.webPort),
      SERVERPOD_WEBSOCKET_COMPRESSION_ENABLED: "true",
    };
    this.#child = spawn(this.binary, { env, stdio: ["ignore", "inherit", "inherit"] });
    this.#child.on("error", (error) => console.error(`${this.binary}: ${error.message}`));
    await this.#answers(`http://localhost:${this.apiPort}/`);
    await this.#answers(new URL("config.json", this.url));
  }

  /** Asks it to stop. @returns its exit code. */
  async stop() {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    return code;
  }

  /** Ends it whatever happens. */
  kill() {
    this.#child?.kill("SIGKILL");
  }

  async #answers(url) {
    const deadline = Date.now() + 20_000;
    for (;;) {
      assert.equal(this.#child.exitCode, null, "the server ended before it answered");
      try {
        if ((await fetch(url)).ok) return;
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`the server does not answer at ${url}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
