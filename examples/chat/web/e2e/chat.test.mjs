// Browsers on real servers: CHAT_BIN=<the server's binary> [CHROMIUM=<the browser>] npm run e2e
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { ChatServer, freePorts, nginx, nginxProgram, redisServer, temporaryFolder } from "./processes.mjs";

const binary = process.env.CHAT_BIN;
const skip = !binary && "CHAT_BIN is not set";
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const password = "correct horse";
const wide = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
/** Longer than a server may be silent before its users are taken for gone. */
const presenceTimeoutMs = 25_000;

const pictures = fileURLToPath(new URL("../out/pictures/", import.meta.url));
mkdirSync(pictures, { recursive: true });

/** Pages in one browser; each is a device of its own. */
class Devices {
  async start() {
    this.browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: flags });
  }

  async open(server, options = {}) {
    const context = await this.browser.newContext({ viewport: wide, colorScheme: "light", locale: "en-GB", ...options });
    const page = await context.newPage();
    page.on("pageerror", (error) => assert.fail(`the page threw: ${error.stack}`));
    page.on("console", (message) => assert.doesNotMatch(message.text(), /Content Security Policy/));
    await page.goto(server.url);
    return page;
  }

  async signIn(server, name, options) {
    const page = await this.open(server, options);
    await enter(page, name);
    return page;
  }
}

async function enter(page, name, word = password) {
  await page.locator("#name").fill(name);
  await page.locator("#password").fill(word);
  await page.getByRole("button", { name: "Sign in" }).click();
  await live(page);
}

function live(page) {
  return page.waitForSelector("html[data-view=chat][data-status=live]");
}

/** Opens a conversation: `#lobby`, or `@ann`. */
async function go(page, id) {
  await page.locator(`.line[data-id="${id}"]`).click();
  await page.waitForSelector(`#talk[data-id="${id}"]`);
}

async function say(page, text) {
  await page.locator("#text").fill(text);
  await page.locator("#text").press("Enter");
  await taken(page, text);
}

/** Waits until the server has taken a message of this page. */
function taken(page, text) {
  return page.locator(".mine .bubble:not([data-sending])", { hasText: text }).waitFor();
}

function hears(page, text) {
  return page.locator(".group:not(.mine) .bubble", { hasText: text }).waitFor();
}

/** All that is said in the open conversation, in its order. */
function texts(page) {
  return page.locator(".bubble").allTextContents();
}

/** Takes pictures of a page in every size and scheme, once there is no note on it. */
async function picture(page, name) {
  await page.waitForFunction(() => !document.querySelector(".toast"));
  for (const [width, viewport] of Object.entries({ 1280: wide, 390: phone })) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await assertFits(page);
      await page.screenshot({ path: `${pictures}${name}-${colorScheme}-${width}.png` });
    }
  }
  await page.setViewportSize(wide);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: null });
}

/** Nobody who reads the logs learns what is said, or how to sign in. */
async function assertDiscreet(servers, page) {
  const secrets = [password, "another horse", ...(await texts(page)), await page.evaluate(() => JSON.parse(sessionStorage.getItem("chat.session")).token)];
  assert.ok(secrets.length > 4 && secrets.every((secret) => secret.length > 7), "there is something to look for");
  for (const { output } of servers) {
    assert.match(output, /endpoint="chat"/, "there is a log to look at");
    for (const secret of secrets) assert.ok(!output.includes(secret), `a log holds "${secret}"`);
  }
}

/** Nothing stands out of the window. */
async function assertFits(page) {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(beyond <= 0, `the page is ${beyond} pixels too wide`);
}

