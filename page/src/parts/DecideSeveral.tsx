import { useState } from "react";
import { Button, Select, SelectItem, Stack, TextInput } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command } from "../api";
import {
  choicesFor,
  isReady,
  severalDecided,
  summary,
  type OneOfSeveral,
  type SeveralDraft,
  type SimpleChoice,
  type Which,
} from "../decide/several";
import { Trouble } from "./Trouble";
import { useCommand } from "./useCommand";

interface DecideSeveralProps {
  /** True if there is more than one; what became of those that were decided is shown in any case. */
  isOffered: boolean;
  /** Of which conflicts; their uuids. */
  ticked: string[];
  onDecided: () => void;
}

/** Decides those that are ticked, or all of a kind, in the same way. */
export function DecideSeveral({ isOffered, ticked, onDecided }: DecideSeveralProps) {
  const { t } = useTranslation();
  const order = useCommand();
  const [draft, setDraft] = useState<SeveralDraft>({ which: "ticked", choice: "", reason: "" });
  const [decided, setDecided] = useState<OneOfSeveral[]>();
  const change = (part: Partial<SeveralDraft>) => setDraft((last) => ({ ...last, ...part }));
  const decide = () =>
    order.give(async () => {
      setDecided(await command<OneOfSeveral[]>("conflicts/resolve", severalDecided(draft, ticked)));
      change({ reason: "" });
      onDecided();
    });
  return (
    <section className="page-section">
      <div role="status">{decided && <Decided all={decided} />}</div>
      {isOffered && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            decide();
          }}
        >
          <Stack gap={5}>
            <h2>{t("several.title")}</h2>
            <div className="filters">
              <Select
                id="several-which"
                labelText={t("several.which")}
                value={draft.which}
                onChange={(event) => change({ which: event.target.value as Which, choice: "" })}
              >
                <SelectItem value="ticked" text={t("several.ticked", { count: ticked.length })} />
                <SelectItem value="CONTENT" text={t("several.CONTENT")} />
                <SelectItem value="REMOVAL" text={t("several.REMOVAL")} />
              </Select>
              <Select
                id="several-choice"
                labelText={t("conflict.choose")}
                value={draft.choice}
                onChange={(event) => change({ choice: event.target.value as SimpleChoice })}
              >
                <SelectItem value="" text={t("several.choose")} />
                {choicesFor(draft.which).map((choice) => (
                  <SelectItem key={choice} value={choice} text={t(`several.${choice}`)} />
                ))}
              </Select>
              <TextInput
                id="several-reason"
                labelText={t("conflict.reason")}
                maxLength={500}
                value={draft.reason}
                onChange={(event) => change({ reason: event.target.value })}
              />
            </div>
            <Trouble failure={order.failure} />
            <Button type="submit" size="md" disabled={order.isBusy || !isReady(draft, ticked)}>
              {t("several.decide")}
            </Button>
          </Stack>
        </form>
      )}
    </section>
  );
}

function Decided({ all }: { all: OneOfSeveral[] }) {
  const { t } = useTranslation();
  const { decided, open, reasons } = summary(all);
  return (
    <>
      <p className="words">
        {t("several.decided", { count: decided })} {open > 0 && t("several.open", { count: open })}
      </p>
      {reasons.map((reason) => (
        <p key={reason} className="quiet">
          {reason}
        </p>
      ))}
    </>
  );
}
