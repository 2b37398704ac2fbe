import { useState } from "react";
import { Refused } from "../api";

/** A command that somebody gave: whether it is under way, and why it failed. */
export interface Command {
  isBusy: boolean;
  failure: Refused | undefined;
  /** Carries it out, unless one is under way. */
  give: (work: () => Promise<unknown>) => void;
}

export function useCommand(): Command {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Refused>();
  const give = (work: () => Promise<unknown>) => {
    if (isBusy) return;
    setBusy(true);
    setFailure(undefined);
    work()
      .catch((error: unknown) =>
        setFailure(error instanceof Refused ? error : new Refused(0, "Internal", String(error))),
      )
      .finally(() => setBusy(false));
  };
  return { isBusy, failure, give };
}
