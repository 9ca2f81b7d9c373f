import { useState } from "react";
import { unguessable } from "./unguessable";

/**
 * Gives the `Idempotency-Key` of what a form holds: saved again after its answer got lost, the same is sent with the
 * same key, and nothing is done twice; what was changed since has a key of its own.
 */
export function useKeyOf(): (body: unknown) => string {
  const [keyOf] = useState(() => {
    let last = { text: "", key: "" };
    return (body: unknown) => {
      const text = JSON.stringify(body);
      if (text !== last.text) last = { text, key: unguessable() };
      return last.key;
    };
  });
  return keyOf;
}
