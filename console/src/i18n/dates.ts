import { useMemo } from 'react';
import { formatNumber } from './format';
import { LOCALES, useLanguage, type Language } from './language';
import { marked } from './marks';

/** Dates, times and numbers in the reader's language and time zone. */
export interface Formats {
  language: Language;
  number: (value: number) => string;
  percent: (fraction: number) => string;
  /** 14:05 */
  time: (at: Date) => string;
  /** 11月28日, with the year where it is another one. */
  day: (at: Date) => string;
  /** 12月1日, of a moment in Beijing: DingTalk's days and months are counted there. */
  dayInBeijing: (at: Date) => string;
  /** 11月28日 星期六 */
  weekday: (at: Date) => string;
  /** 今天 14:05, 11月28日 14:05: what a list shows. */
  moment: (at: Date, now?: Date) => string;
  /** 2026年11月28日 14:05:09 GMT+8: the exact time, for a tooltip. */
  exact: (at: Date) => string;
  /** 2 分钟前, 3 小时后. */
  relative: (at: Date, now?: Date) => string;
  /** 70 分钟, 2 天. */
  duration: (seconds: number) => string;
  /** 王、李和陈 */
  list: (items: string[]) => string;
}

const SIZES = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3_600],
  ['day', 86_400],
] as const;

/** The unit in which so many seconds are said: a number below a hundred, where that can be had. */
function unitOf(seconds: number): (typeof SIZES)[number] {
  if (seconds < 60) return SIZES[0];
  if (seconds < 100 * 60) return SIZES[1];
  return seconds < 48 * 3_600 ? SIZES[2] : SIZES[3];
}

function make(language: Language): Formats {
  const locale = LOCALES[language];
  const using = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { hourCycle: 'h23', ...options });
  const time = using({ hour: '2-digit', minute: '2-digit' });
  const day = using({ month: language === 'zh' ? 'long' : 'short', day: 'numeric' });
  const beijing = using({ month: language === 'zh' ? 'long' : 'short', day: 'numeric', timeZone: 'Asia/Shanghai' });
  const year = using({ year: 'numeric', month: language === 'zh' ? 'long' : 'short', day: 'numeric' });
  const week = using({ weekday: 'long', month: 'long', day: 'numeric' });
  const exact = using({ dateStyle: 'long', timeStyle: 'long' });
  const near = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const past = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: language === 'zh' ? 'long' : 'short' });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });

  const dayText = (at: Date, now: Date) => (at.getFullYear() === now.getFullYear() ? day : year).format(at);
  return {
    language,
    number: (value) => marked(formatNumber(language, value)),
    percent: (fraction) => marked(percent.format(fraction)),
    time: (at) => marked(time.format(at)),
    day: (at) => marked(dayText(at, new Date())),
    dayInBeijing: (at) => marked(beijing.format(at)),
    weekday: (at) => marked(week.format(at)),
    moment: (at, now = new Date()) => {
      const days = Math.round((startOfDay(at) - startOfDay(now)) / 86_400_000);
      const which = days === 0 || days === -1 ? near.format(days, 'day') : dayText(at, now);
      return marked(`${which} ${time.format(at)}`);
    },
    exact: (at) => marked(exact.format(at)),
    relative: (at, now = new Date()) => {
      const seconds = (at.getTime() - now.getTime()) / 1_000;
      const [unit, size] = unitOf(Math.abs(seconds));
      // What has just been is never 0 seconds ago, nor ahead where the server's clock is.
      if (Math.abs(seconds) < 5) return marked(past.format(-Math.max(1, Math.trunc(Math.abs(seconds))), 'second'));
      return marked(hours(past.format(Math.trunc(seconds / size), unit)));
    },
    duration: (seconds) => {
      const [unit, size] = unitOf(seconds);
      const value = Math.round(seconds / size);
      const style = { style: 'unit', unit, unitDisplay: language === 'zh' ? 'long' : 'short' } as const;
      return marked(hours(new Intl.NumberFormat(locale, style).format(value)));
    },
    list: (items) => marked(list.format(items)),
  };
}

/** English says `16 hr`; the unit's symbol is h. */
function hours(text: string): string {
  return text.replace(/\bhrs?\b/, 'h');
}

function startOfDay(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

const made: Partial<Record<Language, Formats>> = {};

/** `const format = useFormats(); format.relative(at)`. */
export function useFormats(): Formats {
  const language = useLanguage();
  return useMemo(() => (made[language] ??= make(language)), [language]);
}
