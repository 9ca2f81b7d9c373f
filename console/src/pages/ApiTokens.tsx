import { NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { body, director, type Schemas } from "../api/director";
import { all, query } from "../api/queries";
import { Confirmed } from "../parts/Confirmed";
import { CopyBlock } from "../parts/CopyBlock";
import { errorAt } from "../parts/fieldErrors";
import { FormDialog } from "../parts/FormDialog";
import { Listing, Loaded, Page, type Line } from "../parts/Page";
import { when } from "../parts/words";

type Token = Schemas["ApiTokenRead"];
type Role = Schemas["Role"];

const ROLES: { value: Role; label: string }[] = [
  { value: "viewer", label: "viewer: reads all but codes" },
  { value: "operator", label: "operator: also profiles, verifying, codes" },
  { value: "admin", label: "admin: everything" },
];

export function ApiTokens() {
  const queries = useQueryClient();
  const tokens = useQuery({
    queryKey: ["api-tokens"],
    queryFn: () => all((cursor) => body(director().GET("/api-tokens", { params: { query: query(cursor) } }))),
  });
  const changed = () => queries.invalidateQueries({ queryKey: ["api-tokens"] });
  const line = (token: Token): Line => ({
    id: token.id,
    cells: [
      <strong key="name">{token.name}</strong>,
      token.role,
      when(token.created_at),
      when(token.last_used_at),
      when(token.expires_at),
      <Confirmed
        key="delete"
        label="Delete"
        of={token.name}
        text="Whoever uses this token is refused at once."
        run={() => body(director().DELETE("/api-tokens/{token_id}", { params: { path: { token_id: token.id } } }))}
        done={changed}
      />,
    ],
  });
  return (
    <Page title="API Tokens" actions={<TokenForm done={changed} />}>
      <Loaded read={tokens}>
        {(read) => (
          <Listing
            label="API tokens"
            columns={["Name", "Role", "Made", "Last Used", "Expires", "Action"]}
            lines={read.map(line)}
          />
        )}
      </Loaded>
    </Page>
  );
}

function TokenForm({ done }: { done: () => unknown }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [expires, setExpires] = useState("");
  const save = () => {
    const expires_at = expires ? new Date(`${expires}T23:59:59`).toISOString() : null;
    return body(director().POST("/api-tokens", { body: { name, role, expires_at } }));
  };
  return (
    <FormDialog
      label="Add token"
      title="Make token"
      pointers={["/name", "/role", "/expires_at"]}
      save={save}
      done={done}
      empty={() => {
        setName("");
        setRole("viewer");
        setExpires("");
      }}
      saved={({ token }) => (
        <Stack>
          <Text size="sm">Take it along now: it is not shown again.</Text>
          <CopyBlock text={token} what="the token" />
        </Stack>
      )}
    >
      {(error) => (
        <>
          <TextInput
            label="Name"
            description="Who or what uses it"
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={errorAt(error, "/name")}
            data-autofocus
          />
          <NativeSelect
            label="Role"
            data={ROLES}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value as Role)}
            error={errorAt(error, "/role")}
          />
          <TextInput
            label="Last day"
            type="date"
            description="Empty: it never expires"
            value={expires}
            onChange={(event) => setExpires(event.currentTarget.value)}
            error={errorAt(error, "/expires_at")}
          />
        </>
      )}
    </FormDialog>
  );
}
