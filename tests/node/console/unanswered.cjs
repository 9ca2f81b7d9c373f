// What is asked of the Director comes to nothing, or its answer does.
const { look } = require("./look.cjs");
const { signIn } = require("./sign-in.cjs");

const row = (page, address) => page.locator("tbody tr", { hasText: address });
const interrupted = (page) => page.getByText("The connection to the Director is interrupted");
const MAYBE_DONE = "Whether this was done is not known: look, then try again.";

/** The Director stands still without ending a connection. Nobody waits so long: the page's clock is put forward. */
exports.stalls = async ({ page, world, ask }) => {
  await page.clock.install();
  await Promise.all([page.waitForResponse("**/events"), signIn(page, world)]);
  await row(page, world.address).waitFor();
  await ask("halt");
  await page.getByRole("button", { name: `Verify ${world.address}` }).click();
  await page.clock.fastForward(39_000);
  if (await interrupted(page).count()) throw new Error("a pause between two heartbeats counts as an interruption");
  await page.clock.fastForward(2_000);
  await interrupted(page).waitFor();
  await page.clock.fastForward(60_000);
  await row(page, world.address).getByRole("alert").getByText(MAYBE_DONE).waitFor();
  await ask("goOn");
  await interrupted(page).waitFor({ state: "hidden" });
};

/** Fills the wizard in; what is not reached before the last step is left as it is. */
async function fillIn(page, { address, username, password, imap }) {
  await page.getByRole("link", { name: "Add Email Profile" }).click();
  await page.getByLabel("Email Address").fill(address);
  await page.getByLabel("vm-1").check();
  await page.getByRole("button", { name: /Incoming Mail Server/ }).click();
  await page.locator("input[name='/account/username']").fill(username);
  await page.locator("input[name='/account/password']").fill(password);
  await page.getByLabel("Incoming Mail Server").fill(imap.host);
  await page.locator("input[name='/incoming/port']").fill(String(imap.port));
  await page.getByLabel("Encryption").selectOption("None");
  await page.getByRole("button", { name: "Next" }).click();
}

/** Saves until an answer comes: first the request is lost, then an answer; then the verification can't be started. */
exports.savedOnce = async ({ page, world, wrong }) => {
  const keys = [];
  const profiles = `${world.url}/email-profiles`;
  const lost = async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length === 2) await route.fetch();
    return keys.length > 2 ? route.continue() : route.abort();
  };
  await signIn(page, world);
  await page.route(profiles, lost);
  await page.route(`${profiles}/*/verify`, (route) => route.abort());
  await fillIn(page, world);
  const save = page.getByRole("button", { name: "Save and verify" });
  const notKnown = page.getByRole("alert").getByText(MAYBE_DONE);
  await save.click();
  await notKnown.waitFor();
  await page.getByRole("button", { name: /Email Profile$/ }).first().click();
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Note").fill("changed before it was saved again");
  await page.getByRole("button", { name: /Outgoing Mail Server/ }).click();
  await Promise.all([page.waitForEvent("requestfailed", (request) => request.url() === profiles), save.click()]);
  await notKnown.waitFor();
  await save.click();
  const notice = page.getByRole("alert").filter({ hasText: `${world.address} is saved, but its verification could not be started` });
  await notice.waitFor();
  await row(page, world.address).getByText("changed before it was saved again").waitFor();
  await look(page, "not-started", wrong);
  await notice.getByRole("button", { name: "Close" }).click();
  await notice.waitFor({ state: "hidden" });
  if (keys.length !== 3 || keys.includes(undefined) || keys[0] === keys[1] || keys[1] !== keys[2]) wrong.push(`the keys were ${keys}`);
};

/** Where the Director can't be asked who signed in: says so, and goes on by itself. */
exports.notReachedAtFirst = async (page, address) => {
  const gone = (route) => route.abort();
  await page.route("**/whoami", gone);
  await page.reload();
  const alert = page.getByRole("alert").filter({ hasText: "It is asked again soon." });
  await alert.getByText("The Director does not answer", { exact: true }).waitFor();
  await page.unroute("**/whoami", gone);
  await row(page, address).waitFor();
};
