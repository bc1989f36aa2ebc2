// Signing in with an OpenID provider: a certified one, in this process.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import Provider from "oidc-provider";

import { open, startBrowser } from "./browser.mjs";
import { World } from "./world.mjs";

const SECRET = "a secret of this test: with & and %";

let world, browser, server;
before(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const settings = `
[sign_in.openid]
name = "Test Login"
issuer = "${issuer}"
client_id = "candor"
client_secret_file = "openid.secret"
tenant = "default"
tier = "consumer"
region = "DE"
age = "18+"
`;
  world = await World.start([], settings, (data) => writeFileSync(join(data, "openid.secret"), SECRET));
  const provider = new Provider(issuer, {
    clients: [{ client_id: "candor", client_secret: SECRET, redirect_uris: [`${world.pages}/sign-in/openid/back`] }],
    cookies: { keys: ["a key of this test"] },
    pkce: { required: () => true },
  });
  server.on("request", provider.callback());
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await world?.stop();
  server?.closeAllConnections();
  server?.close();
});

/** Says who one is at the provider, and yes to everything there. */
async function answerThere(page, name) {
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("anything");
  await page.locator("button[type=submit]").click();
  await page.getByRole("button", { name: "Continue" }).click();
}

test("somebody signs in with a provider, is enrolled, and comes to where they were going", async () => {
  const { page, context } = await open(browser, world, { javaScriptEnabled: false });
  const back = [];
  page.on("request", (request) => request.url().includes("/sign-in/openid/back") && back.push(request.url()));
  await page.goto("/sign-in?next=/privacy/receipts");
  await page.getByRole("link", { name: "Sign in with Test Login" }).click();
  await answerThere(page, "carla");
  await page.waitForURL("**/privacy/receipts");
  assert.match(await page.locator("header").innerText(), /Signed in as carla/);
  world.run("consent", "show", "carla");

  // Used once, the address of the way back signs nobody in; nor does it in another browser.
  assert.equal(back.length, 1);
  await page.goto(back[0]);
  await page.getByRole("alert").waitFor();
  const stranger = await open(browser, world, { javaScriptEnabled: false });
  await stranger.page.goto(back[0]);
  await stranger.page.getByRole("alert").waitFor();
  assert.doesNotMatch(await stranger.page.locator("header").innerText(), /Signed in/);
  await stranger.context.close();
  await context.close();
});

test("what somebody began in another browser signs nobody in", async () => {
  const begun = await fetch(`${world.pages}/sign-in/openid`, { redirect: "manual" });
  const { page, context } = await open(browser, world, { javaScriptEnabled: false });
  await page.goto(begun.headers.get("location"));
  await answerThere(page, "mallory");
  await page.getByRole("alert").waitFor();
  assert.doesNotMatch(await page.locator("header").innerText(), /Signed in/);
  await context.close();
});
