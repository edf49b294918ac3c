import './import.css';
import { useRef, useState } from 'react';
import { usePermission, useTell } from '../../../data';
import type { ImportIdentityLinksMutation as Answered } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Checkbox, TextArea } from '../../../ui/fields';
import { useMatching } from '../context';
import { ExportButton } from '../links/ExportButton';
import { messages } from '../messages';
import { csvOf, saveFile } from '../parts/csv';
import { refusalOf, Wrong, type Refusal } from '../parts/Wrong';
import { ImportIdentityLinksMutation } from '../queries';
import { ImportOutcome } from './ImportOutcome';
import { MOST_BYTES, readCsv, type CsvFile } from './readCsv';

/** What the server said of a file. */
export type Outcome = NonNullable<Answered['importIdentityLinks']>;

/** What a file may name; `accountId` is Cloud's alone. */
const COLUMNS = ['userId', 'username', 'email', 'userKey', 'displayName', 'reason'];

/** Links from CSV: first tried, which tells of each line what would be, then written as a whole or not at all. */
export default function Import() {
  const t = useText(messages);
  const { refresh } = useMatching();
  const mayLink = usePermission('identity:write');
  const chooser = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<CsvFile | null>(null);
  const [replace, setReplace] = useState(false);
  const [error, setError] = useState('');
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [over, setOver] = useState(false);
  const [tell, running] = useTell(ImportIdentityLinksMutation);

  // What was tried is another thing as soon as anything of it changes.
  const change = (to: CsvFile | null) => {
    setFile(to);
    setOutcome(null);
    setRefusal(null);
    setError('');
  };
  const read = async (chosen: File | undefined) => {
    if (!chosen) return;
    change(await readCsv(chosen));
  };
  const run = async (dryRun: boolean) => {
    if (!file?.text.trim()) return setError(t('import.empty'));
    const bytes = new TextEncoder().encode(file.text).length;
    if (bytes > MOST_BYTES) return setError(t('import.tooLarge', { size: Math.ceil(bytes / 1024) }));
    setError('');
    setRefusal(null);
    const { data, problem } = await tell({ input: { csv: file.text, dryRun, replace } });
    setRefusal(refusalOf(problem, data?.importIdentityLinks?.userErrors));
    setOutcome(data?.importIdentityLinks ?? null);
    if (data?.importIdentityLinks?.applied) refresh();
    return undefined;
  };
  const tried = outcome !== null && !outcome.applied && !refusal;
  const wouldWrite = tried && outcome.failed === 0 ? outcome.linked + outcome.relinked : 0;

  return (
    <div className="col">
      <div
        className={over ? 'pad col gap16 import-drop over' : 'pad col gap16 import-drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void read(event.dataTransfer.files[0]);
        }}
      >
        <p className="t2 import-text">{t('import.text')}</p>
        <div className="row wrap">
          <input
            ref={chooser}
            type="file"
            accept=".csv,text/csv,text/plain"
            className="unseen"
            tabIndex={-1}
            aria-label={t('import.choose')}
            onChange={(event) => {
              void read(event.target.files?.[0]);
              // The same file, mended, can be chosen again.
              event.target.value = '';
            }}
          />
          <Button icon="up" onClick={() => chooser.current?.click()}>
            {t('import.choose')}
          </Button>
          <Button
            kind="quiet"
            icon="download"
            onClick={() => saveFile('dingmirror-template.csv', csvOf(COLUMNS, []))}
          >
            {t('import.template')}
          </Button>
          <span className="grow" />
          <ExportButton />
        </div>
        <TextArea
          label={t('import.label')}
          meta={file?.name && <span translate="no">{file.name}</span>}
          hint={file?.encoding === 'gb18030' ? t('import.gb18030') : t('import.hint')}
          error={error}
          rows={8}
          mono
          placeholder={t('import.example')}
          value={file?.text ?? ''}
          onChange={(text) => change({ text, name: '', encoding: 'utf-8' })}
        />
        <Checkbox
          checked={replace}
          onChange={(checked) => {
            setReplace(checked);
            setOutcome(null);
          }}
          remark={t('import.replaceRemark')}
        >
          {t('import.replace')}
        </Checkbox>
        <div className="row wrap">
          {mayLink ? (
            <>
              <Button kind={wouldWrite > 0 ? 'plain' : 'primary'} busy={running} onClick={() => void run(true)}>
                {running ? t('import.running') : t('import.try')}
              </Button>
              {wouldWrite > 0 && (
                <Button kind="primary" busy={running} onClick={() => void run(false)}>
                  {t('import.run', { count: wouldWrite })}
                </Button>
              )}
            </>
          ) : (
            <p className="t2">{t.rich('link.lacks', { permission: <code translate="no">{'identity:write'}</code> })}</p>
          )}
        </div>
      </div>
      {refusal && (
        <div className="pad">
          <Wrong refusal={refusal} what={t('import.failed')} />
        </div>
      )}
      {outcome && !refusal && <ImportOutcome outcome={outcome} />}
    </div>
  );
}
