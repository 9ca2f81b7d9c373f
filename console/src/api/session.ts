// How this browser proves who it is: a bearer token that stays in this tab and never enters an address.
const KEY = "director.token";

let expired: () => void = () => undefined;

export function token(): string | null {
  return sessionStorage.getItem(KEY);
}

export function keep(value: string): void {
  sessionStorage.setItem(KEY, value);
}

export function forget(): void {
  sessionStorage.removeItem(KEY);
}

/** Calls `listener` when the Director no longer takes the token. */
export function onRefused(listener: () => void): void {
  expired = listener;
}

export function refused(): void {
  forget();
  expired();
}