describe("a server alone", { skip, timeout: 120_000 }, () => {
  const folder = temporaryFolder();
  const devices = new Devices();
  let server, ann, ben;

  before(async () => {
    const [apiPort, webPort] = await freePorts(2);
    server = new ChatServer(binary, { id: "default", apiPort, webPort, folder: folder.path });
    await Promise.all([server.start(), devices.start()]);
  });

  after(async () => {
    await devices.browser?.close();
    await server?.end("SIGKILL");
    folder.remove();
  });

  test("a free name makes an account, and a taken one needs its password", async () => {
    ann = await devices.signIn(server, "Ann");
    await ann.getByText("Welcome, Ann. This name is yours now.").waitFor();
    ben = await devices.open(server);
    await ben.locator("#name").fill("ann");
    await ben.locator("#password").fill("another horse");
    await ben.getByRole("button", { name: "Sign in" }).click();
    await ben.getByRole("alert").getByText("The name Ann is taken").waitFor();
    await picture(ben, "sign-in");
    await enter(ben, "Ben");
    await Promise.all([ann, ben].map((page) => page.waitForSelector("html[data-online='1']")));
  });

  test("what one says in a room, the other hears, as text and never as HTML", async () => {
    await go(ann, "#lobby");
    await go(ben, "#lobby");
    await say(ann, "<img src=x onerror=alert(1)> hello");
    await hears(ben, "<img src=x onerror=alert(1)> hello");
    await say(ben, "and hello to you");
    await hears(ann, "and hello to you");
    assert.deepEqual(await texts(ann), await texts(ben));
    assert.equal(await ben.locator(".bubble img").count(), 0);
  });

  test("what is said elsewhere is counted until it is seen", async () => {
    await go(ann, "#random");
    await say(ben, "is anybody here?");
    const unread = ann.locator('.line[data-id="#lobby"] .unread');
    await unread.waitFor();
    assert.match(await unread.textContent(), /^1 unread$/);
    await go(ann, "#lobby");
    await unread.waitFor({ state: "detached" });
  });

  test("a reload keeps the user signed in and everything that was said", async () => {
    const before = await texts(ann);
    await ann.reload();
    await live(ann);
    await hears(ann, "is anybody here?");
    assert.deepEqual(await texts(ann), before);
  });

  test("the server restarts: nothing is lost, and what was said meanwhile follows", async () => {
    assert.equal(await server.end(), 0, "exit code after SIGTERM");
    await ann.waitForSelector("html:not([data-status=live])");
    await ann.locator("#text").fill("said into the dark");
    await ann.locator("#text").press("Enter");
    await ann.locator(".bubble[data-sending=waiting]", { hasText: "said into the dark" }).waitFor();
    await server.start();
    await Promise.all([ann, ben].map(live));
    await taken(ann, "said into the dark");
    await hears(ben, "said into the dark");
    assert.deepEqual(await texts(ann), await texts(ben));
  });

  test("what the server refuses says why, and can be sent again", async () => {
    await go(ann, "#random");
    for (let n = 0; n < 14; n++) {
      await ann.locator("#text").fill(`quick message ${n}`);
      await ann.locator("#text").press("Enter");
    }
    const refused = ann.locator(".failed").first();
    await refused.getByText("That was very quick").waitFor();
    const text = await refused.locator(".bubble").textContent();
    const again = ann.locator(".failed", { hasText: text }).getByRole("button", { name: "Send again" });
    while ((await again.count()) > 0) {
      await again.click();
      await ann.waitForFunction(() => !document.querySelector(".bubble[data-sending=waiting]"));
    }
    await taken(ann, text);
  });

  test("nothing of that is in the log", () => assertDiscreet([server], ann));

  test("signing out here leads back to the sign-in", async () => {
    await ann.getByRole("button", { name: "Sign out" }).click();
    await ann.waitForSelector("html[data-view=sign-in]");
    assert.equal(await ann.locator("#name").inputValue(), "Ann");
    await ben.waitForSelector("html[data-online='0']");
    await ann.reload();
    await ann.waitForSelector("html[data-view=sign-in]");
  });
});

