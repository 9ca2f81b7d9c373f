import { useState } from "react";
import type { ProfileFilter } from "../../api/queries";

/** What the table of profiles shows. */
export interface View {
  filter: ProfileFilter;
  /** The cursors of the pages before this one. */
  before: (string | null)[];
}

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
