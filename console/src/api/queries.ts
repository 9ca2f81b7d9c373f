import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { body, director, publicDirector, withVersion, type Schemas } from "./director";
import type { Progress } from "./live";

export type Profile =
  | Schemas["ImapProfileRead"]
  | Schemas["Pop3ProfileRead"]
  | Schemas["GraphProfileRead"]
  | Schemas["GmailProfileRead"];
export type Caller = Schemas["CallerRead"];
export type Verification = Schemas["VerificationRead"];
export type Actor = Schemas["ActorRead"];
export type Zone = Schemas["SecurityZoneRead"];
export type Check = Schemas["CheckRead"];

export interface ProfileFilter {
  q: string;
  status: Schemas["AccountStatus"] | "";
  serverType: Profile["server_type"] | "";
  zone: string;
  sort: Schemas["ProfileSort"];
  cursor: string | null;
}

export const PAGE = 50;
const MANY = 200;

export const useCaller = (enabled: boolean) =>
  useQuery({ queryKey: ["caller"], queryFn: () => body(director().GET("/whoami")), enabled, staleTime: Infinity });

export const useSignIn = () =>
  useQuery({ queryKey: ["sign-in"], queryFn: () => body(publicDirector().GET("/sign-in")), staleTime: Infinity });

export const useProfiles = (filter: ProfileFilter) =>
  useQuery({
    queryKey: ["profiles", "list", filter],
    queryFn: () =>
      body(
        director().GET("/email-profiles", {
          params: {
            query: {
              limit: PAGE,
              sort: filter.sort,
              ...(filter.cursor && { cursor: filter.cursor }),
              ...(filter.q && { q: filter.q }),
              ...(filter.status && { status: filter.status }),
              ...(filter.serverType && { server_type: filter.serverType }),
              ...(filter.zone && { security_zone_id: filter.zone }),
            },
          },
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const readProfile = (id: string, next?: string) =>
  withVersion(director(next).GET("/email-profiles/{profile_id}", { params: { path: { profile_id: id } } }));

export const useProfile = (id: string) =>
  useQuery({ queryKey: ["profiles", "one", id], queryFn: () => readProfile(id) });

/** The latest verifications; one that runs is the first. */
export const useVerifications = (profileId: string) =>
  useQuery({
    queryKey: ["verifications", profileId],
    queryFn: () =>
      body(
        director().GET("/email-profiles/{profile_id}/verifications", {
          params: { path: { profile_id: profileId }, query: { limit: 20, sort: "-started_at" } },
        }),
      ),
  });

/** What the stream told of the run that is under way, by Actor. */
export const useProgress = (profileId: string) =>
  useQuery<Record<string, Progress>>({ queryKey: ["progress", profileId], enabled: false, initialData: {} }).data;

/** Every Actor: there are tens of them, hundreds at most. */
export const useActors = () => useQuery({ queryKey: ["actors"], queryFn: allActors });

export const useZones = () => useQuery({ queryKey: ["zones"], queryFn: allZones });

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** Reads a list to its end. */
export async function all<T>(page: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const read = await page(cursor);
    items.push(...read.items);
    if (read.next_cursor === null) return items;
    cursor = read.next_cursor;
  }
}

/** The part of a query that reads a list's next page, as long as one may be. */
export const query = (cursor: string | undefined) => ({ limit: MANY, ...(cursor !== undefined && { cursor }) });

const allActors = () =>
  all((cursor) => body(director().GET("/actors", { params: { query: query(cursor) } })));

const allZones = () =>
  all((cursor) => body(director().GET("/security-zones", { params: { query: query(cursor) } })));