describe("two servers and Redis", { skip, timeout: 180_000 }, () => {
  const folder = temporaryFolder();
  const devices = new Devices();
  let redis, redisPort, north, south, ann, ben;

  before(async () => {
    const ports = await freePorts(5);
    redisPort = ports[4];
    redis = redisServer(redisPort, folder.path);
    await redis.start([redisPort]);
    north = new ChatServer(binary, { id: "north", apiPort: ports[0], webPort: ports[1], redisPort });
    south = new ChatServer(binary, { id: "south", apiPort: ports[2], webPort: ports[3], redisPort });
    await Promise.all([north.start(), south.start(), devices.start()]);
    ann = await devices.signIn(north, "Ann");
    ben = await devices.signIn(south, "Ben");
  });

  after(async () => {
    await devices.browser?.close();
    await Promise.all([north, south, redis].map((process) => process?.end("SIGKILL")));
    folder.remove();
  });

  test("each is on a server of its own, and sees the other online", async () => {
    await Promise.all([ann, ben].map((page) => page.waitForSelector("html[data-online='1']")));
    await ann.getByText("Live on north").waitFor();
    await ben.getByText("Live on south").waitFor();
  });

  test("a direct message crosses, and so does the answer", async () => {
    await go(ann, "@ben");
    await say(ann, "Are you on the other server?");
    await ben.locator('.line[data-id="@ann"] .unread').waitFor();
    await go(ben, "@ann");
    await hears(ben, "Are you on the other server?");
    await say(ben, "I am. It feels like one.");
    await hears(ann, "I am. It feels like one.");
    assert.deepEqual(await texts(ann), await texts(ben));

    // The address leads back to it.
    await ann.reload();
    await hears(ann, "I am. It feels like one.");
  });

  test("a room is one room on both", async () => {
    await go(ann, "#lobby");
    await go(ben, "#lobby");
    await say(ann, "Good morning from the north");
    await hears(ben, "Good morning from the north");
    await say(ben, "And from the south: the harbour is calm, the coffee is strong, and the build is green.");
    await say(ben, "Shall we ship it today?");
    await hears(ann, "Shall we ship it today?");
    await say(ann, "Let us. I will watch the graphs.");
    await hears(ben, "I will watch the graphs");
    assert.deepEqual(await texts(ann), await texts(ben));
    await picture(ann, "room");
    await ann.setViewportSize(phone);
    await ann.getByRole("link", { name: "All conversations" }).click();
    await ann.waitForSelector("html[data-pane=list]");
    await assertFits(ann);
    await ann.screenshot({ path: `${pictures}list-light-390.png` });
    await ann.setViewportSize(wide);
    await go(ann, "#lobby");
  });

  test("a newcomer on either server finds the same", async () => {
    const expected = await texts(ann);
    for (const server of [north, south]) {
      const zoe = await devices.signIn(server, "Zoe");
      await go(zoe, "#lobby");
      await zoe.locator(".bubble", { hasText: "I will watch the graphs" }).waitFor();
      assert.deepEqual(await texts(zoe), expected);
      await zoe.context().close();
    }
    await ann.waitForSelector("html[data-online='1']");
  });

  test("signed out on another device: the streams end, and the page says so well", async () => {
    const phoneOfAnn = await devices.signIn(south, "Ann", { viewport: phone });
    await phoneOfAnn.getByRole("button", { name: "Your devices" }).click();
    await phoneOfAnn.locator(".devices li").nth(1).waitFor();
    await phoneOfAnn.screenshot({ path: `${pictures}devices-light-390.png` });
    const began = Date.now();
    await phoneOfAnn.getByRole("button", { name: /^Sign out .* on / }).click();
    await ann.waitForSelector("html[data-view=signed-out]");
    console.log(`# signed out on the other server after ${Date.now() - began} ms`);
    await ann.getByRole("heading", { name: "You were signed out" }).waitFor();
    await picture(ann, "signed-out");
    assert.equal(await ann.evaluate(() => sessionStorage.length), 0, "the token is gone");

    // The phone is still signed in, and hears what the other page does not.
    await phoneOfAnn.keyboard.press("Escape");
    await go(phoneOfAnn, "#lobby");
    await say(ben, "Who is still here?");
    await hears(phoneOfAnn, "Who is still here?");
    await phoneOfAnn.context().close();

    await ann.getByRole("button", { name: "Sign in again" }).click();
    await enter(ann, "Ann");
    await go(ann, "#lobby");
    await hears(ann, "Who is still here?");
  });

  test("signed out everywhere: all pages show it", async () => {
    const other = await devices.signIn(south, "Ann");
    await other.getByRole("button", { name: "Your devices" }).click();
    await other.getByRole("button", { name: "Sign out everywhere" }).click();
    await other.waitForSelector("html[data-view=sign-in]");
    await ann.waitForSelector("html[data-view=signed-out]");
    await other.context().close();
    await ann.getByRole("button", { name: "Sign in again" }).click();
    await enter(ann, "Ann");
    await go(ann, "#lobby");
  });

  test("Redis stops and starts again: the servers stay up, and nothing has to be reloaded", async () => {
    await ben.waitForSelector("html[data-online='1']");
    await redis.end();
    const refusal = ann.waitForResponse((response) => response.status() === 500);
    await ann.locator("#text").fill("with nothing between us");
    await ann.locator("#text").press("Enter");
    await refusal;
    // Once there is something to be missed, the streams end with an error, and the pages come back for it.
    const comesBack = [ann, ben].map((page) => page.getByText("Reconnected: you are up to date.").waitFor());
    await redis.start([redisPort]);
    await Promise.all(comesBack);
    await Promise.all([ann, ben].map((page) => page.waitForSelector("html[data-online='1']")));
    // What could not be said follows by itself.
    await taken(ann, "with nothing between us");
    await hears(ben, "with nothing between us");
    await say(ann, "there we are again");
    await hears(ben, "there we are again");
  });

  test("a server is killed: its users are gone after a while, and come back with it", async () => {
    await south.end("SIGKILL");
    await ben.waitForSelector("html[data-status=reconnecting]");
    await ann.waitForSelector("html[data-online='0']", { timeout: presenceTimeoutMs });
    await say(ann, "said while south was down");
    await south.start();
    await live(ben);
    await hears(ben, "said while south was down");
    await ann.waitForSelector("html[data-online='1']");
    assert.deepEqual(await texts(ann), await texts(ben));
  });

  test("nothing of that is in the logs", () => assertDiscreet([north, south], ann));
});

