// What the page says: where the eye is, read out, and gone when it is no longer true.
"use strict";

const messages = document.getElementById("messages");
const notice = document.getElementById("notice");
const heard = document.getElementById("heard");
const connection = document.getElementById("connection");

// How high it is, so that what has the focus can be scrolled clear of it (static/callout.css).
new ResizeObserver(() => {
  document.documentElement.style.setProperty("--said", `${messages.offsetHeight}px`);
}).observe(messages);

// --- Read out ------------------------------------------------------------------------------------------

// A live region tells what is put into it, not what it came with: what came with the page is put in again.
setTimeout(() => {
  messages.querySelectorAll(".message").forEach((each) => {
    if (each.contains(document.activeElement)) return;
    const again = each.cloneNode(true);
    each.replaceWith(again);
    htmx.process(again);
  });
}, 300);

// What has been overtaken goes: by what the page shows now, or because somebody has gone on and come Back.
function forgetOvertaken() {
  const by = document.querySelector("[data-overtakes]")?.dataset.overtakes;
  messages.querySelectorAll(".message:not([data-level=error])").forEach((each) => {
    if (by && each.querySelector("b")?.textContent === by) each.remove();
  });
}
document.addEventListener("htmx:afterSettle", forgetOvertaken);

// So does what was undone elsewhere. A press that was meant for its button is not taken by what lay under it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, shouldSwap } = event.detail;
  if (!shouldSwap || !target.matches(".message")) return;
  event.detail.shouldSwap = false;
  if (target.matches(":hover")) keepSteady(performance.now() + AFTER_STEP);
  closeMessage(target);
});
// A search has nothing to say, and takes nobody's Undo away.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target === messages && !fragment.querySelector(".message") && messages.querySelector(".message-undo")) event.detail.shouldSwap = false;
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) messages.replaceChildren();
});

function hear(words) {
  heard.textContent = words;
}

// --- A few words beside what was pressed -----------------------------------------------------------------

const LONG_ENOUGH_TO_READ = 5000;
let noticeTimer = 0;
let noticeAt = 0;

function noticeBeside(element, words) {
  notice.textContent = words;
  noticeAt = window.scrollY;
  const at = element.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = notice;
  const above = at.top - offsetHeight - 6;
  const top = above > 50 ? above : at.bottom + 6;
  notice.style.top = `${Math.max(Math.min(top, innerHeight - offsetHeight - 6), 6)}px`;
  notice.style.left = `${Math.max(Math.min(at.left, innerWidth - offsetWidth - 8), 8)}px`;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(clearNotice, LONG_ENOUGH_TO_READ);
}

function clearNotice() {
  notice.textContent = "";
}

// What it stood beside has gone elsewhere.
window.addEventListener("scroll", () => {
  if (Math.abs(window.scrollY - noticeAt) > 40) clearNotice();
}, { passive: true });

// --- A refusal takes the focus, and Esc gives it back -------------------------------------------------------

let pressed = null;
let cameFrom = "";

document.addEventListener("submit", (event) => {
  pressed = event.submitter ?? document.activeElement;
  cameFrom = pressed?.id ?? "";
  forgetMended(event.target);
}, true);

// What was said of a field is not said of what stands in it now, whether or not it is ever answered.
function forgetMended(form) {
  [...form.querySelectorAll('.field [aria-invalid="true"]')].filter(changed).forEach((field) => {
    field.removeAttribute("aria-invalid");
    field.closest(".field").querySelectorAll(".fault").forEach((each) => each.remove());
  });
}

// What stands at the fields of a telephone is not said again over them: it would cover what it asks for.
function forgetSaidAtField() {
  if (!matchMedia("(max-width: 760px)").matches) return;
  const atFields = new Set([...document.querySelectorAll("main .fault")].map((each) => each.textContent.trim()));
  messages.querySelectorAll(".message[data-level=error]:not(:has(textarea))").forEach((each) => {
    const [, ...sentences] = each.querySelector("p").innerText.split("\n").filter(Boolean);
    const about = each.querySelector(".message-about")?.innerText;
    if (sentences.length && sentences.every((sentence) => sentence === about || atFields.has(sentence))) each.remove();
  });
}

// What stays in sight by itself is brought there by no scrolling, which would move all the rest.
function staysInSight(field) {
  const { top, bottom } = field.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) return false;
  for (let each = field; each; each = each.parentElement) {
    if (["sticky", "fixed"].includes(getComputedStyle(each).position)) return true;
  }
  return false;
}

