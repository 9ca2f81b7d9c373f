// The console on a host of its own, in front of a Director with thousands of profiles.
const { look } = require("./look.cjs");
const { signIn } = require("./sign-in.cjs");

const PAGE = 50;

const addresses = (page) => page.locator("tbody td[data-label='Email Address']").allInnerTexts();

/** Waits until the first row is another than `than`, and returns the rows' addresses. */
async function rows(page, than = "") {
  await page.waitForFunction((before) => {
    const first = document.querySelector("tbody td[data-label='Email Address']");
    return first && first.innerText !== before;
  }, than);
  return addresses(page);
}

const elements = (page) => page.evaluate(() => document.querySelectorAll("*").length);

/** An empty Director says what to do; then thousands of profiles are there, of which only a page is asked for. */
exports.elsewhere = async ({ page, world, ask, wrong }) => {
  const asked = [];
  page.on("response", async (answer) => {
    if (!new URL(answer.url()).pathname.endsWith("/email-profiles") || answer.request().method() !== "GET") return;
    asked.push((await answer.json().catch(() => ({ items: [] }))).items.length);
  });
  await signIn(page, world);
  await page.getByRole("heading", { name: "No email profile yet" }).waitFor();
  await look(page, "nothing-yet", wrong);
  const docs = await page.getByRole("link", { name: "API", exact: true }).getAttribute("href");
  if (docs !== `${world.director}/docs`) wrong.push(`the API's pages are looked for at ${docs}`);

  await ask("import");
  await page.getByRole("button", { name: "Next" }).waitFor();
  const first = await rows(page);
  const size = await elements(page);
  if (first.length !== PAGE) wrong.push(`${first.length} rows on the first page`);
  const seen = new Set(first);
  let shown = first;
  for (let number = 2; number <= 4; number++) {
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByText(`Page ${number}`).waitFor();
    shown = await rows(page, shown[0]);
    for (const address of shown) seen.add(address);
  }
  if (seen.size !== 4 * PAGE) wrong.push(`${seen.size} different rows on four pages`);
  if ((await elements(page)) > size * 1.2) wrong.push(`the page grew from ${size} elements to ${await elements(page)}`);
  await page.getByRole("button", { name: "Previous" }).click();
  await page.getByText("Page 3").waitFor();
  shown = await rows(page, shown[0]);

  await edit(page, shown[0]);
  await search(page, world, wrong);
  if (asked.some((length) => length > PAGE)) wrong.push(`pages of ${asked} profiles were asked for`);

  await page.route("**/config.json", (route) => route.fulfill({ status: 404 }));
  await page.reload();
  await page.getByRole("alert").getByText("config.json was answered 404").waitFor();
};

/** Across origins a change needs the profile's ETag; the table then stands where it stood. */
async function edit(page, address) {
  await page.getByRole("link", { name: `Edit ${address}` }).click();
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Note").fill("changed from elsewhere");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.locator("tbody tr", { hasText: address }).getByText("changed from elsewhere").waitFor();
  await page.getByText("Page 3").waitFor();
}

async function search(page, world, wrong) {
  await page.getByLabel("Search").fill(world.last);
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  if ((await addresses(page))[0] !== world.last) wrong.push(`found ${await addresses(page)} for ${world.last}`);
  const badges = page.locator("td[data-label='Actor Status']");
  await badges.getByText("8 Actors").click();
  await badges.getByText("vm-7", { exact: false }).waitFor();
  await page.getByLabel("Search").fill("");
  await page.getByText("Page 1").waitFor();
  await page.getByLabel("Type").selectOption("pop3");
  await page.waitForFunction(() => [...document.querySelectorAll("tbody td[data-label='Type']")].every((cell) => cell.innerText === "POP3"));
  await page.getByRole("button", { name: /^Email Address/ }).click();
  await page.locator("th[aria-sort='ascending']").waitFor();
  await page.waitForFunction((least) => document.querySelector("tbody td[data-label='Email Address']").innerText === least, world.least);
}
