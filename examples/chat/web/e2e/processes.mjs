// Chat servers, Redis and nginx as child processes, on ports of their own. What is started is ended by its process.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const patienceMs = 20_000;

/** Where Debian has it. */
export const nginxProgram = "/usr/sbin/nginx";

/** Ports that were free a moment ago. */
export async function freePorts(count) {
  const listeners = Array.from({ length: count }, () => createServer().listen(0));
  await Promise.all(listeners.map((listener) => once(listener, "listening")));
  const ports = listeners.map((listener) => listener.address().port);
  await Promise.all(listeners.map((listener) => once(listener.close(), "close")));
  return ports;
}

/** A folder that `remove` removes. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), "chat-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A program that runs until it is ended. */
export class Process {
  /** What it wrote, in all of its runs. With CHAT_LOG set, it is seen too. */
  output = "";
  #child;

  constructor(program, args, options = {}) {
    Object.assign(this, { program, args, options });
  }

  /** Starts it, and waits until all of `ports` take connections. */
  async start(ports) {
    const child = (this.#child = spawn(this.program, this.args, { stdio: ["ignore", "pipe", "pipe"], ...this.options }));
    let failure;
    child.on("error", (error) => (failure = error));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes) => {
        this.output += bytes;
        if (process.env.CHAT_LOG) process.stderr.write(bytes);
      });
    }
    const deadline = Date.now() + patienceMs;
    for (const port of ports) {
      while (!(await accepts(port))) {
        assert.ok(!failure, `${this.program}: ${failure?.message}; "cargo xtask test chat" installs what is needed`);
        assert.equal(child.exitCode, null, `${this.program} ended before it answered:\n${this.output}`);
        assert.ok(Date.now() < deadline, `${this.program} does not answer on port ${port}`);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    }
  }

  /** Ends it, and waits for that. @returns its exit code, or the signal that ended it. */
  async end(signal = "SIGTERM") {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? child?.signalCode;
    child.kill(signal);
    const [code, by] = await once(child, "exit");
    return code ?? by;
  }
}

/** A chat server: alone with a folder of its own, or on a Redis that others use too. */
export class ChatServer {
  constructor(binary, { id, apiPort, webPort, redisPort, folder, publicPort }) {
    const redis = redisPort && { SERVERPOD_REDIS_ENABLED: "true", SERVERPOD_REDIS_HOST: "127.0.0.1", SERVERPOD_REDIS_PORT: String(redisPort) };
    const env = {
      ...process.env,
      ...redis,
      // Everything that can be logged is.
      RUST_LOG: "trace",
      SERVERPOD_SERVER_ID: id,
      SERVERPOD_API_SERVER_PORT: String(apiPort),
      SERVERPOD_API_SERVER_PUBLIC_PORT: String(publicPort ?? apiPort),
      SERVERPOD_WEB_SERVER_PORT: String(webPort),
      SERVERPOD_WEB_SERVER_PUBLIC_PORT: String(publicPort ?? webPort),
    };
    Object.assign(this, { id, apiPort, webPort, url: `http://localhost:${webPort}/` });
    this.process = new Process(binary, [], { env, cwd: folder });
  }

  start() {
    return this.process.start([this.apiPort, this.webPort]);
  }

  /** What it logged. */
  get output() {
    return this.process.output;
  }

  /** @returns the exit code, or the signal that ended it. */
  end(signal) {
    return this.process.end(signal);
  }
}

/** A Redis that keeps what it is told in a folder. */
export function redisServer(port, folder) {
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes", "--loglevel", "warning"];
  return new Process("redis-server", args);
}

/** The proxy configuration of this example, before servers of this machine. */
export function nginx(port, servers, folder) {
  let site = readFileSync(new URL("../../nginx.conf", import.meta.url), "utf8").replace("listen 80;", `listen 127.0.0.1:${port};`);
  for (const [n, { apiPort, webPort }] of servers.entries()) {
    site = site.replace(`chat-${n + 1}:8080`, `127.0.0.1:${apiPort}`).replace(`chat-${n + 1}:8082`, `127.0.0.1:${webPort}`);
  }
  site = site.replace(/^ *server chat-.*\n/gm, ""); // Those that there are not here.
  writeFileSync(join(folder, "site.conf"), site);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join("\n  ");
  const main = `pid ${join(folder, "nginx.pid")};\nerror_log stderr warn;\nevents {}\nhttp {\n  access_log off;\n  ${paths}\n  include site.conf;\n}\n`;
  writeFileSync(join(folder, "nginx.conf"), main);
  return new Process(nginxProgram, ["-p", folder, "-c", join(folder, "nginx.conf"), "-g", "daemon off; master_process off;"]);
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (whether) => {
      socket.destroy();
      resolve(whether);
    };
    socket.on("connect", () => answer(true)).on("error", () => answer(false));
  });
}
