// A verification that runs: seen first, and cancelled by who may.
const { signIn } = require("./sign-in.cjs");

const button = (where, name) => where.getByRole("button", { name, exact: true });

async function mustHaveFocus(page, wanted, when) {
  if (await wanted.evaluate((element) => element === document.activeElement)) return;
  throw new Error(`${when}, the focus is on ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200))}`);
}

/** The diagnosis begins with the one that runs, before those that ended; it is cancelled there. */
async function inTheDiagnosis(page, address, wrong) {
  await button(page, `Diagnosis of ${address}`).click();
  const dialog = page.getByRole("dialog");
  const select = dialog.getByLabel("Verification");
  await select.waitFor();
  const runs = await select.locator("option").allInnerTexts();
  if (runs.findIndex((run) => run.includes("Running")) !== 0) wrong.push(`the one that runs isn't the first of ${runs}`);
  if ((await select.locator("option").first().getAttribute("value")) !== (await select.inputValue())) wrong.push("another is shown first");
  await button(dialog, "Cancel").click();
  await button(dialog, "Cancel").waitFor({ state: "hidden" });
  await select.locator("option", { hasText: "Running" }).waitFor({ state: "detached" });
  await mustHaveFocus(page, button(dialog, "Copy as text"), "after Cancel in the diagnosis");
  await page.keyboard.press("Escape");
}

async function inTheRow(page, address) {
  await button(page, `Verify ${address}`).click();
  const cancel = button(page, `Cancel the verification of ${address}`);
  await cancel.press("Enter");
  await cancel.waitFor({ state: "hidden" });
  const row = page.locator("tbody tr", { hasText: address });
  await row.getByText("Verifying").first().waitFor({ state: "hidden" });
  await mustHaveFocus(page, button(page, `View UUID code of ${address}`), "after Cancel in the row");
}

exports.running = async ({ page, world, wrong }) => {
  await signIn(page, world);
  await inTheDiagnosis(page, world.address, wrong);
  await inTheRow(page, world.address);
};
