import { Button, Group, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog } from "./Dialog";
import { Failure } from "./Failure";

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
    onSuccess: () => {
      setOpen(false);
      done();
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
            <Button color="red" loading={doing.isPending} onClick={() => doing.mutate()}>
              {label}
            </Button>
          </Group>
        </Dialog>
      )}
    </>
  );
}
