import { Anchor, Button, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { memo, useState } from "react";
import { Link } from "react-router";
import { body, director, type Schemas } from "../api/director";
import { useProgress, type Profile, type ProfileFilter } from "../api/queries";
import { CancelButton, useCancel } from "./CancelButton";
import { Copy } from "./Copy";
import { Failure } from "./Failure";
import { useMay } from "./Shell";
import { Status } from "./Status";
import { when, word } from "./words";
import { WorkButton } from "./WorkButton";

/** What a row asks the page to open. */
export interface Ask {
  what: "delete" | "view_code" | "diagnosis";
  profile: Profile;
}

type Sort = ProfileFilter["sort"];

const COLUMNS: { name: string; by?: "email_address" | "server_type" | "account_status" }[] = [
  { name: "Email Address", by: "email_address" },
  { name: "Server Address" },
  { name: "SMTP Server" },
  { name: "Account" },
  { name: "Type", by: "server_type" },
  { name: "Account Status", by: "account_status" },
  { name: "Actor Status" },
  { name: "Action" },
];

interface Props {
  profiles: Profile[];
  sort: Sort;
  onSort: (sort: Sort) => void;
  onAsk: (ask: Ask) => void;
}

export function ProfileTable({ profiles, sort, onSort, onAsk }: Props) {
  return (
    <table className="rows">
      <caption className="mantine-visually-hidden" hidden>
        Email profiles
      </caption>
      <thead>
        <tr>
          {COLUMNS.map(({ name, by }) => (
            <th key={name} scope="col" aria-sort={by && sorted(sort, by)}>
              {by === undefined ? (
                name
              ) : (
                <button type="button" onClick={() => onSort(sort === by ? `-${by}` : by)}>
                  {name} <span aria-hidden>{sort === by ? "▲" : sort === `-${by}` ? "▼" : "↕"}</span>
                </button>
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {profiles.map((profile) => (
          <Row key={profile.id} profile={profile} onAsk={onAsk} />
        ))}
      </tbody>
    </table>
  );
}

function sorted(sort: Sort, by: string): "ascending" | "descending" | "none" {
  if (sort === by) return "ascending";
  return sort === `-${by}` ? "descending" : "none";
}

const Row = memo(function Row({ profile, onAsk }: { profile: Profile; onAsk: (ask: Ask) => void }) {
  return (
    <tr>
      <td data-label="Email Address" className="address">
        <Address of={profile.email_address} />
        {profile.note && (
          <div className="small" dir="auto">
            {profile.note}
          </div>
        )}
      </td>
      <td data-label="Server Address" className="address">
        {profile.server_address}
      </td>
      <td data-label="SMTP Server" className="address">
        {profile.smtp_server ?? "–"}
      </td>
      <td data-label="Account" className="address">
        <Address of={profile.account.username} />
      </td>
      <td data-label="Type">{profile.type}</td>
      <td data-label="Account Status">
        <Status of={profile.account_status} /> {profile.running_verification_id !== null && <Status of="verifying" />}
        {profile.warnings.map((warning) => (
          <Warning key={warning.code} of={warning} />
        ))}
      </td>
      <td data-label="Actor Status">
        <ActorStatuses profile={profile} />
      </td>
      <td data-label="Action">
        <Actions profile={profile} onAsk={onAsk} />
      </td>
    </tr>
  );
});

/** Where its column has no room for all of it, it breaks after its @ first. */
function Address({ of }: { of: string }) {
  const host = of.indexOf("@") + 1;
  return (
    <>
      {of.slice(0, host)}
      {host > 0 && <wbr />}
      {of.slice(host)}
    </>
  );
}

/** What will make the profile fail unless someone acts. */
function Warning({ of: { message, hint } }: { of: Schemas["ProfileWarning"] }) {
  return (
    <div className="warned">
      <Status of="warning" /> {message}
      {hint && <div className="small">{hint}</div>}
    </div>
  );
}

const FEW = 6;

/** Each Actor with its badge; many are counted, and shown one by one when that is asked for. */
function ActorStatuses({ profile }: { profile: Profile }) {
  const [open, setOpen] = useState(false);
  const each = () => profile.actors.map((actor) => <ActorStatus key={actor.id} profile={profile} actor={actor} />);
  if (profile.actors.length <= FEW) return each();
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {profile.actors.length} Actors{" "}
        {[...new Set(profile.actors.map(({ status }) => status))].map((status) => (
          <Status key={status} of={status} label={`${countOf(profile, status)} ${word(status)}`} />
        ))}
      </summary>
      {open && each()}
    </details>
  );
}

const countOf = (profile: Profile, status: string) => profile.actors.filter((actor) => actor.status === status).length;

function ActorStatus({ profile, actor }: { profile: Profile; actor: Schemas["ProfileActorRead"] }) {
  const step = useProgress(profile.id)[actor.id];
  const running = actor.status === "verifying" && step?.verification_id === profile.running_verification_id;
  const last = running ? step.steps.at(-1) : undefined;
  return (
    <span className="actor" title={actor.checked_at ? `Checked ${when(actor.checked_at)}` : undefined}>
      {actor.name} <Status of={actor.status} />
      {!actor.online && <span className="small"> offline</span>}
      <span className="small">
        {" "}
        {last ? `${word(last.step)} · mail ${step?.mail}` : actor.status === "unverified" ? actor.summary : ""}
      </span>
    </span>
  );
}

function Actions({ profile, onAsk }: { profile: Profile; onAsk: (ask: Ask) => void }) {
  const queries = useQueryClient();
  const path = { params: { path: { profile_id: profile.id } } };
  const changed = () => queries.invalidateQueries({ queryKey: ["profiles"] });
  const verify = useMutation({
    mutationFn: () => body(director().POST("/email-profiles/{profile_id}/verify", path)),
    onSuccess: changed,
    onError: () => void changed(), // why it failed is shown before that is read, which may come to nothing too
  });
  const authorize = useMutation({
    mutationFn: () => body(director().POST("/email-profiles/{profile_id}/authorize", path)),
  });
  const cancel = useCancel();
  const running = profile.running_verification_id;
  const mayChange = useMay()("operator");
  const may = (action: Schemas["Action"]) => mayChange && profile.available_actions.includes(action);
  const small = { size: "compact-sm", variant: "default" } as const;
  const named = (action: string) => `${action} ${profile.email_address}`;
  return (
    <>
      <Group gap={6}>
        {may("verify") && (
          <WorkButton {...small} aria-label={named("Verify")} busy={verify.isPending} onClick={() => verify.mutate()}>
            Verify
          </WorkButton>
        )}
        {mayChange && running !== null && (
          <CancelButton
            aria-label={named("Cancel the verification of")}
            busy={cancel.isPending}
            onClick={() => cancel.mutate(running)}
          />
        )}
        {may("view_code") && (
          <Button {...small} aria-label={named("View UUID code of")} onClick={() => onAsk({ what: "view_code", profile })}>
            View UUID code
          </Button>
        )}
        {may("authorize") && (
          <Button {...small} aria-label={named("Authorize")} onClick={() => authorize.mutate()}>
            Authorize
          </Button>
        )}
        <Button {...small} aria-label={named("Diagnosis of")} onClick={() => onAsk({ what: "diagnosis", profile })}>
          Diagnosis
        </Button>
        {may("edit") && (
          <Button {...small} aria-label={named("Edit")} component={Link} to={`/profiles/${profile.id}/edit`}>
            Edit
          </Button>
        )}
        {may("delete") && (
          <Button {...small} aria-label={named("Delete")} onClick={() => onAsk({ what: "delete", profile })}>
            Delete
          </Button>
        )}
      </Group>
      {may("authorize") && authorize.data && <Consent at={authorize.data.authorization_url} />}
      <Failure error={verify.error ?? cancel.error ?? authorize.error} />
    </>
  );
}

function Consent({ at }: { at: string }) {
  return (
    <div role="status">
      <Anchor href={at} target="_blank" rel="noopener noreferrer" size="sm" underline="always">
        Give the consent as the mailbox's owner
      </Anchor>{" "}
      <span className="small">or let the owner open the link:</span> <Copy text={at}>Copy the link</Copy>
    </div>
  );
}
