// A name that is typed before the choice of operatives is there: "a" or a press has asked for the job, and the hand
// goes on. The letters are kept for the choice; Enter, which would be too early, is seen to be refused.
// Needs messages.js, presses.js and callout.js.
"use strict";

// A browser, too, begins a new name after a second.
const NEW_NAME = 1000;
let awaited = null;
let typedName = "";
let typedAt = -Infinity;

const isLetter = (event) => event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;

function chooseByName(select) {
  const begins = (option) => option.value && option.textContent.trim().toLowerCase().startsWith(typedName);
  const found = [...select.options].findIndex(begins);
  if (found < 0) noticeBeside(select, `No name begins with “${typedName}”`);
  else select.selectedIndex = found;
}

function keepForChoice(event) {
  if (event.key === "Enter") refuse(awaited, "Still being loaded");
  else if (isLetter(event)) typedName += event.key.toLowerCase();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

// The browser knows nothing of the letters that came before, and would take the rest for a name of its own.
function goOnTyping(event) {
  const isOneName = typedName && performance.now() - typedAt < NEW_NAME;
  if (sending && isLetter(event)) {
    event.preventDefault();
    refuse(event.target, "Still being sent");
  } else if (isOneName && isLetter(event)) {
    event.preventDefault();
    typedName += event.key.toLowerCase();
    typedAt = performance.now();
    chooseByName(event.target);
  } else if (event.key !== "Shift") {
    typedName = "";
  }
}

document.addEventListener("keydown", (event) => {
  if (event.target.id === "assign-whom") goOnTyping(event);
  else if (awaited?.isConnected && !typing(event.target)) keepForChoice(event);
}, true);

document.addEventListener("htmx:beforeSend", (event) => {
  if (!event.detail.elt.matches("a.job[data-key]")) return;
  awaited = event.detail.elt;
  typedName = "";
});
// The row is gone with the answer; by then the choice has the focus (static/in_place.js).
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.elt !== awaited) return;
  awaited = null;
  const select = event.detail.successful ? document.getElementById("assign-whom") : null;
  if (typedName && select) {
    typedAt = performance.now();
    chooseByName(select);
  } else {
    typedName = "";
  }
});
