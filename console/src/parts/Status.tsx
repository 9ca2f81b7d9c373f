import { word } from "./words";

/** A state as a badge: its word says all, the colour only repeats it. */
export function Status({ of, label = word(of) }: { of: string; label?: string }) {
  return <span className={`status ${of}`}>{label}</span>;
}
