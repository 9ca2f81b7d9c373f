import { useState } from "react";
import { same } from "./values";

/** What is typed into the fields of a dialog. */
export interface Edited<T> {
  typed: T;
  set: (part: Partial<T>) => void;
  /** Begins anew with what was read. */
  begin: () => void;
  /** The fields that differ from what was read when the dialog opened: whatever else others changed since is theirs. */
  changes: () => Partial<T>;
}

/** Fields that begin as `read`. */
export function useEdited<T extends object>(read: T): Edited<T> {
  const [before, setBefore] = useState(read);
  const [typed, setTyped] = useState(read);
  return {
    typed,
    set: (part) => setTyped((now) => ({ ...now, ...part })),
    begin: () => {
      setBefore(read);
      setTyped(read);
    },
    changes: () => {
      const names = Object.keys(typed) as (keyof T)[];
      const changed = names.filter((name) => !same(typed[name], before[name]));
      return Object.fromEntries(changed.map((name) => [name, typed[name]])) as Partial<T>;
    },
  };
}
