// Rules 9, 17 and 19: what an answer does, what is recorded of it, and whom nothing is asked.

import { asking, readChoices } from "../reading.mjs";

/** What one can do on a page, apart from choosing: its controls by kind and words. */
export async function abilities(page) {
  const choices = new Set((await readChoices(page)).flatMap(({ controls }) => controls.map(({ name }) => name)));
  const found = await page.$$eval("main button, main a[href], main input:not([type=hidden]), main select, main textarea", (all) =>
    all
      .filter((one) => one.checkVisibility() && !one.disabled && one.getAttribute("aria-disabled") !== "true")
      .map((one) => `${one.tagName.toLowerCase()} ${(one.getAttribute("aria-label") || one.innerText || one.labels?.[0]?.innerText || one.id).trim()}`));
  return found.filter((ability) => !choices.has(ability.replace(/^\w+ /, ""))).sort();
}

/** 9: whoever says no can do the same, and is served the same. Lists of strings, of a yes and of a no. */
export function sameService(withYes, withNo) {
  const missing = withYes.filter((one) => !withNo.includes(one)).map((one) => `with a no there is no longer: ${one}`);
  return [...missing, ...withNo.filter((one) => !withYes.includes(one)).map((one) => `only with a no there is: ${one}`)];
}

/** 17: a record of an answer says which notice and which form were shown, in which language, how and for how long. */
export function evidenceIsThere(record) {
  const { "dpv:hasNotice": notice, evidence } = record ?? {};
  const isHash = (text) => /^[0-9a-f]{64}$/.test(text ?? "");
  const complaints = [];
  if (!isHash(notice?.["dct:identifier"])) complaints.push("no hash of the notice that was shown");
  if (!isHash(evidence?.layout_sha256)) complaints.push("no hash of the form that was shown");
  if (!/^[a-z]{2}(-\w+)*$/.test(evidence?.locale ?? "")) complaints.push("no language");
  if (!evidence?.method) complaints.push("no method");
  if (!(evidence?.shown_for_ms >= 0)) complaints.push("no time between showing and answer");
  return complaints;
}

/** 19: a minor is shown no choice at all. */
export async function nothingAsked(page) {
  const groups = asking(await readChoices(page));
  return groups.map(({ label, controls }) => `a minor is asked: ${label || controls[0].name}`);
}
