import { Button } from "@mantine/core";
import { useState } from "react";

/** Copies `text`, and says whether the browser did. */
export function Copy({ text, children }: { text: string; children: string }) {
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text); // there is no clipboard at all on plain http
      setSaid("Copied");
    } catch {
      setSaid("The browser refused: select the text and copy it by hand");
    }
  };
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => void copy()}>
        {children}
      </Button>
      <span role="status" className="small">
        {said}
      </span>
    </>
  );
}
