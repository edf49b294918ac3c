import { useText } from '../../../i18n';
import { useReasons } from '../../../reasons';
import { DataTable } from '../../../ui/DataTable';
import { Note } from '../../../ui/Note';
import { Count } from '../../../ui/Count';
import { messages } from '../messages';
import type { Outcome } from './Import';

/** What a file does, or would do, and each mistake with its line. */
export function ImportOutcome({ outcome }: { outcome: Outcome }) {
  const t = useText(messages);
  const say = useReasons();
  const { applied, failed, linked, relinked, unchanged, mistakes } = outcome;
  const kind = applied ? 'applied' : failed > 0 ? 'failed' : linked + relinked > 0 ? 'ready' : 'nothing';
  const tone = { applied: 'ok', failed: 'bad', ready: 'wait', nothing: 'idle' } as const;
  return (
    <section className="import-outcome" aria-label={t('import.outcome')}>
      <div className="pad col gap12" role="status">
        <Note tone={tone[kind]}>
          <b>{t(`import.${kind}`, { count: applied ? linked + relinked : failed })}</b>
        </Note>
        <ul className="row wrap gap24">
          {(['linked', 'relinked', 'unchanged', 'failed'] as const).map((each) => (
            <li key={each}>
              <b className="import-figure">
                <Count value={{ linked, relinked, unchanged, failed }[each]} />
              </b>{' '}
              <span className={each === 'failed' && failed > 0 ? 'small bad' : 'small t2'}>{t(`import.count.${each}`)}</span>
            </li>
          ))}
        </ul>
      </div>
      {mistakes.length > 0 && (
        <>
          <DataTable
            name={t('import.mistakes')}
            rows={mistakes}
            id={(mistake) => `${mistake.line} ${mistake.field}`}
            columns={[
              { title: t('import.line'), nowrap: true, cell: (mistake) => <Count value={mistake.line} /> },
              { title: t('import.column'), nowrap: true, cell: (mistake) => <code translate="no">{mistake.field}</code> },
              {
                title: t('import.mistake'),
                cell: (mistake) => {
                  const sentence = say(mistake.statement);
                  return <span lang={sentence.lang} translate={sentence.translate}>{sentence.text}</span>;
                },
              },
            ]}
          />
          {failed > mistakes.length && <p className="pad small t2">{t('import.moreMistakes', { count: failed })}</p>}
        </>
      )}
    </section>
  );
}
