import { Group } from "@mantine/core";
import { Copy } from "./Copy";

/** A text to take along, with a button that copies it. */
export function CopyBlock({ text, what }: { text: string; what: string }) {
  return (
    <div>
      <pre className="code">{text}</pre>
      <Group gap="xs" mt="xs">
        <Copy text={text}>{`Copy ${what}`}</Copy>
      </Group>
    </div>
  );
}
