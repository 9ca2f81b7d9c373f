import { Button, Group, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, director } from "../api/director";
import type { Profile } from "../api/queries";
import { Dialog } from "./Dialog";
import { Failure } from "./Failure";
import { WorkButton } from "./WorkButton";

export function DeleteDialog({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      body(director().DELETE("/email-profiles/{profile_id}", { params: { path: { profile_id: profile.id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["profiles", "list"] });
      onClose();
    },
  });
  return (
    <Dialog title="Delete this profile?" onClose={onClose}>
      <Text mb="md">
        {profile.email_address} is no longer verified, and its secrets and its history are gone for good. The mailbox itself
        stays as it is.
      </Text>
      <Failure error={remove.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep it
        </Button>
        <WorkButton color="red" busy={remove.isPending} onClick={() => remove.mutate()}>
          Delete
        </WorkButton>
      </Group>
    </Dialog>
  );
}
