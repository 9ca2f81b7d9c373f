import { Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode, SyntheticEvent } from "react";
import { Failure } from "../../parts/Failure";
import { errorElsewhere } from "../../parts/fieldErrors";
import { WorkButton } from "../../parts/WorkButton";

interface SaveFormProps {
  save: () => Promise<unknown>;
  pointers: readonly string[];
  /** Whether something is typed that isn't saved. */
  changed: boolean;
  children: (error: Error | null) => ReactNode;
}

/** A form of settings: a refusal stands beside its field, or above the button. */
export function SaveForm({ save, pointers, changed, children }: SaveFormProps) {
  const queries = useQueryClient();
  const saving = useMutation({
    mutationFn: save,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["settings"] }),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form onSubmit={submit}>
      <div className="fields">{children(saving.error)}</div>
      <Failure error={errorElsewhere(saving.error, pointers)} />
      <Group mt="md">
        <WorkButton type="submit" busy={saving.isPending}>
          Save
        </WorkButton>
        <span role="status" className="small">
          {saving.isSuccess && !changed && "Saved"}
        </span>
      </Group>
    </form>
  );
}
