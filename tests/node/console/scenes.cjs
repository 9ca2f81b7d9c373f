// The scenes: what a person does in the console, and what must be seen then.

const { look } = require("./look.cjs");
const { signIn } = require("./sign-in.cjs");
const { notReachedAtFirst } = require("./unanswered.cjs");

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

/** From the sign-in to Verified in the table, then the diagnosis, which is copied for a ticket. */
exports.verify = async ({ page, context, world }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page, world);
  await mark(page);
  await accountIs(page, world.address, "Unverified");
  await page.getByRole("button", { name: `Verify ${world.address}` }).click();
  await accountIs(page, world.address, "Verified");
  await noReload(page);
  await page.getByRole("button", { name: `Diagnosis of ${world.address}` }).click();
  const panel = page.getByRole("dialog").getByRole("region", { name: "Actor vm-1" });
  await panel.getByText("Code found").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Copy as text" }).click();
  await page.getByRole("dialog").getByText("Copied").waitFor();
  const ticket = await page.evaluate(() => navigator.clipboard.readText());
  for (const part of [world.address, "Actor vm-1: verified", "Actor vm-2: verified", "ms"]) {
    if (!ticket.includes(part)) throw new Error(`the ticket has no ${part}: ${ticket}`);
  }
  // The moment as it is read here, by its zone's name, is the one that the Director's log has.
  const [, here, utc] = /started (.*) \((.*Z)\):/.exec(ticket) ?? [];
  if (!/(UTC|GMT.*)$/.test(here) || Math.abs(new Date(here) - new Date(utc)) >= 1_000) throw new Error(`started ${here}, ${utc}`);
};

/** A viewer sees the table and the diagnosis, and nothing of what changes anything, not by an address either, nor while a verification runs. */
exports.viewer = async ({ page, world, wrong }) => {
  await signIn(page, world);
  await row(page, world.address).waitFor();
  const buttons = await row(page, world.address).getByRole("button").allInnerTexts();
  if (buttons.join() !== "Diagnosis") wrong.push(`a viewer sees ${buttons}`);
  await page.getByRole("button", { name: `Diagnosis of ${world.address}` }).click();
  await page.getByRole("dialog").getByText("Copy as text").waitFor();
  if (await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).count()) wrong.push("a viewer may cancel");
  await page.keyboard.press("Escape");
  const pages = await page.getByRole("navigation", { name: "Pages", exact: true }).getByRole("link").allInnerTexts();
  if (pages.join() !== "Email Actions,Actors,Security Zones") wrong.push(`a viewer sees ${pages}`);
  for (const name of ["Edit", "Add Email Profile"]) {
    if (await page.getByRole("link", { name }).count()) wrong.push(`a viewer sees ${name}`);
  }
  for (const address of ["profiles/new", "audit-log"]) {
    await page.goto(`${world.url}/console/#/${address}`);
    await page.waitForURL(/#\/$/);
  }
  await page.getByRole("link", { name: "Actors" }).click();
  await row(page, "vm-1").waitFor();
  if (await page.getByRole("main").getByRole("button").count()) wrong.push("a viewer may do something to Actors");
};

/** Fills the wizard's first two steps for a mailbox on an IMAP server without encryption. */
async function fillIn(page, { address, username, password, imap }, manual = false) {
  await page.getByRole("link", { name: "Add Email Profile" }).click();
  await page.getByLabel("Email Address").fill(address);
  if (manual) await page.getByLabel("Send verification email manually").check();
  await page.getByLabel("vm-1").check();
  await page.getByLabel("vm-2").check();
  await page.getByRole("button", { name: "Next" }).click();
  await page.locator("input[name='/account/username']").fill(username);
  await page.locator("input[name='/account/password']").fill(password);
  await page.getByLabel("Incoming Mail Server").fill(imap.host);
  await page.locator("input[name='/incoming/port']").fill(String(imap.port));
  await page.getByLabel("Encryption").selectOption("None");
}

