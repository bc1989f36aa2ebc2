// Spares a reload where a form's answer is the same page. Without it every form works as a form.

// How often a page on which something is under way looks for its end, in milliseconds.
const AGAIN_EVERY = 3_000;

const main = () => document.getElementById("main");

/** Shows the content of a page in place of this one's; `focused` names what gets the focus, if anything does. */
function show(page, focused) {
  const next = page.getElementById("main");
  if (!next) throw new Error("no page of ours");
  main().replaceWith(next);
  document.title = page.title;
  if (focused !== undefined) (document.getElementById(focused) ?? next).focus();
  document.dispatchEvent(new Event("candor:page"));
}

const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

async function send(event) {
  const form = event.target;
  if (form.method !== "post" || form.enctype === "multipart/form-data" || form.dataset.reload !== undefined) return;
  if (!main().contains(form)) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const focused = event.submitter?.id ?? "";
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    show(await parsed(answer), focused);
    if (answer.redirected) history.replaceState(null, "", answer.url);
  } catch {
    form.dataset.reload = "";
    form.requestSubmit(event.submitter);
  }
}

/** Shows the page anew once what was under way has ended. */
async function again() {
  if (!document.querySelector("[data-again]")) return;
  try {
    const page = await parsed(await fetch(location.href));
    if (page.querySelector("[data-again]")) return;
    const { activeElement } = document;
    show(page, main().contains(activeElement) ? activeElement.id : undefined);
  } catch {
    // The next time will do, or the link beside it.
  }
}

document.addEventListener("submit", send);
setInterval(again, AGAIN_EVERY);
