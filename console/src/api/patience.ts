/** A signal that aborts as `given` does, or once nothing was heard of the Director for `milliseconds`. */
export interface Patience {
  signal: AbortSignal;
  /** Something came: the time begins anew. */
  heard: () => void;
  end: () => void;
}

export function patience(milliseconds: number, given: AbortSignal): Patience {
  const over = new AbortController();
  let timer = setTimeout(() => over.abort(), milliseconds);
  return {
    signal: AbortSignal.any([given, over.signal]),
    heard: () => {
      clearTimeout(timer);
      timer = setTimeout(() => over.abort(), milliseconds);
    },
    end: () => clearTimeout(timer),
  };
}