/** Waits until what describes the password's field to a screen reader says `words`. */
async function besidePassword(page, words) {
  const field = page.locator("input[name='/account/password'][aria-invalid='true']");
  await field.waitFor();
  const described = await field.evaluate((input) =>
    (input.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.innerText).join(" "),
  );
  if (!described.includes(words)) throw new Error(`beside the password stands: ${described}`);
}

/** Adds a profile by the wizard and sees it Verified. */
exports.wizard = async ({ page, world }) => {
  await signIn(page, world);
  await mark(page);
  await fillIn(page, world);
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByText("The connection works").waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("button", { name: "Save and verify" }).click();
  await accountIs(page, world.address, "Verified");
  await noReload(page);
};

/** Adds a profile in manual mode; the message with the dialog's subject is sent from outside. */
exports.manual = async ({ page, context, world, ask }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page, world);
  await mark(page);
  await fillIn(page, world, true);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("button", { name: "Save and show the code" }).click();
  const dialog = page.getByRole("dialog", { name: "Verification UUID" });
  const code = await dialog.getByTestId("code").innerText();
  await dialog.getByRole("button", { name: "Copy the subject" }).click();
  await dialog.getByText("Copied").waitFor();
  const subject = await page.evaluate(() => navigator.clipboard.readText());
  if (subject !== `(${code})`) throw new Error(`copied ${subject} for ${code}`);
  const letter = await dialog.getByRole("link", { name: "Write the message" }).getAttribute("href");
  if (!letter.startsWith("mailto:") || !letter.includes(encodeURIComponent(subject))) throw new Error(letter);
  await ask("send", { subject });
  await dialog.getByRole("button", { name: "Verify now" }).click();
  await accountIs(page, world.address, "Verified");
  await noReload(page);
  await page.reload();
  await accountIs(page, world.address, "Verified");
  if (await dialog.count()) throw new Error("the code is shown again");
  await page.evaluate(() => {
    const gone = { code: { id: "00000000-0000-7000-8000-000000000000" } };
    history.replaceState({ ...history.state, usr: gone }, "");
  });
  const asked = page.waitForResponse((answer) => answer.url().endsWith("/verification-code"));
  await page.reload();
  if ((await asked).status() !== 404) throw new Error("the profile is there");
  await accountIs(page, world.address, "Verified");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
};

/** Tests a wrong password before saving: the hint stands beside the password. */
exports.wrongPassword = async ({ page, world }) => {
  await signIn(page, world);
  await fillIn(page, world);
  await page.getByRole("button", { name: "Test connection" }).click();
  await besidePassword(page, world.hint);
};

/** Someone else changes the profile while it is edited: nothing that was typed is lost. */
exports.lostRace = async ({ page, world, ask, wrong }) => {
  await signIn(page, world);
  await page.getByRole("link", { name: `Edit ${world.address}` }).click();
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Note").fill("typed here");
  await ask("change");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const told = page.getByRole("alert");
  await told.getByText("Email Profile › Verify again every … hours is now “24”").waitFor();
  await told.getByText("Email Profile › Actors is now “vm-1”").waitFor();
  await look(page, "lost-race", wrong);
  if ((await page.getByLabel("Note").inputValue()) !== "typed here") throw new Error("the note is lost");
  if ((await page.getByLabel("Verify again every").inputValue()) !== "24") throw new Error("theirs is not taken over");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await row(page, world.address).getByText("typed here").waitFor();
};

/** A change that would send the password elsewhere asks for it again, beside its field. */
exports.secretRequired = async ({ page, world }) => {
  await signIn(page, world);
  await page.getByRole("link", { name: `Edit ${world.address}` }).click();
  await page.getByRole("button", { name: /Incoming Mail Server/ }).click();
  await page.getByText(/^Set on/).waitFor();
  await page.getByLabel("Incoming Mail Server").fill("elsewhere.example.test");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await besidePassword(page, "Send it again");
};

