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
  await page.keyboard.press("Escape");
  await ask("enroll", { command });
  await line(page, "vm-3").getByText("Online").waitFor();
  await button(page, "Pause: vm-3").click();
  await line(page, "vm-3").getByText("Paused", { exact: true }).waitFor();
  await button(page, "Resume: vm-3").click();
  await line(page, "vm-3").getByText("Paused", { exact: true }).waitFor({ state: "hidden" });
  const revoke = await opened(page, "Revoke vm-3", "actor-revoke", wrong);
  await button(revoke, "Revoke").click();
  await line(page, "vm-3").getByText("Revoked").waitFor();
  await remove(page, "actor", "vm-3", wrong);
}

async function zones(page, wrong) {
  await goTo(page, "Security Zones");
  const add = await opened(page, "Add zone", "zone-add", wrong);
  await add.getByLabel("Name").fill("Zone of the dialogs");
  await button(add, "Add zone").click();
  await line(page, "Zone of the dialogs").waitFor();
  const edit = await opened(page, "Edit Zone of the dialogs", "zone-edit", wrong);
  await edit.getByLabel("Description").fill("Described in a dialog");
  await button(edit, "Save zone").click();
  await line(page, "Described in a dialog").waitFor();
  await remove(page, "zone", "Zone of the dialogs", wrong);
}

async function tokens(page, wrong) {
  await goTo(page, "API Tokens");
  const add = await opened(page, "Add token", "token-add", wrong);
  await add.getByLabel("Name").fill("of-a-dialog");
  await button(add, "Make token").click();
  await add.locator("pre").waitFor();
  await look(page, "token-made", wrong);
  await page.keyboard.press("Escape");
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
  await page.keyboard.press("Escape");
  await line(page, HOOK).getByText("actor.online").waitFor();
  const edit = await opened(page, `Edit ${HOOK}`, "webhook-edit", wrong);
  await edit.getByLabel("Note").fill("noted in a dialog");
  await button(edit, "Save webhook").click();
  await line(page, "noted in a dialog").waitFor();
  const test = page.getByRole("dialog", { name: /^Test of/ });
  await button(page, `Test ${HOOK}`).click();
  await test.getByRole("row", { name: /webhook/ }).first().waitFor();
  await look(page, "webhook-test", wrong);
  await page.keyboard.press("Escape");
  await opened(page, `Deliveries to ${HOOK}`, "webhook-deliveries", wrong);
  await page.keyboard.press("Escape");
  await remove(page, "webhook", HOOK, wrong);
}

async function audit(page) {
  await goTo(page, "Audit Log");
  await page.getByLabel("Action").fill("webhook.deleted");
  await page.getByRole("cell", { name: "webhook.deleted" }).first().waitFor();
}

/** All that opens over a page; what is made there is deleted there. */
exports.everyDialog = async ({ page, world, ask, wrong }) => {
  await signIn(page, world);
  await actors(page, ask, wrong);
  await zones(page, wrong);
  await tokens(page, wrong);
  await webhooks(page, wrong);
  await audit(page);
  await goTo(page, "Email Actions");
  await remove(page, "profile", world.address, wrong);
};
