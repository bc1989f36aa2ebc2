// What strangers, other sites and other people can do: nothing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { choose, open, say, signIn, startBrowser } from "./browser.mjs";
import { crawl, kind } from "./crawl.mjs";
import { World, until } from "./world.mjs";

const SESSION = "candor_session";
const SECRET = "anna's own heron at the weir";
// Longer than anybody may be idle, in days.
const IDLE_DAYS = 13 / 24;
const PAYLOADS = [
  "<script>window.pwned = 1</script>", "<img src=x onerror=window.pwned=1>", "<svg/onload=window.pwned=1>", "\"><iframe srcdoc='<script>top.pwned=1</script>'>",
  "</textarea><script>window.pwned=1</script>", "</title><script>window.pwned=1</script>", "javascript:window.pwned=1", "'-window.pwned-'", "{{constructor.constructor('pwned=1')()}}",
  "<a href=javascript:window.pwned=1>click</a>", "<math><mtext><style><img src onerror=window.pwned=1></style></mtext></math>", "&lt;img src=x onerror=window.pwned=1&gt;",
  "```\n<script>window.pwned=1</script>\n```", "\u202e<b>gnp.exe</b>", "<form action=https://evil.example><button>x</button></form>", "<base href=https://evil.example>",
];
const EVIL = { name: "<img src=x onerror=window.pwned=1>", age: "30" };

