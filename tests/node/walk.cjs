// Walks a real Chromium through pages, step by step; steps come as JSON on stdin, what was seen goes to stdout.
//
// {open: URL}; {click: SELECTOR}; {again: PATH}: the last address with that path once more; {fresh: true}: a
// browser without a past; {stop: true}: a form that is sent leads nowhere, its way is only noted; {answer: {…}}: from a page of consent
// back with these parameters, as an authorization server leads (RFC 6749, section 4.1.2).
const { chromium } = require("playwright-core");

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];
const MILLISECONDS = 20_000;

async function main() {
  const steps = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGUMENTS });
  try {
    process.stdout.write(JSON.stringify(await walk(browser, steps)));
  } finally {
    await browser.close();
  }
}

async function walk(browser, steps) {
  const visited = [];
  const seen = [];
  let page = await tab(browser, visited);
  for (const step of steps) {
    if (step.fresh) {
      await page.context().close();
      page = await tab(browser, visited);
      continue;
    }
    if (step.stop) {
      await page.route("**", (route) => stopped(route, visited));
      continue;
    }
    await take(page, step, visited);
    seen.push(await look(page, visited));
  }
  return seen;
}

async function tab(browser, visited) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(MILLISECONDS);
  page.on("request", (request) => visited.push(request.url()));
  return page;
}

async function take(page, step, visited) {
  if (step.open) await page.goto(step.open);
  if (step.again) await page.goto(visited.findLast((url) => new URL(url).pathname === step.again));
  if (step.answer) await page.goto(answered(new URL(page.url()).searchParams, step.answer));
  if (step.click) await Promise.all([page.waitForNavigation(), page.click(step.click)]);
}

async function stopped(route, visited) {
  if (route.request().method() !== "POST") return route.continue();
  const answer = await route.fetch({ maxRedirects: 0 });
  visited.push(answer.headers().location);
  return route.fulfill({ body: "stopped" });
}

function answered(asked, answer) {
  const back = new URL(asked.get("redirect_uri"));
  back.search = new URLSearchParams({ state: asked.get("state"), ...answer });
  return back.href;
}

async function look(page, visited) {
  const code = page.locator("#code");
  return {
    url: page.url(),
    title: await page.title(),
    text: await page.innerText("body"),
    code: (await code.count()) ? await code.innerText() : null,
    cookies: await page.context().cookies(),
    visited: [...visited],
  };
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
