// Every page, in both colour schemes and on a narrow screen: axe, sideways scrolling, screenshots.
const fs = require("node:fs");
const path = require("node:path");
const { violations } = require("./axe.cjs");
const { signIn } = require("./sign-in.cjs");

const SHOTS = path.join(__dirname, "../../../docs/images");

/** Each page: its name, its address, what stands on it, and what to do for it to show all. */
const PAGES = [
  ["email-actions", "#/", "Settings › Email Actions", (page, world) => page.getByText(world.address).first().waitFor()],
  ["diagnosis", "#/", "Settings › Email Actions", diagnosis],
  ["verification-uuid", "#/", "Settings › Email Actions", uuid],
  ["wizard", "#/profiles/new", "Add Email Profile"],
  ["wizard-servers", "#/profiles/new", "Add Email Profile", (page) => page.getByRole("button", { name: /Incoming Mail/ }).click()],
  ["wizard-sending", "#/profiles/new", "Add Email Profile", (page) => page.getByRole("button", { name: /Outgoing Mail/ }).click()],
  ["actors", "#/actors", "Actors"],
  ["security-zones", "#/zones", "Security Zones"],
  ["email-settings", "#/settings/email", "Email Settings"],
  ["api-tokens", "#/api-tokens", "API Tokens"],
  ["webhooks", "#/webhooks", "Webhooks"],
  ["audit-log", "#/audit-log", "Audit Log"],
];

async function diagnosis(page, world) {
  await page.getByRole("button", { name: `Diagnosis of ${world.address}` }).click();
  await page.getByRole("dialog").getByText("Copy as text").waitFor();
}

async function uuid(page, world) {
  await page.getByRole("button", { name: `View UUID code of ${world.manual}` }).click();
  await page.getByRole("dialog").getByTestId("code").waitFor();
}

async function open(page, world, [, address, heading, prepare]) {
  await page.goto(`${world.url}/console/${address}`);
  await page.reload(); // a change behind # alone would keep an open dialog
  await page.getByRole("heading", { name: heading, level: 2 }).waitFor();
  await page.waitForLoadState("domcontentloaded");
  if (prepare) await prepare(page, world);
  const loading = page.locator("main .mantine-Loader-root");
  while (await loading.count()) await loading.first().waitFor({ state: "detached" });
}

/** What stands out of a page on the right, where it can be scrolled sideways. */
const sideways = (page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return "";
    const wide = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > clientWidth);
    return `${scrollWidth - clientWidth} px: ${wide.map((one) => one.outerHTML.slice(0, 80)).slice(0, 5).join(" ")}`;
  });

/** axe on each page, light and dark; no sideways scrolling at 360 px. */
exports.everyPage = async ({ page, world, wrong }) => {
  await page.goto(`${world.url}/console/`);
  await page.getByLabel(/^API token/).waitFor();
  for (const found of await violations(page)) wrong.push(`sign-in: ${found}`);
  await signIn(page, world);
  for (const one of PAGES) {
    await page.setViewportSize({ width: 1366, height: 900 });
    await open(page, world, one);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme='${colorScheme}']`).waitFor();
      for (const found of await violations(page)) wrong.push(`${one[0]}, ${colorScheme}: ${found}`);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    const over = await sideways(page);
    if (over) wrong.push(`${one[0]} scrolls sideways at 360 px by ${over}`);
  }
};

/** A picture of each page for the documentation. */
exports.screenshots = async ({ page, world }) => {
  fs.mkdirSync(SHOTS, { recursive: true });
  const shoot = (name) => page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
  await page.setViewportSize({ width: 1366, height: 820 });
  await page.goto(`${world.url}/console/`);
  await page.getByLabel(/^API token/).waitFor();
  await shoot("sign-in");
  await signIn(page, world);
  for (const one of PAGES) {
    await open(page, world, one);
    await shoot(one[0]);
  }
  await open(page, world, PAGES[0]);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("html[data-mantine-color-scheme='dark']").waitFor();
  await shoot("email-actions-dark");
};
