// An OpenID provider for the tests: node oidc-provider.cjs PORT AUDIENCE [CONSOLE]
// Clients "viewer", "operator", "admin" and "nobody" get access tokens (RFC 9068) by client credentials,
// with their name as the claim "role". Each start makes a new signing key. Where the address of a console is named,
// its people sign in by authorization code and PKCE: whoever comes is Ada, an operator, without being asked.
const { generateKeyPairSync, randomUUID } = require("node:crypto");

const [port, audience, console_] = process.argv.slice(2);
const ROLES = ["viewer", "operator", "admin", "nobody"];

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: randomUUID() };
}

const script = (role) => ({
  client_id: role,
  client_secret: "secret-of-a-test",
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
});

const browser = (address) => ({
  client_id: "console",
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code"],
  redirect_uris: [address],
  response_types: ["code"],
});

/** Consents to everything at once, so that no page is needed. */
async function loadExistingGrant({ oidc }) {
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope("openid profile");
  grant.addResourceScope(audience, "openid profile");
  await grant.save();
  return grant;
}

async function main() {
  const { Provider } = await import("oidc-provider");
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [...ROLES.map(script), ...(console_ ? [browser(console_)] : [])],
    clientBasedCORS: () => true,
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    loadExistingGrant,
    cookies: { keys: ["a-key-of-a-test"] },
    jwks: { keys: [signingKey()] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: "",
          audience,
          accessTokenTTL: 600,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
    extraTokenClaims: (_, token) => ({ role: token.clientId === "console" ? "operator" : token.clientId, name: "Ada" }),
  });
  provider.use(async (context, next) => {
    if (!context.path.startsWith("/interaction/")) return next();
    await provider.interactionFinished(context.req, context.res, { login: { accountId: "ada" } });
    context.respond = false;
  });
  provider.listen(Number(port));
}

main();
