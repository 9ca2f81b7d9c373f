// What is asked of the Director comes to nothing, or its answer does.
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
