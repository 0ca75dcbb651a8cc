// Pages that hear of news (docs/adr/0018). A hint has them ask, at once, what they would ask now and then where
// there is no stream. In a hidden tab they do neither: a browser has few connections to one server.
"use strict";

const ASK = 15000;
const SOON = 3000;
let hints = null;
let heardOf = "";
let missed = 0;
let isSignedOut = false;

const look = (place) => htmx.trigger(place, "look");
const lookAround = () => {
  if (!document.hidden && !isSignedOut) document.querySelectorAll("[data-look]").forEach(look);
};

// Said once; asked again when somebody comes back, who may have signed in elsewhere.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401 && event.detail.elt.matches?.("[data-look]")) isSignedOut = true;
});

// One stream for all that the page shows; another when it comes to show something else.
function listen() {
  const places = document.hidden ? [] : [...document.querySelectorAll("[data-live]")];
  const topics = places.map((each) => each.dataset.live).join(",");
  if (topics === heardOf && hints?.readyState !== EventSource.CLOSED) return;
  hints?.close();
  hints = null;
  heardOf = topics;
  if (!topics) return;
  const after = Math.min(...places.map((each) => each.dataset.position));
  hints = new EventSource(`/live/?topics=${encodeURIComponent(topics)}&after=${after}`);
  hints.addEventListener("news", lookAround);
}

document.addEventListener("htmx:afterSettle", listen);
document.addEventListener("visibilitychange", () => {
  isSignedOut = false;
  listen();
  lookAround();
});
window.addEventListener("pagehide", () => hints?.close());
window.addEventListener("pageshow", listen);
listen();

// Without a stream; one that was refused is tried again ever more seldom.
setInterval(() => {
  if (hints?.readyState === EventSource.OPEN) {
    missed = 0;
    return;
  }
  lookAround();
  missed += 1;
  if (Number.isInteger(Math.log2(missed))) listen();
}, ASK);

// What has happened is not in the read model yet: the server says to ask again soon.
document.addEventListener("htmx:afterRequest", (event) => {
  const place = event.detail.elt;
  if (!place.matches?.("[data-look]")) return;
  const again = Number(event.detail.xhr.getResponseHeader("Retry-After"));
  if (!again) return;
  place.asked = Math.min((place.asked ?? 0.5) * 2, 15);
  setTimeout(() => place.isConnected && !document.hidden && look(place), again * place.asked * 1000);
});

// --- Nothing is said or loaded again under the hands of somebody ----------------------------------

let held = null;

function isBusy() {
  const at = document.activeElement;
  return beingFilledIn() || (at !== null && typing(at) && at.closest("#content") !== null);
}

// What had the focus, and what was unfolded, as far as it is there again.
function note(content) {
  const at = content.contains(document.activeElement) ? document.activeElement : null;
  const open = [...content.querySelectorAll("[id] details[open]")].map((each) => each.closest("[id]:not(details)").id);
  return { at, open };
}

function restore({ at, open }) {
  open.forEach((id) => document.getElementById(id)?.querySelector("details")?.setAttribute("open", ""));
  if (!at || document.activeElement !== document.body) return;
  const alike = (each) => each.textContent === at.textContent && each.getAttribute("href") === at.getAttribute("href");
  [...document.querySelectorAll(`#content ${at.tagName}`)].find(alike)?.focus({ preventScroll: true });
}

// One's own step is no news, which it would be until its answer is there.
const mustWait = (place) => (place.matches("[data-itself]") ? isBusy() : place.matches("[data-look]") && sending !== null);

document.addEventListener("htmx:beforeRequest", (event) => {
  const place = event.detail.elt;
  if (!mustWait(place)) return;
  event.preventDefault();
  setTimeout(() => place.isConnected && look(place), SOON);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const place = event.detail.requestConfig.elt;
  if (event.detail.xhr.status !== 200) return;
  if (mustWait(place)) {
    event.detail.shouldSwap = false;
    setTimeout(() => place.isConnected && look(place), SOON);
  } else if (place.matches("[data-itself]")) {
    held = note(document.getElementById("content"));
  }
});
document.addEventListener("htmx:afterSettle", () => {
  if (held) restore(held);
  held = null;
});
