/** A name that nobody guesses or uses twice. (`crypto.randomUUID` is missing on plain http.) */
export function unguessable(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
