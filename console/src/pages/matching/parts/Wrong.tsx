import type { ReactNode } from 'react';
import type { Problem } from '../../../data';
import { useReasons, type Reason } from '../../../reasons';
import { Note } from '../../../ui/Note';
import { ProblemPanel } from '../../../ui/ProblemPanel';

/** What kept a mutation from being done. */
export interface Refusal {
  problem: Problem | null;
  errors: readonly { code: string; statement: Reason }[];
}

/** The refusal of an answer, or null where it was done. */
export function refusalOf(problem: Problem | null, errors: Refusal['errors'] | undefined): Refusal | null {
  return problem || (errors && errors.length > 0) ? { problem, errors: errors ?? [] } : null;
}

/** Says what was not done and why; `children` is what can be done about it. */
export function Wrong({ refusal, what, children }: { refusal: Refusal; what: string; children?: ReactNode }) {
  const say = useReasons();
  if (refusal.problem) return <ProblemPanel problem={refusal.problem} what={what} />;
  return (
    <Note tone="bad" alert>
      <b>{what}</b>
      {refusal.errors.map((error, index) => {
        const sentence = say(error.statement);
        return (
          <p key={index} className="t2" lang={sentence.lang} translate={sentence.translate}>
            {sentence.text}
          </p>
        );
      })}
      {children}
    </Note>
  );
}