let world, browser;
before(async () => {
  world = await World.start([{ name: "anna", age: "34" }, { name: "ben", age: "41" }, EVIL]);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

const forms = (page) =>
  page.$$eval("form[method=post]", (found) =>
    found.map((form) => {
      const named = [...form.elements].filter((field) => field.name && field.type !== "submit" && field.type !== "file");
      const submit = [...form.elements].find((field) => field.type === "submit" && field.name);
      const fields = Object.fromEntries(named.map((field) => [field.name, field.value]));
      return { action: form.getAttribute("action"), enctype: form.enctype, fields: submit ? { ...fields, [submit.name]: submit.value } : fields };
    }));

/** Sends a form as anybody could who holds the cookie; nothing is followed. */
async function send(context, { action, enctype, fields }, headers = {}) {
  const body = enctype === "multipart/form-data" ? { multipart: fields } : { form: fields };
  const answer = await context.request.post(new URL(action, world.pages).href, { ...body, headers, maxRedirects: 0 });
  return answer.status();
}

/** Every kind of form that one finds, once. */
async function everyForm(page) {
  const all = new Map();
  await crawl(page, world.pages, { each: 1, visit: async () => (await forms(page)).forEach((form) => all.set(kind(new URL(form.action, world.pages).href), form)) });
  return [...all.values()];
}

test("no form is taken without its token, with another's token, or from another site", async () => {
  const anna = await open(browser, world);
  await signIn(anna.page, "anna");
  await say(anna.page, SECRET);
  const ben = await open(browser, world);
  await signIn(ben.page, "ben");
  const [other] = await forms(ben.page);
  const found = await everyForm(anna.page);
  assert.ok(found.length >= 8, `${found.length} forms`);
  for (const form of found) {
    const own = form.fields.form_token;
    const without = { ...form.fields };
    delete without.form_token;
    const attempts = {
      "without a token": [{ ...form, fields: without }],
      "with another's token": [{ ...form, fields: { ...form.fields, form_token: other.fields.form_token } }],
      "with a token that is empty": [{ ...form, fields: { ...form.fields, form_token: "" } }],
      "from another site": [form, { origin: "https://evil.example" }],
      "from another site, as the browser says": [form, { "sec-fetch-site": "cross-site" }],
      "from a page without an origin": [form, { origin: "null" }],
    };
    assert.ok(own, `${form.action} has a token`);
    for (const [how, [attempt, headers]] of Object.entries(attempts)) {
      assert.equal(await send(anna.context, attempt, headers), 403, `${form.action} ${how}`);
    }
  }
  await anna.page.goto("/privacy");
  assert.equal(await anna.page.locator("[aria-pressed=true]").count(), 0, "nothing was chosen by it");
  await anna.context.close();
  await ben.context.close();
});

test("the session's cookie is out of reach of scripts and other sites, new at every sign-in, and over in time", async () => {
  const { page, context } = await open(browser, world);
  const planted = "A".repeat(43);
  await context.addCookies([{ name: SESSION, value: planted, url: world.pages }]);
  await page.goto("/privacy");
  assert.match(page.url(), /sign-in/, "a cookie of somebody's making opens nothing");
  await signIn(page, "anna");
  const own = async () => (await context.cookies()).find(({ name }) => name === SESSION);
  const first = await own();
  assert.notEqual(first.value, planted, "the session is not the one that was planted");
  assert.deepEqual([first.httpOnly, first.sameSite, first.path, first.expires], [true, "Lax", "/", -1]);
  assert.equal(await page.evaluate(() => document.cookie.includes("candor_session")), false);
  const old = await browser.newContext({ baseURL: world.pages });
  await old.addCookies([{ name: SESSION, value: first.value, url: world.pages }]);
  const opens = async () => (await old.request.get("/privacy", { maxRedirects: 0 })).status() === 200;
  assert.ok(await opens());
  await page.locator("form[action='/sign-out'] button").click();
  await page.waitForURL(/sign-in/);
  assert.equal(await opens(), false, "after signing out the old cookie opens nothing");
  await signIn(page, "anna");
  assert.notEqual((await own()).value, first.value);
  world.setDays(IDLE_DAYS);
  await page.goto("/privacy");
  assert.match(page.url(), /sign-in/, "a session that nobody used is over");
  await context.close();
  await old.close();
});

test("what anna finds, ben cannot: every address and every form of hers", async () => {
  const anna = await open(browser, world);
  await signIn(anna.page, "anna");
  for (const purpose of ["history", "train"]) await choose(anna.page, purpose, "yes");
  const file = { name: "heron.txt", mimeType: "text/plain", buffer: Buffer.from(SECRET) };
  await say(anna.page, SECRET, file);
  await say(anna.page, `${SECRET} again`);
  const held = anna.page.locator("main a[href^='/privacy/kept/']");
  await anna.page.goto("/privacy/kept");
  await until(async () => (await held.count()) > 0 || (await anna.page.reload(), false), "a kept conversation");
  const hers = await crawl(anna.page, world.pages, { each: 20 });
  const ids = hers.map(({ url }) => url).filter((url) => kind(url).includes("*"));
  assert.ok(ids.length >= 3, `addresses with ids: ${ids.length}`);
  const files = [...new Set(hers.flatMap(({ links }) => links).filter((link) => /\/files\/\d+$/.test(link)))];
  assert.ok(files.length >= 1, "a file of hers is linked");
  for (const url of files) {
    const answer = await anna.context.request.get(url);
    const { "content-disposition": disposition, "x-content-type-options": sniff } = answer.headers();
    assert.equal(await answer.text(), SECRET, "her own file comes back whole");
    assert.deepEqual([disposition, sniff], ['attachment; filename="heron.txt"', "nosniff"]);
    hers.push({ url });
  }
  const ben = await open(browser, world);
  await signIn(ben.page, "ben");
  for (const { url } of hers) {
    const answer = await ben.context.request.get(url);
    const text = await answer.text();
    assert.ok(!text.includes(SECRET) && !text.includes("heron"), `${kind(url)} shows ben what anna said`);
    if (kind(url).includes("*")) assert.equal(answer.status(), 404, kind(url));
  }
  const [{ fields }] = await forms(ben.page);
  for (const form of (await everyForm(anna.page)).filter(({ action }) => kind(new URL(action, world.pages).href).includes("*"))) {
    const status = await send(ben.context, { ...form, fields: { ...form.fields, form_token: fields.form_token } });
    assert.equal(status, 404, `${form.action} for ben`);
  }
  const nobody = await browser.newContext({ baseURL: world.pages });
  for (const { url } of hers) {
    const text = await (await nobody.request.get(url)).text();
    assert.ok(!text.includes("heron"), `${kind(url)} shows a stranger what anna said`);
  }
  for (const context of [anna.context, ben.context, nobody]) await context.close();
});

test("what people, models and files say stays text, wherever it is shown", async () => {
  const { page, context, trouble } = await open(browser, world);
  await signIn(page, EVIL.name);
  assert.equal(await page.locator("header strong").innerText(), EVIL.name);
  for (const purpose of ["history", "train"]) await choose(page, purpose, "yes");
  for (const payload of PAYLOADS.slice(0, 3)) {
    // As title, as what was said, as what the model says, and as the name of a file.
    const file = { name: `${payload.replace(/\//g, "_")}.txt`, mimeType: "text/plain", buffer: Buffer.from(payload) };
    await say(page, payload, file);
  }
  await say(page, PAYLOADS.slice(3).join("\n"));
  const said = await page.locator("#messages").innerText();
  assert.ok(said.includes(PAYLOADS[3]), "the payload is there, as text");
  const held = page.locator("main a[href^='/privacy/kept/']");
  await page.goto("/privacy/kept");
  await until(async () => (await held.count()) > 0 || (await page.reload(), false), "a kept conversation");
  let withText = 0;
  const visit = async ({ url }) => {
    const made = await page.evaluate(() => ({
      pwned: "pwned" in window,
      foreign: document.querySelectorAll("main img, main iframe, main svg, main script, main math, main base, [onerror], [onload], [href^='javascript:']").length,
    }));
    assert.deepEqual(made, { pwned: false, foreign: 0 }, kind(url));
    withText += (await page.locator("main").innerText()).includes("onerror=") ? 1 : 0;
  };
  await crawl(page, world.pages, { visit, each: 6 });
  assert.ok(withText >= 3, `pages that show a payload: ${withText}`);
  for (const payload of PAYLOADS) {
    await page.goto(`/sign-in?next=${encodeURIComponent(payload)}&token=${encodeURIComponent(payload)}`);
    await page.goto(`/privacy/kept?page=${encodeURIComponent(payload)}&purpose=${encodeURIComponent(payload)}`);
    assert.equal(await page.evaluate(() => "pwned" in window), false, payload);
  }
  assert.deepEqual(trouble.filter((text) => !/40\d/.test(text)), []);
  await context.close();
});

test("a name that points at this address is not let in", async () => {
  const { host } = new URL(world.pages);
  const { request } = await import("node:http");
  const status = await new Promise((resolve, reject) => {
    const asked = request(`${world.pages}/sign-in`, { headers: { host: `evil.example:${host.split(":")[1]}` } }, (answer) => resolve(answer.statusCode));
    asked.on("error", reject).end();
  });
  assert.equal(status, 421);
});
