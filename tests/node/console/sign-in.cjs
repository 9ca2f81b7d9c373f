// Signs in by an API token; ends on the table of profiles.
exports.signIn = async (page, world) => {
  await page.goto(`${world.url}/console/`);
  await page.getByLabel(/^API token/).fill(world.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Settings › Email Actions" }).waitFor();
};
