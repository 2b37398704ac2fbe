import { useState } from "react";
import { Button, Checkbox, InlineNotification, Stack, TextArea } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command, read, Refused, type Pair, type Parked, type Run } from "../api";
import { linkTo } from "../address";
import { joined, mappedPairs } from "../decide/namesakes";
import { withValue, type Document } from "../decide/settings";
import { firstPull, forTheStart, forTheTest, locationsOf, withUsualCategories } from "../decide/setup";
import { useLive } from "../live";
import { TestResult, type Tested } from "../parts/ConnectionTest";
import { Categories, PasswordField, TextField, useCheck, type FieldsProps } from "../parts/fields";
import { KeptConfiguration } from "../parts/KeptConfiguration";
import { Namesakes } from "../parts/Namesakes";
import { PreflightStep } from "../parts/Preflight";
import { RunProgress } from "../parts/RunProgress";
import { advice, meaning } from "../parts/texts";
import { Trouble } from "../parts/Trouble";
import { useCommand } from "../parts/useCommand";

const POLL_MS = 1000;
const RUNS = "runs?limit=20";

/** From nothing to the first objects of the parent, step by step. */
export function SetUp() {
  const { t } = useTranslation();
  return (
    <>
      <div className="page-top">
        <h1>{t("view.setup")}</h1>
      </div>
      <KeptConfiguration>{(kept) => <Steps kept={kept} />}</KeptConfiguration>
    </>
  );
}

function Steps({ kept }: { kept: Document }) {
  const [document, setDocument] = useState(kept);
  const [isReached, setReached] = useState(false);
  const [begun, setBegun] = useState<Begun>();
  const reach = (saved: Document) => {
    setDocument(withUsualCategories(saved));
    setReached(true);
  };
  return (
    <>
      <ParentStep kept={document} onReached={reach} onLeft={() => setReached(false)} />
      {isReached && !begun && <PreflightStep />}
      {isReached && !begun && <ChoiceStep kept={document} onBegun={setBegun} />}
      {begun && <PullStep before={begun.before} />}
    </>
  );
}

/** A step's form: what is typed, and what the server says of it. */
function useForm(kept: Document): { document: Document; field: FieldsProps } {
  const [document, setDocument] = useState(kept);
  const { mistakes } = useCheck(document);
  const onChange = (path: string, value: unknown) => setDocument((last) => withValue(last, path, value));
  return { document, field: { document, mistakes, onChange } };
}

interface ParentStepProps {
  kept: Document;
  /** The parent answers as it should; the document is the one that the server keeps. */
  onReached: (saved: Document) => void;
  onLeft: () => void;
}

function ParentStep({ kept, onReached, onLeft }: ParentStepProps) {
  const { t } = useTranslation();
  const order = useCommand();
  const [tested, setTested] = useState<Tested>();
  const { document, field } = useForm(forTheTest(kept));
  const test = () =>
    order.give(async () => {
      setTested(undefined);
      onLeft();
      const saved = await command<Document>("config", document);
      const result = await command<Tested>("connection-test");
      setTested(result);
      if (result.ok) onReached(saved);
    });
  return (
    <section className="page-section">
      <h2>{t("setup.parent")}</h2>
      <p className="words">{t("setup.parentHelp")}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          test();
        }}
      >
        <Stack gap={5}>
          <TextField {...field} path="node.name" label={t("settings.node")} />
          <TextField {...field} path="parent.url" label={t("settings.parent")} />
          <TextField {...field} path="parent.username" label={t("settings.user")} />
          <PasswordField {...field} />
          <Trouble failure={order.failure} />
          <Button type="submit" size="md" disabled={order.isBusy}>
            {t(order.isBusy ? "connection.busy" : "setup.test")}
          </Button>
        </Stack>
      </form>
      <div role="status">{tested && <TestResult tested={tested} />}</div>
    </section>
  );
}

/** The runs that there were before the first pull began. */
interface Begun {
  before: ReadonlySet<string>;
}

interface ChoiceStepProps {
  kept: Document;
  onBegun: (begun: Begun) => void;
}

