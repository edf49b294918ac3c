import { useRef, useState } from 'react';
import { useAsk, usePermission, useTell, type Problem } from '../../../data';
import type { TemplateFragment } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { useReasons } from '../../../reasons';
import { Button, LinkButton } from '../../../ui/Button';
import { Card } from '../../../ui/Card';
import { Dialog } from '../../../ui/Dialog';
import { TextField } from '../../../ui/fields';
import { Note } from '../../../ui/Note';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { RelativeTime } from '../../../ui/RelativeTime';
import { Said } from '../../../ui/Said';
import { useDebounced } from '../../../ui/useDebounced';
import { ContentEditor } from '../compose/ContentEditor';
import { contentInput, draftOfContent, EMPTY_CONTENT, variablesOf } from '../compose/draft';
import { messages } from '../compose/messages';
import { useMistakes, type Mistake } from '../compose/mistakes';
import { Links } from '../phone/Links';
import { Phone } from '../phone/Phone';
import { shownOfInput, shownOfMsg } from '../phone/shown';
import { DeleteTemplate, SaveTemplate, TemplatePreviewQuery } from './queries';
import { Variables } from './Variables';

/** One template: its texts, its variables to try, and what becomes of it with them. */
export function TemplateEditor({
  template,
  again,
  onSaved,
  onDeleted,
}: {
  /** Null: a new one. */
  template: TemplateFragment | null;
  again: () => void;
  onSaved: (name: string) => void;
  onDeleted: () => void;
}) {
  const t = useText(messages);
  const { number } = useFormats();
  const mayWrite = usePermission('settings:write');
  const [name, setName] = useState(template?.name ?? '');
  const [description, setDescription] = useState(template?.description ?? '');
  const [content, setContent] = useState(() => (template ? draftOfContent(template.content) : EMPTY_CONTENT));
  const [version, setVersion] = useState(template?.version ?? null);
  const [values, setValues] = useState<Record<string, string>>({});
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<{ text: string; mistakes: readonly Mistake[] } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [saved, setSaved] = useState(false);
  const [save, saving] = useTell(SaveTemplate);

  const input = contentInput(content);
  const asText = JSON.stringify({ input, name, description });
  const before = template && JSON.stringify({ input: contentInput(draftOfContent(template.content)), name: template.name, description: template.description ?? '' });
  const changed = asText !== before;
  const settled = useDebounced(JSON.stringify({ content: input, variables: variablesOf(values) }), 400);
  const asked = useAsk(TemplatePreviewQuery, { variables: { input: JSON.parse(settled) as never }, policy: 'network-only', keep: true });
  const preview = asked.data?.previewMessageTemplate;

  const mistakes = useMistakes(refused?.text === asText ? refused.mistakes : (preview?.problems ?? []), tried);
  const conflict = refused?.mistakes.find(({ code }) => code === 'VERSION_CONFLICT' || code === 'CONFLICT');
  const form = useRef<HTMLFormElement>(null);

  const submit = async () => {
    setTried(true);
    setSaved(false);
    const { data, problem } = await save({
      input: { name, description: description || null, content: input, expectedVersion: version },
    });
    setProblem(problem);
    const answer = data?.saveMessageTemplate;
    if (!answer) return;
    if (answer.userErrors.length > 0) {
      setRefused({ text: asText, mistakes: answer.userErrors });
      setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
      return;
    }
    setSaved(true);
    if (answer.template) {
      setVersion(answer.template.version);
      onSaved(answer.template.name);
    }
  };

  const shown = preview?.msg ? shownOfMsg(preview.msg) : shownOfInput(input);
  const nameMistake = mistakes.at('name');
  const variables = preview?.variables ?? template?.variables ?? [];
  return (
    <div className="templates-one">
      <form
        ref={form}
        noValidate
        aria-label={t('templates.form')}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p className="templates-back">
          <LinkButton kind="quiet" icon="left" href="/messages/templates">
            {t('templates.list')}
          </LinkButton>
        </p>
        <Card
          title={template ? <span translate="no">{template.name}</span> : t('templates.new')}
          actions={
            template && (
              <>
                <LinkButton small icon="send" href={`/messages/new?template=${encodeURIComponent(template.name)}`}>
                  {t('templates.send')}
                </LinkButton>
                {mayWrite && <Remove template={template} onDeleted={onDeleted} />}
              </>
            )
          }
        >
          {template && (
            <p className="small t3 compose-row">
              {t.rich('templates.changed', {
                by: <span translate="no">{template.updatedBy}</span>,
                when: <RelativeTime at={template.updatedAt} as="moment" />,
                version: number(Number(template.version)),
              })}
            </p>
          )}
          {!template && (
            <div className="compose-row">
              <TextField
                label={t('templates.name')}
                mono
                value={name}
                onChange={setName}
                hint={t('templates.name.hint')}
                error={nameMistake && <Said sentence={nameMistake} />}
              />
            </div>
          )}
          <div className="compose-row">
            <TextField label={t('templates.description')} value={description} onChange={setDescription} />
          </div>
          <ContentEditor content={content} onChange={(changes) => setContent((old) => ({ ...old, ...changes }))} mistakes={mistakes} />
          <div className="compose-row col gap12">
            <p className="small t2">{t.rich('templates.language', { code: (text) => <code translate="no">{text}</code>, sample: <code translate="no">{'{{ page.title | escape_markdown }}'}</code> })}</p>
            {conflict && (
              <Note tone="warn" alert>
                <p className="bold">{t('templates.conflict')}</p>
                <p>{t('templates.conflict.text')}</p>
                <p>
                  <Button small onClick={again}>
                    {t('templates.conflict.load')}
                  </Button>
                </p>
              </Note>
            )}
            {template && template.version !== version && (
              <Conflict
                template={template}
                onTake={() => {
                  setContent(draftOfContent(template.content));
                  setDescription(template.description ?? '');
                  setVersion(template.version);
                  setRefused(null);
                }}
                onKeep={() => {
                  setVersion(template.version);
                  setRefused(null);
                }}
              />
            )}
            {mistakes.rest
              .filter(({ path }) => path !== 'expectedVersion' && path !== 'name')
              .map((each, index) => (
                <Note key={index} tone="bad">
                  <Said sentence={each} />
                </Note>
              ))}
            {problem && <ProblemPanel problem={problem} what={t('templates.notSaved')} />}
            {mayWrite ? (
              <p className="row wrap">
                <Button type="submit" kind="primary" busy={saving}>
                  {saving ? t('templates.saving') : t('templates.save')}
                </Button>
                <span className="small t2" role="status">
                  {saved && !changed ? t('templates.saved') : changed && template ? t('templates.unsaved') : ''}
                </span>
              </p>
            ) : (
              <p className="small t2">{t.rich('templates.lacks', { permission: <code translate="no">settings:write</code> })}</p>
            )}
          </div>
        </Card>
      </form>
      <div className="col gap16">
        <Card title={t('look')}>
          <div className="pad compose-look">
            <Phone shown={shown} />
            <Links shown={shown} />
          </div>
          {preview?.bytes != null && (
            <p className={preview.bytes > preview.maxBytes ? 'small bad compose-bytes num' : 'small t2 compose-bytes num'}>
              {t('bytes', { bytes: preview.bytes, most: preview.maxBytes })}
            </p>
          )}
        </Card>
        <Card title={t('variables.try')} pad>
          <div className="col gap12">
            <Variables names={variables} values={values} onChange={setValues} />
            <Missing problems={preview?.problems ?? []} />
            {asked.problem && <ProblemPanel problem={asked.problem} again={asked.again} />}
          </div>
        </Card>
      </div>
    </div>
  );
}

