// Plays one scene of the console in a real Chromium: `node run.cjs SCENE`, what it needs as a line of JSON on stdin.
//
// A scene that asks for something outside the browser prints {"ask": …} and waits for a line of JSON. Every scene
// fails by a violation of the Content-Security-Policy, an error on the page, or a request to anywhere else.
const readline = require("node:readline");
const { chromium } = require("playwright-core");

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];
const MILLISECONDS = 20_000;

async function main(name) {
  const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  const world = await next();
  const ask = async (what, more = {}) => {
    process.stdout.write(`${JSON.stringify({ ask: what, ...more })}\n`);
    return next();
  };
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGUMENTS });
  const wrong = [];
  try {
    const context = await browser.newContext({
      viewport: { width: 1366, height: 900 },
      reducedMotion: "reduce",
      ignoreHTTPSErrors: world.privateAuthority ?? false, // of a stand-in for a cloud
    });
    const page = await context.newPage();
    page.setDefaultTimeout(MILLISECONDS);
    const origins = [world.url, ...(world.origins ?? [])].map((url) => new URL(url).origin);
    context.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith("http") && !origins.includes(origin)) wrong.push(`asks ${request.url()}`);
      if (request.url().includes(world.token)) wrong.push(`a token in ${request.url()}`);
    });
    page.on("pageerror", (error) => wrong.push(`error: ${error.stack}`));
    page.on("console", (message) => {
      if (/Content[- ]Security[- ]Policy/i.test(message.text())) wrong.push(message.text());
    });
    await require("./scenes.cjs")[name]({ page, context, world, ask, wrong }).catch(async (error) => {
      wrong.push(error.stack, `The page showed:\n${await page.innerText("body")}`);
    });
  } finally {
    await browser.close();
  }
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
}

main(process.argv[2]).then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
