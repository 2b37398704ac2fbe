import { useState } from "react";
import { Button, Select, SelectItem, SkeletonText, Tag, TextInput } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command, type AuditDetail, type AuditMessage, type Run } from "../api";
import { linkTo, useAddress } from "../address";
import { CATEGORIES, FAILURES, OUTCOMES } from "../decide/known";
import { useLive } from "../live";
import { Facts } from "../parts/Facts";
import { advice, categoryName, meaning, objects, outcome } from "../parts/texts";
import { Trouble } from "../parts/Trouble";
import { useCommand } from "../parts/useCommand";
import { amount, dateAndTime } from "../words";

const PAGE = 25;
const POLL_MS = 5000;
/** What the address bar may filter by, as the API names it. */
const FILTERS = ["direction", "category", "status", "errorKind", "objectUuid", "runId", "after"] as const;
type Filter = (typeof FILTERS)[number];

/** What was done: the audit with its filters, and the runs; or one audit message. */
export function Activity() {
  const { id } = useAddress();
  return id ? <OneMessage key={id} uuid={id} /> : <Audit />;
}

function Audit() {
  const { t } = useTranslation();
  const { filters } = useAddress();
  const given = new Map(FILTERS.map((name): [Filter, string] => [name, filters.get(name) ?? ""]));
  const asked = new URLSearchParams([...given].filter(([, value]) => value !== ""));
  const audit = useLive<AuditMessage[]>(`audit?${new URLSearchParams([...asked, ["limit", String(PAGE)]])}`, POLL_MS);
  const filter = (name: Filter, value: string) => {
    const changed = { ...Object.fromEntries(given), after: "", [name]: value };
    window.location.hash = linkTo("activity", "", changed);
  };
  const last = audit.data?.at(-1);
  return (
    <>
      <div className="page-top">
        <h1>{t("view.activity")}</h1>
      </div>
      <Filters given={given} onFilter={filter} />
      <Trouble failure={audit.failure} />
      {!audit.data && !audit.failure && <SkeletonText paragraph lineCount={6} />}
      {audit.data?.length === 0 && <p className="words">{t("activity.none")}</p>}
      {audit.data && audit.data.length > 0 && <Messages messages={audit.data} />}
      <div className="actions">
        {given.get("after") && (
          <Button kind="ghost" size="md" onClick={() => filter("after", "")}>
            {t("activity.newest")}
          </Button>
        )}
        {audit.data?.length === PAGE && last && (
          <Button kind="ghost" size="md" onClick={() => filter("after", last.cursor)}>
            {t("activity.older")}
          </Button>
        )}
      </div>
      <Runs />
    </>
  );
}

interface FiltersProps {
  given: Map<Filter, string>;
  onFilter: (name: Filter, value: string) => void;
}

function Filters({ given, onFilter }: FiltersProps) {
  const { t } = useTranslation();
  const choice = (name: Filter, options: [value: string, text: string][]) => (
    <Select
      id={`filter-${name}`}
      labelText={t(`filter.${name as "direction"}`)}
      value={given.get(name) ?? ""}
      onChange={(event) => onFilter(name, event.target.value)}
    >
      <SelectItem value="" text={t("filter.all")} />
      {options.map(([value, text]) => (
        <SelectItem key={value} value={value} text={text} />
      ))}
    </Select>
  );
  return (
    <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      {choice("direction", [
        ["pull", t("direction.pull")],
        ["push", t("direction.push")],
      ])}
      {choice(
        "category",
        CATEGORIES.map((name) => [name, categoryName(t, name)]),
      )}
      {choice(
        "status",
        OUTCOMES.map((name) => [name, outcome(t, name)]),
      )}
      {choice(
        "errorKind",
        FAILURES.map((name) => [name, meaning(t, name)]),
      )}
      <TextInput
        id="filter-objectUuid"
        labelText={t("filter.objectUuid")}
        defaultValue={given.get("objectUuid") ?? ""}
        key={given.get("objectUuid")}
        onKeyDown={(event) => event.key === "Enter" && onFilter("objectUuid", event.currentTarget.value.trim())}
        onBlur={(event) => {
          const uuid = event.currentTarget.value.trim();
          if (uuid !== given.get("objectUuid")) onFilter("objectUuid", uuid);
        }}
      />
    </form>
  );
}

