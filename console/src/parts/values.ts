/** What is typed, by the JSON pointer that the Director gives the same field in its errors. */
export type Values = Record<string, string | boolean | string[]>;
export type Body = { [field: string]: unknown };

/** Whether a field is typed otherwise than in `before`; an empty one is as one that isn't there. */
export function differs(values: object, before: object): boolean {
  const [now, then] = [values, before] as Record<string, unknown>[];
  return Object.keys({ ...now, ...then }).some((field) => !same(now?.[field], then?.[field]));
}

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? "") === JSON.stringify(other ?? "");
}

export const isSecret = (pointer: string) => /\/(password|client_secret|service_account_json)$/.test(pointer);
const isNumber = (pointer: string) => /\/port$|_hours$/.test(pointer);
const isDay = (pointer: string) => pointer.endsWith("/client_secret_expires_at");

/** The body that holds what is typed at `pointers`; what is empty, as a secret that wasn't typed, is left out. */
export function assembled(values: Values, pointers: string[]): Body {
  const body: Body = {};
  for (const pointer of pointers) {
    const value = sent(pointer, values[pointer]);
    if (value === undefined) continue;
    const [field = "", inner] = pointer.slice(1).split("/");
    if (inner === undefined) body[field] = value;
    else body[field] = { ...(body[field] as Body | undefined), [inner]: value };
  }
  return body;
}

function sent(pointer: string, value: Values[string] | undefined): unknown {
  if (typeof value === "object") return value;
  if (typeof value === "boolean") return value;
  if (value === undefined || value.trim() === "") return undefined;
  if (isDay(pointer)) return `${value.slice(0, 10)}T00:00:00Z`;
  if (isNumber(pointer) && /^\d+$/.test(value.trim())) return Number(value);
  return isSecret(pointer) ? value : value.trim();
}

/** What is typed at first for what the Director gave; its secrets show only whether they are set. */
export function flat(read: object, at = ""): Values {
  const values: Values = {};
  for (const [name, value] of Object.entries(read) as [string, unknown][]) {
    const pointer = `${at}/${name}`;
    if (Array.isArray(value)) values[pointer] = value as string[];
    else if (typeof value === "boolean") values[pointer] = value;
    else if (typeof value === "string") values[pointer] = isDay(pointer) ? value.slice(0, 10) : value;
    else if (typeof value === "number") values[pointer] = String(value);
    else if (typeof value === "object" && value !== null && !isSecret(pointer)) Object.assign(values, flat(value, pointer));
  }
  return values;
}
