import { Button, InlineNotification, SkeletonText, Tag } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command, type Child, type Need } from "../api";
import { useLive } from "../live";
import { meaning } from "../parts/texts";
import { Trouble } from "../parts/Trouble";
import { useCommand, type Command } from "../parts/useCommand";
import { dateAndTime, stretch } from "../words";

const POLL_MS = 15_000;
/** A smaller difference of clocks is no reason to look at it. */
const LARGEST_CLOCK_DIFFERENCE_MS = 120_000;

const COLOURS = {
  silent: "red",
  stopped: "red",
  stuck: "magenta",
  behind: "purple",
  nothing: "green",
} as const satisfies Record<Need, string>;

/** The sites that synchronize with this server, first those that need somebody most. */
export function Children() {
  const { t } = useTranslation();
  const children = useLive<Child[]>("children", POLL_MS);
  const order = useCommand();
  return (
    <>
      <div className="page-top">
        <h1>{t("view.children")}</h1>
      </div>
      <Trouble failure={children.failure ?? order.failure} />
      {!children.data && !children.failure && <SkeletonText paragraph lineCount={4} />}
      {children.data?.length === 0 && (
        <InlineNotification
          kind="info"
          lowContrast
          hideCloseButton
          title={t("children.none")}
          subtitle={t("children.how")}
        />
      )}
      {children.data && children.data.length > 0 && (
        <Sites sites={children.data} order={order} onChanged={children.refresh} />
      )}
    </>
  );
}

interface SitesProps {
  sites: Child[];
  order: Command;
  onChanged: () => void;
}

function Sites({ sites, order, onChanged }: SitesProps) {
  const { t } = useTranslation();
  const forget = ({ node, name }: Child) => {
    if (!window.confirm(t("children.forgetWhat", { name }))) return;
    order.give(async () => {
      await command(`children/${encodeURIComponent(node)}/forget`);
      onChanged();
    });
  };
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={t("view.children")}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t("children.site")}</th>
            <th scope="col">{t("children.state")}</th>
            <th scope="col">{t("children.heard")}</th>
            <th scope="col">{t("card.lag")}</th>
            <th scope="col">{t("children.waits")}</th>
            <th scope="col">{t("children.version")}</th>
            <th scope="col">
              <span className="cds--visually-hidden">{t("children.forget")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sites.map((site) => (
            <Site key={site.node} site={site} isBusy={order.isBusy} onForget={() => forget(site)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface SiteProps {
  site: Child;
  isBusy: boolean;
  onForget: () => void;
}

function Site({ site, isBusy, onForget }: SiteProps) {
  const { t, i18n } = useTranslation();
  const name = site.name || site.node;
  return (
    <tr data-need={site.need}>
      <th scope="row">
        {name} <div className="quiet">{site.account}</div>
      </th>
      <td>
        <Tag type={COLOURS[site.need]}>{t(`need.${site.need}`)}</Tag>
        <Reasons site={site} />
      </td>
      <td>{dateAndTime(site.heardAt, i18n.language)}</td>
      <td>{site.lagMs === undefined ? t("none") : stretch(site.lagMs, i18n.language)}</td>
      <td>{t("children.waiting", { parked: site.parked, conflicts: site.conflicts })}</td>
      <td>{site.version}</td>
      <td>
        <Button
          kind="ghost"
          size="sm"
          disabled={isBusy}
          onClick={onForget}
          aria-label={t("children.forgetOne", { name })}
        >
          {t("children.forget")}
        </Button>
      </td>
    </tr>
  );
}

/** The troubles of a site, a line each. */
function Reasons({ site }: { site: Child }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const clock = site.clockDifferenceMs;
  const lines = [
    site.pullStopped && `${t("direction.pull")}: ${meaning(t, site.pullStopped)}`,
    site.pushStopped && `${t("direction.push")}: ${meaning(t, site.pushStopped)}`,
    site.problems > 0 && t("children.problems", { count: site.problems }),
    Math.abs(clock) > LARGEST_CLOCK_DIFFERENCE_MS &&
      t(clock > 0 ? "children.clockAhead" : "children.clockBehind", { time: stretch(Math.abs(clock), language) }),
  ];
  return lines.filter(Boolean).map((line) => (
    <div key={String(line)} className="quiet">
      {line}
    </div>
  ));
}
