// Every dialog: opened, looked at, and used.
const { look } = require("./look.cjs");
const { signIn } = require("./sign-in.cjs");

/** A line of the table on the page. */
const line = (page, name) => page.locator("tbody tr", { hasText: name });

async function goTo(page, name) {
  await page.getByRole("navigation", { name: "Pages", exact: true }).getByRole("link", { name }).click();
  await page.getByRole("heading", { name, level: 2 }).waitFor();
}

const button = (where, name) => where.getByRole("button", { name, exact: true });

/** Opens a dialog by `opener`, looks at it, and gives it. */
async function opened(page, opener, name, wrong) {
  await button(page, opener).click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await look(page, name, wrong);
  return dialog;
}

/** A secret that is shown once stays until the person says that it is taken along. */
async function done(page, dialog, wrong) {
  await page.keyboard.press("Escape");
  await page.mouse.click(5, 5);
  if (!(await dialog.locator("pre").isVisible())) wrong.push("a secret is gone by Escape or by a click beside it");
  await button(dialog, "Done").click();
  await dialog.waitFor({ state: "hidden" });
}

/** Presses a button of an Actor's row, which keeps the focus while it works, and says what was asked. */
async function asks(page, name, actor, said, wrong) {
  const pressed = button(page, `${name}: ${actor}`);
  const handle = await pressed.elementHandle();
  await pressed.focus();
  await page.keyboard.press("Enter");
  await line(page, actor).getByRole("status").getByText(said).waitFor();
  if (!(await handle.evaluate((element) => element === document.activeElement))) wrong.push(`${name} loses the focus`);
}

/** Asks whether it shall be deleted, and deletes it. */
async function remove(page, name, of, wrong) {
  const dialog = await opened(page, `Delete ${of}`, `${name}-delete`, wrong);
  await button(dialog, "Delete").click();
  await line(page, of).waitFor({ state: "hidden" });
}

async function actors(page, ask, wrong) {
  await goTo(page, "Actors");
  const dialog = await opened(page, "Add Actor", "actor-add", wrong);
  await dialog.getByLabel("Name").fill("vm-3");
  await button(dialog, "Make the Actor's command").click();
  const command = await dialog.locator("pre").innerText();
  await look(page, "actor-command", wrong);
  await done(page, dialog, wrong);
  await ask("enroll", { command });
  await line(page, "vm-3").getByText("Online").waitFor();
  await asks(page, "Pause", "vm-3", /^Paused/, wrong);
  await line(page, "vm-3").getByText("Paused", { exact: true }).waitFor();
  await asks(page, "Resume", "vm-3", /^Resumed/, wrong);
  await line(page, "vm-3").getByText("Paused", { exact: true }).waitFor({ state: "hidden" });
  await asks(page, "Diagnose", "vm-3", "Asked: it diagnoses itself at its next poll", wrong);
  await line(page, "vm-3").getByText(/^Diagnosed itself .* (UTC|GMT.*): all is well$/).click();
  await line(page, "vm-3").getByText(/^Director: answers in/).waitFor();
  await line(page, "vm-3").getByText(/^Asked, and not done yet/).waitFor({ state: "hidden" });
  await ask("kill");
  await asks(page, "Rotate credential", "vm-3", "Asked: it rotates at its next poll", wrong);
  await line(page, "vm-3").getByText("Asked, and not done yet: rotate credential").waitFor();
  await look(page, "actor-asked", wrong);
  const revoke = await opened(page, "Revoke vm-3", "actor-revoke", wrong);
  await button(revoke, "Revoke").click();
  await line(page, "vm-3").getByText("Revoked").waitFor();
  await remove(page, "actor", "vm-3", wrong);
}

