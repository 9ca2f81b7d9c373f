// Signing in at the issuer in another tab, for a tab that must not be left.
import { unguessable } from "./unguessable";

const KEY = "director.handover";

/**
 * Opens another tab of this console, which goes to the issuer at once and hands its token over to `take`.
 * The channel's name is known to that tab alone: it inherits this tab's session storage as it is at this moment.
 *
 * @returns what ends the waiting
 */
export function askAnotherTab(take: (token: string) => void): () => void {
  const name = unguessable();
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== "string") return;
    channel.close();
    take(data);
  };
  sessionStorage.setItem(KEY, name);
  window.open(location.origin + location.pathname);
  sessionStorage.removeItem(KEY);
  return () => channel.close();
}

/** Whether this tab was opened for another one. */
export function isForAnother(): boolean {
  return sessionStorage.getItem(KEY) !== null;
}

/** Hands the token to the tab that asked, which alone keeps it; then this tab is done. */
export function handOver(token: string): void {
  const channel = new BroadcastChannel(sessionStorage.getItem(KEY) ?? "");
  channel.postMessage(token);
  channel.close();
  sessionStorage.removeItem(KEY);
  window.close();
}
