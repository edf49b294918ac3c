import './diff.css';
import type { ReactNode } from 'react';
import { useText } from '../i18n';
import { Icon } from './Icon';
import { messages } from './messages';

/** A value of a change: what it is, that it was empty, or that the reader may not see it. These three differ. */
export type DiffValue = { text: ReactNode } | 'empty' | 'hidden';

/** Who changed, which field, from what to what, and what caused it. */
export function DiffRow({
  who,
  field,
  before,
  after,
  cause,
}: {
  who?: ReactNode;
  field: ReactNode;
  before: DiffValue;
  after: DiffValue;
  cause?: ReactNode;
}) {
  const t = useText(messages);
  return (
    <div className="diff">
      {who && <span className="bold">{who}</span>}
      <span className="t3">{field}</span>
      {before === 'hidden' && after === 'hidden' ? (
        <Value value="hidden" />
      ) : (
        <span className="diff-values">
          <span className="unseen">{t('diff.before')}</span>
          <Value value={before} gone />
          <Icon name="arrow" />
          <span className="unseen">{t('diff.after')}</span>
          <Value value={after} />
        </span>
      )}
      {cause && <span className="small t3 diff-cause">{cause}</span>}
    </div>
  );
}

function Value({ value, gone }: { value: DiffValue; gone?: boolean }) {
  const t = useText(messages);
  if (value === 'empty' || value === 'hidden') return <span className="t3">{t(`diff.${value}`)}</span>;
  return gone ? <del className="bad">{value.text}</del> : <ins className="ok">{value.text}</ins>;
}
