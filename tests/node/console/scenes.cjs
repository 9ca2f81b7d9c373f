// The scenes: what a person does in the console, and what must be seen then.

async function signIn(page, world) {
  await page.goto(`${world.url}/console/`);
  await page.getByLabel(/^API token/).fill(world.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Settings › Email Actions" }).waitFor();
}

const row = (page, address) => page.locator("tbody tr", { hasText: address });

/** Marks the page, so that `noReload` can tell whether it is still the same one. */
const mark = (page) => page.evaluate(() => (window.stillTheSame = true));

async function noReload(page) {
  if (!(await page.evaluate(() => window.stillTheSame))) throw new Error("the page was loaded anew");
}

async function accountIs(page, address, status) {
  const cell = row(page, address).locator("td[data-label='Account Status']");
  await cell.getByText(status, { exact: true }).waitFor();
}

/** From the sign-in to Verified in the table, then the diagnosis. */
exports.verify = async ({ page, world }) => {
  await signIn(page, world);
  await mark(page);
  await accountIs(page, world.address, "Unverified");
  await page.getByRole("button", { name: `Verify ${world.address}` }).click();
  await accountIs(page, world.address, "Verified");
  await noReload(page);
  await page.getByRole("button", { name: `Diagnosis of ${world.address}` }).click();
  const panel = page.getByRole("dialog").getByRole("region", { name: "Actor vm-1" });
  await panel.getByText("Code found").waitFor();
};

Object.assign(exports, { signIn, row, mark, noReload, accountIs });

/** To the issuer and back to the page that was asked for, as an operator, who sees no page of an admin. */
exports.issuer = async ({ page, context, world, wrong }) => {
  await page.goto(`${world.url}/console/#/actors`);
  await page.getByRole("button", { name: /^Sign in at/ }).click();
  await page.getByRole("heading", { name: "Actors" }).waitFor();
  await page.getByText("Ada · operator").waitFor();
  if (await page.getByRole("link", { name: "Audit Log" }).count()) wrong.push("an operator sees the audit log's page");
  if (new URL(page.url()).search) wrong.push(`the issuer's answer stayed in the address: ${page.url()}`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: /^Sign in at/ }).waitFor();
  // Someone else's answer is refused, and the page says so.
  await page.goto(`${world.url}/console/?code=made-up&state=made-up`);
  await page.getByRole("alert").getByText("Not signed in").waitFor();
  await context.close();
};
