import { useState } from "react";
import {
  Button,
  Checkbox,
  InlineNotification,
  RadioButton,
  RadioButtonGroup,
  SkeletonText,
  Stack,
  Tag,
  TextArea,
  TextInput,
  Tile,
} from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command, type Conflict, type ConflictDetail, type Difference } from "../api";
import { linkTo, useAddress } from "../address";
import { decision, isComplete, isOnlyAsAWhole, otherSide, situation, type Draft, type Side } from "../decide/decision";
import { personIn, placeName } from "../decide/label";
import { useLive } from "../live";
import { Facts } from "../parts/Facts";
import { categoryName, decided, objects } from "../parts/texts";
import { DecideSeveral } from "../parts/DecideSeveral";
import { Trouble } from "../parts/Trouble";
import { useCommand } from "../parts/useCommand";
import { dateAndTime } from "../words";

const PAGE = 50;
const POLL_MS = 5000;

/** Conflicts for a person to decide; or one of them. */
export function Conflicts() {
  const { id } = useAddress();
  return id ? <OneConflict key={id} uuid={id} /> : <All />;
}

function All() {
  const { t, i18n } = useTranslation();
  const { filters } = useAddress();
  const after = filters.get("after") ?? "";
  const asked = new URLSearchParams({ limit: String(PAGE), ...(after && { after }) });
  const conflicts = useLive<Conflict[]>(`conflicts?${asked}`, POLL_MS);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const tick = (uuid: string, isTicked: boolean) =>
    setTicked((last) => new Set(isTicked ? [...last, uuid] : [...last].filter((other) => other !== uuid)));
  const last = conflicts.data?.at(-1);
  return (
    <>
      <div className="page-top">
        <h1>{t("view.conflicts")}</h1>
      </div>
      <Trouble failure={conflicts.failure} />
      {!conflicts.data && !conflicts.failure && <SkeletonText paragraph lineCount={4} />}
      {conflicts.data?.length === 0 && (
        <InlineNotification kind="success" lowContrast hideCloseButton title={t("conflicts.none")} />
      )}
      {conflicts.data && conflicts.data.length > 0 && <p className="words">{t("conflicts.what")}</p>}
      <ul className="records">
        {conflicts.data?.map((conflict) => (
          <li key={conflict.uuid} className="record">
            <Checkbox
              id={`tick-${conflict.uuid}`}
              labelText={t("several.tick", { uuid: conflict.object.uuid })}
              hideLabel
              checked={ticked.has(conflict.uuid)}
              onChange={(_, { checked }) => tick(conflict.uuid, checked)}
            />
            <div>
              <a href={linkTo("conflicts", conflict.uuid)}>
                {objects(t, conflict.object.category, 1)} {conflict.object.uuid}
              </a>
              <p className="quiet">{t("conflicts.since", { time: dateAndTime(conflict.detectedAt, i18n.language) })}</p>
              <WithChild conflict={conflict} />
            </div>
            <Tag>{t(`conflictKind.${conflict.kind}`)}</Tag>
          </li>
        ))}
      </ul>
      {conflicts.data?.length === PAGE && last && (
        <a href={linkTo("conflicts", "", { after: last.cursor })}>{t("activity.older")}</a>
      )}
      <DecideSeveral
        isOffered={(conflicts.data?.length ?? 0) > 1}
        ticked={[...ticked]}
        onDecided={() => {
          setTicked(new Set());
          conflicts.refresh();
        }}
      />
    </>
  );
}

/** Which child met it, and what was decided about it that the child has not carried out. */
function WithChild({ conflict }: { conflict: Conflict }) {
  const { t } = useTranslation();
  const { child } = otherSide(conflict);
  if (child === undefined) return null;
  return (
    <>
      <p className="quiet">{t("conflict.withChild", { child })}</p>
      {conflict.decision && (
        <p>
          {t("conflict.decided", { by: conflict.decision.by, choice: decided(t, conflict.decision.choice) })}{" "}
          {t("conflict.untilPull", { child })}
        </p>
      )}
    </>
  );
}

