// What the pages gain from JavaScript beyond htmx. Everything works without it.
"use strict";

// --- Keys: listed under "?" (templates/_keys.html) -----------------------------------------------------

const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

function visible(selector) {
  return [...document.querySelectorAll(selector)].filter((each) => each.offsetParent !== null);
}

// What is seen of the list that a row stands in: of one that scrolls by itself, its own part of the window.
function frameOf(row) {
  const list = row.closest("[data-scrolls]");
  const scrolls = list !== null && getComputedStyle(list).overflowY === "auto";
  const box = scrolls ? list.getBoundingClientRect() : { top: 0, bottom: innerHeight };
  const bar = document.querySelector(".topbar")?.getBoundingClientRect().bottom ?? 0;
  return { list: scrolls ? list : null, top: Math.max(box.top, bar), bottom: Math.min(box.bottom, innerHeight) };
}

function firstInSight(rows) {
  const isSeen = (row) => {
    const { top, bottom } = frameOf(row);
    const box = row.getBoundingClientRect();
    return box.top >= top - 1 && box.bottom <= bottom + 1;
  };
  return Math.max(rows.findIndex(isSeen), 0);
}

// A list that scrolls by itself does; the page, only where that is not enough, and at once: while it glides, another
// thing than the one meant comes under the pointer.
function bringIntoSight(row) {
  const { list, top, bottom } = frameOf(row);
  const box = row.getBoundingClientRect();
  if (list) list.scrollTop += Math.floor(Math.min(box.top - top, 0)) || Math.ceil(Math.max(box.bottom - bottom, 0));
  const now = row.getBoundingClientRect();
  if (now.top < top - 1 || now.bottom > innerHeight + 1) row.scrollIntoView({ block: "nearest", behavior: "instant" });
}

// j and k walk over [data-row]; the marked row is opened with Enter and is what "a" assigns.
function mark(step) {
  const rows = visible("[data-row]");
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.hasAttribute("data-marked"));
  const next = now < 0 ? firstInSight(rows) : Math.min(Math.max(now + step, 0), rows.length - 1);
  rows.forEach((row) => row.removeAttribute("data-marked"));
  rows[next].setAttribute("data-marked", "");
  (rows[next].matches("a, button") ? rows[next] : rows[next].querySelector("a, button"))?.focus({ preventScroll: true });
  bringIntoSight(rows[next]);
}

function press(key) {
  const marked = document.querySelector(`[data-marked] [data-key="${key}"]`);
  const target = marked ?? visible(`[data-key="${key}"]`)[0];
  if (!target) return false;
  if (target.matches("input, textarea, select")) {
    target.focus();
    target.select?.();
  } else {
    target.click();
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  const form = event.target.closest("form");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("#board")) {
    event.preventDefault();
    noticeBeside(event.target, "Nothing here to send: choose first");
    return;
  }
  if (event.key === "Enter" && event.target.dataset.enter && !event.isComposing) {
    event.preventDefault();
    document.getElementById(event.target.dataset.enter).click();
    return;
  }
  if (event.key === "Escape") {
    document.querySelectorAll("details.me[open]").forEach((each) => each.removeAttribute("open"));
    if (typing(event.target)) event.target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "?") {
    document.getElementById("keys").showModal();
  } else if (event.key === "j" || event.key === "k") {
    mark(event.key === "j" ? 1 : -1);
  } else if (["/", "n", "a"].includes(event.key) && press(event.key)) {
    event.preventDefault();
  }
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  document.querySelectorAll("details.me[open]").forEach((each) => {
    if (!each.contains(event.target)) each.removeAttribute("open");
  });
});

// A menu that somebody leaves with the keyboard does not lie over where they have come to.
document.addEventListener("focusin", (event) => {
  document.querySelectorAll("details.me[open]").forEach((each) => {
    if (!each.contains(event.target)) each.removeAttribute("open");
  });
});

// --- Times: the words of pages/templatetags/callout.py, kept up to date ------------------------------------

function span(seconds) {
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) {
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    return hours < 10 && minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  }
  const days = Math.floor(seconds / 86400);
  return days < 2 * 365 ? `${days} d` : `${Math.floor(days / 365)} y`;
}

function relative(element) {
  const gap = (Date.now() - Date.parse(element.dateTime)) / 1000;
  if (element.dataset.relative === "age") return gap < 60 ? "new" : span(gap);
  if (Math.abs(gap) < 60) return "just now";
  return gap > 0 ? `${span(gap)} ago` : `in ${span(-gap)}`;
}

setInterval(() => {
  document.querySelectorAll("time[data-relative]").forEach((each) => {
    const words = relative(each);
    if (each.textContent !== words) each.textContent = words;
  });
}, 20000);

// --- An answer to what is no longer on the page ------------------------------------------------------------

// A slow search may be answered after the form around it was sent and replaced: its places are gone.
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  if (event.target.matches?.("[hx-get], [hx-post], [hx-sync]")) htmx.trigger(event.target, "htmx:abort");
});

document.querySelectorAll("[hidden][data-opens]").forEach((each) => each.removeAttribute("hidden"));

// --- Where one is, also where the row of sections is wider than a telephone -----------------------------------

document.querySelectorAll("nav > [aria-current]").forEach((here) => {
  const row = here.parentElement;
  row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
});

// --- A number that stands there to be typed over -------------------------------------------------------------

document.addEventListener("focusin", (event) => {
  if (event.target.matches("input[data-over]")) event.target.select();
});

// --- While the page catches up with one's own change -------------------------------------------------------------

// It refreshes itself (templates/_catching_up.html), but not under the hands of somebody who has begun to fill in a form.
function changed(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") {
    const asked = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(asked, 0);
  }
  return field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
}

function beingFilledIn() {
  // What has been sent is answered in its place, which must still be there then.
  if (sending) return true;
  // What was typed into a form that came back looks unchanged, too (static/drafts.js).
  return [...document.querySelectorAll("#content form")].some((form) => "begun" in form.dataset || [...form.elements].some(changed));
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const asking = event.detail.elt;
  if (asking.id !== "own-change") return;
  asking.toggleAttribute("data-held", beingFilledIn());
  if (beingFilledIn()) event.preventDefault();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (requestConfig.elt.id !== "own-change") return;
  // Somebody may have begun meanwhile. What is not there yet has a page, too, which goes on asking.
  if (beingFilledIn()) event.detail.shouldSwap = false;
  else if (xhr.status === 404) Object.assign(event.detail, { shouldSwap: true, isError: false });
});

// --- When the operative expects to be there: minutes from now, written as a time of day ------------------------

function showQuickArrivals() {
  document.querySelectorAll("[data-zone][hidden]").forEach((each) => each.removeAttribute("hidden"));
}
document.addEventListener("click", (event) => {
  const quick = event.target.closest("[data-minutes]");
  if (!quick) return;
  const moment = new Date(Date.now() + quick.dataset.minutes * 60000);
  const zone = quick.closest("[data-zone]").dataset.zone;
  const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  document.getElementById(quick.dataset.fills).value = new Intl.DateTimeFormat("en-GB", shape).format(moment);
});
document.addEventListener("htmx:afterSwap", showQuickArrivals);
showQuickArrivals();
