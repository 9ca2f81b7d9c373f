import { Paper, Text, Title } from "@mantine/core";

/** What a tab shows that signed in for another one, where the browser doesn't let it close itself. */
export function SignedInForAnother() {
  return (
    <main className="sign-in">
      <Paper withBorder p="xl" radius="md" shadow="sm">
        <Title order={1} size="h3" mb="sm">
          Signed in
        </Title>
        <Text>Close this tab: the one that asked you to sign in goes on.</Text>
      </Paper>
    </main>
  );
}
