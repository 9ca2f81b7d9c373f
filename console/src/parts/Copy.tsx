import { Button } from "@mantine/core";
import { useState } from "react";

/** Copies `text`, and says whether the browser did. */
export function Copy({ text, children }: { text: string; children: string }) {
  const [said, setSaid] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied"),
      () => setSaid("The browser refused: select the text and copy it by hand"),
    );
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