/** What keeps it from being sent with these variables, in the server's words. */
function Missing({ problems }: { problems: readonly Mistake[] }) {
  const say = useReasons();
  return (
    <>
      {problems.map((problem, index) => (
        <p key={index} className="small warn">
          <Said sentence={say(problem.statement)} />
        </p>
      ))}
    </>
  );
}

/** Somebody saved another version meanwhile: theirs is taken, or replaced by this one. */
function Conflict({ template, onTake, onKeep }: { template: TemplateFragment; onTake: () => void; onKeep: () => void }) {
  const t = useText(messages);
  const { number } = useFormats();
  return (
    <Note tone="warn" alert>
      <p>
        {t.rich('templates.theirs', {
          by: <span translate="no">{template.updatedBy}</span>,
          when: <RelativeTime at={template.updatedAt} as="moment" />,
          version: number(Number(template.version)),
        })}
      </p>
      <div className="templates-theirs">
        <Phone shown={shownOfInput(template.content)} />
      </div>
      <p className="row wrap">
        <Button small onClick={onTake}>
          {t('templates.take')}
        </Button>
        <Button small onClick={onKeep}>
          {t('templates.keep')}
        </Button>
      </p>
    </Note>
  );
}

function Remove({ template, onDeleted }: { template: TemplateFragment; onDeleted: () => void }) {
  const t = useText(messages);
  const say = useReasons();
  const [open, setOpen] = useState(false);
  const [remove, removing] = useTell(DeleteTemplate);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [mistakes, setMistakes] = useState<readonly Mistake[]>([]);
  const start = async () => {
    const { data, problem } = await remove({ input: { name: template.name, expectedVersion: template.version } });
    setProblem(problem);
    const errors = data?.deleteMessageTemplate?.userErrors ?? [];
    setMistakes(errors);
    if (!data || errors.length > 0) return;
    setOpen(false);
    onDeleted();
  };
  return (
    <>
      <Button small kind="danger" onClick={() => setOpen(true)}>
        {t('templates.delete')}
      </Button>
      <Dialog
        title={t('templates.delete.title')}
        open={open}
        onClose={() => setOpen(false)}
        footer={
          <Button kind="danger" busy={removing} onClick={() => void start()}>
            {t('templates.delete.button', { name: template.name })}
          </Button>
        }
      >
        <p>{t('templates.delete.text')}</p>
        {mistakes.map((mistake, index) => (
          <Note key={index} tone="bad" alert>
            <Said sentence={say(mistake.statement)} />
          </Note>
        ))}
        {problem && <ProblemPanel problem={problem} />}
      </Dialog>
    </>
  );
}