/** The Director goes away and comes back; the page says so and comes up to date by itself. */
exports.away = async ({ page, world, ask, wrong }) => {
  await signIn(page, world);
  await mark(page);
  await row(page, world.address).waitFor();
  await ask("kill");
  await page.getByText("The connection to the Director is interrupted").waitFor();
  await row(page, world.address).waitFor();
  await page.getByRole("button", { name: `Verify ${world.address}` }).click();
  await row(page, world.address).getByRole("alert").getByText("Whether this was done is not known").waitFor();
  await look(page, "interrupted", wrong);
  await ask("start");
  await page.getByText("The connection to the Director is interrupted").waitFor({ state: "hidden" });
  await ask("change");
  await row(page, world.address).getByText("changed meanwhile").waitFor();
  await noReload(page);
  await notReachedAtFirst(page, world.address);
};

/** While a profile is typed the token ends; another tab signs in at the issuer and hands its token over. */
async function againAtTheIssuer(page, context, wrong) {
  await page.getByRole("link", { name: "Email Actions" }).click();
  await page.getByRole("link", { name: "Add Email Profile" }).click();
  await page.getByLabel("Email Address").fill("typed@example.test");
  await page.evaluate(() => sessionStorage.setItem("director.token", "one-that-has-ended"));
  await page.getByRole("button", { name: "Next" }).click(); // which asks for what is known of the address
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  const [other] = await Promise.all([
    context.waitForEvent("page"),
    dialog.getByRole("button", { name: /in another tab$/ }).click(),
  ]);
  await dialog.waitFor({ state: "hidden" });
  if (!other.isClosed()) await Promise.race([other.waitForEvent("close"), other.getByText("Close this tab").waitFor()]);
  if (!other.isClosed() && (await other.evaluate(() => sessionStorage.getItem("director.token")))) wrong.push("the other tab kept the token");
  await page.getByRole("button", { name: "Back" }).click();
  if ((await page.getByLabel("Email Address").inputValue()) !== "typed@example.test") wrong.push("the address is lost");
}

/** To the issuer and back to the page that was asked for, as an operator, who sees no page of an admin. */
exports.issuer = async ({ page, context, world, wrong }) => {
  await page.goto(`${world.url}/console/#/actors`);
  await page.getByRole("button", { name: /^Sign in at/ }).click();
  await page.getByRole("heading", { name: "Actors" }).waitFor();
  await page.getByText("Ada · operator").waitFor();
  if (await page.getByRole("link", { name: "Audit Log" }).count()) wrong.push("an operator sees the audit log's page");
  if (new URL(page.url()).search) wrong.push(`the issuer's answer stayed in the address: ${page.url()}`);
  await againAtTheIssuer(page, context, wrong);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: /^Sign in at/ }).waitFor();
  // Someone else's answer is refused, and the page says so.
  await page.goto(`${world.url}/console/?code=made-up&state=made-up`);
  await page.getByRole("alert").getByText("Not signed in").waitFor();
  await context.close();
};

for (const file of ["every-page", "keyboard", "session", "elsewhere", "clouds", "dialogs", "forms", "running", "unanswered"]) Object.assign(exports, require(`./${file}.cjs`));

/** Adds a mailbox for mail that comes back; then changes the sender alone, with a wrong address first. */
exports.emailSettings = async ({ page, world }) => {
  await signIn(page, world);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Email Settings" }).click();
  const form = page.locator("form", { has: page.getByLabel(/^From/) });
  const save = form.getByRole("button", { name: "Save" });
  await form.getByLabel("IMAP Server").fill(world.host);
  await form.getByLabel("IMAP Port").fill(world.port);
  await form.getByLabel("IMAP Encryption").selectOption("none");
  await form.getByLabel(/^IMAP User name/).fill(world.username);
  await form.getByLabel(/^IMAP Password/).fill(world.password);
  await save.click();
  await form.getByText(/^Set on .* Leave it empty to keep it/).waitFor();
  await form.getByLabel(/^From/).fill("codes@");
  await form.evaluate((element) => (element.noValidate = true));
  await save.click();
  await form.getByLabel(/^From/).and(page.locator("[aria-invalid=true]")).waitFor();
  await form.getByLabel(/^From/).fill("codes@example.test");
  await save.click();
  await form.getByText("Saved").waitFor();
  await form.getByLabel(/^From/).fill("others@example.test");
  await form.getByText("Saved").waitFor({ state: "hidden" });
};
