// What stands on the next page in the place of what was pressed on this one is not pressed by the same impatience:
// under the thumb that pressed "Undo arrival" comes "Undo departure". This runs before anything is shown, for on a
// slow network the buttons of a page are there seconds before the other scripts.
"use strict";

{
  // How near, in pixels, two presses are in one place.
  const THUMB = 48;
  // As AFTER_STEP in static/presses.js, from when the page is whole, and anew with each press that was refused.
  const PAUSE = 1500;
  // Where the press was that led to this page; null where a key did, or no press.
  const before = JSON.parse(sessionStorage.getItem("pressed"));
  let until = before ? Infinity : -Infinity;
  let place = null;
  let refused = 0;
  sessionStorage.removeItem("pressed");

  function isSamePlace() {
    return before && place && performance.now() < until && Math.hypot(place.x - before.x, place.y - before.y) < THUMB;
  }

  function refuseAt(button) {
    refused += 1;
    if (Number.isFinite(until)) until = performance.now() + PAUSE;
    const words = `This has just changed: look, then press again. ${refused} ${refused === 1 ? "press" : "presses"} not taken`;
    if (typeof noticeBeside === "function") {
      noticeBeside(button, words);
      return;
    }
    const said = document.getElementById("notice");
    said.textContent = words;
    said.style.top = `${Math.max(place.y - 90, 6)}px`;
    said.style.left = `${Math.max(Math.min(place.x, innerWidth - said.offsetWidth) - 8, 8)}px`;
  }

  document.addEventListener("keydown", () => { place = null; }, true);
  document.addEventListener("click", (event) => {
    place = event.detail ? { x: event.clientX, y: event.clientY } : null;
  }, true);
  document.addEventListener("DOMContentLoaded", () => {
    if (before) until = performance.now() + PAUSE;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("method") !== "post") return;
    if (isSamePlace()) {
      event.preventDefault();
      event.stopImmediatePropagation();
      refuseAt(event.submitter ?? form);
    } else if (!window.htmx || !form.hasAttribute("hx-post")) {
      sessionStorage.setItem("pressed", JSON.stringify(place));
    }
  }, true);
}