// The first fault, where one stands beside a field; else the message. Neither moves the page under the thumb
// more than it takes to show the field, and what answers the fault with it.
function focusFault() {
  const field = document.querySelector('main :is([aria-invalid="true"], .asked)');
  if (field) {
    forgetSaidAtField();
    const whole = field.closest("[data-together]") ?? field.closest(".field") ?? field;
    const stays = staysInSight(field);
    if (!stays) whole.scrollIntoView({ block: "nearest", behavior: "instant" });
    field.focus({ preventScroll: stays });
    return;
  }
  const message = messages.querySelector('.message[data-level="error"]');
  if (!message) return;
  message.tabIndex = -1;
  message.focus({ preventScroll: true });
}

function closeMessage(message) {
  const had = message.contains(document.activeElement);
  message.remove();
  if (had) giveFocusBack();
}

// To what was pressed, or what has come in its place.
function giveFocusBack() {
  const isThere = pressed?.isConnected && !pressed.matches(".visually-hidden");
  const back = isThere ? pressed : cameFrom && document.getElementById(cameFrom);
  (back || document.getElementById("main")).focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const message = event.target.closest("[data-closes]")?.closest(".message");
  if (message) closeMessage(message);
});
document.addEventListener("keydown", (event) => {
  const message = event.key === "Escape" && event.target.closest(".message");
  if (!message) return;
  // Words that were handed back are not to be lost by a key that means something else in them.
  if (message.querySelector("textarea")) giveFocusBack();
  else closeMessage(message);
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.requestConfig?.verb === "post") focusFault();
});
focusFault();

// --- When the server does not answer -------------------------------------------------------------------------

function failure(title, sentence) {
  const message = document.getElementById("failed").content.firstElementChild.cloneNode(true);
  message.querySelector("b").textContent = title;
  message.querySelector("span").textContent = sentence;
  return message;
}

function tell(title, sentence, asking) {
  show(failure(title, sentence), asking);
}

function show(message, asking) {
  messages.replaceChildren(message);
  messages.dataset.pinned = "";
  message.tabIndex = -1;
  message.focus({ preventScroll: true });
  uncover(asking.closest("form"));
}

// A form's button can be pressed again: it is scrolled from under the message, and no further.
function uncover(form) {
  const button = form && shownButton(form, pressed?.form === form ? pressed : null);
  if (!button || getComputedStyle(messages).position !== "fixed") return;
  const [under, over] = [button.getBoundingClientRect(), messages.getBoundingClientRect()];
  const isCovered = under.bottom > over.top && under.top < over.bottom;
  if (isCovered) window.scrollBy({ top: under.bottom - over.top + 8, behavior: "instant" });
}

const asksByItself = (element) => element.matches("[data-look], #own-change");

// Once, quietly: what is said already is not said again.
function disconnected(what = "Not connected") {
  if (connection.textContent) return;
  const now = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  connection.textContent = `${what} since ${now}`;
}

function connected() {
  if (connection.textContent) connection.textContent = "";
}

function unanswered(event) {
  disconnected();
  const { elt, verb } = event.detail.requestConfig;
  if (asksByItself(elt)) return;
  if (verb === "post") tell("The server did not answer", "Nothing was lost: press again in a moment. It counts once, however often it is sent.", elt);
  else noticeBeside(elt, "The server did not answer");
}
document.addEventListener("htmx:sendError", unanswered);
document.addEventListener("htmx:timeout", unanswered);

document.addEventListener("htmx:responseError", (event) => {
  const { requestConfig: { elt }, xhr } = event.detail;
  // While something is away the answer is in words of its own (templates/_away.html).
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const said = answer.querySelector("body > .message");
  if (asksByItself(elt)) {
    // That nobody is signed in any more is said once, for nothing is asked after it (static/live.js); the focus
    // stays with whoever types.
    if (xhr.status === 401 && said) {
      messages.replaceChildren(said);
      uncover(document.activeElement.closest("form"));
    }
    if (xhr.status >= 500) disconnected(said?.querySelector("b").textContent.split(";")[0]);
  } else if (said) {
    show(said, elt);
  } else {
    tell("That did not work", xhr.status === 403 ? "You may not do this; load the page again" : `The server answered ${xhr.status}; load the page again`, elt);
  }
});

// Before it is put into the page: with what it replaces, the request itself is cleared away.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 500) connected();
});
window.addEventListener("offline", () => disconnected());
window.addEventListener("online", () => {
  if (!document.querySelector("[data-look]")) connected();
});
