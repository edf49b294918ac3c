import './chart.css';
import { useEffect, useId, useRef, useState } from 'react';
import { useFormats, useText } from '../../../i18n';
import { Card } from '../../../ui/Card';
import { messages } from './messages';
import { scaleOf } from './scale';

/** A day of the series; null where it isn't known. */
export interface DailyFigure {
  /** 2026-11-28 */
  day: string;
  userCount?: number | null;
  departmentCount?: number | null;
  usersJoined?: number | null;
  usersLeft?: number | null;
}

const HEIGHT = 214;
const LEFT = 52;
const RIGHT = 12;
/** Where the two curves stand, from top to bottom. */
const PEOPLE = [20, 120] as const;
const DEPARTMENTS = [156, 184] as const;

/** The chart in its card, with how many came and went. */
export function DailyCard({ days }: { days: readonly DailyFigure[] }) {
  const t = useText(messages);
  const sum = (of: (day: DailyFigure) => number | null | undefined) => days.reduce((all, day) => all + (of(day) ?? 0), 0);
  const joined = sum(({ usersJoined }) => usersJoined);
  const left = sum(({ usersLeft }) => usersLeft);
  return (
    <Card title={t('chart.title')} meta={t('chart.net', { net: joined - left, joined, left })} pad>
      <DailyChart days={days} />
    </Card>
  );
}

/** People and departments of the last days as two curves, drawn for the width that there is, and as a table for screen readers. */
function DailyChart({ days }: { days: readonly DailyFigure[] }) {
  const t = useText(messages);
  const formats = useFormats();
  const box = useRef<HTMLDivElement>(null);
  const title = useId();
  const width = useWidth(box, 640);

  const dateOf = ({ day }: DailyFigure) => new Date(`${day}T12:00:00`);
  const x = (index: number) => LEFT + (index / Math.max(1, days.length - 1)) * (width - LEFT - RIGHT);
  const last = days.at(-1);
  const worst = days.reduce<{ index: number; left: number }>(
    (most, { usersLeft }, index) => ((usersLeft ?? 0) > most.left ? { index, left: usersLeft ?? 0 } : most),
    { index: -1, left: 0 },
  );

  return (
    <div className="chart" ref={box}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} role="img" aria-labelledby={title}>
        <title id={title}>{t('chart.told', { people: last?.userCount ?? 0, departments: last?.departmentCount ?? 0 })}</title>
        <Curve days={days} value={({ userCount }) => userCount ?? null} between={PEOPLE} x={x} width={width} className="chart-people" />
        <Curve
          days={days}
          value={({ departmentCount }) => departmentCount ?? null}
          between={DEPARTMENTS}
          x={x}
          width={width}
          className="chart-departments"
          steps
        />
        <text x={width - RIGHT} y={12} textAnchor="end" className="chart-people-name">
          {t('chart.people', { count: last?.userCount ?? 0 })}
        </text>
        <text x={width - RIGHT} y={150} textAnchor="end">
          {t('chart.departments', { count: last?.departmentCount ?? 0 })}
        </text>
        {[0, Math.floor((days.length - 1) / 2), days.length - 1].map((index, place) => {
          const day = days[index];
          const anchor = (['start', 'middle', 'end'] as const)[place];
          return (
            day && (
              <text key={place} x={x(index)} y={208} textAnchor={anchor}>
                {place === 2 ? t('chart.today') : formats.day(dateOf(day))}
              </text>
            )
          );
        })}
      </svg>
      {worst.index >= 0 && worst.left >= 5 && (
        <p className="small t2">
          {t('chart.worst', { day: formats.day(dateOf(days[worst.index] as DailyFigure)), count: worst.left })}
        </p>
      )}
      <div className="unseen">
        <table>
          <caption>{t('chart.title')}</caption>
          <thead>
            <tr>
              {(['chart.day', 'chart.column.people', 'chart.column.departments', 'chart.column.joined', 'chart.column.left'] as const).map((key) => (
                <th key={key} scope="col">
                  {t(key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.day}>
                <th scope="row">{formats.day(dateOf(day))}</th>
                {[day.userCount, day.departmentCount, day.usersJoined, day.usersLeft].map((value, index) => (
                  <td key={index}>{value == null ? t('chart.notKnown') : formats.number(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** Lines of a scale with their numbers, and a curve over them; it has gaps where nothing is known. */
function Curve({
  days,
  value,
  between: [top, bottom],
  x,
  width,
  className,
  steps,
}: {
  days: readonly DailyFigure[];
  value: (day: DailyFigure) => number | null;
  between: readonly [number, number];
  x: (index: number) => number;
  width: number;
  className: string;
  steps?: boolean;
}) {
  const { number } = useFormats();
  const values = days.map(value);
  const lines = scaleOf(values.filter((each) => each !== null), steps ? 2 : 3);
  const least = lines[0] ?? 0;
  const range = (lines.at(-1) ?? 1) - least || 1;
  const y = (each: number) => bottom - ((each - least) / range) * (bottom - top);

  let path = '';
  let before: number | null = null;
  values.forEach((each, index) => {
    if (each !== null) {
      const to = `${x(index).toFixed(1)} ${y(each).toFixed(1)}`;
      if (before === null) path += `M${to}`;
      else path += steps ? `H${x(index).toFixed(1)}V${y(each).toFixed(1)}` : `L${to}`;
    }
    before = each;
  });
  const end = values.at(-1);
  return (
    <g>
      {lines.map((line) => (
        <g key={line}>
          <path d={`M${LEFT} ${y(line)}H${width - RIGHT}`} className="chart-line" />
          <text x={LEFT - 8} y={y(line) + 4} textAnchor="end">
            {number(line)}
          </text>
        </g>
      ))}
      <path d={path} className={className} />
      {!steps && end != null && <circle cx={x(values.length - 1)} cy={y(end)} r={3.5} className="chart-end" />}
    </g>
  );
}

function useWidth(of: React.RefObject<HTMLElement | null>, first: number): number {
  const [width, setWidth] = useState(first);
  useEffect(() => {
    const element = of.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(240, Math.round(entry.contentRect.width)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [of]);
  return width;
}
