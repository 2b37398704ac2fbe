import { useEffect, useRef, useState } from "react";
import { Button } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { read, type FoundMessages } from "../api";
import { searchOn } from "../decide/search";
import { dateAndTime } from "../words";
import { Trouble } from "./Trouble";
import { useCommand } from "./useCommand";

interface LookFurtherProps {
  /** The path of the search after a place. */
  pathAfter: (place: string) => string;
  /** Its findings, which are not all. */
  found: FoundMessages;
  /** Shows what is after a place. */
  onFound: (place: string) => void;
}

/** How far back a search looked, and a button that has it go on until something is found. */
export function LookFurther({ pathAfter, found, onFound }: LookFurtherProps) {
  const { t, i18n } = useTranslation();
  const [reached, setReached] = useState(found);
  const order = useCommand();
  const wanted = useRef<AbortController>();
  useEffect(() => () => wanted.current?.abort(), []);
  const look = async () => {
    const { signal } = (wanted.current = new AbortController());
    const place = await searchOn(reached.next ?? "", async (after) => {
      const more = await read<FoundMessages>(pathAfter(after));
      if (signal.aborted) return undefined;
      if (more.next !== null) setReached(more);
      return more;
    });
    if (place !== undefined) onFound(place);
  };
  return (
    <>
      <Trouble failure={order.failure} />
      <p className="words" role="status">
        {t("activity.lookedBack", { time: dateAndTime(reached.lookedBackTo ?? 0, i18n.language) })}
      </p>
      {order.isBusy ? (
        <Button kind="ghost" size="md" onClick={() => wanted.current?.abort()}>
          {t("activity.stop")}
        </Button>
      ) : (
        <Button kind="ghost" size="md" onClick={() => order.give(look)}>
          {t("activity.further")}
        </Button>
      )}
    </>
  );
}
