import './reason.css';
import type { ReactNode } from 'react';
import { useReason, type Reason } from '../reasons';
import { classes } from './classes';
import type { Tone } from './tone';

/** Why something is as it is: an edge in the state's colour, the sentence in the reader's language, a link to the remedy. */
export function ReasonSentence({ reason, tone, children }: { reason: Reason; tone: Tone; children?: ReactNode }) {
  const sentence = useReason(reason);
  return (
    <div className={classes('reason', `reason-${tone}`)}>
      <p className="small t2" lang={sentence.lang} translate="no">
        {sentence.text}
      </p>
      {children}
    </div>
  );
}
