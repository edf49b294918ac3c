import type { ReactNode } from 'react';
import type { Asked } from '../data';
import { Loading } from './Loading';
import { ProblemPanel } from './ProblemPanel';

/**
 * What a query answered, or why not: grey lines, the lock, the error or the line that is down. Data stays while it is asked
 * again and while the server is away; the shell says so then.
 */
export function Answer<Data>({
  asked,
  what,
  lines,
  waitsFor,
  children,
}: {
  asked: Asked<Data>;
  /** Title of an error or a lock: 没能读到匹配情况. */
  what?: ReactNode;
  lines?: number;
  waitsFor?: ReactNode;
  children: (data: Data) => ReactNode;
}) {
  if (asked.problem) return <ProblemPanel problem={asked.problem} what={what} again={asked.again} />;
  if (asked.data !== undefined) return children(asked.data);
  return <Loading lines={lines} waitsFor={waitsFor} />;
}
