"""What is wrong with a page for somebody who cannot see it, cannot read small print or cannot aim."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

from tests.browser.devices import NARROW, WIDE

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
GRAVE = ["serious", "critical"]
RULES: dict[Literal["light", "dark"], list[str]] = {
    "light": [],
    "dark": ["color-contrast", "link-in-text-block"],
}
"""All of axe's in the light; in the dark those about colours, for nothing else is different there."""
SMALLEST = 24

RUN_AXE = """async ([impacts, rules]) => {
  const options = { resultTypes: ["violations"], preload: false };
  if (rules.length) options.runOnly = { type: "rule", values: rules };
  const { violations } = await axe.run(document, options);
  return violations.filter(({ impact }) => impacts.includes(impact)).flatMap(({ id, impact, nodes }) =>
    nodes.map((node) => `${id} (${impact}): ${node.target.join(" ")}\\n    ${node.failureSummary}`));
}"""

# Left out, as by WCAG 2.5.8: a link within a sentence. What a label widens is as large as the label.
SMALL_TARGETS = """(smallest) => {
  const inSentence = (target) => target.matches("a") && getComputedStyle(target).display === "inline"
    && target.parentElement.textContent.trim() !== target.textContent.trim();
  const small = (target) => {
    const { width, height } = (target.closest("label") ?? target).getBoundingClientRect();
    return width > 1 && Math.min(width, height) < smallest - 0.01;
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


def faults_of(page: Page) -> list[str]:
    """Everything wrong with the page as it stands, at desk and at telephone width, light and dark."""
    found: list[str] = []
    page.evaluate(AXE)  # as a debugger would, to whom the content security policy does not apply
    for width, size in (("desk", WIDE), ("telephone", NARROW)):
        page.set_viewport_size(size)
        measured = [*page.evaluate(SMALL_TARGETS, SMALLEST), *page.evaluate(TOO_WIDE)]
        found += [f"{width}: {fault}" for fault in measured]
        for appearance, rules in RULES.items():
            page.emulate_media(color_scheme=appearance)
            violations = page.evaluate(RUN_AXE, [GRAVE, rules])
            found += [f"{width}, {appearance}: {violation}" for violation in violations]
    return found
