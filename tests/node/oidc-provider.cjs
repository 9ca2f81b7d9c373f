// An OpenID provider for the tests: node oidc-provider.cjs PORT AUDIENCE
// Clients "viewer", "operator", "admin" and "nobody" get access tokens (RFC 9068) by client credentials,
// with their name as the claim "role". Each start makes a new signing key.
const { generateKeyPairSync, randomUUID } = require("node:crypto");

const [port, audience] = process.argv.slice(2);
const ROLES = ["viewer", "operator", "admin", "nobody"];

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: randomUUID() };
}

async function main() {
  const { Provider } = await import("oidc-provider");
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: ROLES.map((role) => ({
      client_id: role,
      client_secret: "secret-of-a-test",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    })),
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
    extraTokenClaims: (_, token) => ({ role: token.clientId }),
  });
  provider.listen(Number(port));
}

main();
