import { useMemo } from 'react';
import { useAsk } from '../../../data';
import { CardAnswer } from '../../../ui/CardAnswer';
import { useText } from '../../../i18n';
import { OverviewDaysQuery } from '../queries';
import { DailyCard } from './DailyChart';
import { messages } from './messages';

const DAYS = 30;
const DAY = 86_400_000;

/** People and departments of the last days, by the reader's own midnights. */
export function Days({ midnight }: { midnight: number }) {
  const t = useText(messages);
  const variables = useMemo(() => {
    const today = new Date(midnight);
    return { from: dayOf(midnight - (DAYS - 1) * DAY), to: dayOf(midnight), offset: offsetOf(today) };
  }, [midnight]);
  const asked = useAsk(OverviewDaysQuery, { variables, every: 3_600 });
  return (
    <CardAnswer asked={asked} title={t('chart.title')} what={t('chart.failed')} lines={8}>
      {({ dailyFigures }) => dailyFigures && dailyFigures.length > 0 && <DailyCard days={dailyFigures} />}
    </CardAnswer>
  );
}

/** 2026-11-28: the reader's day that begins then, give or take an hour. */
function dayOf(midnight: number): string {
  // Noon is of the same day wherever clocks are put forward or back.
  const noon = new Date(midnight + DAY / 2);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${noon.getFullYear()}-${pad(noon.getMonth() + 1)}-${pad(noon.getDate())}`;
}

/** +08:00 */
function offsetOf(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  const pad = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${pad(Math.abs(minutes) / 60)}:${pad(Math.abs(minutes) % 60)}`;
}
