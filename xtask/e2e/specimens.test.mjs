// A page for each rule that breaks it: the rule must say so, and the others that need only a page must not.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { open, startBrowser } from "./browser.mjs";
import { axe, keyboard, overflow, structure, targets, weigh } from "./checks.mjs";
import { kind } from "./crawl.mjs";
import { ON_A_PAGE, RULES } from "./rules/all.mjs";
import { abilities } from "./rules/service.mjs";
import { labelsOf } from "./rules/words.mjs";

const FOLDER = new URL("./specimens/", import.meta.url);
const DAYS = [0, 1, 7, 14, 29, 35];

let browser, server, base, page;
before(async () => {
  browser = await startBrowser();
  server = createServer((request, response) => {
    const name = request.url.split(/[?#]/)[0].slice(1);
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (request.method !== "GET" || !/^[\w-]+\.html$/.test(name)) return response.writeHead(204).end();
    response.end(readFileSync(new URL(name, FOLDER)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${server.address().port}`;
  page = await (await browser.newContext({ locale: "en-GB" })).newPage();
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

const url = (name) => `${base}/${name}.html`;
const rule = (number) => RULES[number][1];
const texts = () => page.$$eval("main p, main legend, main button", (found) => found.map((one) => one.innerText));

/** What a rule says of a specimen; rules differ in what they are given. */
const JUDGES = {
  4: (name) => rule(4)(page, { url: url(name) }),
  6: async () => rule(6)(await labelsOf(page), "en"),
  7: async () => rule(7)(await texts(), "en"),
  9: async (name) => {
    const withNo = await abilities(page);
    await page.goto(url(name.replace("no", "yes")));
    return rule(9)(await abilities(page), withNo);
  },
  10: (name) => rule(10)(page, url(name)),
  11: () => rule(11)(page, "en"),
  12: async (name) => {
    const links = await page.$$eval("a[href]", (found) => found.map((link) => link.href));
    return rule(12)([{ url: url(name), kind: kind(url(name)), links }], [url("00-good")]);
  },
  13: () => rule(13)(page),
  15: (name) => rule(15)(page, { url: url(name) }),
  16: async (name) => {
    const asked = [];
    for (const day of DAYS.slice(1)) {
      await page.goto(`${url(name)}?day=${day}`);
      if (await page.locator("#ask").isVisible()) asked.push(day);
    }
    return rule(16)(asked);
  },
  17: async () => rule(17)(JSON.parse(await page.locator("#record").innerText().catch(() => "null"))),
  18: (name) => rule(18)(page, { url: url(name) }),
  19: () => rule(19)(page),
};

const judge = async (number, name) => {
  await page.goto(url(name));
  return (JUDGES[number] ?? (() => rule(number)(page)))(name);
};

const SPECIMENS = {
  "01-preselected": 1, "01-sent-by-scrolling": 1, "02-link-for-no": 2, "03-faint-no": 3, "04-long-way-to-no": 4,
  "05-yes-three-times": 5, "06-bare-switch": 6, "07-shaming-words": 7, "08-bundled": 8, "09-with-no": 9,
  "10-accept-and-continue": 10, "11-no-numbers": 11, "12-far-from-no": 12, "13-second-language": 13,
  "14-no-below-the-fold": 14, "15-asks-again": 15, "16-asks-every-week": 16, "17-no-evidence": 17, "18-deaf": 18,
  "19-asks-minors": 19, "20-unequal-names": 20,
};
// What cannot but break another rule as well: a page whose no is elsewhere, or nowhere, has a yes without a no.
const ALSO = { "04-long-way-to-no": [2], "10-accept-and-continue": [2] };

test("there is a specimen for each rule", () => {
  assert.deepEqual([...new Set(Object.values(SPECIMENS))].sort((a, b) => a - b), Object.keys(RULES).map(Number));
});

for (const [name, number] of Object.entries(SPECIMENS)) {
  test(`${number}: ${RULES[number][0]}: broken by ${name}.html`, async (test_) => {
    const complaints = await judge(number, name);
    assert.notDeepEqual(complaints, [], "the rule says nothing");
    test_.diagnostic(complaints[0]);
    for (const other of ON_A_PAGE.filter((other) => other !== number && !ALSO[name]?.includes(other))) {
      assert.deepEqual(await judge(other, name), [], `rule ${other} speaks up, too`);
    }
  });
}

test("a page that keeps the rules breaks none", async () => {
  for (const number of [...ON_A_PAGE, 4, 6, 7, 11, 13, 15]) assert.deepEqual(await judge(number, "00-good"), [], `rule ${number}`);
});

test("the checks that every page must pass see a page that passes none", async () => {
  const { page: broken, context, trouble } = await open(browser, { pages: base }, { viewport: { width: 320, height: 568 } });
  await broken.goto("/checks-broken.html");
  const finds = async (complaints, pattern) => assert.match((await complaints).join("\n"), pattern);
  await finds(axe(broken), /color-contrast/);
  await finds(axe(broken), /axe label/);
  await finds(overflow(broken), /px wide/);
  await finds(structure(broken), /h1 is followed by h3/);
  await finds(targets(broken), /12x12/);
  const tabbed = keyboard(broken);
  for (const pattern of [/no visible focus on BUTTON No focus/, /jumps back up/, /obscured on BUTTON Under/]) await finds(tabbed, pattern);
  await finds(weigh(browser, {}, url("checks-broken")).then(({ complaints }) => complaints), /content policy: undefined/);
  await finds(Promise.resolve(trouble), /request elsewhere/);
  await finds(Promise.resolve(trouble), /console: complains/);
  await context.close();
});
