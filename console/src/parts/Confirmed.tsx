import { Button, Group, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog } from "./Dialog";
import { Failure } from "./Failure";
import { WorkButton } from "./WorkButton";

interface ConfirmedProps {
  label: string;
  /** To what it is done, as in "Delete dmz?" */
  of: string;
  text: string;
  run: () => Promise<unknown>;
  done: () => unknown;
}

/** A button whose deed is asked about first, because it can't be taken back. */
export function Confirmed({ label, of, text, run, done }: ConfirmedProps) {
  const [open, setOpen] = useState(false);
  const doing = useMutation({
    mutationFn: run,
    onSuccess: async () => {
      await done(); // so that a button that goes with its row does not get the focus back
      setOpen(false);
    },
  });
  return (
    <>
      <Button size="compact-sm" variant="default" aria-label={`${label} ${of}`} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {open && (
        <Dialog title={`${label} ${of}?`} onClose={() => setOpen(false)}>
          <Text mb="md">{text}</Text>
          <Failure error={doing.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setOpen(false)} data-autofocus>
              Keep it as it is
            </Button>
            <WorkButton color="red" busy={doing.isPending} onClick={() => doing.mutate()}>
              {label}
            </WorkButton>
          </Group>
        </Dialog>
      )}
    </>
  );
}
