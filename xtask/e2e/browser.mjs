// Chromium, and what every test does with it.

import { chromium } from "playwright-core";

/** Starts Debian's Chromium; in a container, as root, there is no sandbox to be had. */
export const startBrowser = () => {
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [...(isRoot ? ["--no-sandbox"] : []), "--disable-dev-shm-usage"],
  });
};

export const LANGUAGES = { en: "en-GB", de: "de-DE" };
export const VIEWPORTS = [
  { width: 320, height: 568 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

/** A page of a new person at the browser; `trouble` collects what its console and its network complain about. */
export async function open(browser, { pages }, options = {}) {
  const { language = "en", ...more } = options;
  const context = await browser.newContext({ baseURL: pages, locale: LANGUAGES[language], ...more });
  const page = await context.newPage();
  const trouble = [];
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(`console: ${message.text()} at ${message.location().url}`);
  });
  page.on("pageerror", (error) => trouble.push(`script: ${error.message}`));
  page.on("dialog", (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(pages)) trouble.push(`request elsewhere: ${request.url()}`);
  });
  return { context, page, trouble };
}

/** Signs in by the form, as whoever is named on a button. */
export async function signIn(page, name, next = "/privacy") {
  await page.goto(`/sign-in?next=${next}`);
  await page.locator(`button[name=person][value=${JSON.stringify(name)}]`).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

/** Answers one purpose on the page that is open. */
export async function choose(page, purpose, answer) {
  const button = page.locator(`#${purpose}-${answer}`);
  await button.click();
  await page.locator(`#${purpose}-${answer}[aria-pressed=true]`).waitFor();
}

/** Says something in a new conversation, and waits for the answer; the conversation's address. */
export async function say(page, text, file) {
  await page.goto("/chat");
  await page.locator("#text").fill(text);
  if (file) await page.locator("#file").setInputFiles(file);
  await page.locator("#send").click();
  await page.waitForURL(/\/chat\/.+/);
  await page.locator("#messages li:nth-child(2) .kept").waitFor();
  return page.url();
}
