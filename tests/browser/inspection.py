"""What is wrong with a page for somebody who cannot see it, cannot read small print or cannot aim."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize

from tests.browser.visit import NARROW, WIDE

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
GRAVE = ["serious", "critical"]
RULES: dict[Literal["light", "dark"], list[str]] = {
    "light": [],
    "dark": ["color-contrast", "link-in-text-block"],
}
"""All rules of axe in light mode; in dark mode only those about colours, because nothing else differs."""
SMALLEST = {"desk": 24, "telephone": 48}
"""The smallest height in pixels of what is pressed or filled in, and of what leads to a section. Links in
lists and texts are 24 px high everywhere, and everything is at least as wide."""
ZOOMED = {"200 %": ViewportSize(width=720, height=450), "400 %": ViewportSize(width=320, height=256)}
"""What screens of 1440 x 900 px and 1280 x 1024 px still show at this zoom (WCAG 1.4.4, 1.4.10)."""

RUN_AXE = """async ([impacts, rules]) => {
  const options = { resultTypes: ["violations"], preload: false };
  if (rules.length) options.runOnly = { type: "rule", values: rules };
  const { violations } = await axe.run(document, options);
  return violations.filter(({ impact }) => impacts.includes(impact)).flatMap(({ id, impact, nodes }) =>
    nodes.map((node) => `${id} (${impact}): ${node.target.join(" ")}\\n    ${node.failureSummary}`));
}"""

# Left out, as in WCAG 2.5.8: a link within a sentence. A target that a label enlarges is as large as the
# label.
SMALL_TARGETS = """(smallest) => {
  const inSentence = (target) => target.matches("a") && getComputedStyle(target).display === "inline"
    && target.parentElement.textContent.trim() !== target.textContent.trim();
  const small = (target) => {
    const { width, height } = (target.closest("label") ?? target).getBoundingClientRect();
    const control = !target.matches("a") || target.matches(".btn, nav a, .topbar a, .tabs a");
    return width > 1 && (height < (control ? smallest : 24) - 0.01 || width < 23.99);
  };
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter((target) => target.checkVisibility({ visibilityProperty: true }) && target.type !== "hidden")
    .filter((target) => small(target) && !inSentence(target))
    .map((target) => [target.outerHTML.slice(0, 160), target.getBoundingClientRect()])
    .map(([html, { width, height }]) =>
      `too small to aim at (${width.toFixed(1)} x ${height.toFixed(1)}): ${html}`);
}"""

TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  const tables = [...document.querySelectorAll(".list-scroll")]
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
  if (tables.length && room < 761) return ["a list scrolls sideways"];
  if (document.documentElement.scrollWidth <= room) return [];
  const sticksOut = (element) => element.getBoundingClientRect().right > room + 0.5;
  return [...document.querySelectorAll("body *")]
    .filter((element) => sticksOut(element) && ![...element.children].some(sticksOut))
    .map((element) => `sticks out to the right: ${element.outerHTML.slice(0, 160)}`)
    .concat(`the page scrolls sideways: ${document.documentElement.scrollWidth} in ${room}`);
}"""

# What extends beyond its own box, over its neighbours or out of sight; and short words that are broken in
# two, because a box has too little room for its longest word.
SPILLED = r"""() => {
  const found = new Set(), range = document.createRange();
  const say = (what, { data, parentElement }) =>
    found.add(`${what}: ${data.trim().slice(0, 60)} in ${parentElement.outerHTML.slice(0, 100)}`);
  const lines = () => [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
  const spills = ({ right }, node) => {
    for (let each = node.parentElement; each && each !== document.body; each = each.parentElement) {
      const { display, overflowX } = getComputedStyle(each);
      if (overflowX !== "visible") return false;
      const isBox = !["inline", "contents"].includes(display);
      if (isBox && right > each.getBoundingClientRect().right + 1) return true;
    }
    return false;
  };
  const short = /(?<!\S)\p{L}{2,14}(?!\S)/gu;
  const isBroken = (node) => [...node.data.matchAll(short)].some(({ index, 0: word }) => {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const [first, ...more] = lines();
    return more.some(({ top }) => top > first.top + 4);
  });
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility({ visibilityProperty: true })) continue;
    if (parent.closest(".visually-hidden, .clip, select, textarea")) continue;
    range.selectNodeContents(node);
    const seen = lines();
    if (seen.some((line) => spills(line, node))) say("spills out of its box", node);
    if (seen.length > 1 && isBroken(node)) say("a word is broken", node);
  }
  return [...found];
}"""

# As with the Tab key: down the page and up again, because of what is pinned at the top and at the bottom.
COVERED = """() => {
  const pinned = (element, target) => {
    for (let each = element; each && !each.contains(target); each = each.parentElement)
      if (["fixed", "sticky"].includes(getComputedStyle(each).position)) return true;
    return false;
  };
  const covered = (target) => {
    const { left, right, top, bottom } = target.getBoundingClientRect();
    const x = Math.min(Math.max((left + right) / 2, 1), innerWidth - 1);
    return [top + 1, (top + bottom) / 2, bottom - 1].filter((y) => y >= 0 && y < innerHeight)
      .some((y) => pinned(document.elementFromPoint(x, y), target));
  };
  const targets = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter((each) => !each.matches("[type=hidden], :disabled"))
    .filter((each) => each.checkVisibility({ visibilityProperty: true }));
  const found = new Set(), open = document.querySelectorAll("details[open]");
  for (const way of [targets, targets.toReversed()]) {
    document.activeElement.blur();  // what has the focus already is not scrolled to
    scrollTo(0, way === targets ? 0 : document.documentElement.scrollHeight);
    for (const each of way) {
      each.focus();
      if (document.activeElement === each && covered(each)) found.add(each.outerHTML.slice(0, 160));
    }
  }
  document.activeElement.blur();
  open.forEach((each) => { each.open = true; });  // a menu closes when it is left
  scrollTo(0, 0);
  return [...found].map((html) => `the focus is under a pinned bar: ${html}`);
}"""


def faults_of(page: Page, *, own: bool = True) -> list[str]:
    """Everything wrong with the present page, at desk and at telephone width, light and dark; and what
    breaks when it is enlarged. If a library draws it, the sizes of its targets are not our `own` to
    measure."""
    found: list[str] = []
    before = page.viewport_size
    page.evaluate(AXE)  # as a debugger would; the content security policy does not apply to it
    for width, size in (("desk", WIDE), ("telephone", NARROW)):
        page.set_viewport_size(size)
        measured = page.evaluate(COVERED)
        if own:
            measured += page.evaluate(SMALL_TARGETS, SMALLEST[width])
            measured += page.evaluate(TOO_WIDE)
        found += [f"{width}: {fault}" for fault in measured]
        for appearance, rules in RULES.items():
            page.emulate_media(color_scheme=appearance)
            violations = page.evaluate(RUN_AXE, [GRAVE, rules])
            found += [f"{width}, {appearance}: {violation}" for violation in violations]
    for zoom, size in ZOOMED.items():
        page.set_viewport_size(size)
        found += [f"{zoom}: {fault}" for fault in [*page.evaluate(TOO_WIDE), *page.evaluate(COVERED)]]
    if before:
        page.set_viewport_size(before)
    return found
