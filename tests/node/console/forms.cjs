// Every step of the wizard and of the settings, as it looks for each choice, with what is wrong beside the fields.
const { look } = require("./look.cjs");
const { signIn } = require("./sign-in.cjs");

const step = (page, name) => page.getByRole("navigation", { name: "Steps of the profile" }).getByRole("button", { name });

async function wizard(page, wrong) {
  await page.getByRole("link", { name: "Add Email Profile" }).click();
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Email Address").fill("not-an-address");
  await step(page, /Outgoing/).click();
  await page.getByLabel("SMTP Requires Authentication").check();
  await page.getByRole("button", { name: "Save and verify" }).click();
  await step(page, /to correct/).first().waitFor();
  await look(page, "wizard-errors", wrong);
  await page.getByLabel("Email Address").fill("someone@gmail.com");
  await step(page, /Incoming/).click();
  await page.locator("input[name='/incoming/host'][value='imap.gmail.com']").waitFor(); // as is known of the address
  await page.getByLabel("Authentication").selectOption("OAuth 2.0 (XOAUTH2)");
  await page.getByText("Certificates", { exact: true }).click();
  await look(page, "wizard-tokens", wrong);
  await step(page, /Outgoing/).click();
  await look(page, "wizard-sending", wrong);
  for (const [type, name] of [["Microsoft 365 (Graph)", "graph"], ["Gmail (API)", "gmail"]]) {
    await step(page, /Email Profile/).click();
    await page.getByLabel("Server Type").selectOption(type);
    await step(page, /Application/).click();
    await look(page, `wizard-${name}`, wrong);
  }
  await page.getByLabel("Access").selectOption("Service account of a Workspace");
  await look(page, "wizard-gmail-key", wrong);
}

async function edit(page, address, wrong) {
  await page.getByRole("link", { name: "Email Actions" }).click();
  await page.getByLabel("Search").fill(address);
  await page.getByRole("link", { name: `Edit ${address}` }).click();
  await page.getByRole("heading", { name: `Edit ${address}` }).waitFor();
  await look(page, "edit", wrong);
  await step(page, /Incoming/).click();
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByText("The connection works").waitFor();
  await look(page, "edit-tested", wrong);
}

async function settings(page, address, wrong) {
  await page.getByRole("link", { name: "Email Settings" }).click();
  const by = page.getByLabel("By", { exact: true });
  for (const [way, name] of [["Microsoft 365 (Graph)", "graph"], ["Gmail (API)", "gmail"]]) {
    await by.selectOption(way);
    await look(page, `settings-${name}`, wrong);
  }
  await page.reload();
  const to = page.getByLabel("Send a test message to");
  await to.fill("nobody@elsewhere.invalid");
  await page.getByRole("button", { name: "Send test" }).click();
  await to.and(page.locator("[aria-invalid=true]")).waitFor();
  await look(page, "settings-refused", wrong);
  await to.fill(address);
  await page.getByRole("button", { name: "Send test" }).click();
  await page.getByText("Sent", { exact: true }).waitFor();
  await look(page, "settings-tested", wrong);
}

async function nothingFound(page, wrong) {
  await page.getByRole("link", { name: "Email Actions" }).click();
  await page.getByLabel("Search").fill("there is none of that name");
  await page.getByText("No profile matches.").waitFor();
  await look(page, "nothing-found", wrong);
}

exports.everyForm = async ({ page, world, wrong }) => {
  await signIn(page, world);
  await wizard(page, wrong);
  await edit(page, world.address, wrong);
  await settings(page, world.address, wrong);
  await nothingFound(page, wrong);
};
