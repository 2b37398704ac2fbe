import { useState } from "react";
import { Button, InlineNotification, SkeletonText, Tag, Tile } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command, fileAt, type Cause, type Parked } from "../api";
import { causeFilter, causeKey } from "../decide/causes";
import { useLive } from "../live";
import { ReasonForm } from "../parts/ReasonForm";
import { advice, meaning, objects } from "../parts/texts";
import { Trouble } from "../parts/Trouble";
import { useCommand, type Command } from "../parts/useCommand";
import { dateAndTime } from "../words";

const POLL_MS = 5000;
/** How many records of a cause are listed: at first, and each time that somebody wants to see more. */
const SHOWN = [5, 50, 1000] as const;

/** The records that are meant, as the API takes them. */
type Meant = { auditUuids: string[] } | { filter: Record<string, string> };

/** The actions on parked records. */
interface Actions {
  order: Command;
  retry: (meant: Meant) => void;
  dismiss: (meant: Meant, reason: string) => void;
}

/** Stuck records, put together by why, and what to do about them. */
export function Problems() {
  const { t } = useTranslation();
  const causes = useLive<Cause[]>("parked/groups", POLL_MS);
  const count = causes.data?.reduce((sum, cause) => sum + cause.count, 0) ?? 0;
  return (
    <>
      <div className="page-top">
        <h1>{t("view.problems")}</h1>
      </div>
      <Trouble failure={causes.failure} />
      {!causes.data && !causes.failure && <SkeletonText paragraph lineCount={4} />}
      {causes.data?.length === 0 && (
        <InlineNotification kind="success" lowContrast hideCloseButton title={t("problems.none")} />
      )}
      {causes.data && causes.data.length > 1 && <Everything count={count} onChanged={causes.refresh} />}
      {causes.data?.map((cause) => (
        <CauseTile key={causeKey(cause)} cause={cause} onChanged={causes.refresh} />
      ))}
      {count > 0 && (
        <a href={fileAt("parked.csv")} download>
          {t("problems.csv")}
        </a>
      )}
    </>
  );
}

function useActions(onChanged: () => void): Actions & { isAsked: boolean } {
  const order = useCommand();
  const [isAsked, setAsked] = useState(false);
  const give = (work: () => Promise<unknown>, asked: boolean) =>
    order.give(async () => {
      await work();
      setAsked(asked);
      onChanged();
    });
  return {
    order,
    isAsked,
    retry: (meant) => give(() => command("parked/retry", meant), true),
    dismiss: (meant, reason) => give(() => command("parked/dismiss", { ...meant, reason }), false),
  };
}

interface ChangingProps {
  onChanged: () => void;
}

function Everything({ count, onChanged }: ChangingProps & { count: number }) {
  return (
    <Tile className="page-section">
      <ForSeveral count={count} meant={{ filter: {} }} actions={useActions(onChanged)} />
    </Tile>
  );
}

interface SeveralProps {
  count: number;
  meant: Meant;
  actions: Actions & { isAsked: boolean };
}

function ForSeveral({ count, meant, actions }: SeveralProps) {
  const { t } = useTranslation();
  const { order, isAsked, retry, dismiss } = actions;
  return (
    <>
      <Trouble failure={order.failure} />
      <div className="actions">
        <Button size="md" disabled={order.isBusy} onClick={() => retry(meant)}>
          {t("problems.retryAll", { count })}
        </Button>
        <ReasonForm
          label={t("dismiss.all", { count })}
          question={t("dismiss.what")}
          isBusy={order.isBusy}
          onConfirm={(reason) => dismiss(meant, reason)}
        />
        <span role="status">{isAsked && !order.failure && t("problems.asked")}</span>
      </div>
    </>
  );
}

function CauseTile({ cause, onChanged }: ChangingProps & { cause: Cause }) {
  const { t } = useTranslation();
  const [step, setStep] = useState(0);
  const shown = SHOWN[step] ?? SHOWN[0];
  const filter = causeFilter(cause);
  const records = useLive<Parked[]>(`parked?${new URLSearchParams({ ...filter, limit: String(shown) })}`, POLL_MS);
  const actions = useActions(() => {
    records.refresh();
    onChanged();
  });
  return (
    <Tile className="page-section" data-cause={cause.kind}>
      <h2>{useTitle(cause)}</h2>
      <p>
        <Tag>{t(`direction.${cause.direction}`)}</Tag>
        <Tag type="red">{meaning(t, cause.kind)}</Tag>
      </p>
      <p className="words">{advice(t, cause.kind)}</p>
      <p className="quiet">{cause.message}</p>
      <ForSeveral count={cause.count} meant={{ filter }} actions={actions} />
      <Trouble failure={records.failure} />
      <ul className="records">
        {records.data?.map((record) => (
          <Record key={record.auditUuid} record={record} actions={actions} />
        ))}
      </ul>
      {cause.count > shown && step < SHOWN.length - 1 && (
        <Button kind="ghost" size="md" onClick={() => setStep(step + 1)}>
          {t("problems.more", { count: Math.min(cause.count, SHOWN[step + 1] ?? cause.count) })}
        </Button>
      )}
      {step > 0 && (
        <Button kind="ghost" size="md" onClick={() => setStep(0)}>
          {t("problems.fewer")}
        </Button>
      )}
    </Tile>
  );
}

function useTitle({ kind, category, count, waitingForCategory, awaited }: Cause): string {
  const { t } = useTranslation();
  const who = objects(t, category, count);
  if (!waitingForCategory) return t("problems.title", { who, why: meaning(t, kind) });
  return t("problems.waiting", { who, what: objects(t, waitingForCategory, awaited) });
}

function Record({ record, actions }: { record: Parked; actions: Actions }) {
  const { t, i18n } = useTranslation();
  const next = record.nextAttemptAt;
  const { uuid, category } = record.object;
  const { order, retry, dismiss } = actions;
  const meant = { auditUuids: [record.auditUuid] };
  return (
    <li className="record">
      <div>
        <strong>
          {objects(t, category, 1)} {uuid}
        </strong>
        <p className="quiet">
          {t("record.since", { time: dateAndTime(record.parkedAt, i18n.language) })}{" "}
          {t("record.attempts", { count: record.attempts })}{" "}
          {next === null ? t("record.whenAsked") : t("record.next", { time: dateAndTime(next, i18n.language) })}
        </p>
        <p className="words">{record.error.message}</p>
      </div>
      <div className="actions">
        <Button
          kind="tertiary"
          size="sm"
          disabled={order.isBusy}
          onClick={() => retry(meant)}
          aria-label={t("record.retryOf", { uuid })}
        >
          {t("record.retry")}
        </Button>
        <ReasonForm
          label={t("dismiss.one", { uuid: uuid.slice(0, 8) })}
          question={t("dismiss.what")}
          isBusy={order.isBusy}
          onConfirm={(reason) => dismiss(meant, reason)}
        />
      </div>
    </li>
  );
}
