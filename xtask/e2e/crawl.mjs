// Every page that links lead to, so that a new page is tested without being named here.

// Pages with an id in their address look alike: so many of each kind are visited.
const EACH_KIND_MAX = 2;
const PAGES_MAX = 200;

/** The kind of an address: what is left when ids and numbers are taken out. */
export function kind(url) {
  const { pathname, searchParams } = new URL(url);
  const parts = pathname.split("/").map((part) => (/^\d+$|^[\w-]{16,}$/.test(part) ? "*" : part));
  const asked = [...searchParams.keys()].sort().map((key) => `${key}=`);
  return parts.join("/") + (asked.length ? `?${asked.join("&")}` : "");
}

/** Links of a page that stay on these pages and show a page. */
const links = (page) =>
  page.$$eval("a[href]", (found) =>
    found
      .filter((link) => link.origin === location.origin && !link.hasAttribute("download"))
      .map((link) => link.href.split("#")[0]));

/** Visits every page from `/` on; an array of { url, kind, links }, and `visit` is called on each while it is open. */
export async function crawl(page, base, { visit = async () => {}, each = EACH_KIND_MAX } = {}) {
  const [found, seen, waiting] = [[], new Set(), [`${base}/`, `${base}/no-such-page`]];
  const kinds = new Map();
  while (waiting.length > 0 && found.length < PAGES_MAX) {
    const asked = waiting.shift();
    if (seen.has(asked)) continue;
    seen.add(asked);
    const count = kinds.get(kind(asked)) ?? 0;
    if (count >= each) continue;
    kinds.set(kind(asked), count + 1);
    const response = await page.goto(asked).catch((error) => {
      if (/Download is starting|ERR_ABORTED/.test(error.message)) return null;
      throw error;
    });
    if (!response || !response.headers()["content-type"]?.startsWith("text/html")) continue;
    const url = page.url().split("#")[0];
    if (url !== asked && seen.has(url)) continue;
    seen.add(url);
    const onward = await links(page);
    const entry = { url, kind: kind(url), links: onward, response };
    found.push(entry);
    await visit(entry);
    waiting.push(...onward);
  }
  return found;
}
