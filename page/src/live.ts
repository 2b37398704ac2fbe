// Reads from the server again and again while somebody looks.
import { useCallback, useEffect, useRef, useState } from "react";
import { read, Refused } from "./api";

export interface Live<T> {
  /** The last answer; nothing before the first. It stays while later requests fail. */
  data: T | undefined;
  /** Why the last request failed. */
  failure: Refused | undefined;
  /** Asks now. */
  refresh: () => void;
}

/**
 * Reads a path now, when it changes, and each so many milliseconds while the page is visible. An answer that is no
 * longer wanted is dropped.
 */
export function useLive<T>(path: string, every: number): Live<T> {
  const [answer, setAnswer] = useState<{ path: string; data?: T; failure?: Refused }>({ path });
  const [turn, setTurn] = useState(0);
  const refresh = useCallback(() => setTurn((last) => last + 1), []);
  const period = useRef(every);
  period.current = every;

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = () => {
      timer = setTimeout(() => (document.hidden ? next() : void turnOver()), period.current);
    };
    const turnOver = async () => {
      try {
        const data = await read<T>(path, abort.signal);
        if (!abort.signal.aborted) setAnswer({ path, data });
      } catch (error) {
        if (abort.signal.aborted) return;
        const failure = error instanceof Refused ? error : new Refused(0, "Internal", String(error));
        setAnswer((last) => ({ ...(last.path === path ? last : { path }), failure }));
      }
      if (!abort.signal.aborted) next();
    };
    void turnOver();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, turn]);

  const current = answer.path === path ? answer : undefined;
  return { data: current?.data, failure: current?.failure, refresh };
}
