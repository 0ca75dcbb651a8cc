// What somebody has typed outlives its session, and going to another page and back (docs/adr/0023).
"use strict";

// --- A form that htmx may not send ----------------------------------------------------------------------------

// The session has ended, or its token is too old: sent as a page, it is answered with a page that holds the fields.
document.addEventListener("htmx:responseError", (event) => {
  const form = event.detail.elt.closest("form");
  if (!form || event.detail.xhr.getResponseHeader("Callout-Send") !== "plainly") return;
  const pressed = event.detail.requestConfig.triggeringEvent?.submitter;
  if (pressed?.name) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: pressed.name, value: pressed.value });
    form.append(field);
  }
  form.submit();
});

// --- Going away and coming back --------------------------------------------------------------------------------

// Kept with the page's entry in the history of this tab: for Back, and for the person that the page was made for.
const SECRET_FIELDS = document.querySelector('meta[name="secret-fields"]').content.split(" ");
const PAUSE = 300;
let later = null;
let isAsking = false;

const postForms = () => [...document.querySelectorAll('#content form[method="post"]')].filter((form) => form.elements.typed_by);
const target = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;
const isSecret = (name) => SECRET_FIELDS.some((each) => name.toLowerCase().includes(each));
const isBegun = (form) => "begun" in form.dataset || [...form.elements].some(changed);

function fieldsOf(form) {
  return [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken" && !isSecret(name));
}

function store(draft) {
  if (draft || history.state?.draft) history.replaceState({ ...history.state, draft }, "");
}

function keep() {
  clearTimeout(later);
  const form = postForms().find(isBegun);
  store(form ? { to: target(form), by: form.elements.typed_by.value, fields: fieldsOf(form) } : null);
}

function keepSoon() {
  clearTimeout(later);
  later = setTimeout(keep, PAUSE);
}

for (const kind of ["input", "change"]) document.addEventListener(kind, keepSoon);
// What leads away from here is a press, or a search.
for (const kind of ["click", "submit"]) document.addEventListener(kind, keep, true);

// Of what the server has put into a form, and of a form that it sent back, nothing looks changed.
document.addEventListener("htmx:afterSettle", (event) => {
  const { target: changedPart, requestConfig, xhr } = event.detail;
  const inside = changedPart.closest('form[method="post"]');
  if (inside) inside.dataset.begun = "";
  if (requestConfig?.verb === "post" && xhr.status === 422) markBegun(new URL(requestConfig.path, location.href).pathname);
  keepSoon();
});

function markBegun(to) {
  const form = postForms().find((each) => target(each) === to);
  if (form) form.dataset.begun = "";
}

// At once what there is a field for; then, from the server, what it had put there: rows, ticks, what is known of them.
function fill(form, fields) {
  const rest = new Map();
  fields.forEach(([name, value]) => rest.set(name, [...(rest.get(name) ?? []), value]));
  for (const field of form.elements) {
    if (field.type === "submit" || !rest.has(field.name)) continue;
    const values = rest.get(field.name);
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (values.length) field.value = values.shift();
  }
}

function comeBack({ to, by, fields }) {
  const form = postForms().find((each) => target(each) === to && each.elements.typed_by.value === by);
  if (!form) {
    store(null);
    return;
  }
  fill(form, fields);
  if (JSON.stringify(fieldsOf(form)) !== JSON.stringify(fields)) askForRest(form, to, fields);
}

function askForRest(form, to, fields) {
  const shown = JSON.stringify(fieldsOf(form));
  const names = new Set(fieldsOf(form).map(([name]) => name));
  const all = [...fieldsOf(form), ...fields.filter(([name]) => !names.has(name))];
  ask(form, to, all, () => JSON.stringify(fieldsOf(form)) === shown);
}

function ask(form, to, fields, isUntouched) {
  const content = document.getElementById("content");
  const values = { typed: JSON.stringify(fields), csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value };
  const stale = (event) => {
    if (event.detail.target !== content || isUntouched()) return;
    // Somebody types on: what they see stays.
    event.detail.shouldSwap = false;
  };
  document.addEventListener("htmx:beforeSwap", stale);
  isAsking = true;
  htmx
    .ajax("POST", to, { values, source: content, target: content, select: "#content", swap: "outerHTML" })
    .then(() => markBegun(to))
    .finally(() => {
      isAsking = false;
      document.removeEventListener("htmx:beforeSwap", stale);
    });
}

// --- What is loaded again around a form that somebody has begun, by another one's answer or by "Refresh" --------

let begunForms = [];

function typedInto(form) {
  const isTyped = (field) => ("begun" in form.dataset ? holdsSomething(field) : changed(field));
  const fields = [...form.elements].filter((field) => field.name && !isSecret(field.name) && isTyped(field));
  const kept = fields.filter((field) => !["checkbox", "radio"].includes(field.type) || field.checked);
  const words = kept.filter((field) => field.matches("textarea")).map((field) => [field.labels[0]?.textContent.trim(), field.value]);
  return { to: target(form), by: form.elements.typed_by.value, fields: kept.map(({ name, value }) => [name, value]), words };
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target: part, requestConfig, shouldSwap } = event.detail;
  const sent = requestConfig.verb === "post" ? requestConfig.elt.closest("form") : null;
  const isKept = (form) => part.contains(form) && form !== sent && isBegun(form);
  begunForms = shouldSwap && !isAsking ? postForms().filter(isKept).map(typedInto) : [];
});

document.addEventListener("htmx:afterSwap", () => {
  const begun = begunForms;
  begunForms = [];
  begun.forEach(({ to, by, fields, words }) => {
    const form = postForms().find((each) => target(each) === to && each.elements.typed_by.value === by);
    if (!form) {
      handBack(words);
      return;
    }
    fill(form, fields);
    for (let each = form.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
    if (fields.some(([name]) => !form.elements[name])) askForRest(form, to, fields);
  });
});

// What the form was about has moved on by another's hand.
function handBack(words) {
  if (!words.length) return;
  const message = failure("What you were writing about has moved on", "Copy what you still need:");
  for (const [name, text] of words) {
    const label = Object.assign(document.createElement("label"), { className: "form-label", textContent: `${name}, as you wrote it` });
    label.append(Object.assign(document.createElement("textarea"), { className: "form-control", rows: 3, readOnly: true, value: text }));
    message.append(label);
  }
  messages.append(message);
}

function holdsSomething(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked;
  return !["hidden", "submit"].includes(field.type) && Boolean(field.value);
}

// The answer to a form that was sent cannot be asked for again: loading it again would send the form, or the sign-in
// before it, once more. So its entry becomes that of the page on which the form stands, with what was typed.
function standOnPage(address) {
  const sent = postForms().find((form) => target(form) === location.pathname);
  // Sent empty, there is nothing to keep from news.
  if (sent && [...sent.elements].some(holdsSomething)) markBegun(location.pathname);
  history.replaceState(history.state, "", address);
  keep();
}

const standsAt = document.querySelector('meta[name="stands-at"]');
if (standsAt) standOnPage(standsAt.content);
else if (history.state?.draft) comeBack(history.state.draft);
