import { useEffect } from "react";
import { Button, InlineNotification, SkeletonText, Tag, Tile } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command, read, type Day, type Direction, type Run, type Status } from "../api";
import { linkTo } from "../address";
import { headline, lastSuccess, type Headline } from "../decide/headline";
import { withValue, type Document } from "../decide/settings";
import { isSetUp, onlyServing } from "../decide/setup";
import { useLive } from "../live";
import { ConnectionTest } from "../parts/ConnectionTest";
import { LastDays } from "../parts/LastDays";
import { Preflight } from "../parts/Preflight";
import { RunProgress } from "../parts/RunProgress";
import { advice, meaning } from "../parts/texts";
import { Trouble } from "../parts/Trouble";
import { useCommand } from "../parts/useCommand";
import { amount, dateAndTime, stretch } from "../words";

const POLL_MS = 3000;
const RUNS_MS = 60_000;

/** The overview: does it work, how far behind is it, and what is to do. */
export function Overview() {
  const { t } = useTranslation();
  const status = useLive<Status>("status", POLL_MS);
  const runs = useLive<Run[]>("runs?limit=50", RUNS_MS);
  const days = useLive<Day[]>(`days?aheadMinutes=${-new Date().getTimezoneOffset()}`, RUNS_MS);
  const states = `${status.data?.node}${status.data?.pull?.id}${status.data?.pull?.state}${status.data?.push?.id}${status.data?.push?.state}`;
  useEffect(runs.refresh, [states, runs.refresh]);
  useEffect(days.refresh, [states, days.refresh]);

  const isClosed = status.data !== undefined && status.data.node === undefined;
  const isReady = isClosed || (status.data && runs.data);
  const failure = status.failure ?? (isClosed ? undefined : (runs.failure ?? days.failure));
  return (
    <>
      <div className="page-top">
        <h1>{t("view.overview")}</h1>
        {status.data?.node && <Tag>{status.data.node}</Tag>}
      </div>
      <Trouble failure={failure} />
      {isClosed && <NotOpen problems={status.data?.problems ?? []} onChanged={status.refresh} />}
      {status.data && runs.data && !isClosed && (
        <Present status={status.data} runs={runs.data} days={days.data} onChanged={status.refresh} />
      )}
      {!isReady && !failure && <SkeletonText paragraph lineCount={4} />}
    </>
  );
}

interface NotOpenProps {
  problems: string[];
  onChanged: () => void;
}

/** A server whose engine is not open has nothing to show but why: often nobody has said yet what it does. */
function NotOpen({ problems, onChanged }: NotOpenProps) {
  const { t } = useTranslation();
  const config = useLive<Document>("config", POLL_MS);
  const order = useCommand();
  if (!config.data && !config.failure) return <SkeletonText paragraph lineCount={4} />;
  if (!config.data || isSetUp(config.data)) {
    return problems.map((text) => (
      <InlineNotification
        key={text}
        kind="error"
        lowContrast
        hideCloseButton
        role="status"
        title={t("first.closed")}
        subtitle={text}
      />
    ));
  }
  const document = config.data;
  const serve = () => order.give(() => command("config", onlyServing(document)).then(onChanged));
  return (
    <div data-says="new">
      <InlineNotification
        kind="info"
        lowContrast
        hideCloseButton
        role="status"
        title={t("first.new")}
        subtitle={t("first.newHelp")}
      />
      <Trouble failure={order.failure} />
      <p className="actions">
        <a href={linkTo("setup")}>{t("overview.setUp")}</a>
        <Button kind="tertiary" size="md" disabled={order.isBusy} onClick={serve}>
          {t("overview.onlyServes")}
        </Button>
      </p>
    </div>
  );
}

interface PresentProps extends SynchronizedProps {
  /** Nothing until they are read. */
  days: Day[] | undefined;
}

interface SynchronizedProps {
  status: Status;
  runs: Run[];
  onChanged: () => void;
}

function Present({ status, runs, days, onChanged }: PresentProps) {
  const { t } = useTranslation();
  const said = [...status.problems, ...(status.notes ?? []).map((note) => note.message), ...(status.warnings ?? [])];
  return (
    <>
      <First headline={headline(status, runs)} />
      {said.length > 0 && (
        <section className="page-section">
          <h2>{t("overview.lookAt")}</h2>
          {said.map((text) => (
            <InlineNotification key={text} kind="warning" lowContrast hideCloseButton title="" subtitle={text} />
          ))}
        </section>
      )}
      {status.parent != null && (
        <section className="page-section">
          <h2>{t("overview.directions")}</h2>
          <div className="cards">
            <DirectionCard direction="pull" status={status} runs={runs} onChanged={onChanged} />
            <DirectionCard direction="push" status={status} runs={runs} onChanged={onChanged} />
          </div>
        </section>
      )}
      {status.parent != null && days && <LastDays days={days} />}
      {status.parent != null && <ConnectionTest parent={status.parent} />}
      {status.parent != null && <Preflight />}
      <p className="quiet">{status.version && t("overview.version", { version: status.version })}</p>
    </>
  );
}

