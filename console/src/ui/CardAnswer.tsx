import type { ReactNode } from 'react';
import type { Asked } from '../data';
import { Answer } from './Answer';
import { Card } from './Card';

/** An `Answer` that brings its own cards: until there is one, what is waited for or why not stands in a card of this title. */
export function CardAnswer<Data>({
  asked,
  title,
  what,
  lines,
  children,
}: {
  asked: Asked<Data>;
  title: ReactNode;
  what?: ReactNode;
  lines?: number;
  children: (data: Data) => ReactNode;
}) {
  if (asked.data !== undefined && !asked.problem) return children(asked.data);
  return (
    <Card title={title}>
      <Answer asked={asked} what={what} lines={lines}>
        {() => null}
      </Answer>
    </Card>
  );
}
