// Spares a reload where a form's answer is the same page. Without it every form works as a form.

const main = () => document.getElementById("main");

async function send(event) {
  const form = event.target;
  if (form.method !== "post" || form.enctype === "multipart/form-data" || form.dataset.reload !== undefined) return;
  if (!main().contains(form)) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const focused = event.submitter?.id;
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById("main");
    if (!next) throw new Error("no page of ours");
    main().replaceWith(next);
    document.title = page.title;
    if (answer.redirected) history.replaceState(null, "", answer.url);
    (focused && document.getElementById(focused) ? document.getElementById(focused) : next).focus();
    document.dispatchEvent(new Event("candor:page"));
  } catch {
    form.dataset.reload = "";
    form.requestSubmit(event.submitter);
  }
}

document.addEventListener("submit", send);
