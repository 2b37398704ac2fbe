import { useState } from "react";
import { Button, Checkbox, InlineNotification, Select, SelectItem, SkeletonText, Tag, Tile } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command, fileAt, type ComparedCategory, type Comparison, type FoundObject, type Status } from "../api";
import { linkTo, useAddress } from "../address";
import {
  compared,
  differences,
  failedRun,
  FINDINGS,
  foundIn,
  isRepairable,
  isSame,
  standing,
  type Standing,
} from "../decide/comparison";
import { useLive } from "../live";
import { advice, categoryName, meaning, objects, whyNot } from "../parts/texts";
import { Trouble } from "../parts/Trouble";
import { useCommand, type Command } from "../parts/useCommand";
import { amount, dateAndTime } from "../words";

const POLL_MS = 2000;
const PAGE = 25;
/** The filters of the address bar, as the API names them. */
const FILTERS = ["category", "finding", "after"] as const;
type Filter = (typeof FILTERS)[number];

/** What is repaired, as the API takes it. */
type Meant = { category?: string; uuid?: string };

/** Repairs what is meant. */
interface Repairing {
  order: Command;
  isAsked: boolean;
  repair: (meant: Meant) => void;
}

/** Both sides compared: how far that is, what was found, and its repair. */
export function Compare() {
  const { t } = useTranslation();
  const comparison = useLive<Comparison>("verify", POLL_MS);
  const status = useLive<Status>("status", POLL_MS);
  const run = status.data?.pull ?? null;
  const refresh = () => {
    comparison.refresh();
    status.refresh();
  };
  const repairing = useRepairing(refresh);
  const failed = failedRun(run);
  const now = comparison.data && status.data && standing(comparison.data, run);
  const categories = comparison.data?.categories ?? [];
  return (
    <>
      <div className="page-top">
        <h1>{t("view.compare")}</h1>
      </div>
      <Trouble failure={comparison.failure ?? status.failure} />
      {!now && !comparison.failure && !status.failure && <SkeletonText paragraph lineCount={4} />}
      {now && comparison.data && (
        <>
          <Start isUnderWay={now === "underWay"} onChanged={refresh} />
          {failed?.error && (
            <InlineNotification
              kind="error"
              lowContrast
              hideCloseButton
              title={t("compare.failed", { why: meaning(t, failed.error.kind) })}
              subtitle={`${failed.error.message} ${advice(t, failed.error.kind)}`}
            />
          )}
          <Result comparison={comparison.data} now={now} />
        </>
      )}
      {categories.length > 0 && <Categories categories={categories} repairing={repairing} />}
      {categories.some((category) => foundIn(category).length > 0) && <Found repairing={repairing} />}
    </>
  );
}

function useRepairing(onChanged: () => void): Repairing {
  const order = useCommand();
  const [isAsked, setAsked] = useState(false);
  const repair = (meant: Meant) =>
    order.give(async () => {
      await command("verify/repair", meant);
      setAsked(true);
      onChanged();
    });
  return { order, isAsked, repair };
}

function Start({ isUnderWay, onChanged }: { isUnderWay: boolean; onChanged: () => void }) {
  const { t } = useTranslation();
  const order = useCommand();
  const [isDeep, setDeep] = useState(false);
  const give = (path: string, body: object) => order.give(() => command(path, body).then(onChanged));
  return (
    <Tile className="page-section">
      <p className="words">{t("compare.what")}</p>
      <Trouble failure={order.failure} />
      <Checkbox
        id="compare-deep"
        labelText={t("compare.deep")}
        helperText={t("compare.deepHelp")}
        checked={isDeep}
        disabled={isUnderWay}
        onChange={(_, { checked }) => setDeep(checked)}
      />
      <div className="actions">
        {isUnderWay ? (
          <Button kind="tertiary" size="md" disabled={order.isBusy} onClick={() => give("cancel", {})}>
            {t("compare.stop")}
          </Button>
        ) : (
          <Button size="md" disabled={order.isBusy} onClick={() => give("verify", isDeep ? { deep: true } : {})}>
            {t("compare.start")}
          </Button>
        )}
      </div>
    </Tile>
  );
}

function Result({ comparison, now }: { comparison: Comparison; now: Standing }) {
  const { t, i18n } = useTranslation();
  const number = (count: number) => ({ number: amount(count, i18n.language), count });
  const count = differences(comparison.categories);
  const time = dateAndTime(comparison.endedAt ?? 0, i18n.language);
  const words = {
    none: t("compare.none"),
    underWay: t("compare.underWay", number(compared(comparison))),
    goesOn: t("compare.goesOn", number(compared(comparison))),
    ended: t("compare.ended", { time, ...number(compared(comparison)) }),
  }[now];
  const found = isSame(comparison) ? t("compare.same") : t("compare.differences", number(count));
  return (
    <p className="words" role="status" data-says={now}>
      {words} {now === "ended" && <strong>{found}</strong>}
    </p>
  );
}

interface CategoriesProps {
  categories: ComparedCategory[];
  repairing: Repairing;
}