function OneConflict({ uuid }: { uuid: string }) {
  const { t } = useTranslation();
  const path = `conflicts/${encodeURIComponent(uuid)}`;
  const conflict = useLive<ConflictDetail>(path, POLL_MS);
  const [done, setDone] = useState(false);
  // The conflict that somebody looks at stays; when either side moves meanwhile, that is told.
  const [shown, setShown] = useState<ConflictDetail>();
  if (!shown && conflict.data) setShown(conflict.data);
  const hasMoved = shown && conflict.data && conflict.data.version !== shown.version;
  return (
    <>
      <div className="page-top">
        <h1>{t("conflict.title")}</h1>
        <a href={linkTo("conflicts")}>{t("conflict.back")}</a>
      </div>
      {!done && <Trouble failure={conflict.failure} />}
      {done && shown && (
        <InlineNotification kind="success" lowContrast hideCloseButton title={t("conflict.done", otherSide(shown))} />
      )}
      {hasMoved && !done && (
        <>
          <InlineNotification kind="warning" lowContrast hideCloseButton title={t("conflict.moved")} />
          <Button size="md" onClick={() => setShown(conflict.data)}>
            {t("conflict.showAnew")}
          </Button>
        </>
      )}
      {shown && !done && <Deciding key={shown.version} conflict={shown} path={path} onDone={() => setDone(true)} />}
    </>
  );
}

interface DecidingProps {
  conflict: ConflictDetail;
  path: string;
  onDone: () => void;
}

function Deciding({ conflict, path, onDone }: DecidingProps) {
  const { t, i18n } = useTranslation();
  const order = useCommand();
  const [draft, setDraft] = useState<Draft>({ choice: "", fields: {}, document: documentText(conflict), reason: "" });
  const change = (part: Partial<Draft>) => setDraft((last) => ({ ...last, ...part }));
  const resolve = () =>
    order.give(async () => {
      await command(`${path}/resolve`, decision(draft, conflict));
      onDone();
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        resolve();
      }}
    >
      <Stack gap={6}>
        <Facts
          of={[
            [t("activity.object"), `${categoryName(t, conflict.object.category)} ${conflict.object.uuid}`],
            [t("conflict.whose"), personIn(conflict.ours ?? conflict.theirs)],
            [t("conflict.noticed"), dateAndTime(conflict.detectedAt, i18n.language)],
          ]}
        />
        <WithChild conflict={conflict} />
        {conflict.decision && <p className="words">{t("conflict.because", { reason: conflict.decision.reason })}</p>}
        <p className="words">{t(`conflict.${situation(conflict)}`, otherSide(conflict))}</p>
        {conflict.changedHereSince && <p className="words">{t("conflict.changedSince")}</p>}
        <TakenAlongList conflict={conflict} />
        <RadioButtonGroup
          name="choice"
          orientation="vertical"
          legendText={t("conflict.choose")}
          valueSelected={draft.choice}
          onChange={(choice) => change({ choice: String(choice) })}
        >
          {conflict.choices.map(({ choice }) => (
            <RadioButton key={choice} id={`choice-${choice}`} value={choice} labelText={choiceText(choice, conflict)} />
          ))}
        </RadioButtonGroup>
        {isOnlyAsAWhole(conflict) && <p className="words">{t("conflict.onlyAsAWhole", otherSide(conflict))}</p>}
        {conflict.differences.map((difference) => (
          <DifferenceTile
            key={difference.path}
            conflict={conflict}
            difference={difference}
            chosen={draft.choice === "fields" ? draft.fields[difference.path] : undefined}
            onChoose={
              draft.choice === "fields"
                ? (side) => change({ fields: { ...draft.fields, [difference.path]: side } })
                : undefined
            }
          />
        ))}
        {draft.choice === "document" && (
          <TextArea
            id="document"
            rows={16}
            className="value"
            labelText={t("conflict.document")}
            value={draft.document}
            onChange={(event) => change({ document: event.target.value })}
          />
        )}
        <TextInput
          id="reason"
          labelText={t("conflict.reason")}
          helperText={t("conflict.reasonHelp")}
          value={draft.reason}
          onChange={(event) => change({ reason: event.target.value })}
        />
        <Trouble failure={order.failure} />
        <Button type="submit" disabled={order.isBusy || !isComplete(draft, conflict)}>
          {t("conflict.resolve")}
        </Button>
      </Stack>
    </form>
  );

  function choiceText(choice: string, { ours }: ConflictDetail): string {
    const other = otherSide(conflict);
    switch (choice) {
      case "keep":
        return t(ours === null ? "choice.keepThere" : "choice.keepHere", other);
      case "apply":
        return t(ours === null ? "choice.applyThere" : "choice.applyHere", other);
      case "ours":
      case "theirs":
      case "fields":
      case "document":
      case "newest":
        return t(`choice.${choice}`, other);
      default:
        return choice;
    }
  }
}