const TONES = {
  root: "info",
  off: "warning",
  waitingForFirst: "info",
  stopped: "error",
  running: "info",
  works: "warning",
  noticed: "warning",
  well: "success",
} as const;

/** The headline for somebody who looks only once. */
function First({ headline }: { headline: Headline }) {
  const { t } = useTranslation();
  const words = useFirstWords(headline);
  const waits = headline.says === "works";
  return (
    <div data-says={headline.says}>
      <InlineNotification
        kind={TONES[headline.says]}
        lowContrast
        hideCloseButton
        role="status"
        title={words.title}
        subtitle={words.more}
      />
      {headline.says === "root" && (
        <p className="actions">
          <a href={linkTo("setup")}>{t("overview.setUp")}</a>
        </p>
      )}
      {waits && (
        <p className="actions">
          {headline.parked > 0 && <a href={linkTo("problems")}>{t("overview.seeProblems")}</a>}
          {headline.conflicts > 0 && <a href={linkTo("conflicts")}>{t("overview.seeConflicts")}</a>}
        </p>
      )}
    </div>
  );
}

function useFirstWords(headline: Headline): { title: string; more: string } {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const ago = (time: number) => stretch(Date.now() - time, language);
  switch (headline.says) {
    case "root":
    case "off":
    case "waitingForFirst":
      return { title: t(`first.${headline.says}`), more: "" };
    case "stopped":
      return {
        title: t("first.stopped", { since: dateAndTime(headline.since, language), why: meaning(t, headline.why.kind) }),
        more: advice(t, headline.why.kind),
      };
    case "running":
      return { title: t(`first.running.${headline.direction}`), more: howFar(headline) };
    case "works":
      return {
        title: t("first.works", { ago: ago(headline.since) }),
        more: t("first.waiting", {
          records: t("records", { count: headline.parked }),
          conflicts: t("conflicts", { count: headline.conflicts }),
        }),
      };
    case "noticed":
      return { title: t("first.works", { ago: ago(headline.since) }), more: t("first.noticed") };
    case "well":
      return { title: t("first.well"), more: t("first.lastSuccess", { ago: ago(headline.since) }) };
  }

  function howFar(running: Extract<Headline, { says: "running" }>): string {
    const done = t("progress.done", { number: amount(running.done, language), count: running.done });
    const left =
      running.left === null ? "" : t("progress.left", { number: amount(running.left, language), count: running.left });
    const time =
      running.milliseconds === null ? "" : t("progress.time", { time: stretch(running.milliseconds, language) });
    return [done, left, time].filter(Boolean).join(" ");
  }
}

interface CardProps extends SynchronizedProps {
  direction: Direction;
}

function DirectionCard({ direction, status, runs, onChanged }: CardProps) {
  const { t, i18n } = useTranslation();
  const order = useCommand();
  const run = status[direction] ?? null;
  const isRunning = run?.state === "running";
  const isOn = direction === "pull" ? status.pullEnabled : status.pushEnabled;
  const success = lastSuccess(direction, run, runs);
  const time = (value: number | null | undefined) => (value == null ? t("none") : dateAndTime(value, i18n.language));
  const start = () => order.give(() => command(direction).then(onChanged));
  const pause = () =>
    order.give(async () => {
      const document = await read<Document>("config");
      await command("config", withValue(document, `${direction}.enabled`, !isOn));
      onChanged();
    });
  const stop = () => order.give(() => command("cancel").then(onChanged));
  return (
    <Tile>
      <h3>
        {t(`direction.${direction}`)} <Tag type={isOn ? "green" : "gray"}>{t(isOn ? "on" : "off")}</Tag>
      </h3>
      {isRunning && <RunProgress run={run} />}
      <dl className="facts">
        <dt>{t("card.state")}</dt>
        <dd>{run ? t(`state.${run.state}`) : t("state.none")}</dd>
        <dt>{t("card.lastSuccess")}</dt>
        <dd>{time(success)}</dd>
        <dt>{t("card.next")}</dt>
        <dd>{time(run?.nextRunAt)}</dd>
        {direction === "pull" && status.lagMs != null && (
          <>
            <dt>{t("card.lag")}</dt>
            <dd>{stretch(status.lagMs, i18n.language)}</dd>
          </>
        )}
        {run && (
          <>
            <dt>{t("card.events")}</dt>
            <dd>
              {t("card.rate", {
                events: amount(run.events, i18n.language),
                rate: amount(run.ratePerSecond, i18n.language),
              })}
            </dd>
          </>
        )}
      </dl>
      {run?.error && (
        <>
          <p className="words">{meaning(t, run.error.kind)}</p>
          <p className="quiet">{run.error.message}</p>
        </>
      )}
      <Trouble failure={order.failure} />
      <div className="actions">
        {isRunning ? (
          <Button kind="secondary" size="md" disabled={order.isBusy} onClick={stop}>
            {t(`cancel.${direction}`)}
          </Button>
        ) : (
          <Button size="md" disabled={order.isBusy} onClick={start}>
            {t(`start.${direction}`)}
          </Button>
        )}
        <Button kind="ghost" size="md" disabled={order.isBusy} onClick={pause}>
          {t(isOn ? "card.pause" : "card.resume")}
        </Button>
      </div>
    </Tile>
  );
}
