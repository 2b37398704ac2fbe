import { useEffect, useState } from "react";
import { Button, Select, SelectItem, SkeletonText, Tag, TextInput } from "@carbon/react";
import { useTranslation } from "react-i18next";
import {
  command,
  fileAt,
  pageAt,
  session,
  type AuditDetail,
  type AuditMessage,
  type FoundMessages,
  type Run,
  type Story,
} from "../api";
import { linkTo, useAddress } from "../address";
import { lostPaths, timeField, timeOf } from "../decide/activity";
import { CATEGORIES, FAILURES, OUTCOMES } from "../decide/known";
import { rest } from "../decide/search";
import { useLive } from "../live";
import { Facts } from "../parts/Facts";
import { LookFurther } from "../parts/LookFurther";
import { advice, categoryName, meaning, objects, outcome } from "../parts/texts";
import { Trouble } from "../parts/Trouble";
import { useCommand } from "../parts/useCommand";
import { amount, dateAndTime } from "../words";

const PAGE = 25;
const POLL_MS = 5000;
/** The filters of the address bar, as the API names them. */
const FILTERS = [
  "direction",
  "category",
  "status",
  "errorKind",
  "objectUuid",
  "words",
  "nodeId",
  "runId",
  "from",
  "until",
  "after",
] as const;
type Filter = (typeof FILTERS)[number];
/** Those of which one is chosen from a list. */
type ChosenFilter = "direction" | "category" | "status" | "errorKind";

/** All that was done: the audit with its filters, and the runs; or one audit message. */
export function Activity() {
  const { id } = useAddress();
  return id ? <OneMessage key={id} uuid={id} /> : <Audit />;
}

function Audit() {
  const { t } = useTranslation();
  const { filters } = useAddress();
  const given = new Map(FILTERS.map((name): [Filter, string] => [name, filters.get(name) ?? ""]));
  const asked = new URLSearchParams([...given].filter(([, value]) => value !== ""));
  const pathAfter = (place: string) =>
    `audit?${new URLSearchParams({ ...Object.fromEntries(asked), after: place, limit: String(PAGE) })}`;
  const path = pathAfter(given.get("after") ?? "");
  const audit = useLive<FoundMessages>(path, POLL_MS);
  const filter = (name: Filter, value: string) => {
    const changed = { ...Object.fromEntries(given), after: "", [name]: value };
    window.location.hash = linkTo("activity", "", changed);
  };
  const messages = audit.data?.messages ?? [];
  const after = audit.data && rest(audit.data, PAGE);
  return (
    <>
      <div className="page-top">
        <h1>{t("view.activity")}</h1>
      </div>
      <Filters given={given} onFilter={filter} />
      <Trouble failure={audit.failure} />
      {!audit.data && !audit.failure && <SkeletonText paragraph lineCount={6} />}
      {messages.length === 0 && after === "nothing" && <p className="words">{t("activity.none")}</p>}
      {messages.length > 0 && <Messages messages={messages} />}
      {audit.data && after === "notLookedAt" && (
        <LookFurther key={path} pathAfter={pathAfter} found={audit.data} onFound={(place) => filter("after", place)} />
      )}
      <div className="actions">
        {given.get("after") && (
          <Button kind="ghost" size="md" onClick={() => filter("after", "")}>
            {t("activity.newest")}
          </Button>
        )}
        {after === "older" && (
          <Button kind="ghost" size="md" onClick={() => filter("after", audit.data?.next ?? "")}>
            {t("activity.older")}
          </Button>
        )}
        {messages.length > 0 && (
          <a href={fileAt(`audit.csv?${withoutPlace(asked)}`)} download>
            {t("activity.csv")}
          </a>
        )}
      </div>
      <Runs />
    </>
  );
}

/** The filters for a file, which has all pages. */
function withoutPlace(asked: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...asked].filter(([name]) => name !== "after"));
}

interface FiltersProps {
  given: Map<Filter, string>;
  onFilter: (name: Filter, value: string) => void;
}