function documentText({ ours, theirs }: ConflictDetail): string {
  return JSON.stringify(ours ?? theirs, null, 2);
}

/** The objects that a removal would take along. */
function TakenAlongList({ conflict }: { conflict: ConflictDetail }) {
  const { t } = useTranslation();
  const { takesAlong, moreTakenAlong } = conflict;
  if (takesAlong.length + moreTakenAlong === 0) return null;
  return (
    <section className="page-section" aria-label={t("conflict.takesAlong")}>
      <h2>{t("conflict.takesAlong")}</h2>
      <ul className="records">
        {takesAlong.map((one) => (
          <li key={`${one.category} ${one.uuid}`} className="record">
            <div>
              <strong>{one.label || categoryName(t, one.category)}</strong>
              <p className="quiet">{one.uuid}</p>
            </div>
            {one.why && <Tag type="red">{t(`standing.${one.why}`)}</Tag>}
          </li>
        ))}
      </ul>
      {moreTakenAlong > 0 && <p className="words">{t("conflict.more", { count: moreTakenAlong })}</p>}
    </section>
  );
}

interface DifferenceProps {
  conflict: ConflictDetail;
  difference: Difference;
  chosen: Side | undefined;
  /** Nothing while not each place is decided on its own. */
  onChoose: ((side: Side) => void) | undefined;
}

function DifferenceTile({ conflict, difference, chosen, onChoose }: DifferenceProps) {
  const { t } = useTranslation();
  const other = otherSide(conflict);
  const { path, base, ours, theirs } = difference;
  const place = placeName(path);
  return (
    <Tile>
      <h3 title={path}>{place}</h3>
      <div className="side-by-side">
        {!isOnlyAsAWhole(conflict) && <Value title={t("side.base")} value={base} />}
        <Value title={t("side.ours")} value={ours} />
        <Value title={t("side.theirs", other)} value={theirs} />
      </div>
      {onChoose && (
        <RadioButtonGroup
          name={`side of ${path}`}
          legendText={t("conflict.chooseSide", { path: place })}
          valueSelected={chosen ?? ""}
          onChange={(side) => onChoose(side as Side)}
        >
          <RadioButton id={`ours ${path}`} value="ours" labelText={t("side.ours")} />
          <RadioButton id={`theirs ${path}`} value="theirs" labelText={t("side.theirs", other)} />
        </RadioButtonGroup>
      )}
    </Tile>
  );
}

function Value({ title, value }: { title: string; value: unknown }) {
  const { t } = useTranslation();
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <div>
      <h4>{title}</h4>
      <p className="value">{value == null ? <em>{t("side.nothing")}</em> : text}</p>
    </div>
  );
}
