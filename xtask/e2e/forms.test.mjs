// Every form works without scripts.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { choose, open, signIn, startBrowser } from "./browser.mjs";
import { crawl, kind } from "./crawl.mjs";
import { World, until } from "./world.mjs";

const PURPOSES = ["history", "train", "human_review", "insights", "publish"];

let world, browser;
before(async () => {
  world = await World.start();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

test("every form works without scripts: sign in, choose, chat, take along, delete, leave", async () => {
  const { page, context } = await open(browser, world, { javaScriptEnabled: false });
  const used = new Set();
  page.on("request", (request) => request.method() === "POST" && used.add(kind(request.url())));
  await signIn(page, "anna");
  for (const purpose of PURPOSES) await choose(page, purpose, "later");
  for (const answer of ["no", "yes"]) for (const purpose of PURPOSES) await choose(page, purpose, answer);
  await page.getByRole("button", { name: "Deutsch" }).click();
  await page.getByText("Deine Nachrichten, deine Wahl").waitFor();
  await page.getByRole("button", { name: "English" }).click();

  await page.goto("/chat");
  await page.locator("#text").fill("Is this a heron?");
  await page.locator("#file").setInputFiles({ name: "bird.txt", mimeType: "text/plain", buffer: Buffer.from("grey, tall") });
  await page.locator("#send").click();
  await page.getByText("You said:").first().waitFor();
  await page.locator("#up-1").click();
  await page.locator("#keep-1-no").click();
  await page.getByRole("status").first().waitFor();
  const found = new Set();
  const collect = async () => (await page.$$eval("form[method=post]", (all) => all.map((form) => form.action))).forEach((action) => found.add(kind(action)));
  await collect();
  await page.locator("details.delete summary").click();
  await page.locator("details.delete button").click();
  await page.waitForURL((url) => !/\/chat\/.{10}/.test(url.pathname) || url.pathname.endsWith("/delete"));

  await page.goto("/chat");
  await page.locator("#text").fill("And this?");
  await page.locator("#send").click();
  await page.getByText("You said:").first().waitFor();
  await page.goto("/privacy/kept");
  const held = page.locator("main a[href^='/privacy/kept/']");
  await until(async () => (await held.count()) > 0 || (await page.reload(), false), "a kept conversation");
  await crawl(page, world.pages, { visit: collect, each: 1 });
  await page.goto("/privacy/kept");
  await held.first().click();
  await page.locator("main a[href$='/delete']").click();
  await page.locator("main form button").first().click();
  await page.waitForURL(/\/privacy\/kept/);

  await page.goto("/privacy");
  const download = page.waitForEvent("download");
  await page.locator("#export").click();
  assert.ok((await download).suggestedFilename().length > 0);
  await page.locator("#withdraw").click();
  await page.locator("#train-no[aria-pressed=true]").waitFor();
  await page.locator("#erase").click();
  await page.locator("main form button").first().click();
  await page.waitForURL(/erased|sign-in/);
  await page.goto("/sign-in");
  await page.locator("button[name=person][value=anna]").click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await signIn(page, "ben");
  await page.locator("form[action='/sign-out'] button").click();
  await page.waitForURL(/sign-in/);
  const missed = [...found].filter((form) => !used.has(form) && !form.endsWith("/stop"));
  assert.deepEqual(missed, [], "forms that this test does not use");
  await context.close();
});

test("with scripts a choice keeps the focus, and the page is not loaded anew", async () => {
  const { page, context } = await open(browser, world);
  await signIn(page, "mia");
  await page.locator("form[action='/sign-out'] button").click();
  await signIn(page, "ben");
  await page.evaluate(() => (window.same = true));
  const no = page.locator("#train-no");
  await no.focus();
  await page.keyboard.press("Enter");
  await page.locator("#train-no[aria-pressed=true]").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "train-no");
  assert.equal(await page.evaluate(() => window.same), true);
  await context.close();
});
