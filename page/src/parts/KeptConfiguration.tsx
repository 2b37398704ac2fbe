import { useEffect, useState, type ReactNode } from "react";
import { SkeletonText } from "@carbon/react";
import { read } from "../api";
import type { Document } from "../decide/settings";
import { Trouble } from "./Trouble";
import { useCommand } from "./useCommand";

/** Shows what somebody may change of the configuration that the server keeps. */
export function KeptConfiguration({ children }: { children: (kept: Document) => ReactNode }) {
  const [document, setDocument] = useState<Document>();
  const order = useCommand();
  const { give } = order;
  useEffect(() => {
    give(async () => setDocument(await read<Document>("config")));
    // It is read once, when the view is opened; somebody's changes are not overwritten.
    // eslint-disable-next-line
  }, []);
  if (document) return children(document);
  return order.failure ? <Trouble failure={order.failure} /> : <SkeletonText paragraph lineCount={8} />;
}
