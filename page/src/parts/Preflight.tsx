import { useEffect, useState } from "react";
import { Button, InlineLoading, Tag } from "@carbon/react";
import { CheckmarkFilled, ErrorFilled, HelpFilled, WarningFilled } from "@carbon/icons-react";
import { useTranslation } from "react-i18next";
import { command } from "../api";
import { checkName } from "./texts";
import { Trouble } from "./Trouble";
import { useCommand } from "./useCommand";

type Verdict = "ok" | "unknown" | "warning" | "failed";

interface Check {
  check: string;
  result: Verdict;
  what: string;
  todo: string;
}

interface Checked {
  result: Verdict;
  checks: Check[];
}

const LOOKS = {
  ok: { icon: CheckmarkFilled, color: "green" },
  unknown: { icon: HelpFilled, color: "gray" },
  warning: { icon: WarningFilled, color: "purple" },
  failed: { icon: ErrorFilled, color: "red" },
} as const;

/** Checks before the first sync, when somebody asks. */
export function Preflight() {
  const { t } = useTranslation();
  const { checked, order, check } = usePreflight();
  return (
    <section className="page-section">
      <h2>{t("preflight.title")}</h2>
      <div className="actions">
        <Button kind="tertiary" size="md" disabled={order.isBusy} onClick={check}>
          {t("preflight.do")}
        </Button>
        {order.isBusy && <InlineLoading description={t("preflight.busy")} />}
      </div>
      <Trouble failure={order.failure} />
      <div role="status">{checked && !order.isBusy && <Findings checked={checked} />}</div>
    </section>
  );
}

/** The same in the first set-up: the checks begin by themselves. */
export function PreflightStep() {
  const { t } = useTranslation();
  const { checked, order, check } = usePreflight();
  // Once, when the step appears.
  useEffect(() => check(), []);
  return (
    <section className="page-section">
      <h2>{t("preflight.title")}</h2>
      {order.isBusy && <InlineLoading description={t("preflight.busy")} />}
      <Trouble failure={order.failure} />
      <div role="status">{checked && !order.isBusy && <Findings checked={checked} />}</div>
    </section>
  );
}

function usePreflight() {
  const [checked, setChecked] = useState<Checked>();
  const order = useCommand();
  const check = () => order.give(async () => setChecked(await command<Checked>("preflight")));
  return { checked, order, check };
}

function Findings({ checked }: { checked: Checked }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="words">{t(`preflight.overall.${checked.result}`)}</p>
      <ul>
        {checked.checks.map((check) => (
          <Finding key={check.check} check={check} />
        ))}
      </ul>
    </>
  );
}

function Finding({ check }: { check: Check }) {
  const { t } = useTranslation();
  const { icon, color } = LOOKS[check.result];
  return (
    <li className="words">
      <Tag type={color} renderIcon={icon}>
        {t(`preflight.result.${check.result}`)}
      </Tag>{" "}
      <strong>{checkName(t, check.check)}</strong> {check.what}
      {check.todo && <p className="quiet">{check.todo}</p>}
    </li>
  );
}