function ChoiceStep({ kept, onBegun }: ChoiceStepProps) {
  const { t } = useTranslation();
  const order = useCommand();
  const [sends, setSends] = useState(true);
  const [locations, setLocations] = useState("");
  const { document, field } = useForm(kept);
  const begin = () =>
    order.give(async () => {
      const runs = await read<Run[]>(RUNS);
      await command("config", forTheStart(document, sends));
      await command("pull").catch(unlessUnderWay);
      onBegun({ before: new Set(runs.map((run) => run.id)) });
    });
  return (
    <section className="page-section">
      <h2>{t("setup.choose")}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        <Stack gap={5}>
          <Categories {...field} />
          <TextArea
            id="locations"
            rows={3}
            labelText={t("setup.locations")}
            helperText={t("setup.locationsHelp")}
            value={locations}
            onChange={(event) => {
              setLocations(event.target.value);
              field.onChange("filter.locations", locationsOf(event.target.value));
            }}
          />
          <Checkbox
            id="sends"
            labelText={t("settings.push")}
            checked={sends}
            onChange={(_, { checked }) => setSends(checked)}
          />
          {[...field.mistakes].map(([path, what]) => (
            <InlineNotification key={path} kind="error" lowContrast hideCloseButton title={path} subtitle={what} />
          ))}
          <Trouble failure={order.failure} />
          <Button type="submit" size="md" disabled={order.isBusy}>
            {t("setup.begin")}
          </Button>
        </Stack>
      </form>
    </section>
  );
}

/** The schedule may have begun the first pull already. */
function unlessUnderWay(error: unknown): void {
  if (!(error instanceof Refused && error.status === 409)) throw error;
}

function PullStep({ before }: Begun) {
  const { t } = useTranslation();
  const runs = useLive<Run[]>(RUNS, POLL_MS);
  const waiting = useLive<Parked[]>("parked?limit=1", POLL_MS);
  const pull = firstPull(runs.data ?? [], before);
  return (
    <section className="page-section">
      <h2>{t("setup.first")}</h2>
      <Trouble failure={runs.failure ?? waiting.failure} />
      {pull.says === "begins" && <p className="words">{t("setup.begins")}</p>}
      {pull.says === "running" && <RunProgress run={pull.run} />}
      {pull.says === "failed" && pull.run.error && (
        <InlineNotification
          kind="error"
          lowContrast
          hideCloseButton
          role="alert"
          title={meaning(t, pull.run.error.kind)}
          subtitle={`${advice(t, pull.run.error.kind)} ${pull.run.error.message}`}
        />
      )}
      {pull.says === "done" && (
        <>
          <InlineNotification
            kind="success"
            lowContrast
            hideCloseButton
            role="status"
            title={t("setup.done", { count: pull.saved })}
          />
          <p className="actions">
            <a href={linkTo("overview")}>{t("setup.toOverview")}</a>
            {(waiting.data?.length ?? 0) > 0 && <a href={linkTo("problems")}>{t("overview.seeProblems")}</a>}
          </p>
          <NamesakesStep onSaved={runs.refresh} />
        </>
      )}
    </section>
  );
}

/** Metadata that the first pull met and that has another uuid here: where both are one, it is said so, and what waits is pulled. */
function NamesakesStep({ onSaved }: { onSaved: () => void }) {
  const { t } = useTranslation();
  const order = useCommand();
  const waiting = useLive<Pair[]>("namesakes", POLL_MS);
  const [ticked, setTicked] = useState<Document>({});
  const save = () =>
    order.give(async () => {
      const kept = await read<Document>("config");
      await command("config", mappedPairs(ticked).reduce(joined, kept));
      await command("pull").catch(unlessUnderWay);
      setTicked({});
      waiting.refresh();
      onSaved();
    });
  if (!waiting.data || waiting.data.length === 0) return <Trouble failure={order.failure} />;
  return (
    <form
      className="page-section"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Stack gap={5}>
        <Namesakes document={ticked} waiting={waiting.data} onChange={setTicked} />
        <Trouble failure={order.failure} />
        <Button type="submit" size="md" disabled={order.isBusy || mappedPairs(ticked).length === 0}>
          {t("namesakes.save")}
        </Button>
      </Stack>
    </form>
  );
}