async function zones(page, ask, wrong) {
  await goTo(page, "Security Zones");
  const add = await opened(page, "Add zone", "zone-add", wrong);
  await add.getByLabel("Name").fill("Zone of the dialogs");
  await button(add, "Add zone").click();
  await line(page, "Zone of the dialogs").waitFor();
  const edit = await opened(page, "Edit Zone of the dialogs", "zone-edit", wrong);
  await edit.getByLabel("Description").fill("Never saved");
  await page.keyboard.press("Escape");
  await button(page, "Edit Zone of the dialogs").click();
  if (await edit.getByLabel("Description").inputValue()) wrong.push("what was never saved is still there");
  await page.keyboard.press("Escape");
  await ask("describe", { zone: "Zone of the dialogs", description: "Described by another" });
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true }))); // as who comes back to the tab
  await line(page, "Described by another").waitFor();
  await button(page, "Edit Zone of the dialogs").click();
  const shown = await edit.getByLabel("Description").inputValue();
  if (shown !== "Described by another") wrong.push(`the dialog shows ${shown}`);
  await edit.getByLabel("Name").fill("Zone of the dialogs, renamed");
  await ask("describe", { zone: "Zone of the dialogs", description: "Described meanwhile" });
  await button(edit, "Save zone").click(); // which changes the name alone
  await line(page, "renamed").getByText("Described meanwhile").waitFor();
  await remove(page, "zone", "Zone of the dialogs, renamed", wrong);
}

async function tokens(page, wrong) {
  await goTo(page, "API Tokens");
  const add = await opened(page, "Add token", "token-add", wrong);
  await add.getByLabel("Name").fill("of-a-dialog");
  await button(add, "Make token").click();
  await add.locator("pre").waitFor();
  await look(page, "token-made", wrong);
  await done(page, add, wrong);
  await line(page, "of-a-dialog").waitFor();
  await remove(page, "token", "of-a-dialog", wrong);
}

const HOOK = "https://hooks.example.test/of-a-dialog";

async function webhooks(page, wrong) {
  await goTo(page, "Webhooks");
  const add = await opened(page, "Add webhook", "webhook-add", wrong);
  await add.getByLabel("URL").fill(HOOK);
  await add.getByLabel("actor.online").check();
  await button(add, "Add webhook").click();
  await add.locator("pre").waitFor();
  await look(page, "webhook-secret", wrong);
  await done(page, add, wrong);
  await line(page, HOOK).getByText("actor.online").waitFor();
  const edit = await opened(page, `Edit ${HOOK}`, "webhook-edit", wrong);
  await edit.getByLabel("Enabled").uncheck();
  await page.keyboard.press("Escape");
  await button(page, `Edit ${HOOK}`).click();
  await edit.getByLabel("Note").fill("noted in a dialog");
  await button(edit, "Save webhook").click();
  await line(page, "noted in a dialog").getByText("On", { exact: true }).waitFor();
  const test = page.getByRole("dialog", { name: /^Test of/ });
  const asked = page.waitForRequest(/deliveries/);
  await button(page, `Test ${HOOK}`).click();
  await test.getByRole("row", { name: /webhook/ }).first().waitFor();
  if (!(await asked).url().includes("sort=-created_at")) wrong.push("the oldest deliveries are asked for");
  await look(page, "webhook-test", wrong);
  await page.keyboard.press("Escape");
  await opened(page, `Deliveries to ${HOOK}`, "webhook-deliveries", wrong);
  await page.keyboard.press("Escape");
  await remove(page, "webhook", HOOK, wrong);
}

/** What was just done stands first; what is seen may be chosen. */
async function audit(page) {
  await goTo(page, "Audit Log");
  await page.locator("tbody tr").first().getByRole("cell", { name: "webhook.deleted" }).waitFor();
  await page.locator("datalist option[value='security_zone.deleted']").waitFor({ state: "attached" });
  await page.getByLabel("Action").fill("webhook.deleted");
  await page.getByRole("cell", { name: "webhook.deleted" }).first().waitFor();
}

/** All that opens over a page; what is made there is deleted there. */
exports.everyDialog = async ({ page, world, ask, wrong }) => {
  await signIn(page, world);
  await actors(page, ask, wrong);
  await zones(page, ask, wrong);
  await tokens(page, wrong);
  await webhooks(page, wrong);
  await audit(page);
  await goTo(page, "Email Actions");
  await remove(page, "profile", world.address, wrong);
};
