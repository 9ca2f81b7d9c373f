import { useState } from "react";
import type { Profile, ProfileFilter } from "../../api/queries";

/** What the table of profiles shows. */
export interface View {
  filter: ProfileFilter;
  /** The cursors of the pages before this one. */
  before: (string | null)[];
}

/** What the table is told of a profile that was just saved: to show its code, or that its verification did not start. */
export type JustSaved = { code: Profile } | { notVerified: string; why: string };

const FIRST: View = {
  filter: { q: "", status: "", serverType: "", zone: "", sort: "-created_at", cursor: null },
  before: [],
};

/** Where who comes back from another page was. */
const kept = { view: FIRST };

/** Lets the table begin at its first page, unfiltered: for a new profile, or another person. */
export function showFirst(): void {
  kept.view = FIRST;
}

export function useView(): [View, (view: View) => void] {
  const [view, setView] = useState(kept.view);
  const show = (next: View) => {
    kept.view = next;
    setView(next);
  };
  return [view, show];
}
