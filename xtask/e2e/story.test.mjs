// The whole story: by mouse, by keyboard alone, and without scripts; looked at in small and large, in both languages.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { VIEWPORTS, open, startBrowser } from "./browser.mjs";
import { everywhere, keyboard, weigh } from "./checks.mjs";
import { kind } from "./crawl.mjs";
import { Quickstart } from "./quickstart.mjs";
import { Walk } from "./story.mjs";

const [SMALL, , LARGE] = VIEWPORTS;
const WALKS = [
  { hand: "mouse", language: "en", viewport: LARGE },
  { hand: "keyboard", language: "de", viewport: SMALL },
];

let browser, quickstart;
before(async () => (browser = await startBrowser()));
after(() => browser?.close());
beforeEach(async () => (quickstart = await Quickstart.start()));
afterEach(() => quickstart?.stop());

for (const { hand, language, viewport } of WALKS) {
  test(`the whole story by ${hand} at ${viewport.width} px in ${language}`, async () => {
    const { page, context, trouble } = await open(browser, quickstart, { language, viewport });
    const complaints = [];
    const look = async () => {
      const found = new Map();
      await everywhere(page, [SMALL, LARGE], (where, told) => found.set(where, told));
      for (const size of [SMALL, LARGE]) {
        // Loaded anew, so that the first Tab begins at the top.
        await page.goto(page.url().split("#")[0]);
        await page.setViewportSize(size);
        found.set(`at ${size.width} px`, await keyboard(page));
      }
      await page.setViewportSize(viewport);
      for (const [where, told] of found) complaints.push(...told.map((text) => `${kind(page.url())} ${where}: ${text}`));
    };
    await new Walk(page, { hand, language, look }).all();
    const storageState = await context.storageState();
    for (const path of ["/guide", "/two-worlds"]) {
      const { complaints: told } = await weigh(browser, { storageState }, quickstart.pages + path);
      complaints.push(...told.map((text) => `${path}: ${text}`));
    }
    assert.equal([...complaints, ...trouble].length, 0, `\n  ${[...complaints, ...trouble].join("\n  ")}\n`);
    await context.close();
  });
}

test("the whole story without scripts", async () => {
  const { page, context } = await open(browser, quickstart, { javaScriptEnabled: false });
  const walk = new Walk(page, { hand: "mouse", language: "en" });
  walk.isWithoutScripts = true;
  await walk.all();
  await context.close();
});