function Messages({ messages }: { messages: AuditMessage[] }) {
  const { t, i18n } = useTranslation();
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={t("view.activity")}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t("activity.time")}</th>
            <th scope="col">{t("activity.object")}</th>
            <th scope="col">{t("activity.direction")}</th>
            <th scope="col">{t("activity.outcome")}</th>
          </tr>
        </thead>
        <tbody>
          {messages.map((message) => (
            <tr key={message.uuid}>
              <td>
                <a href={linkTo("activity", message.uuid)}>{dateAndTime(message.recordedAt, i18n.language)}</a>
              </td>
              <td>
                {categoryName(t, message.category)} <span className="quiet">{message.objectUuid}</span>
              </td>
              <td>{t(`direction.${message.direction}`)}</td>
              <td>
                {outcome(t, message.status)}
                {message.error && <div className="quiet">{meaning(t, message.error.kind)}</div>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Runs() {
  const { t, i18n } = useTranslation();
  const runs = useLive<Run[]>("runs?limit=10", POLL_MS);
  const order = useCommand();
  return (
    <section className="page-section">
      <h2>{t("runs.title")}</h2>
      <Trouble failure={runs.failure ?? order.failure} />
      <div className="wide" tabIndex={0} role="region" aria-label={t("runs.title")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("runs.began")}</th>
              <th scope="col">{t("activity.direction")}</th>
              <th scope="col">{t("card.state")}</th>
              <th scope="col">{t("card.events")}</th>
              <th scope="col">{t("runs.more")}</th>
            </tr>
          </thead>
          <tbody>
            {runs.data?.map((run) => (
              <tr key={run.id}>
                <td>{dateAndTime(run.startedAt, i18n.language)}</td>
                <td>{t(`direction.${run.direction}`)}</td>
                <td>
                  {t(`state.${run.state}`)}
                  {run.error && <div className="quiet">{run.error.message}</div>}
                </td>
                <td>
                  {amount(run.events, i18n.language)}
                  {run.remaining !== null &&
                    run.state === "running" &&
                    ` / ${amount(run.events + run.remaining, i18n.language)}`}
                </td>
                <td>
                  <a href={linkTo("activity", "", { runId: run.id })}>{t("runs.messages")}</a>
                  {run.state === "running" && (
                    <Button
                      kind="ghost"
                      size="sm"
                      onClick={() => order.give(() => command("cancel").then(runs.refresh))}
                    >
                      {t(`cancel.${run.direction}`)}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function OneMessage({ uuid }: { uuid: string }) {
  const { t, i18n } = useTranslation();
  const message = useLive<AuditDetail>(`audit/${encodeURIComponent(uuid)}`, POLL_MS);
  return (
    <>
      <div className="page-top">
        <h1>{t("message.title")}</h1>
        <a href={linkTo("activity")}>{t("message.back")}</a>
      </div>
      <Trouble failure={message.failure} />
      {message.data && <MessageFacts message={message.data} language={i18n.language} onChanged={message.refresh} />}
    </>
  );
}

interface MessageProps {
  message: AuditDetail;
  language: string;
  onChanged: () => void;
}

function MessageFacts({ message, language, onChanged }: MessageProps) {
  const { t } = useTranslation();
  const order = useCommand();
  const [isAsked, setAsked] = useState(false);
  const retry = () =>
    order.give(async () => {
      await command("audit/retry", { uuids: [message.uuid] });
      setAsked(true);
      onChanged();
    });
  return (
    <>
      <p className="words">
        <Tag type={message.status === "PARKED" || message.status === "CONFLICT" ? "red" : "green"}>
          {message.status}
        </Tag>{" "}
        {objects(t, message.category, 1)}: {outcome(t, message.status)}
      </p>
      {message.error && (
        <>
          <p className="words">
            {meaning(t, message.error.kind)}. {advice(t, message.error.kind)}
          </p>
          <p className="quiet">{message.error.message}</p>
        </>
      )}
      <Facts
        of={[
          [t("activity.time"), dateAndTime(message.recordedAt, language)],
          [t("activity.direction"), t(`direction.${message.direction}`)],
          [t("activity.object"), message.objectUuid],
          [t("message.action"), message.action],
          [t("message.how"), [message.representation, message.client].filter(Boolean).join(", ")],
          [t("message.where"), message.url],
        ]}
      />
      <p className="actions">
        {message.objectUuid && (
          <a href={linkTo("activity", "", { objectUuid: message.objectUuid })}>{t("message.story")}</a>
        )}
        {message.carriedBy && <a href={linkTo("activity", message.carriedBy)}>{t("message.carriedBy")}</a>}
        <a href={linkTo("activity", "", { runId: message.runId })}>{t("message.run")}</a>
      </p>
      <Trouble failure={order.failure} />
      {message.status === "PARKED" && (
        <div className="actions">
          <Button size="md" disabled={order.isBusy} onClick={retry}>
            {t("record.retry")}
          </Button>
          <span role="status">{isAsked && !order.failure && t("problems.asked")}</span>
        </div>
      )}
      {message.attempts.length > 0 && (
        <section className="page-section">
          <h2>{t("message.attempts")}</h2>
          <ol>
            {message.attempts.map((attempt) => (
              <li key={attempt.number} className="words">
                {dateAndTime(attempt.attemptedAt, language)}: {outcome(t, attempt.outcome)}{" "}
                <span className="quiet">{attempt.error?.message}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
      {message.detail != null && (
        <section className="page-section">
          <h2>{t("message.detail")}</h2>
          <pre className="value">{JSON.stringify(message.detail, null, 2)}</pre>
        </section>
      )}
    </>
  );
}
