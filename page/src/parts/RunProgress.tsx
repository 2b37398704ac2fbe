import { ProgressBar } from "@carbon/react";
import { useTranslation } from "react-i18next";
import type { Run } from "../api";
import { done, remainingMs } from "../decide/headline";
import { amount, stretch } from "../words";

/** How far a run is, and about how long it still takes. */
export function RunProgress({ run }: { run: Run }) {
  const { t, i18n } = useTranslation();
  const number = (count: number) => ({ number: amount(count, i18n.language), count });
  const all = run.remaining === null ? null : run.events + run.remaining;
  const time = remainingMs(run);
  const words = [
    t("progress.done", number(done(run))),
    run.remaining === null ? "" : t("progress.left", number(run.remaining)),
    run.ratePerSecond > 0 ? t("progress.rate", { rate: amount(run.ratePerSecond, i18n.language) }) : "",
    time === null ? "" : t("progress.time", { time: stretch(time, i18n.language) }),
  ];
  return (
    <ProgressBar
      label={t("progress.label")}
      helperText={words.filter(Boolean).join(" ")}
      {...(all !== null && all > 0 && { value: run.events, max: all })}
    />
  );
}