function Categories({ categories, repairing }: CategoriesProps) {
  const { t } = useTranslation();
  const { order, isAsked, repair } = repairing;
  const count = differences(categories);
  return (
    <section className="page-section">
      <h2>{t("compare.byCategory")}</h2>
      <div className="wide" tabIndex={0} role="region" aria-label={t("compare.byCategory")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("filter.category")}</th>
              <th scope="col">{t("compare.compared")}</th>
              <th scope="col">{t("compare.found")}</th>
              <th scope="col">{t("compare.leftOut")}</th>
              <th scope="col">{t("compare.state")}</th>
              <th scope="col">
                <span className="cds--visually-hidden">{t("compare.repair")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {categories.map((category) => (
              <Category key={category.category} of={category} repairing={repairing} />
            ))}
          </tbody>
        </table>
      </div>
      <Trouble failure={order.failure} />
      {count > 0 && (
        <>
          <p className="quiet">{t("compare.repairWhat")}</p>
          <div className="actions">
            <Button size="md" disabled={order.isBusy} onClick={() => repair({})}>
              {t("compare.repairAll", { count })}
            </Button>
            <span role="status">{isAsked && !order.failure && t("compare.asked")}</span>
          </div>
        </>
      )}
    </section>
  );
}

function Category({ of, repairing }: { of: ComparedCategory; repairing: Repairing }) {
  const { t, i18n } = useTranslation();
  const { category, why, endedAt } = of;
  const state = why ? whyNot(t, why) : t(endedAt === null ? "compare.notYet" : "compare.done");
  return (
    <tr data-category={category}>
      <th scope="row">{categoryName(t, category)}</th>
      <td>{amount(of.compared, i18n.language)}</td>
      <td>
        {foundIn(of).map(([finding, count]) => (
          <div key={finding}>
            <a href={linkTo("compare", "", { category, finding })}>
              {amount(count, i18n.language)} {t(`finding.${finding}`)}
            </a>
          </div>
        ))}
      </td>
      <td>{of.leftOut > 0 && amount(of.leftOut, i18n.language)}</td>
      <td>{state}</td>
      <td>
        {differences([of]) > 0 && (
          <Button
            kind="ghost"
            size="sm"
            disabled={repairing.order.isBusy}
            onClick={() => repairing.repair({ category })}
            aria-label={t("compare.repairOne", { name: categoryName(t, category) })}
          >
            {t("compare.repair")}
          </Button>
        )}
      </td>
    </tr>
  );
}

/** What was found, object by object. */
function Found({ repairing }: { repairing: Repairing }) {
  const { t } = useTranslation();
  const { filters } = useAddress();
  const given = Object.fromEntries(FILTERS.map((name) => [name, filters.get(name) ?? ""])) as Record<Filter, string>;
  const asked = new URLSearchParams(Object.entries(given).filter(([name, value]) => value !== "" && name !== "after"));
  const path = new URLSearchParams([...asked, ["limit", String(PAGE)]]);
  if (given.after) path.set("after", given.after);
  const found = useLive<FoundObject[]>(`verify/differences?${path}`, POLL_MS);
  const filter = (name: Filter, value: string) => {
    window.location.hash = linkTo("compare", "", { ...given, after: "", [name]: value });
  };
  const last = found.data?.at(-1);
  return (
    <section className="page-section">
      <h2>{t("compare.found")}</h2>
      <Filters given={given} onFilter={filter} />
      <Trouble failure={found.failure} />
      {found.data?.length === 0 && <p className="words">{t("activity.none")}</p>}
      <ul className="records">
        {found.data?.map((one) => (
          <ObjectFound key={`${one.object.category} ${one.object.uuid}`} found={one} repairing={repairing} />
        ))}
      </ul>
      <div className="actions">
        {given.after && (
          <Button kind="ghost" size="md" onClick={() => filter("after", "")}>
            {t("activity.newest")}
          </Button>
        )}
        {found.data?.length === PAGE && last && (
          <Button kind="ghost" size="md" onClick={() => filter("after", last.cursor)}>
            {t("activity.older")}
          </Button>
        )}
        <a href={fileAt(`verify.csv?${asked}`)} download>
          {t("activity.csv")}
        </a>
      </div>
    </section>
  );
}

interface FiltersProps {
  given: Record<Filter, string>;
  onFilter: (name: Filter, value: string) => void;
}

function Filters({ given, onFilter }: FiltersProps) {
  const { t } = useTranslation();
  return (
    <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Select
        id="compare-finding"
        labelText={t("compare.finding")}
        value={given.finding}
        onChange={(event) => onFilter("finding", event.target.value)}
      >
        <SelectItem value="" text={t("filter.all")} />
        {FINDINGS.map((finding) => (
          <SelectItem key={finding} value={finding} text={t(`finding.${finding}`)} />
        ))}
      </Select>
      {given.category && (
        <Button kind="ghost" size="md" onClick={() => onFilter("category", "")}>
          {t("compare.allKinds", { name: categoryName(t, given.category) })}
        </Button>
      )}
    </form>
  );
}

function ObjectFound({ found, repairing }: { found: FoundObject; repairing: Repairing }) {
  const { t, i18n } = useTranslation();
  const { object, finding, newer, why, repairedAt } = found;
  const { category, uuid } = object;
  return (
    <li className="record" data-finding={finding}>
      <div>
        <strong>
          {objects(t, category, 1)} <a href={linkTo("activity", "", { category, objectUuid: uuid })}>{uuid}</a>
        </strong>
        <p>
          <Tag type={isRepairable(finding) ? "red" : "gray"}>{t(`finding.${finding}`)}</Tag>
          {newer && <Tag>{t(`newer.${newer}`)}</Tag>}
          {why && <Tag>{whyNot(t, why)}</Tag>}
        </p>
        {repairedAt !== null && (
          <p className="quiet">{t("compare.repaired", { time: dateAndTime(repairedAt, i18n.language) })}</p>
        )}
      </div>
      {isRepairable(finding) && repairedAt === null && (
        <div className="actions">
          <Button
            kind="tertiary"
            size="sm"
            disabled={repairing.order.isBusy}
            onClick={() => repairing.repair({ category, uuid })}
            aria-label={t("compare.repairOne", { name: uuid })}
          >
            {t("compare.repair")}
          </Button>
        </div>
      )}
    </li>
  );
}
