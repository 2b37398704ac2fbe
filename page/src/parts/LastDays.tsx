import { useTranslation } from "react-i18next";
import type { Day } from "../api";
import { barsOf, COUNTED, isEmpty, type Counted } from "../decide/days";
import { amount, day } from "../words";

/** Of a bar and the gap beside it, in units of the chart: the bars fill its width. */
const BAR = 8;
const STEP = 10;

/**
 * The figures of the last days, day by day. Drawn by hand: one kind of Carbon's charts (1.27.20) weighs 144 KB gzip, nearly as
 * much as all of this page (161), which is 4.5 s on a line of 256 kbit/s. A chart for each count, since few that waited would
 * not be seen beside thousands that did not. The figures are in a table besides.
 */
export function LastDays({ days }: { days: Day[] }) {
  const { t } = useTranslation();
  return (
    <section className="page-section">
      <h2>{t("days.title")}</h2>
      {isEmpty(days) ? (
        <p className="words">{t("days.none")}</p>
      ) : (
        <>
          <div className="cards">
            {COUNTED.map((counted) => (
              <Chart key={counted} days={days} counted={counted} />
            ))}
          </div>
          <Table days={days} />
        </>
      )}
    </section>
  );
}

interface ChartProps {
  days: Day[];
  counted: Counted;
}

function Chart({ days, counted }: ChartProps) {
  const { t, i18n } = useTranslation();
  const { bars, sum, most } = barsOf(days, counted);
  const number = (count: number) => amount(count, i18n.language);
  return (
    <figure className="chart" data-counted={counted}>
      <figcaption>
        {t(`days.${counted}`)}: <strong>{t("days.all", { number: number(sum) })}</strong>{" "}
        {most > 0 && <span className="quiet">{t("days.most", { number: number(most) })}</span>}
      </figcaption>
      <svg viewBox={`0 0 ${STEP * bars.length} 100`} preserveAspectRatio="none" aria-hidden="true">
        {bars.map((bar, index) => (
          <rect key={bar.from} x={STEP * index} y={100 - bar.height} width={BAR} height={bar.height}>
            <title>{`${day(bar.from, i18n.language)}: ${number(bar.count)}`}</title>
          </rect>
        ))}
      </svg>
      <div className="chart-ends quiet" aria-hidden="true">
        <span>{bars[0] && day(bars[0].from, i18n.language)}</span>
        <span>{day(bars.at(-1)?.from ?? 0, i18n.language)}</span>
      </div>
    </figure>
  );
}

function Table({ days }: { days: Day[] }) {
  const { t, i18n } = useTranslation();
  return (
    <details>
      <summary>{t("days.table")}</summary>
      <div className="wide" tabIndex={0} role="region" aria-label={t("days.title")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t("days.day")}</th>
              {COUNTED.map((counted) => (
                <th key={counted} scope="col">
                  {t(`days.${counted}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((one) => (
              <tr key={one.from}>
                <th scope="row">{day(one.from, i18n.language)}</th>
                {COUNTED.map((counted) => (
                  <td key={counted}>{amount(one[counted], i18n.language)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
