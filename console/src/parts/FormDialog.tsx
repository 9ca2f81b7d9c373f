import { Button, Group, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { Dialog } from "./Dialog";
import { Failure } from "./Failure";
import { errorElsewhere } from "./fieldErrors";
import { WorkButton } from "./WorkButton";

interface FormDialogProps<T> {
  label: string;
  /** Of what, where there are several such buttons. */
  of?: string | undefined;
  title: string;
  /** Pointers of the fields that show their errors themselves. */
  pointers: readonly string[];
  save: () => Promise<T>;
  /** Fills the fields anew each time that it opens; without it, what was typed and not saved is still there. */
  begin?: (() => void) | undefined;
  /** A secret, shown this once when it is saved; where it gives nothing the dialog closes. */
  saved?: (answer: T) => ReactNode;
  done: () => unknown;
  /** Empties the fields for the next time, once what was typed is saved. */
  empty?: () => void;
  children: (error: Error | null) => ReactNode;
  /** One of many such buttons, as in a table. */
  small?: boolean;
}

/** A button that opens a form; what the Director refuses stands beside the fields, or above the form's button. */
export function FormDialog<T>({ label, of, title, pointers, save, begin, saved, done, empty, children, small }: FormDialogProps<T>) {
  const [open, setOpen] = useState(false);
  const saving = useMutation({
    mutationFn: save,
    onSuccess: (answer) => {
      done();
      if (saved?.(answer)) return;
      empty?.();
      close();
    },
  });
  const close = () => {
    setOpen(false);
    if (saving.isSuccess) empty?.();
    saving.reset();
  };
  const begun = () => {
    begin?.();
    setOpen(true);
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <>
      <Button
        {...(small && { size: "compact-sm", variant: "default" })}
        {...(of && { "aria-label": `${label} ${of}` })}
        onClick={begun}
      >
        {label}
      </Button>
      {open && (
        <Dialog title={title} onClose={close} lasting={saving.isSuccess}>
          {saving.isSuccess ? (
            <div className="given" tabIndex={-1} ref={focus}>
              {saved?.(saving.data)}
              <Group justify="flex-end" mt="md">
                <Button onClick={close}>Done</Button>
              </Group>
            </div>
          ) : (
            <form onSubmit={submit}>
              <Stack>
                {children(saving.error)}
                <Failure error={errorElsewhere(saving.error, pointers)} />
                <WorkButton type="submit" busy={saving.isPending}>
                  {title}
                </WorkButton>
              </Stack>
            </form>
          )}
        </Dialog>
      )}
    </>
  );
}

/** The form's button is gone, and its focus with it. */
const focus = (given: HTMLElement | null) => given?.focus();
