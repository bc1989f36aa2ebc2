// Rules 4, 10, 12, 15, 16 and 18: what happens when one goes through the pages.

import { kind } from "../crawl.mjs";
import { asking, pair, readChoices } from "../reading.mjs";

// How deep an answer may be hidden before it counts as not there.
const STEPS_MAX = 4;
const CLICKS_TO_WITHDRAW_MAX = 2;
const DAYS_BETWEEN_PROMPTS = 30;
const MORE = /\b(more|options|settings|manage|preferences|customi[sz]e|mehr|optionen|einstellungen|verwalten)(?![\w])/i;
const COMBINED = /\b(accept|agree|ok|okay|got it|continue|understood|zustimmen|akzeptieren|weiter|verstanden|einverstanden)(?![\w])/i;

const isConfirming = (page) => page.evaluate(() => {
  const shown = [...document.querySelectorAll("dialog[open], [role=alertdialog], [role=dialog], [data-confirm]")];
  return shown.some((one) => one.checkVisibility());
});

const moreOptions = (page) => page.$$eval("main a[href], main button, main summary", (found, source) => {
  const more = found.find((one) => new RegExp(source, "i").test(one.innerText) && one.checkVisibility());
  if (more) more.dataset.more = "";
  return Boolean(more);
}, MORE.source);

const first = async (page, wanted, { purpose, isConfirmed }) => {
  const groups = await readChoices(page);
  const about = groups.filter(({ label }) => isConfirmed || !purpose || label === purpose).flatMap(({ controls }) => controls);
  return about.find(({ kind, isSeen, isOnTop }) => kind === wanted && isSeen && (isOnTop || !isConfirmed));
};

/** Clicks and fields until an answer is given, and how many of the clicks confirm it; `null` if there is no way. */
export async function path(page, url, wanted, purpose) {
  await page.goto(url);
  let [clicks, confirmations] = [0, 0];
  for (let step = 0; step < STEPS_MAX; step++) {
    const control = await first(page, wanted, { purpose, isConfirmed: confirmations > 0 });
    if (control) {
      clicks += 1 + control.asked;
      await page.evaluate((selector) => {
        const form = document.querySelector(selector).form;
        for (const field of form?.elements ?? []) {
          if (field.required && field.type === "checkbox") field.checked = true;
          else if (field.required && !field.value) field.value = "because";
        }
      }, control.selector);
      await page.locator(control.selector).click();
      await page.waitForLoadState("networkidle");
      if (!(await isConfirming(page))) return { clicks, confirmations };
      confirmations += 1;
    } else {
      if (!(await moreOptions(page))) return null;
      clicks += 1;
      await page.locator("[data-more]").first().click();
      await page.waitForLoadState("networkidle");
    }
  }
  return null;
}

/** 4: a no takes no more than a yes, and taking back no more than giving. `reset` makes the person new. */
export async function shortWay(page, { url, purpose, reset = async () => {} }) {
  await reset();
  const yes = await path(page, url, "yes", purpose);
  const back = await path(page, url, "no", purpose);
  await reset();
  const no = await path(page, url, "no", purpose);
  if (!yes) return ["there is no way to say yes"];
  const complaints = [];
  if (!no) complaints.push("there is no way to say no");
  if (no && no.clicks > yes.clicks) complaints.push(`no takes ${no.clicks} clicks and fields, yes ${yes.clicks}`);
  if (!back) complaints.push("there is no way to take a yes back");
  if (back && back.clicks > yes.clicks) complaints.push(`taking back takes ${back.clicks}, giving ${yes.clicks}`);
  return complaints;
}

/** 15: both answers are confirmed, or none. */
export async function symmetricConfirmation(page, { url, purpose, reset = async () => {} }) {
  await reset();
  const yes = await path(page, url, "yes", purpose);
  await reset();
  const no = await path(page, url, "no", purpose);
  if (!yes || !no || yes.confirmations === no.confirmations) return [];
  return [`yes is confirmed ${yes.confirmations} times, no ${no.confirmations}`];
}

/** 10: a changed notice tells what changed and from when, asks for nothing in passing, and closing it changes nothing. */
export async function changeIsTold(page, url) {
  await page.goto(url);
  const complaints = [];
  const { dates, changes, controls } = await page.evaluate(() => ({
    dates: document.querySelectorAll("main time[datetime]").length,
    changes: document.querySelectorAll("main li").length,
    controls: [...document.querySelectorAll("main button, main input[type=submit], main [role=button], main a[href]")].map((one) => (one.innerText || one.value || "").trim()),
  }));
  if (dates === 0) complaints.push("no date from which it holds");
  if (changes === 0) complaints.push("nothing that tells what changed");
  for (const text of controls.filter((text) => COMBINED.test(text))) complaints.push(`"${text}" agrees by going on`);
  const sent = [];
  const listen = (request) => request.method() !== "GET" && sent.push(request.url());
  page.on("request", listen);
  await page.keyboard.press("Escape");
  await page.goto("about:blank");
  page.off("request", listen);
  return [...complaints, ...sent.map((request) => `closing sends ${request}`)];
}

/** 12: a no is at most two clicks from every page. `pages` come from a crawl, with `links`; `refusing` are addresses with a no. */
export function withdrawalIsNear(pages, refusing) {
  const near = new Set(refusing.map(kind));
  return pages.flatMap(({ url, links }) => {
    const here = near.has(kind(url)) ? 1 : links.some((link) => near.has(kind(link))) ? 2 : Infinity;
    return here <= CLICKS_TO_WITHDRAW_MAX ? [] : [`${kind(url)}: more than ${CLICKS_TO_WITHDRAW_MAX} clicks to a no`];
  });
}

/** 16: days on which somebody was asked who had answered no, or later, on day 0. */
export function noNagging(days) {
  const complaints = [];
  for (const day of days) {
    const again = days.filter((other) => other >= day && other < day + DAYS_BETWEEN_PROMPTS);
    if (day < DAYS_BETWEEN_PROMPTS) complaints.push(`asked again on day ${day}`);
    else if (again.length > 1) complaints.push(`asked ${again.length} times within ${DAYS_BETWEEN_PROMPTS} days of day ${day}`);
  }
  return complaints;
}

/** 18: a page that came with the browser's signal shows it, and a yes against it is asked for once more, with that said. */
export async function signalIsHeard(page, { url, purpose }) {
  const SIGNAL = /sec-gpc|global privacy control|your browser|dein browser/i;
  await page.goto(url);
  const complaints = [];
  if (!SIGNAL.test(await page.locator("main").innerText())) complaints.push("the browser's signal is not shown");
  const groups = asking(await readChoices(page)).filter(({ label }) => !purpose || label === purpose);
  const { yes } = groups.length ? pair(groups[0]) : {};
  if (!yes) return complaints;
  await page.locator(yes.selector).click();
  await page.waitForLoadState("networkidle");
  const again = asking(await readChoices(page));
  const isAsked = again.length === 1 && pair(again[0]).no && SIGNAL.test(await page.locator("main").innerText());
  if (!isAsked) complaints.push("a yes against the signal is taken without asking");
  return complaints;
}
