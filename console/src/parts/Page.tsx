import { Button, Group, Loader, Stack, Text, Title, type TitleProps } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

import { Failure } from "./Failure";

/** A page's heading, which the browser's tab shows too. */
export function PageTitle({ children, ...rest }: TitleProps & { children: string }) {
  useDocumentTitle(`${children} · Email profiles`);
  return (
    <Title order={2} {...rest}>
      {children}
    </Title>
  );
}

/** A page's heading, what one can do there, and its content. */
export function Page({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <Stack>
      <Group justify="space-between">
        <PageTitle>{title}</PageTitle>
        <Group gap="xs">{actions}</Group>
      </Group>
      {children}
    </Stack>
  );
}

interface Read<T> {
  data?: T;
  error: Error | null;
  isPending: boolean;
  refetch: () => unknown;
}

/** Shows what was read, or that it is being read, or why it could not be. */
export function Loaded<T>({ read, children }: { read: Read<T>; children: (data: T) => ReactNode }) {
  if (read.data !== undefined) return children(read.data);
  if (!read.error) return <Loader aria-label="Reading" />;
  return (
    <div>
      <Failure error={read.error} title="This can't be read" />
      <Button variant="default" onClick={() => void read.refetch()}>
        Try again
      </Button>
    </div>
  );
}

export interface Line {
  id: string;
  cells: ReactNode[];
}

/** A table; where there is no room for its columns, each cell carries its column's name. */
export function Listing({ label, columns, lines, empty }: { label: string; columns: string[]; lines: Line[]; empty?: string }) {
  if (lines.length === 0 && empty) return <Text c="dimmed">{empty}</Text>;
  return (
    <table className="rows" aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines.map(({ id, cells }) => (
          <tr key={id}>
            {cells.map((cell, index) => (
              <td key={columns[index]} data-label={columns[index]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
