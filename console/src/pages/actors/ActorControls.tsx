import { Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { body, director } from "../../api/director";
import type { Actor } from "../../api/queries";
import { Confirmed } from "../../parts/Confirmed";
import { Failure } from "../../parts/Failure";
import { WorkButton } from "../../parts/WorkButton";

type Asked = "pause" | "resume" | "run-diagnostics" | "rotate-credential";

const SAID: Record<Asked, string> = {
  pause: "Paused: it is given no work until it is resumed",
  resume: "Resumed: it is given work again",
  "run-diagnostics": "Asked: it diagnoses itself at its next poll",
  "rotate-credential": "Asked: it rotates at its next poll",
};

/** What an administrator asks of an Actor; it learns of it by the answer to its poll. */
export function ActorControls({ actor, changed }: { actor: Actor; changed: () => unknown }) {
  const path = { params: { path: { actor_id: actor.id } } };
  const asking = useMutation({
    mutationFn: async (what: Asked) => {
      await body(director().POST(`/actors/{actor_id}/${what}`, path));
      return what;
    },
    onSuccess: changed,
  });
  const button = (what: Asked, label: string) => (
    <WorkButton
      size="compact-sm"
      variant="default"
      busy={asking.isPending && asking.variables === what}
      disabled={asking.isPending && asking.variables !== what}
      onClick={() => asking.mutate(what)}
      aria-label={`${label}: ${actor.name}`}
    >
      {label}
    </WorkButton>
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
      <div role="status" className="small">
        {asking.isSuccess && SAID[asking.data]}
      </div>
      <Failure error={asking.error} />
    </>
  );
}
