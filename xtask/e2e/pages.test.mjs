// Every page that can be found: accessible, small, reachable by keyboard, and nothing from elsewhere.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { LANGUAGES, VIEWPORTS, choose, open, say, signIn, startBrowser } from "./browser.mjs";
import { everywhere, keyboard, weigh } from "./checks.mjs";
import { crawl, kind } from "./crawl.mjs";
import { World, until } from "./world.mjs";

const PURPOSES = ["history", "train", "human_review", "insights", "publish"];
// The kinds of page that must be among those found: a crawl that finds nothing must not pass.
const EXPECTED = ["/privacy", "/privacy/notice", "/privacy/kept", "/privacy/kept/*", "/privacy/erase", "/chat", "/chat/*", "/no-such-page"];

let world, browser;
before(async () => {
  world = await World.start();
  browser = await startBrowser();
  await live();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

/** A story, so that pages have something to show. */
async function live() {
  const { page, context } = await open(browser, world);
  await signIn(page, "anna");
  for (const purpose of PURPOSES) await choose(page, purpose, purpose === "publish" ? "no" : "yes");
  const places = ["Where is the library? Write to anna@example.org.", "And the opera, at 10?", "```\nlet x = 1;\n```\nWhat is it?"];
  for (const text of places) await say(page, text);
  await page.goto("/privacy/kept");
  const held = page.locator("main a[href^='/privacy/kept/']");
  await until(async () => (await held.count()) > 0 || (await page.reload(), false), "a kept conversation");
  const day = new Date(Date.now() + 30 * 86_400_000).toISOString();
  world.publish(2, day, (text) => text.replace("retention_days = 90", "retention_days = 180"));
  await context.close();
}

const complaintsOf = (found) => [...found].flatMap(([where, complaints]) => complaints.map((text) => `${where}: ${text}`));

const assertNone = (complaints) => assert.equal(complaints.length, 0, `\n  ${complaints.join("\n  ")}\n`);

for (const language of Object.keys(LANGUAGES)) {
  for (const who of [null, "anna", "mia"]) {
    test(`every page that ${who ?? "nobody"} finds is accessible in ${language}`, async () => {
      const { page, context, trouble } = await open(browser, world, { language });
      if (who) await signIn(page, who);
      const found = new Map();
      const visit = ({ url }) => everywhere(page, VIEWPORTS, (where, complaints) => found.set(`${kind(url)} ${where}`, complaints));
      const pages = await crawl(page, world.pages, { visit, each: 1 });
      if (who === "anna") {
        const kinds = new Set(pages.map((entry) => entry.kind));
        assert.deepEqual(EXPECTED.filter((expected) => !kinds.has(expected)), [], "pages that were not found");
      }
      // The one page that does not exist says so to the console, too, as often as it is looked at.
      const others = trouble.filter((text) => !(text.includes("404") && text.endsWith("/no-such-page")));
      assertNone([...complaintsOf(found), ...others]);
      await context.close();
    });
  }
}

test("every page is reached and worked by keyboard, in visual order, with the focus seen", async () => {
  const { page, context } = await open(browser, world);
  await signIn(page, "anna");
  const found = new Map();
  const visit = async ({ url }) => {
    for (const viewport of [VIEWPORTS[0], VIEWPORTS[2]]) {
      await page.setViewportSize(viewport);
      found.set(`${kind(url)} at ${viewport.width} px`, await keyboard(page));
    }
  };
  await crawl(page, world.pages, { visit, each: 1 });
  assertNone(complaintsOf(found));
  await context.close();
});

test("every page weighs little and comes with the content policy", async (context_) => {
  const { page, context } = await open(browser, world);
  await signIn(page, "anna");
  const pages = await crawl(page, world.pages, { each: 1 });
  const storageState = await context.storageState();
  const found = new Map();
  for (const { url } of pages) {
    const { bytes, complaints } = await weigh(browser, { storageState }, url);
    context_.diagnostic(`${kind(url)}: ${bytes} bytes`);
    found.set(kind(url), complaints);
  }
  assertNone(complaintsOf(found));
  await context.close();
});

test("the way out of a notice, the help and the navigation are at the same place on every page", async () => {
  const { page, context } = await open(browser, world);
  await signIn(page, "anna");
  const places = new Set();
  const visit = async () => {
    const links = await page.$$eval("header nav a", (found) => found.map((link) => link.getAttribute("href")));
    const help = await page.locator("footer p").last().innerText();
    places.add(JSON.stringify([links, help]));
  };
  await crawl(page, world.pages, { visit, each: 1 });
  assert.equal(places.size, 1, [...places].join("\n"));
  await context.close();
});
