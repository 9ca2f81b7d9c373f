// Every page: for all eyes, and as pictures for the documentation.
const fs = require("node:fs");
const path = require("node:path");
const { look } = require("./look.cjs");
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

/** In the documentation none runs. */
const RUNNING = ["diagnosis-running", "#/", "Settings › Email Actions", (page, world) => diagnosis(page, { address: world.manual })];

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

/** Each page as everyone sees it; the table says what is about to fail. */
exports.everyPage = async ({ page, world, wrong }) => {
  await page.goto(`${world.url}/console/`);
  await page.getByLabel(/^API token/).fill("not-a-token");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await look(page, "sign-in", wrong);
  await signIn(page, world);
  const warned = page.locator("tbody tr", { hasText: world.expired }).locator("td[data-label='Account Status']");
  await warned.getByText("Warning", { exact: true }).waitFor();
  await warned.getByText("The app's client secret expired on 2026-01-31.").waitFor();
  await warned.getByText("Make a new client secret").waitFor();
  for (const one of [...PAGES, RUNNING]) {
    await open(page, world, one);
    await look(page, one[0], wrong);
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
