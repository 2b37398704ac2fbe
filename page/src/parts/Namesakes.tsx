import { Checkbox, FormGroup } from "@carbon/react";
import { useTranslation } from "react-i18next";
import type { Pair } from "../api";
import { areOne, joined, mappedPairs, parted, type Mapped } from "../decide/namesakes";
import type { Document } from "../decide/settings";
import { categoryName } from "./texts";

interface NamesakesProps {
  document: Document;
  /** Those that wait. */
  waiting: Pair[];
  onChange: (document: Document) => void;
}

/** Metadata of one name with two uuids: pairs to tick where both are one, in the document's map of uuids. */
export function Namesakes({ document, waiting, onChange }: NamesakesProps) {
  const { t } = useTranslation();
  const isWaiting = (pair: Mapped) => waiting.some((other) => id(other) === id(pair));
  const pairs: (Mapped & { name?: string })[] = [
    ...waiting,
    ...mappedPairs(document).filter((pair) => !isWaiting(pair)),
  ];
  if (pairs.length === 0) return null;
  return (
    <FormGroup legendText={t("namesakes.title")}>
      <p className="words">{t("namesakes.what")}</p>
      {pairs.map((pair) => (
        <Checkbox
          key={id(pair)}
          id={id(pair)}
          labelText={t(pair.name === undefined ? "namesakes.mapped" : "namesakes.pair", {
            ...pair,
            category: categoryName(t, pair.category),
          })}
          checked={areOne(document, pair)}
          onChange={(_, { checked }) => onChange(checked ? joined(document, pair) : parted(document, pair))}
        />
      ))}
    </FormGroup>
  );
}

function id({ category, parent, here }: Mapped): string {
  return `pair ${category} ${parent} ${here}`;
}
