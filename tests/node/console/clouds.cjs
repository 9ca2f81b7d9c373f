// Mailboxes that are read by an app's tokens, added by the wizard; and the Director's own mail by such an app.
const { look } = require("./look.cjs");
const { signIn } = require("./sign-in.cjs");

const row = (page, address) => page.locator("tbody tr", { hasText: address });

/** Fills each field by its label; a list of choices by what it shows. */
async function fill(where, fields) {
  for (const [label, value] of Object.entries(fields)) {
    const field = where.getByLabel(new RegExp(`^${label.replace(/[()]/g, "\\$&")}( \\*)?$`)); // a required field has an asterisk
    if (await field.evaluate((element) => element.tagName === "SELECT")) await field.selectOption(value);
    else await field.fill(value);
  }
}

/** The first step, for a code that is sent by hand. */
async function begin(page, type, address) {
  await page.getByRole("link", { name: "Add Email Profile" }).click();
  await page.getByLabel("Server Type").selectOption(type);
  await page.getByLabel("Email Address").fill(address);
  await page.getByLabel("Send verification email manually").check();
  await page.getByLabel("vm-1").check();
  await page.getByRole("button", { name: "Next" }).click();
}

async function works(page) {
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByText("The connection works").waitFor();
}

/** Saves, sends what the dialog says by `ask`, and sees the profile Verified. */
async function verify(page, address, ask) {
  await page.getByRole("button", { name: "Save and show the code" }).click();
  await sendAndVerify(page, address, ask);
}

async function sendAndVerify(page, address, ask) {
  const dialog = page.getByRole("dialog", { name: "Verification UUID" });
  const code = await dialog.getByTestId("code").innerText();
  await ask("send", { address, subject: `(${code})` });
  await dialog.getByRole("button", { name: "Verify now" }).click();
  const status = row(page, address).locator("td[data-label='Account Status']");
  await status.getByText("Verified", { exact: true }).waitFor();
}

/** Microsoft Graph, with all fields of its app. */
exports.graph = async ({ page, world, ask }) => {
  await signIn(page, world);
  await begin(page, "Microsoft 365 (Graph)", world.address);
  await fill(page, world.app);
  await works(page);
  await verify(page, world.address, ask);
  await row(page, world.address).locator("td[data-label='Type']", { hasText: "Microsoft Graph" }).waitFor();
};

/** Gmail by a service account's key. */
exports.gmailByKey = async ({ page, world, ask }) => {
  await signIn(page, world);
  await begin(page, "Gmail (API)", world.address);
  await page.getByLabel("Access").selectOption("Service account of a Workspace");
  await fill(page, { Scope: "Metadata", "Key file (JSON)": world.key });
  await works(page);
  await verify(page, world.address, ask);
};

/** Gmail by the consent of its owner, who follows the link that Authorize gives. */
exports.gmailByConsent = async ({ page, context, world, ask, wrong }) => {
  await signIn(page, world);
  await begin(page, "Gmail (API)", world.address);
  await fill(page, { Scope: "Read only", ...world.app });
  await page.getByRole("button", { name: "Save and show the code" }).click();
  await page.getByRole("dialog", { name: "Verification UUID" }).waitFor();
  await page.keyboard.press("Escape");
  if (await page.getByRole("button", { name: `Verify ${world.address}` }).count()) wrong.push("it may be verified without a consent");
  await page.getByRole("button", { name: `Authorize ${world.address}` }).click();
  await row(page, world.address).getByRole("link", { name: /^Give the consent/ }).waitFor();
  await look(page, "consent-link", wrong);
  const [consent] = await Promise.all([
    context.waitForEvent("page"),
    row(page, world.address).getByRole("link", { name: /^Give the consent/ }).click(),
  ]);
  await consent.locator("#continue").click();
  await consent.getByRole("heading", { name: "Consent given" }).waitFor();
  await consent.close();
  await page.getByRole("button", { name: `Verify ${world.address}` }).waitFor();
  await row(page, world.address).getByRole("link", { name: /^Give the consent/ }).waitFor({ state: "hidden" });
  await page.getByRole("button", { name: `View UUID code of ${world.address}` }).click();
  await sendAndVerify(page, world.address, ask);
};

/** IMAP by an app's tokens, with a private authority, and a password for sending alone. */
exports.imapByTokens = async ({ page, world, ask, wrong }) => {
  await signIn(page, world);
  await begin(page, "IMAP", world.address);
  await fill(page, { "Incoming Mail Server": world.host, Port: world.port, Encryption: "SSL/TLS" });
  await page.getByLabel("Account").fill(world.username);
  await page.getByLabel("Password").first().fill("typed before tokens were chosen");
  await page.getByLabel("Authentication").selectOption("OAuth 2.0 (XOAUTH2)");
  if (await page.locator("input[name='/account/password']").count()) wrong.push("a password is asked for beside tokens");
  await fill(page, world.app);
  await page.getByText("Certificates", { exact: true }).click();
  await page.getByLabel("Private authority (PEM)").fill(world.authority);
  await works(page);
  await page.getByRole("button", { name: "Next" }).click();
  await fill(page, { "Outgoing Mail Server": "smtp.example.test", Encryption: "STARTTLS" });
  await page.getByLabel("SMTP Requires Authentication").check();
  await page.locator("input[name='/account/password']").fill("for-sending");
  await verify(page, world.address, ask);
};

/** The Director's own mail, by each cloud: set, tried, and kept where its secret is left empty. */
exports.mailByClouds = async ({ page, world }) => {
  await signIn(page, world);
  await page.getByRole("link", { name: "Email Settings" }).click();
  const form = page.locator("form", { has: page.getByLabel(/^From/) });
  for (const { by, fields, secret, from } of world.ways) {
    await form.getByLabel("By", { exact: true }).selectOption(by);
    await fill(form, fields);
    await save(page, form, from);
    await form.getByText(/^Set.* Leave it empty to keep it/).waitFor();
    if ((await form.locator(`[name='${secret}']`).inputValue()) !== "") throw new Error("a secret is shown");
    await save(page, form, from);
    await page.getByLabel("Send a test message to").fill(world.to);
    await page.getByRole("button", { name: "Send test" }).click();
    await page.getByText("Sent", { exact: true }).waitFor();
    await page.reload();
    await form.getByLabel(/^From/).waitFor();
  }
};

async function save(page, form, from) {
  await form.getByLabel(/^From/).fill(from);
  const saved = page.waitForResponse((answer) => answer.request().method() === "PUT" && answer.ok());
  await form.getByRole("button", { name: "Save" }).click();
  await saved;
}
