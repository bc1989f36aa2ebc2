// Our own pages against the 20 rules: the first visit, later ones, beside the chat, and a changed notice.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { LANGUAGES, choose, open, say, signIn, startBrowser } from "./browser.mjs";
import { crawl } from "./crawl.mjs";
import { locale, strings } from "./language.mjs";
import { readChoices } from "./reading.mjs";
import { ON_A_PAGE, RULES } from "./rules/all.mjs";
import { abilities } from "./rules/service.mjs";
import { labelsOf } from "./rules/words.mjs";
import { ANNA, BEN, MIA, World, until } from "./world.mjs";

const OTHERS = ["cleo", "dora", "emil", "finn", "gina", "hugo", "ida", "jan"].map((name) => ({ name, age: "30" }));
const PURPOSES = ["history", "train", "human_review", "insights", "publish"];
const NOTICES = ["crates/consent/examples/ours.toml"];

let world, browser;
before(async () => {
  world = await World.start([ANNA, BEN, MIA, ...OTHERS]);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

const check = (number, ...what) => RULES[number][1](...what);
const assertNone = (number, complaints, place = "") => assert.deepEqual(complaints, [], `rule ${number}: ${RULES[number][0]} ${place}`);
const state = (name, purpose) => world.run("consent", "show", name).choices.find((choice) => choice.purpose === purpose).state;

/** Somebody whom nobody asked anything yet. */
const stranger = () => OTHERS.pop().name;

for (const language of Object.keys(LANGUAGES)) {
  test(`first visit, later and beside the chat, in ${language}: how the answers look`, async () => {
    const { page, context } = await open(browser, world, { language });
    await signIn(page, stranger(), "/");
    assert.equal(new URL(page.url()).pathname, "/privacy", "the first visit asks");
    const places = [["first visit", "/privacy", async () => {}], ["beside the chat", "/chat", async () => {}]];
    places.push(["later", "/privacy", () => choose(page, "train", "no")]);
    for (const [place, path, prepare] of places) {
      await page.goto(path);
      await prepare();
      assert.ok((await readChoices(page)).length >= PURPOSES.length, `${place}: the choices are read`);
      for (const number of ON_A_PAGE) assertNone(number, await check(number, page), place);
      assertNone(11, await check(11, page, language), place);
      assertNone(13, await check(13, page), place);
      assertNone(6, check(6, await labelsOf(page), language), place);
    }
    await context.close();
  });

  test(`6 and 7: the words of all pages and of the notice we ship, in ${language}`, () => {
    const pages = locale(language);
    assert.ok(pages.length > 50, "the words were read");
    const files = Map.groupBy(pages, ({ file }) => file);
    for (const [file, entries] of files) assert.deepEqual(RULES[7][1](entries.map(({ text }) => text), language), [], file);
    for (const path of NOTICES) {
      const own = strings(readFileSync(join(process.env.CANDOR_WORKSPACE, path), "utf8")).filter(({ key }) => key.startsWith(`text.${language}`));
      assert.ok(own.length >= PURPOSES.length);
      assertNone(7, check(7, own.map(({ text }) => text), language));
      assertNone(6, check(6, own.filter(({ key }) => key.includes(".purposes.")).map(({ text }) => text), language));
    }
  });
}

test("4 and 15: the ways to yes, to no and back, for every purpose", async () => {
  const { page, context } = await open(browser, world);
  await signIn(page, stranger());
  const labels = (await readChoices(page)).map(({ label }) => label);
  for (const purpose of labels.slice(0, PURPOSES.length)) {
    const flow = { url: `${world.pages}/privacy`, purpose };
    assertNone(4, await check(4, page, flow));
    assertNone(15, await check(15, page, flow));
  }
  await context.close();
});

test("5: later is stored as deferred, and permits nothing", async () => {
  const { page, context } = await open(browser, world);
  const name = stranger();
  await signIn(page, name);
  await choose(page, "train", "later");
  assert.equal(state(name, "train"), "deferred");
  await context.close();
});

test("9: whoever refuses is served the same, on the pages and by the model", async () => {
  const served = {};
  for (const [name, answer] of [["anna", "yes"], ["ben", "no"]]) {
    const { page, context } = await open(browser, world);
    await signIn(page, name);
    for (const purpose of PURPOSES) await choose(page, purpose, answer);
    world.upstream.seen.length = 0;
    await say(page, "The same for everyone?");
    const asked = world.upstream.seen.filter(({ method }) => method === "POST");
    const lines = asked.flatMap(({ path, headers, body }) => [path, body, ...Object.entries(headers).map(String)]);
    const said = await page.locator("#messages .said").allInnerTexts();
    await page.goto("/chat");
    served[answer] = [...lines, ...said, ...(await abilities(page))].filter((line) => !/^button (Train|Keep|Let|Count|Publish)/.test(line));
    await context.close();
  }
  assert.ok(served.yes.length > 10);
  const ownChats = /^(a You said|a The same for everyone\?)/;
  assertNone(9, check(9, served.yes.filter((line) => !ownChats.test(line)), served.no.filter((line) => !ownChats.test(line))));
});

test("12: a no is at most two clicks away, from every page", async () => {
  const { page, context } = await open(browser, world);
  await signIn(page, "anna");
  const refusing = [];
  const pages = await crawl(page, world.pages, {
    visit: async ({ url }) => {
      const groups = await readChoices(page);
      if (PURPOSES.every((_, at) => groups[at]?.controls.some(({ kind }) => kind === "no"))) refusing.push(url);
    },
  });
  assert.ok(refusing.length > 0);
  assertNone(12, check(12, pages, refusing.filter((url) => new URL(url).pathname === "/privacy")));
  await context.close();
});

test("17: the receipt of an answer holds what was shown", async () => {
  const { page, context } = await open(browser, world, { language: "de" });
  const name = stranger();
  await signIn(page, name);
  await choose(page, "train", "yes");
  await choose(page, "publish", "no");
  const folder = join(world.folder, `receipts-${name}`);
  world.run("consent", "log", name, "--receipts", folder);
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith("consent.receipt.json"));
  const records = files.map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")).record);
  assert.equal(records.length, 2);
  for (const record of records) {
    assertNone(17, check(17, record));
    assert.equal(record.evidence.locale, "de");
  }
  await context.close();
});

test("18: the browser's signal is shown, and a yes against it is asked for once more and recorded as such", async () => {
  const { page, context } = await open(browser, world, { extraHTTPHeaders: { "Sec-GPC": "1" } });
  const name = stranger();
  await signIn(page, name);
  const train = (await readChoices(page)).map(({ label }) => label)[1];
  assertNone(18, await check(18, page, { url: `${world.pages}/privacy`, purpose: train }));
  assert.equal(state(name, "train"), "never asked", "nothing is recorded before it is said once more");
  await page.locator("#train-yes").click();
  await page.locator("#train-yes[aria-pressed=true]").waitFor();
  assert.equal(state(name, "train"), "given");
  await context.close();
});

test("19: a minor is asked nothing, neither on the page nor beside the chat", async () => {
  const { page, context } = await open(browser, world);
  await signIn(page, "mia");
  for (const path of ["/privacy", "/chat"]) {
    await page.goto(path);
    assertNone(19, await check(19, page));
  }
  await context.close();
});

test("10: a changed notice is told with its date, and closing it changes nothing", async () => {
  world.publish(2, new Date(Date.now() + 60_000).toISOString(), (text) => text.replace("retention_days = 90", "retention_days = 180"));
  const { page, context } = await open(browser, world);
  await signIn(page, "anna");
  const url = `${world.pages}/privacy/notice`;
  await page.goto(url);
  await page.getByText("180").first().waitFor();
  assertNone(10, await check(10, page, url));
  await context.close();
});

test("16: after a no and a later nobody is asked again, and who never answered is asked", async () => {
  const [name, silent] = [stranger(), stranger()];
  const asked = { [name]: [], [silent]: [] };
  for (const day of [0, 1, 7, 29, 31, 45, 61, 100]) {
    world.setDays(day);
    for (const who of [name, silent]) {
      const { page, context } = await open(browser, world);
      await signIn(page, who, "/");
      const isAsked = new URL(page.url()).pathname === "/privacy" || (await page.locator("#ask").count()) > 0;
      if (isAsked && (day > 0 || who === silent)) asked[who].push(day);
      if (day === 0 && who === name) {
        for (const purpose of PURPOSES) await choose(page, purpose, purpose === "train" ? "later" : "no");
      }
      await context.close();
    }
  }
  assertNone(16, check(16, asked[name]));
  assert.ok(asked[silent].length > 1, "the test sees when somebody is asked");
  world.setDays(0);
});
