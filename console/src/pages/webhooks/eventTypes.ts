import type { Schemas } from "../../api/director";

// A record, so that the compiler misses a type that the Director adds.
const KNOWN: Record<Schemas["EventType"], true> = {
  "profile.created": true,
  "profile.updated": true,
  "profile.deleted": true,
  "profile.status_changed": true,
  "verification.started": true,
  "verification.progressed": true,
  "verification.finished": true,
  "actor.online": true,
  "actor.offline": true,
  "secret.expiring": true,
  "secret.expired": true,
  "consent.required": true,
};

export const EVENT_TYPES = Object.keys(KNOWN) as Schemas["EventType"][];
