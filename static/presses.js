// Presses: a form is sent once, its button says so at once, and until the answer is there, and for a moment
// after it has come, no further press is taken. Each that is not taken is seen to be refused, beside what was
// pressed; none is kept for later. Needs messages.js.
"use strict";

// After the answer to a step the button under the thumb is another than the one that was meant. Impatience
// presses about once a second, so the pause is longer, and begins anew with each press that it refused.
const AFTER_STEP = 1500;
// After other swaps, only the second press of a double click is to be caught.
const AFTER_LOOK = 400;
// The longest that a form which leads to another page waits before it can be sent again, in milliseconds.
const LONGEST = 60000;
// What was refused is still said for this long once the answer is there.
const AFTER_ANSWER = 1500;

let sending = null;
let steadyUntil = -Infinity;
let pause = AFTER_STEP;
let pressedAt = -Infinity;
let refused = 0;
let noticedAt = 0;

// When it was pressed, which a busy telephone tells late: what was shown then counts, not what is shown now.
// Both stamps are the browser's own; the clock is the page's.
function notePress(event) {
  pressedAt = performance.now() - Math.max(new Event("now").timeStamp - event.timeStamp, 0);
}
document.addEventListener("click", notePress, true);
document.addEventListener("keydown", notePress, true);

function whyNot(pressed) {
  if (sending) return "Still being sent";
  const isSteady = pressed.closest("[data-steady], #messages") !== null;
  return isSteady && pressedAt < steadyUntil ? "This has just changed: look, then press again" : "";
}

function refuse(pressed, why) {
  refused += 1;
  if (!sending) keepSteady(pressedAt + pause);
  noticedAt = scrollY;
  noticeBeside(pressed, `${why}. ${presses()} not taken`);
}

const presses = () => (refused === 1 ? "1 press" : `${refused} presses`);

// With the answer it is sent no more; what stood beside the button is no more beside it when the page has scrolled.
function noLongerSent() {
  if (!refused) return;
  const words = `${presses()} ${refused === 1 ? "was" : "were"} not taken`;
  notice.textContent = words;
  setTimeout(() => notice.textContent === words && clearNotice(), AFTER_ANSWER);
}
window.addEventListener("scroll", () => {
  if (Math.abs(scrollY - noticedAt) > 24) clearNotice();
}, { passive: true });

// The button that shows what becomes of it: that of the form when Enter pressed one that nobody sees.
function shownButton(form, submitter) {
  const seen = submitter && !submitter.matches(".visually-hidden") ? submitter : null;
  return seen ?? form.querySelector(".btn-main[type=submit]") ?? form.querySelector("[type=submit]:not(.visually-hidden)");
}

function send(form, button) {
  sending = { form, button, words: button ? [...button.childNodes] : [] };
  sending.timer = setTimeout(answered, LONGEST);
  refused = 0;
  clearNotice();
  hear("Sending");
  if (!button) return;
  const [label, said] = [document.createElement("span"), document.createElement("span")];
  label.append(...sending.words);
  said.append("Sending…");
  button.setAttribute("aria-disabled", "true");
  button.dataset.sending = "";
  button.replaceChildren(label, said);
}

function answered() {
  if (!sending) return;
  const { button, words, timer } = sending;
  clearTimeout(timer);
  sending = null;
  hear("");
  noLongerSent();
  if (!button) return;
  button.replaceChildren(...words);
  button.removeAttribute("aria-disabled");
  delete button.dataset.sending;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post") return;
  const button = shownButton(form, event.submitter);
  const why = whyNot(form);
  if (!why) {
    send(form, button);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  refuse(button ?? form, why);
}, true);

// What would be loaded over a page whose answer is still to come: it would be gone with that answer.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-steady] a[hx-get]");
  if (!link || !sending) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  refuse(link, whyNot(link));
}, true);

// The form may be gone with its answer; what asked is told all the same.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.elt === sending?.form) answered();
});
document.addEventListener("htmx:validation:halted", answered);

// Coming back with the browser's Back button shows a page that may be sent again.
window.addEventListener("pageshow", answered);

// --- What is loaded again under the pointer -------------------------------------------------------------------

function keepSteady(until) {
  steadyUntil = Math.max(steadyUntil, until);
  document.querySelectorAll("[data-steady]").forEach((each) => each.classList.add("steadying"));
  setTimeout(() => {
    if (performance.now() < steadyUntil) return;
    document.querySelectorAll(".steadying").forEach((each) => each.classList.remove("steadying"));
  }, until - performance.now() + 1);
}

document.addEventListener("htmx:afterSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (!target.matches("[data-steady]") && !target.querySelector("[data-steady]")) return;
  pause = requestConfig.verb === "post" ? AFTER_STEP : AFTER_LOOK;
  keepSteady(performance.now() + pause);
});
