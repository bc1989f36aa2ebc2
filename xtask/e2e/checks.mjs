// What holds for every page, each as a function that gives a list of complaints.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** Bytes of a page with all that it loads. */
export const PAGE_BYTES_MAX = 60 * 1024;
/** What is sent with every page; the same words as in crates/portal/src/page.rs, on purpose written twice. */
export const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
// Smallest side of a target, in CSS pixels (WCAG 2.2, 2.5.8).
const TARGET_PIXELS_MIN = 24;
// Presses of the Tab key on one page.
const TABS_MAX = 400;

/** Violations that axe-core finds on the page as it is. */
export async function axe(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
  const found = await page.evaluate(async (values) => {
    const options = { runOnly: { type: "tag", values }, resultTypes: ["violations"] };
    const { violations } = await window.axe.run(document, options);
    return violations.map(({ id, nodes }) => ({ id, where: nodes.map((node) => `${node.target} ${node.failureSummary}`) }));
  }, TAGS);
  return found.map(({ id, where }) => `axe ${id}: ${where.slice(0, 3).join(" | ").replace(/\s+/g, " ")}`);
}

/** Whether one must scroll sideways to read (WCAG 1.4.10). */
export async function overflow(page) {
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  return inner > outer ? [`${inner} px wide in a window of ${outer} px`] : [];
}

/** Targets that are too small: those that are no links amid a sentence. */
export const targets = (page) =>
  page.evaluate((least) => {
    const complaints = [];
    for (const target of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
      const { width, height } = target.getBoundingClientRect();
      const isHidden = !target.checkVisibility() || target.matches(".skip");
      const isInline = getComputedStyle(target).display === "inline" && target.parentElement.textContent.trim() !== target.textContent.trim();
      if (isHidden || isInline || (width >= least && height >= least)) continue;
      complaints.push(`target of ${Math.round(width)}x${Math.round(height)} px: ${target.textContent.trim() || target.id}`);
    }
    return complaints;
  }, TARGET_PIXELS_MIN);

/** Goes through the page with the Tab key alone: all is reached, in visual order, and what has focus is seen. */
export async function keyboard(page) {
  const complaints = [];
  const wanted = await page.evaluate(() => {
    const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']");
    const reachable = [...all].filter((one) => one.checkVisibility() && !one.disabled && !one.closest("[hidden]"));
    reachable.forEach((one, index) => (one.dataset.tabstop = index));
    document.activeElement?.blur();
    scrollTo(0, 0);
    return reachable.map((one) => `${one.tagName} ${one.id || one.textContent.trim().slice(0, 30)}`);
  });
  const reached = new Set();
  let last = null;
  for (let press = 0; press < TABS_MAX && reached.size < wanted.length; press++) {
    await page.keyboard.press("Tab");
    const now = await page.evaluate(focused);
    if (!now) continue;
    if (reached.has(now.stop)) break;
    reached.add(now.stop);
    const name = wanted[now.stop];
    if (!now.isMarked) complaints.push(`no visible focus on ${name}`);
    if (now.isObscured) complaints.push(`focus is obscured on ${name}`);
    if (last && now.bottom <= last.top && now.left < last.right) complaints.push(`focus jumps back up to ${name}`);
    last = now;
  }
  wanted.forEach((name, stop) => reached.has(String(stop)) || complaints.push(`the keyboard does not reach ${name}`));
  return complaints;
}

/** What has focus, where it is on the page, and whether it can be seen. Runs on the page. */
function focused() {
  const one = document.activeElement;
  if (!one || one === document.body || one.dataset.tabstop === undefined) return null;
  const style = getComputedStyle(one);
  const { left, right, top, bottom } = one.getBoundingClientRect();
  const isMarked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  const across = [0.15, 0.5, 0.85];
  const points = across.flatMap((x) => across.map((y) => [left + (right - left) * x, top + (bottom - top) * y]));
  const isSeen = points.some(([x, y]) => {
    const there = document.elementFromPoint(x, y);
    return there && (one.contains(there) || there.contains(one));
  });
  const place = { left: left + scrollX, right: right + scrollX, top: top + scrollY, bottom: bottom + scrollY };
  return { stop: one.dataset.tabstop, isMarked, isObscured: !isSeen, ...place };
}

/** Bytes over the wire of a page that nothing of is in a cache, and its headers. */
export async function weigh(browser, options, url) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const finished = [];
  page.on("requestfinished", (request) => finished.push(request.sizes().then((sizes) => sizes.responseBodySize + sizes.responseHeadersSize)));
  const response = await page.goto(url, { waitUntil: "networkidle" });
  const bytes = (await Promise.all(finished)).reduce((sum, size) => sum + size, 0);
  await context.close();
  const complaints = bytes > PAGE_BYTES_MAX ? [`${bytes} bytes over the wire, at most ${PAGE_BYTES_MAX}`] : [];
  const policy = response.headers()["content-security-policy"];
  if (policy !== CONTENT_POLICY) complaints.push(`content policy: ${policy}`);
  return { bytes, complaints };
}

/** Headings go down one level at a time, there is one first one, and each landmark is there once (WCAG 1.3.1). */
export const structure = (page) =>
  page.evaluate(() => {
    const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((one) => one.checkVisibility()).map((one) => Number(one.tagName[1]));
    const complaints = levels.flatMap((level, at) => (at > 0 && level > levels[at - 1] + 1 ? [`h${levels[at - 1]} is followed by h${level}`] : []));
    if (levels.filter((level) => level === 1).length !== 1) complaints.push("there is not one h1");
    if (document.querySelectorAll("main").length !== 1) complaints.push("there is not one main");
    return complaints;
  });

/** Looks at a page in windows of these sizes, in light and in dark; `add` is told where, and what is wrong there. */
export async function everywhere(page, viewports, add) {
  add("", await structure(page));
  for (const viewport of viewports) {
    await page.setViewportSize(viewport);
    const size = `${viewport.width}x${viewport.height}`;
    add(size, [...(await overflow(page)), ...(await targets(page))]);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      add(`${size} ${colorScheme}`, await axe(page));
    }
  }
}
