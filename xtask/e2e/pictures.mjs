// The pictures of the README: the story as it is on the pages, made only when asked for.

import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { choose, open, say, signIn, startBrowser } from "./browser.mjs";
import { Quickstart } from "./quickstart.mjs";
import { Walk } from "./story.mjs";
import { World, until } from "./world.mjs";

const BYTES_MAX = 150_000;
const SIZE = { width: 1280, height: 800 };
const FOLDER = join(process.env.CANDOR_WORKSPACE, "docs/pictures");
// What is shown of the walk through the guide: the picture's name, and where it begins.
const STORY = {
  before: ["answer-before"],
  learned: ["guide", "#step-3"],
  after: ["answer-after"],
  compared: ["two-worlds"],
};

let world, browser;
before(async () => {
  world = await World.start();
  browser = await startBrowser();
  mkdirSync(FOLDER, { recursive: true });
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

async function picture(page, name, place) {
  const path = join(FOLDER, `${name}.png`);
  await page.evaluate(() => document.activeElement?.blur());
  if (place) await page.locator(place).evaluate((one) => one.scrollIntoView({ block: "start" }));
  else await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path, animations: "disabled" });
  const { size } = statSync(path);
  assert.ok(size < BYTES_MAX, `${name}: ${size} bytes`);
}

test("the story in pictures", async () => {
  const { page, context } = await open(browser, world, { viewport: SIZE, colorScheme: "light" });
  await signIn(page, "anna");
  await picture(page, "first-visit", "#choices");
  for (const purpose of ["history", "train"]) await choose(page, purpose, "yes");
  for (const purpose of ["human_review", "insights", "publish"]) await choose(page, purpose, "no");
  await say(page, "The herons are back at the weir. Write to anna.berg@example.org if you see them.");
  await picture(page, "chat");
  await page.goto("/privacy/kept");
  const held = page.locator("main a[href^='/privacy/kept/']");
  await until(async () => (await held.count()) > 0 || (await page.reload(), false), "a kept conversation");
  await held.first().click();
  await page.locator("main mark").first().waitFor();
  await picture(page, "kept");
  world.publish(2, "2099-01-01T00:00:00Z", (text) => text.replace("retention_days = 90", "retention_days = 180"));
  await page.goto("/privacy/notice");
  await picture(page, "notice");
  await context.close();
});

test("the whole circle in pictures", async () => {
  const quickstart = await Quickstart.start();
  try {
    const { page, context } = await open(browser, quickstart, { viewport: SIZE, colorScheme: "light" });
    const look = async (moment) => moment && picture(page, ...STORY[moment]);
    await new Walk(page, { hand: "mouse", language: "en", look }).all();
    await context.close();
  } finally {
    await quickstart.stop();
  }
});
