// The main job by the keyboard alone: no scene of this file touches a mouse.

const row = (page, address) => page.locator("tbody tr", { hasText: address });
const STOPS = 150;

/** In the page: whether what had the focus at the stop before looked otherwise with it than without it. */
function nextStop() {
  const looks = (element) =>
    [element, element.parentElement, element.parentElement?.parentElement]
      .filter(Boolean)
      .map((one) => {
        const { outline, borderColor, boxShadow, backgroundColor, left } = getComputedStyle(one);
        return [outline, borderColor, boxShadow, backgroundColor, left].join();
      })
      .join(";");
  const { before } = window;
  const focused = document.activeElement;
  window.before = { element: focused, look: looks(focused) };
  const left = before && before.element !== focused && before.element.isConnected && before.element !== document.body;
  return left && looks(before.element) === before.look ? before.element.outerHTML.slice(0, 200) : "";
}

/** By Tab (or backwards) to `wanted`; no stop on the way may look as if the focus were elsewhere. */
async function tabTo(page, wanted, key = "Tab") {
  for (let stop = 0; stop < STOPS; stop++) {
    await page.keyboard.press(key);
    const unseen = await page.evaluate(nextStop);
    if (unseen) throw new Error(`the focus can't be seen on ${unseen}`);
    if (await isFocused(wanted)) return;
  }
  throw new Error(`${key} never comes to ${wanted}`);
}

const isFocused = (wanted) => wanted.evaluate((element) => element === document.activeElement);

async function mustHaveFocus(page, wanted, when) {
  if (await isFocused(wanted)) return;
  throw new Error(`${when}, the focus is on ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200))}`);
}

async function type(page, label, text) {
  await tabTo(page, typeof label === "string" ? page.getByLabel(label) : label);
  await page.keyboard.type(text);
}

async function press(page, name, key = "Enter", role = "button") {
  await tabTo(page, page.getByRole(role, { name, exact: true }));
  await page.keyboard.press(key);
}

/** The focus goes round inside of the open dialog. */
async function staysInside(page, dialog) {
  for (let stop = 0; stop < 12; stop++) {
    await page.keyboard.press("Tab");
    const inside = await dialog.evaluate((element) => element.contains(document.activeElement));
    if (!inside) throw new Error("Tab leaves the dialog");
  }
}

async function add(page, world) {
  await press(page, "Add Email Profile", "Enter", "link");
  await page.getByRole("heading", { name: "Add Email Profile" }).waitFor();
  await mustHaveFocus(page, page.locator("main"), "on the next page");
  await type(page, "Email Address", world.address);
  await tabTo(page, page.getByLabel("vm-1"));
  await page.keyboard.press("Space");
  await press(page, "Next");
  await type(page, page.locator("input[name='/account/username']"), world.username);
  await type(page, page.locator("input[name='/account/password']"), world.password);
  await type(page, "Incoming Mail Server", world.imap.host);
  await type(page, page.locator("input[name='/incoming/port']"), String(world.imap.port));
  await type(page, page.getByLabel("Encryption"), "None");
  await press(page, "Next");
  await press(page, "Save and verify");
}

async function diagnose(page, world) {
  const opener = page.getByRole("button", { name: `Diagnosis of ${world.address}` });
  await tabTo(page, opener);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Copy as text").waitFor();
  await staysInside(page, dialog);
  const earlier = dialog.getByLabel("Verification");
  await tabTo(page, earlier);
  const latest = await earlier.inputValue();
  await page.keyboard.press("ArrowDown");
  if ((await earlier.inputValue()) === latest) throw new Error("no earlier verification can be chosen");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await mustHaveFocus(page, opener, "after the diagnosis");
}

async function edit(page, world) {
  await press(page, `Edit ${world.address}`, "Enter", "link");
  await page.getByRole("heading", { name: `Edit ${world.address}` }).waitFor();
  await tabTo(page, page.getByText("More", { exact: true }));
  await page.keyboard.press("Enter");
  await type(page, "Note", "by the keyboard");
  await press(page, "Save");
  await row(page, world.address).getByText("by the keyboard").waitFor();
}

async function remove(page, world) {
  const opener = page.getByRole("button", { name: `Delete ${world.address}` });
  const dialog = page.getByRole("dialog");
  await tabTo(page, opener);
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await mustHaveFocus(page, opener, "after a change of mind");
  await page.keyboard.press("Space");
  await tabTo(page, dialog.getByRole("button", { name: "Delete", exact: true }));
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  await row(page, world.address).waitFor({ state: "hidden" });
  await mustHaveFocus(page, page.locator("main"), "after the row is gone");
}

/** From the sign-in to a profile that is added, verified, looked at, changed and deleted. */
exports.keyboard = async ({ page, world }) => {
  await page.goto(`${world.url}/console/`);
  await page.getByLabel(/^API token/).waitFor();
  await type(page, page.getByLabel(/^API token/), world.token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Settings › Email Actions" }).waitFor();
  await page.keyboard.press("Tab");
  await mustHaveFocus(page, page.getByText("Skip to the content"), "at first");
  await page.keyboard.press("Enter");
  await mustHaveFocus(page, page.locator("main"), "after the skip link");
  await add(page, world);
  const status = row(page, world.address).locator("td[data-label='Account Status']");
  await status.getByText("Verified", { exact: true }).waitFor();
  await type(page, "Search", world.address);
  await row(page, world.address).waitFor();
  await press(page, /^Email Address/);
  await page.locator("th[aria-sort='ascending']", { hasText: "Email Address" }).waitFor();
  const verify = page.getByRole("button", { name: `Verify ${world.address}` });
  await tabTo(page, verify);
  const started = page.waitForResponse((answer) => answer.url().endsWith("/verify"));
  await page.keyboard.press("Space");
  await started;
  await status.getByText("Verifying").waitFor({ state: "hidden" });
  await mustHaveFocus(page, verify, "after Verify");
  await diagnose(page, world);
  await edit(page, world);
  await remove(page, world);
  await tabTo(page, page.getByRole("button", { name: "Sign out" }), "Shift+Tab");
  await page.keyboard.press("Enter");
  await page.getByLabel(/^API token/).waitFor();
};