function Filters({ given, onFilter }: FiltersProps) {
  const { t } = useTranslation();
  const choice = (name: ChosenFilter, options: [value: string, text: string][]) => (
    <Select
      id={`filter-${name}`}
      labelText={t(`filter.${name}`)}
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
      {(["objectUuid", "words", "nodeId", "runId"] as const).map((name) => (
        <TypedFilter
          key={`${name} ${given.get(name)}`}
          name={name}
          given={given.get(name) ?? ""}
          onFilter={(value) => onFilter(name, value.trim())}
        />
      ))}
      {(["from", "until"] as const).map((name) => (
        <TypedFilter
          key={`${name} ${given.get(name)}`}
          name={name}
          type="datetime-local"
          given={timeField(given.get(name) ?? "")}
          onFilter={(value) => onFilter(name, timeOf(value))}
        />
      ))}
    </form>
  );
}

interface TypedFilterProps {
  name: "objectUuid" | "words" | "nodeId" | "runId" | "from" | "until";
  type?: string;
  given: string;
  onFilter: (value: string) => void;
}

/** Filters once somebody has typed, not at each letter. */
function TypedFilter({ name, type = "text", given, onFilter }: TypedFilterProps) {
  const { t } = useTranslation();
  const filter = (value: string) => value !== given && onFilter(value);
  return (
    <TextInput
      id={`filter-${name}`}
      type={type}
      labelText={t(`filter.${name}`)}
      defaultValue={given}
      onKeyDown={(event) => event.key === "Enter" && filter(event.currentTarget.value)}
      onBlur={(event) => filter(event.currentTarget.value)}
    />
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
      <Lost paths={lostPaths(message.detail)} />
      {message.objectUuid && <StoryOf category={message.category} uuid={message.objectUuid} />}
      {message.detail != null && (
        <details className="page-section">
          <summary>{t("message.detail")}</summary>
          <pre className="value">{JSON.stringify(message.detail, null, 2)}</pre>
        </details>
      )}
    </>
  );
}

/** The fields that did not survive. */
function Lost({ paths }: { paths: string[] }) {
  const { t } = useTranslation();
  if (paths.length === 0) return null;
  return (
    <section className="page-section">
      <h2>{t("message.lost")}</h2>
      <ul>
        {paths.map((path) => (
          <li key={path} className="words">
            {path}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Everything that is known of the object, in sentences. */
function StoryOf({ category, uuid }: { category: string; uuid: string }) {
  const { t, i18n } = useTranslation();
  const isInOpenmrs = useIsInOpenmrs();
  const story = useLive<Story>(`object/${encodeURIComponent(category)}/${encodeURIComponent(uuid)}`, POLL_MS);
  return (
    <section className="page-section" aria-labelledby="story">
      <h2 id="story">{t("story.title")}</h2>
      {category === "patient" && isInOpenmrs && (
        <p className="actions">
          <a href={pageAt(`spa/patient/${encodeURIComponent(uuid)}/chart`)}>{t("story.chart")}</a>
          <a href={pageAt(`patientDashboard.form?patientId=${encodeURIComponent(uuid)}`)}>{t("story.dashboard")}</a>
        </p>
      )}
      <Trouble failure={story.failure} />
      {story.data?.now.map((sentence) => (
        <p key={sentence} className="words">
          {sentence}
        </p>
      ))}
      <ol>
        {story.data?.happened.map((told, index) => (
          <li key={`${told.at} ${index}`} className="words">
            <span className="quiet">{dateAndTime(told.at, i18n.language)}</span> {told.words}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Returns true if the server has the pages of OpenMRS: a node without it has not. */
function useIsInOpenmrs(): boolean {
  const [isInOpenmrs, setInOpenmrs] = useState(false);
  useEffect(() => {
    session().then(
      ({ user }) => setInOpenmrs(user?.systemId !== undefined),
      // Then there are no links, and the rest of the view says what is wrong.
      () => undefined,
    );
  }, []);
  return isInOpenmrs;
}
