// What is loaded again stays where it was: the page, what scrolls by itself, and what lies under the pointer.
// Needs messages.js.
"use strict";

let pointer = null;
let place = null;

document.addEventListener("pointermove", (event) => {
  pointer = { x: event.clientX, y: event.clientY };
}, { passive: true });
document.addEventListener("pointerdown", (event) => {
  pointer = { x: event.clientX, y: event.clientY };
}, { passive: true });

// The nearest element under the pointer, within what is replaced, that can be found again by its id.
function underPointer(target) {
  const at = pointer && document.elementFromPoint(pointer.x, pointer.y);
  const named = at?.closest("button[id], [data-anchor][id]");
  return named && target.contains(named) ? { id: named.id, top: named.getBoundingClientRect().top } : null;
}

const lanesOf = (target) => [...target.querySelectorAll(".lane")].map((each) => ({ id: each.id, height: each.offsetHeight }));

function placeOf(target, asking) {
  const rows = visible("[data-row]");
  return {
    x: window.scrollX,
    y: window.scrollY,
    anchor: underPointer(target),
    // Another page of a list begins at its top; so does what was announced.
    scrolled: asking.closest("[data-top]") ? [] : [...target.querySelectorAll("[data-scrolls]")].map((each) => [each.id, each.scrollTop]),
    lanes: asking.closest(".crew-filter, .news, .pager") ? [] : lanesOf(target),
    folds: [...target.querySelectorAll("details[id]")].map(({ id, open }) => ({ id, open })),
    row: rows.findIndex((row) => row.hasAttribute("data-marked") || row.querySelector("[aria-current]")),
    byAssignment: asking.matches(".assign-form"),
  };
}

function putBack({ x, y, anchor, scrolled, byAssignment }) {
  window.scrollTo({ left: x, top: y, behavior: "instant" });
  scrolled.forEach(([id, top]) => {
    const each = document.getElementById(id);
    if (each) each.scrollTop = top;
  });
  const now = anchor && document.getElementById(anchor.id);
  if (!now) return;
  const gap = () => now.getBoundingClientRect().top - anchor.top;
  const list = now.closest("[data-scrolls]");
  if (list && getComputedStyle(list).overflowY === "auto") list.scrollTop += gap();
  else if (!staysInSight(now)) window.scrollBy({ top: gap(), behavior: "instant" });
  // Nothing scrolls up beyond its beginning: there, what a colleague has taken from above leaves a gap.
  if (list && !byAssignment && gap() < -1) list.style.paddingTop = `${-gap()}px`;
}

// Lanes stand in the order that the page has, whatever has happened meanwhile, until they are asked for anew: who
// is gone leaves a gap, who has come stands behind.
function keepOrder(before) {
  const now = [...document.querySelectorAll("#board .lanes > .lane")];
  if (!before.length || before.every(({ id }, n) => now[n]?.id === id)) return;
  const focused = document.activeElement;
  const kept = before.map((lane) => now.find(({ id }) => id === lane.id) ?? gapOf(lane));
  document.querySelector("#board .lanes").append(...kept, ...now.filter((lane) => !kept.includes(lane)));
  focused.focus({ preventScroll: true });
}

function gapOf({ id, height }) {
  const gap = document.createElement("div");
  Object.assign(gap, { id, className: "lane lane-gap" });
  gap.style.height = `${height}px`;
  return gap;
}

// After an assignment in the tray the keys go on where they were: at the row that took the place of the one assigned.
function goOn({ row, byAssignment }) {
  const rows = visible("[data-row]");
  const chosen = rows.find((each) => each.querySelector("[aria-current]"));
  const refused = document.querySelector('#board [aria-invalid="true"]');
  const next = byAssignment && !refused ? rows[Math.min(Math.max(row, 0), rows.length - 1)] : chosen;
  if (row >= 0) next?.setAttribute("data-marked", "");
  const focus = byAssignment && !refused ? next?.querySelector("a, button") : document.querySelector("#board [data-focus]");
  focus?.focus({ preventScroll: true });
  if (byAssignment && next) bringIntoSight(next);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig, shouldSwap } = event.detail;
  place = shouldSwap && target.matches("[data-steady]") ? placeOf(target, requestConfig.elt) : null;
  // htmx carries the attributes of what has an id into its successor, and the page's policy refuses a style so carried.
  if (shouldSwap) target.querySelectorAll("[id][style]").forEach((each) => each.removeAttribute("style"));
});
document.addEventListener("htmx:afterSwap", () => {
  if (!place) return;
  keepOrder(place.lanes);
  place.folds.forEach(({ id, open }) => document.getElementById(id)?.toggleAttribute("open", open));
  goOn(place);
  putBack(place);
});
// Whatever takes the focus meanwhile may scroll to it; but a fault is shown (static/messages.js).
document.addEventListener("htmx:afterSettle", () => {
  if (place && !document.activeElement.matches('[aria-invalid="true"]')) putBack(place);
  place = null;
});

// --- On paper: all that is folded, and when it was printed ---------------------------------------------------

let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details.queued-task:not([open]), details.queue-rest:not([open])")];
  unfolded.forEach((each) => each.setAttribute("open", ""));
  const shape = { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
  document.querySelectorAll("[data-printed]").forEach((each) => {
    each.textContent = new Intl.DateTimeFormat("en-GB", { ...shape, timeZone: each.dataset.zone }).format(new Date());
  });
});
window.addEventListener("afterprint", () => unfolded.forEach((each) => each.removeAttribute("open")));
