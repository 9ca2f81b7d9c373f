// A look at what stands on the page: axe, in both colour schemes, on a wide and a narrow screen.
const path = require("node:path");
const { violations } = require("./axe.cjs");

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 740 };
/** What depends on the colour scheme; all other rules would find the same again. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/** What can be scrolled sideways: the page, or a dialog on it. */
const sideways = (page) =>
  page.evaluate(() => {
    const wide = [document.documentElement, ...document.querySelectorAll("[role=dialog]")].find((one) => one.scrollWidth > one.clientWidth);
    if (!wide) return "";
    const right = wide.getBoundingClientRect().left + wide.clientWidth;
    const out = [...wide.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > right);
    return `${wide.scrollWidth - wide.clientWidth} px: ${out.map((one) => one.outerHTML.slice(0, 80)).slice(0, 5).join(" ")}`;
  });

/** Adds to `wrong` what a person could not see or reach; ends on a wide screen in the light scheme. */
exports.look = async (page, name, wrong) => {
  for (const [size, screen] of [[NARROW, "at 360 px"], [WIDE, "wide"]]) {
    await page.setViewportSize(size);
    const over = await sideways(page);
    if (over) wrong.push(`${name} scrolls sideways ${screen} by ${over}`);
    for (const [colorScheme, rules] of [["dark", OF_COLOURS], ["light", undefined]]) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme='${colorScheme}']`).waitFor({ state: "attached" });
      for (const found of await violations(page, rules)) wrong.push(`${name}, ${colorScheme}, ${screen}: ${found}`);
      if (process.env.LOOK) await page.screenshot({ path: path.join(process.env.LOOK, `${name}-${colorScheme}-${size.width}.png`) });
    }
  }
};
