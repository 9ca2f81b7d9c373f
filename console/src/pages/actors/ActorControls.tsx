import { Button, Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { body, director } from "../../api/director";
import type { Actor } from "../../api/queries";
import { Confirmed } from "../../parts/Confirmed";
import { Failure } from "../../parts/Failure";

type Asked = "pause" | "resume" | "run-diagnostics" | "rotate-credential";

/** What an administrator asks of an Actor; it learns of it by the answer to its poll. */
export function ActorControls({ actor, changed }: { actor: Actor; changed: () => unknown }) {
  const path = { params: { path: { actor_id: actor.id } } };
  const asking = useMutation({
    mutationFn: (what: Asked) => body(director().POST(`/actors/{actor_id}/${what}`, path)),
    onSuccess: changed,
  });
  const button = (what: Asked, label: string) => (
    <Button
      size="compact-sm"
      variant="default"
      disabled={asking.isPending}
      onClick={() => asking.mutate(what)}
      aria-label={`${label}: ${actor.name}`}
    >
      {label}
    </Button>
  );
  return (
    <>
      <Group gap={4}>
        {!actor.revoked && (
          <>
            {actor.paused ? button("resume", "Resume") : button("pause", "Pause")}
            {button("run-diagnostics", "Diagnose")}
            {button("rotate-credential", "Rotate credential")}
            <Confirmed
              label="Revoke"
              of={actor.name}
              text="Its credential ends at once, and it gets no work until it is enrolled again."
              run={() => body(director().POST("/actors/{actor_id}/revoke", path))}
              done={changed}
            />
          </>
        )}
        <Confirmed
          label="Delete"
          of={actor.name}
          text="An Actor that a profile uses can't be deleted; the Director then says by which."
          run={() => body(director().DELETE("/actors/{actor_id}", path))}
          done={changed}
        />
      </Group>
      <Failure error={asking.error} />
    </>
  );
}
