// A sign-in that ends under the hands of who types.
const { look } = require("./look.cjs");
const { signIn } = require("./sign-in.cjs");

/** Asks to sign in again over the page; Escape neither closes it nor what stands below. */
async function signInAgain(page, token, { wrong }) {
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await look(page, "sign-in-again", wrong);
  await dialog.getByLabel(/^API token/).fill("not-a-token");
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByLabel(/^API token/).fill(token);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
}

/** Edits a profile and adds a zone; each time the token is taken back before what was typed is saved. */
exports.sessionEnds = async ({ page, world, ask, wrong }) => {
  await signIn(page, { ...world, token: world.tokens[0] });
  await page.getByRole("link", { name: `Edit ${world.address}` }).click();
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Note").fill("typed before it ended");
  await ask("revoke", { token: 0 });
  // The stream of events may have told already: a click would meet the dialog that stands over the button.
  await page.getByRole("button", { name: "Save", exact: true }).dispatchEvent("click");
  await signInAgain(page, world.tokens[1], { wrong });
  // What was asked for goes on by itself.
  await page.locator("tbody tr", { hasText: world.address }).getByText("typed before it ended").waitFor();

  await page.getByRole("link", { name: "Security Zones" }).click();
  await page.getByRole("button", { name: "Add zone" }).click();
  const form = page.getByRole("dialog", { name: "Add zone" });
  await form.getByLabel("Name").fill("Zone of two sign-ins");
  await ask("revoke", { token: 1 });
  await form.getByRole("button", { name: "Add zone" }).dispatchEvent("click");
  await signInAgain(page, world.token, { wrong });
  await form.waitFor({ state: "hidden" });
  await page.getByRole("cell", { name: "Zone of two sign-ins", exact: true }).waitFor();

  // Where nothing is typed yet, a token that has ended leads to the first page.
  await page.evaluate(() => sessionStorage.setItem("director.token", "one-that-has-ended"));
  await page.reload();
  await page.getByText("It is kept until this tab closes").waitFor();
  if (await page.getByRole("dialog").count()) wrong.push("a dialog stands over the sign-in");
};
