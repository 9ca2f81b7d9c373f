import { Problem, type Schemas } from "../api/director";

/** What the Director says of the field at a JSON pointer ("/account/password"), to stand beside it. */
export function errorAt(error: Error | null, pointer: string): string | undefined {
  return errorsByField(error)[pointer];
}

/** What the Director says of each field, by its JSON pointer. */
export function errorsByField(error: unknown): Partial<Record<string, string>> {
  return Object.fromEntries(errorsOf(error).map(({ pointer, detail }) => [pointer, detail]));
}

/** Of a refusal only what belongs to none of `pointers`, to stand above the form; null for nothing. */
export function errorElsewhere(error: Error | null, pointers: readonly string[]): Error | null {
  const left = errorsOf(error).filter(({ pointer }) => !pointers.includes(pointer));
  if (errorsOf(error).length === 0) return error;
  return left.length > 0 ? new Error(left.map(({ pointer, detail }) => `${pointer}: ${detail}`).join("; ")) : null;
}

function errorsOf(error: unknown): Schemas["FieldError"][] {
  return error instanceof Problem ? (error.document.errors ?? []) : [];
}
