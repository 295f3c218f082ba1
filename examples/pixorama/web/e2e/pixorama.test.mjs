// Two browsers on a real server: PIXORAMA_BIN=<the server's binary> [CHROMIUM=<the browser>] npm run e2e
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { PixoramaServer, freePorts } from "./server.mjs";

const binary = process.env.PIXORAMA_BIN;
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const width = 64;
const at = (column, row) => row * width + column;

/** The colours by their index; see src/palette.ts. */
const colors = { cherry: 4, leaf: 9, ocean: 12, violet: 13 };

describe("pixorama", { skip: !binary && "PIXORAMA_BIN is not set", timeout: 120_000 }, () => {
  let server, browser, ann, ben;

  before(async () => {
    server = new PixoramaServer(binary, ...(await freePorts(2)));
    await server.start();
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: flags });
    [ann, ben] = await Promise.all([openPage(), openPage()]);
  });

  after(async () => {
    await browser?.close();
    server?.kill();
  });

  async function openPage() {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    page.on("pageerror", (error) => assert.fail(`the page threw: ${error.stack}`));
    await page.goto(server.url);
    await page.waitForSelector("html[data-status=live]");
    return page;
  }

  async function choose(page, color) {
    await page.locator("#palette [role=radio]").nth(color).click();
  }

  /** Drags the mouse from one pixel's middle to another's. */
  async function drag(page, from, to) {
    const [start, end] = await page.evaluate((indices) => indices.map((index) => window.pixorama.centerOf(index)), [from, to]);
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    await page.mouse.move(end.x, end.y, { steps: 4 });
    await page.mouse.up();
  }

  /** Waits until the page shows the colour at every index. */
  async function shows(page, color, indices) {
    await page.waitForFunction(([color, indices]) => indices.every((index) => window.pixorama.pixelAt(index) === color), [color, indices]);
  }

  async function both(selector, timeout = 30_000) {
    await Promise.all([ann, ben].map((page) => page.waitForSelector(selector, { timeout })));
  }

  const row = (number) => Array.from({ length: 21 }, (_, n) => at(10 + n, number));

  test("both see that two are present", () => both("html[data-people='2']"));

  test("what one draws, the other sees", async () => {
    await choose(ann, colors.cherry);
    await drag(ann, at(10, 20), at(30, 20));
    await shows(ben, colors.cherry, row(20));

    await choose(ben, colors.ocean);
    await drag(ben, at(10, 30), at(30, 30));
    await shows(ann, colors.ocean, row(30));

    await choose(ben, colors.leaf);
    await drag(ben, at(15, 10), at(15, 40));
    const column = Array.from({ length: 31 }, (_, n) => at(15, 10 + n));
    await Promise.all([shows(ann, colors.leaf, column), shows(ben, colors.leaf, column)]);
    await both("html[data-unsaved='0']");
  });

  test("a newcomer gets the whole picture, and is counted", async () => {
    const newcomer = await openPage();
    await shows(newcomer, colors.leaf, [at(15, 10), at(15, 40)]);
    await shows(newcomer, colors.cherry, [at(10, 20), at(30, 20)]);
    await both("html[data-people='3']");
    await newcomer.context().close();
    await both("html[data-people='2']");
  });

  test("the server is configured to compress, and the browser agrees", async () => {
    const page = await (await browser.newContext()).newPage();
    const network = await page.context().newCDPSession(page);
    await network.send("Network.enable");
    const answered = new Promise((resolve) => network.once("Network.webSocketHandshakeResponseReceived", resolve));
    await page.goto(server.url);
    const { headers } = (await answered).response;
    assert.match(new Headers(headers).get("sec-websocket-extensions") ?? "", /^permessage-deflate;/);
    await page.waitForSelector("html[data-status=live]");
    await shows(page, colors.cherry, [at(10, 20), at(30, 20)]);
    await page.context().close();
    await both("html[data-people='2']");
  });

  test("the keyboard draws too", async () => {
    await ann.locator("#board").focus();
    await ann.mouse.move(0, 0); // Off the picture: the cursor starts in its middle.
    await ann.keyboard.press("Shift+Digit5");
    for (const key of ["ArrowRight", "Enter"]) await ann.keyboard.press(key);
    await shows(ben, colors.violet, [at(32, 32)]);
  });

  test("zoomed and moved, the brush still hits the pixel under it", async () => {
    const { x, y } = await ben.evaluate((index) => window.pixorama.centerOf(index), at(50, 50));
    await ben.mouse.move(x, y);
    await ben.mouse.wheel(0, -500);
    await ben.keyboard.press("h");
    await ben.mouse.down();
    await ben.mouse.move(x - 120, y - 80, { steps: 3 });
    await ben.mouse.up();
    await ben.keyboard.press("b");
    await choose(ben, colors.violet);
    await drag(ben, at(50, 50), at(53, 50));
    await shows(ann, colors.violet, [50, 51, 52, 53].map((column) => at(column, 50)));
    await ben.keyboard.press("0");
  });

  test("after a restart of the server both are live again by themselves", async () => {
    assert.equal(await server.stop(), 0, "exit code after SIGTERM");
    await both("html:not([data-status=live])");

    await ann.evaluate((indices) => indices.forEach((index) => window.pixorama.paint(index, 4)), row(50));
    await ann.waitForSelector("#unsaved:not([hidden])");

    await server.start();
    await both("html[data-status=live]");
    await both("html[data-people='2']");
    await shows(ben, colors.cherry, row(50)); // Painted while the server was away.
    await ann.waitForSelector("html[data-unsaved='0']", { state: "attached" });

    await choose(ann, colors.violet);
    await drag(ann, at(10, 5), at(30, 5));
    await shows(ben, colors.violet, row(5));
    await choose(ben, colors.cherry);
    await drag(ben, at(10, 7), at(30, 7));
    await shows(ann, colors.cherry, row(7));
  });
});
