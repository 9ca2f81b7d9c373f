import { Button, Group, List, Loader, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { body, director, Problem } from "../api/director";
import type { Profile } from "../api/queries";
import { Copy } from "./Copy";
import { Dialog } from "./Dialog";
import { Failure } from "./Failure";
import { when } from "./words";
import { WorkButton } from "./WorkButton";

export function UuidDialog({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const queries = useQueryClient();
  const path = { params: { path: { profile_id: profile.id } } };
  const code = useQuery({
    queryKey: ["code", profile.id],
    queryFn: () => body(director().GET("/email-profiles/{profile_id}/verification-code", path)),
    gcTime: 0,
  });
  const gone = code.error instanceof Problem && code.error.status === 404;
  useEffect(() => {
    if (gone) onClose(); // as its row does
  }, [gone, onClose]);
  const verify = useMutation({
    mutationFn: () => body(director().POST("/email-profiles/{profile_id}/verify", path)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["profiles"] });
      onClose();
    },
  });
  return (
    <Dialog title="Verification UUID" onClose={onClose}>
      {code.isPending && <Loader aria-label="Reading the code" />}
      <Failure error={gone ? null : (code.error ?? verify.error)} />
      {code.data && (
        <>
          <Text fw={600}>Send to</Text>
          <pre className="code">{code.data.email_address}</pre>
          <Text fw={600} mt="sm">
            Verification UUID
          </Text>
          <pre className="code" data-testid="code">
            {code.data.verification_uuid}
          </pre>
          <Text fw={600} mt="sm">
            Subject, with its parentheses
          </Text>
          <pre className="code">{code.data.subject}</pre>
          <Group gap="xs" my="sm">
            <Copy text={code.data.verification_uuid}>Copy the code</Copy>
            <Copy text={code.data.subject}>Copy the subject</Copy>
            <Button
              size="compact-sm"
              variant="default"
              component="a"
              href={`mailto:${encodeURIComponent(code.data.email_address)}?subject=${encodeURIComponent(code.data.subject)}`}
            >
              Write the message
            </Button>
          </Group>
          {code.data.expires_at && <Text className="small">The code is good until {when(code.data.expires_at)}.</Text>}
          <Title order={3} size="h5" mt="md">
            What to do next
          </Title>
          <List type="ordered" spacing={4} my="xs">
            <List.Item>Send a message with exactly this subject to this address, from any account.</List.Item>
            <List.Item>Leave it in the mailbox: every Actor looks for it.</List.Item>
            <List.Item>Start the verification. It may be started before the message arrives.</List.Item>
          </List>
          <Group justify="flex-end">
            <WorkButton busy={verify.isPending} onClick={() => verify.mutate()}>
              Verify now
            </WorkButton>
          </Group>
        </>
      )}
    </Dialog>
  );
}
