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
    const followed = page.getByText(/^Better use the server type gmail/);
    await followed.waitFor({ state: name === "gmail" ? "hidden" : "visible" });
    await look(page, `wizard-${name}`, wrong);
  }
  await page.getByLabel("Access").selectOption("Service account of a Workspace");
  await look(page, "wizard-gmail-key", wrong);
}

/** Who leaves by a link, or reloads, is asked, and loses nothing by staying. */
async function leave(page, wrong) {
  const away = page.getByRole("link", { name: "Email Actions" });
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await away.click();
  await look(page, "wizard-leave", wrong);
  await question.getByRole("button", { name: "Stay" }).click();
  await question.waitFor({ state: "hidden" });
  const asked = page.waitForEvent("dialog");
  await page.evaluate(() => void setTimeout(() => location.reload()));
  await (await asked).dismiss();
  await page.getByRole("heading", { name: "Add Email Profile" }).waitFor();
  await step(page, /Email Profile/).click();
  if ((await page.getByLabel("Email Address").inputValue()) !== "someone@gmail.com") wrong.push("the address is lost by staying");
  await away.click();
  await question.getByRole("button", { name: "Leave" }).click();
  await page.getByRole("heading", { name: "Settings › Email Actions" }).waitFor();
  await page.getByRole("link", { name: "Add Email Profile" }).click(); // where nothing is typed, nothing is asked
  await away.click();
  await page.getByRole("heading", { name: "Settings › Email Actions" }).waitFor();
}

/** What the provider wants is said of the type that it is best read by, too. */
async function advice(page, wrong) {
  await page.getByRole("link", { name: "Add Email Profile" }).click();
  await page.getByLabel("Email Address").fill("someone@outlook.com");
  await step(page, /Incoming/).click();
  await page.getByText(/^Passwords are refused over IMAP and POP3/).waitFor();
  if (await page.getByText(/^Best read by/).count()) wrong.push("the chosen type is advised");
  await look(page, "wizard-advice", wrong);
  await page.getByRole("link", { name: "Email Actions" }).click();
  await page.getByRole("button", { name: "Leave", exact: true }).click();
}

async function edit(page, address, wrong) {
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
  await leave(page, wrong);
  await advice(page, wrong);
  await edit(page, world.address, wrong);
  await settings(page, world.address, wrong);
  await nothingFound(page, wrong);
};
