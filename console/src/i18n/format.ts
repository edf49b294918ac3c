import { createElement, Fragment, type ReactNode } from 'react';
import { LOCALES, type Language } from './language';
import { BEGIN, END } from './marks';
import { parseMessage, type Part } from './message';

/** What a placeholder takes. Numbers are written with the language's digits grouping. */
export type TextValue = string | number;

/** What a placeholder or a tag of a rich text takes. */
export type RichValue = ReactNode | ((children: ReactNode) => ReactNode);

const parsed = new Map<string, Part[]>();

function partsOf(text: string): Part[] {
  let parts = parsed.get(text);
  if (parts === undefined) {
    parts = parseMessage(text);
    parsed.set(text, parts);
  }
  return parts;
}

const numbers: Partial<Record<Language, Intl.NumberFormat>> = {};
const plurals: Partial<Record<Language, Intl.PluralRules>> = {};

/** A whole or decimal number as the language writes it. */
export function formatNumber(language: Language, value: number): string {
  return (numbers[language] ??= new Intl.NumberFormat(LOCALES[language])).format(value);
}

function branch(language: Language, part: Extract<Part, { choose: string }>, value: unknown): Part[] {
  const { branches } = part;
  // A value that there is none of is `absent`, and no number.
  if (part.choose === 'select') return branches[String(value ?? 'absent')] ?? branches.other ?? [];

  const number = Number(value ?? 0);
  const rules = (plurals[language] ??= new Intl.PluralRules(LOCALES[language]));
  return branches[`=${number}`] ?? branches[rules.select(number)] ?? branches.other ?? [];
}

function shown(language: Language, value: unknown): ReactNode {
  return typeof value === 'number' ? formatNumber(language, value) : (value as ReactNode);
}

/** A message with its values, as text. Tags are left out, what is between them stays. */
export function formatText(language: Language, text: string, values: Record<string, TextValue>): string {
  const write = (parts: Part[]): string =>
    parts
      .map((part) => {
        if (typeof part === 'string') return part;
        if ('tag' in part) return write(part.children);
        if ('number' in part) return formatNumber(language, Number(values[part.number]));
        if ('choose' in part) return write(branch(language, part, values[part.value]));
        return String(shown(language, values[part.value]) ?? '');
      })
      .join('');
  return `${BEGIN}${write(partsOf(text))}${END}`;
}

/** A message with its values, where some are elements: `<link>…</link>` calls `values.link` with what is between. */
export function formatRich(language: Language, text: string, values: Record<string, RichValue>): ReactNode {
  const write = (parts: Part[]): ReactNode[] =>
    parts.map((part, index) => {
      if (typeof part === 'string') return `${BEGIN}${part}${END}`;
      if ('number' in part) return `${BEGIN}${formatNumber(language, Number(values[part.number]))}${END}`;
      if ('choose' in part) {
        return createElement(Fragment, { key: index }, ...write(branch(language, part, values[part.value])));
      }
      if ('tag' in part) {
        const make = values[part.tag];
        const children = createElement(Fragment, null, ...write(part.children));
        return createElement(Fragment, { key: index }, typeof make === 'function' ? make(children) : children);
      }
      const value = shown(language, values[part.value]);
      const isNumber = typeof values[part.value] === 'number';
      return createElement(Fragment, { key: index }, isNumber ? `${BEGIN}${String(value)}${END}` : value);
    });
  return createElement(Fragment, null, ...write(partsOf(text)));
}
