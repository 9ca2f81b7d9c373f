// Signing in at the OpenID Connect issuer that the Director names: authorization code with PKCE, as a public client.
import { InMemoryWebStorage, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { body, publicDirector, type Schemas } from "./director";
import { handOver, isForAnother } from "./otherTab";
import { keep } from "./session";

type Oidc = Schemas["OidcRead"];

const here = () => location.origin + location.pathname;

/** Sends the browser to the issuer, which sends it back to this page. */
export async function leaveForIssuer(oidc: Oidc): Promise<void> {
  await managerOf(oidc).signinRedirect({ state: location.hash });
}

/**
 * Where the browser comes back from the issuer: takes the access token along and cleans the address.
 *
 * @returns whether this tab's work is done by that, because it signed in for another one
 */
export async function returnFromIssuer(): Promise<boolean> {
  const came = new URLSearchParams(location.search);
  if (!came.has("state") || !(came.has("code") || came.has("error"))) return isForAnother() && leaveForAnother();
  const url = location.href;
  history.replaceState(null, "", here());
  const { oidc } = await body(publicDirector().GET("/sign-in"));
  if (!oidc) throw new Error("This Director has no issuer that signs people in.");
  const user = await managerOf(oidc).signinCallback(url);
  if (!user) throw new Error("The issuer sent nobody back.");
  if (isForAnother()) {
    handOver(user.access_token);
    return true;
  }
  keep(user.access_token);
  if (typeof user.state === "string" && user.state.startsWith("#")) location.hash = user.state;
  return false;
}

async function leaveForAnother(): Promise<false> {
  const { oidc } = await body(publicDirector().GET("/sign-in"));
  if (oidc) await leaveForIssuer(oidc);
  return false;
}

function managerOf(oidc: Oidc): UserManager {
  // RFC 8707 wants an absolute URI, and some issuers refuse what is none; others go by `audience`.
  const resource: Record<string, string> = URL.canParse(oidc.audience) ? { resource: oidc.audience } : {};
  return new UserManager({
    authority: oidc.issuer,
    client_id: oidc.client_id ?? "",
    redirect_uri: here(),
    scope: oidc.scopes.join(" "),
    extraQueryParams: { audience: oidc.audience, ...resource },
    extraTokenParams: resource,
    // What must outlive the way to the issuer and back stays in this tab; the tokens stay in memory.
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    automaticSilentRenew: false,
    monitorSession: false,
  });
}
