import { useState } from "react";
import { Button, InlineLoading, Tag } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command } from "../api";
import { stretch } from "../words";
import { categoryName } from "./texts";
import { Trouble } from "./Trouble";
import { useCommand } from "./useCommand";

interface Check {
  name: string;
  category: string | null;
  ok: boolean;
  message: string;
  milliseconds: number;
}

/** The findings of the connection test. */
export interface Tested {
  ok: boolean;
  checks: Check[];
  clockDifferenceMs: number | null;
}

/** Tries what a pull needs of the parent, step by step. */
export function ConnectionTest({ parent }: { parent: string }) {
  const { t } = useTranslation();
  const [tested, setTested] = useState<Tested>();
  const order = useCommand();
  const test = () => order.give(async () => setTested(await command<Tested>("connection-test")));
  return (
    <section className="page-section">
      <h2>{t("connection.title")}</h2>
      <p className="words">{parent}</p>
      <div className="actions">
        <Button kind="tertiary" size="md" disabled={order.isBusy} onClick={test}>
          {t("connection.do")}
        </Button>
        {order.isBusy && <InlineLoading description={t("connection.busy")} />}
      </div>
      <Trouble failure={order.failure} />
      <div role="status">{tested && !order.isBusy && <TestResult tested={tested} />}</div>
    </section>
  );
}

/** The steps of the test, and what failed. */
export function TestResult({ tested }: { tested: Tested }) {
  const { t, i18n } = useTranslation();
  const failed = tested.checks.filter((check) => !check.ok);
  const passed = tested.checks.filter((check) => check.ok);
  return (
    <>
      <p className="words">{t(tested.ok ? "connection.good" : "connection.bad")}</p>
      <Checks checks={failed} />
      {passed.length > 0 && (
        <details>
          <summary>{t("connection.steps", { count: passed.length })}</summary>
          <Checks checks={passed} />
        </details>
      )}
      {tested.clockDifferenceMs !== null && (
        <p className="quiet">
          {t("connection.clocks", { time: stretch(Math.abs(tested.clockDifferenceMs), i18n.language) })}
        </p>
      )}
    </>
  );
}

function Checks({ checks }: { checks: Check[] }) {
  const { t } = useTranslation();
  return (
    <ul>
      {checks.map((check) => (
        <li key={`${check.name} ${check.category}`} className="words">
          <Tag type={check.ok ? "green" : "red"}>{t(check.ok ? "connection.passed" : "connection.failed")}</Tag>{" "}
          <strong>{[check.name, check.category && categoryName(t, check.category)].filter(Boolean).join(" ")}</strong>{" "}
          {check.message}
        </li>
      ))}
    </ul>
  );
}
