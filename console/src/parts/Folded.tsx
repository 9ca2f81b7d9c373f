import { useEffect, useRef, type ReactNode } from "react";
import { useForm } from "./fields";

/** Fields that few people need: folded away, unless something is wrong with one of them. */
export function Folded({ summary, holds, children }: { summary: string; holds: RegExp; children: ReactNode }) {
  const wrong = Object.keys(useForm().errors).some((pointer) => holds.test(pointer));
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (wrong && details.current) details.current.open = true;
  }, [wrong]);
  return (
    <details ref={details}>
      <summary>{summary}</summary>
      {children}
    </details>
  );
}