describe("two servers behind nginx", { skip: skip || (!existsSync(nginxProgram) && "nginx is not installed"), timeout: 120_000 }, () => {
  const folder = temporaryFolder();
  const devices = new Devices();
  const servers = {};
  let redis, proxy, site, ann, ben;

  before(async () => {
    const [redisPort, publicPort, ...ports] = await freePorts(6);
    redis = redisServer(redisPort, folder.path);
    await redis.start([redisPort]);
    for (const [n, id] of ["north", "south"].entries()) {
      servers[id] = new ChatServer(binary, { id, apiPort: ports[2 * n], webPort: ports[2 * n + 1], redisPort, publicPort });
    }
    await Promise.all([servers.north.start(), servers.south.start(), devices.start()]);
    proxy = nginx(publicPort, Object.values(servers), folder.path);
    await proxy.start([publicPort]);
    site = { url: `http://localhost:${publicPort}/` };
    ann = await devices.signIn(site, "Ann");
    ben = await devices.signIn(site, "Ben");
  });

  after(async () => {
    await devices.browser?.close();
    await Promise.all([proxy, servers.north, servers.south, redis].map((process) => process?.end("SIGKILL")));
    folder.remove();
  });

  /** The server that a page's WebSocket is on. */
  async function serverOf(page) {
    const id = /Live on (\w+)/.exec(await page.locator("#status-text").textContent())?.[1];
    assert.ok(servers[id], "the page says where it is");
    return servers[id];
  }

  test("the API is below the page's own address", async () => {
    const config = await (await fetch(new URL("config.json", site.url))).json();
    assert.equal(config.apiUrl, "/api/");
    await go(ann, "@ben");
    await say(ann, "through the proxy");
    await go(ben, "@ann");
    await hears(ben, "through the proxy");
  });

  test("the server of one is killed: the other one takes over, and nothing is missed", async () => {
    const lost = await serverOf(ann);
    const left = Object.values(servers).find((server) => server !== lost);
    const comesBack = ann.getByText("Reconnected: you are up to date.").waitFor();
    const began = Date.now();
    await lost.end("SIGKILL");
    await say(ben, "said while you were away");
    await comesBack;
    console.log(`# on the other server ${Date.now() - began} ms after its own was killed`);
    await hears(ann, "said while you were away");
    assert.equal(await serverOf(ann), left);
    await say(ann, "I was not away for long");
    await hears(ben, "I was not away for long");
    await live(ben);
    assert.equal(await serverOf(ben), left, "where he was, or has come too");
    assert.deepEqual(await texts(ann), await texts(ben));
  });
});
