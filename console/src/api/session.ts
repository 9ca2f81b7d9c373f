// How this browser proves who it is: a bearer token that stays in this tab and never enters an address.
const KEY = "director.token";

interface Renewal {
  done: Promise<void>;
  end: () => void;
  giveUp: (reason: Error) => void;
}

let renewal: Renewal | null = null;
let askAgain: () => void = () => undefined;

export function token(): string | null {
  return sessionStorage.getItem(KEY);
}

/** Whether someone is asked to sign in again. */
export function isRenewing(): boolean {
  return renewal !== null;
}

/** The token to send; while someone is asked to sign in again it waits for the new one. */
export async function tokenToSend(): Promise<string | null> {
  await renewal?.done;
  return token();
}

export function keep(value: string): void {
  sessionStorage.setItem(KEY, value);
  renewal?.end();
  renewal = null;
}

/** Signs out; what waits for a new token ends. */
export function forget(): void {
  sessionStorage.removeItem(KEY);
  renewal?.giveUp(new Error("Signed out."));
  renewal = null;
}

/** Calls `listener` when the Director no longer takes the token. */
export function onRefused(listener: () => void): void {
  askAgain = listener;
}

/** The Director refused `held`: asks once to sign in again, unless that is done already. */
export function refused(held: string): void {
  if (held !== token()) return;
  sessionStorage.removeItem(KEY);
  renewal = begun();
  askAgain();
}

function begun(): Renewal {
  let end: Renewal["end"] = () => undefined;
  let giveUp: Renewal["giveUp"] = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    end = resolve;
    giveUp = reject;
  });
  done.catch(() => undefined); // where nobody waits
  return { done, end, giveUp };
}
