import { useMemo, useState } from "react";
import { Button, InlineNotification, SkeletonText, Tag, Tile } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command, type Parked } from "../api";
import { causes, type Cause } from "../decide/causes";
import { useLive } from "../live";
import { advice, meaning, objects } from "../parts/texts";
import { Trouble } from "../parts/Trouble";
import { useCommand } from "../parts/useCommand";
import { dateAndTime } from "../words";

/** The most records that are read at once; the server gives no more either. */
const MOST = 1000;
const POLL_MS = 5000;
const SHOWN_AT_FIRST = 5;

/** What is stuck, put together by why, and what to do about it. */
export function Problems() {
  const { t } = useTranslation();
  const parked = useLive<Parked[]>(`parked?limit=${MOST}`, POLL_MS);
  const groups = useMemo(() => causes(parked.data ?? []), [parked.data]);
  return (
    <>
      <div className="page-top">
        <h1>{t("view.problems")}</h1>
      </div>
      <Trouble failure={parked.failure} />
      {!parked.data && !parked.failure && <SkeletonText paragraph lineCount={4} />}
      {parked.data?.length === 0 && (
        <InlineNotification kind="success" lowContrast hideCloseButton title={t("problems.none")} />
      )}
      {parked.data?.length === MOST && <p className="words">{t("problems.newest", { count: MOST })}</p>}
      {groups.map((cause) => (
        <CauseTile key={cause.key} cause={cause} onChanged={parked.refresh} />
      ))}
    </>
  );
}

interface CauseProps {
  cause: Cause;
  onChanged: () => void;
}

function CauseTile({ cause, onChanged }: CauseProps) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const [isAsked, setAsked] = useState(false);
  const order = useCommand();
  const retry = (records: Parked[]) =>
    order.give(async () => {
      await command("audit/retry", { uuids: records.map((record) => record.auditUuid) });
      setAsked(true);
      onChanged();
    });
  const shown = isOpen ? cause.records : cause.records.slice(0, SHOWN_AT_FIRST);
  return (
    <Tile className="page-section" data-cause={cause.kind}>
      <h2>{useTitle(cause)}</h2>
      <p>
        <Tag>{t(`direction.${cause.direction}`)}</Tag>
        <Tag type="red">{cause.kind}</Tag>
      </p>
      <p className="words">{advice(t, cause.kind)}</p>
      <p className="quiet">{cause.message}</p>
      <Trouble failure={order.failure} />
      <div className="actions">
        <Button size="md" disabled={order.isBusy} onClick={() => retry(cause.records)}>
          {t("problems.retryAll", { count: cause.records.length })}
        </Button>
        <span role="status">{isAsked && !order.failure && t("problems.asked")}</span>
      </div>
      <ul className="records">
        {shown.map((record) => (
          <Record key={record.auditUuid} record={record} isBusy={order.isBusy} onRetry={() => retry([record])} />
        ))}
      </ul>
      {cause.records.length > SHOWN_AT_FIRST && (
        <Button kind="ghost" size="md" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t(isOpen ? "problems.fewer" : "problems.all", { count: cause.records.length })}
        </Button>
      )}
    </Tile>
  );
}

function useTitle({ kind, category, records, waitingFor }: Cause): string {
  const { t } = useTranslation();
  const who = objects(t, category, records.length);
  if (!waitingFor) return t("problems.title", { who, why: meaning(t, kind) });
  return t("problems.waiting", { who, what: objects(t, waitingFor.category, waitingFor.count) });
}

interface RecordProps {
  record: Parked;
  isBusy: boolean;
  onRetry: () => void;
}

function Record({ record, isBusy, onRetry }: RecordProps) {
  const { t, i18n } = useTranslation();
  const next = record.nextAttemptAt;
  return (
    <li className="record">
      <div>
        <strong>
          {objects(t, record.object.category, 1)} {record.object.uuid}
        </strong>
        <p className="quiet">
          {t("record.since", { time: dateAndTime(record.parkedAt, i18n.language) })}{" "}
          {t("record.attempts", { count: record.attempts })}{" "}
          {next === null ? t("record.whenAsked") : t("record.next", { time: dateAndTime(next, i18n.language) })}
        </p>
        <p className="words">{record.error.message}</p>
      </div>
      <Button
        kind="tertiary"
        size="sm"
        disabled={isBusy}
        onClick={onRetry}
        aria-label={t("record.retryOf", { uuid: record.object.uuid })}
      >
        {t("record.retry")}
      </Button>
    </li>
  );
}
