import type { ReactNode } from 'react';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Checkbox, RadioGroup, TextArea, TextField } from '../../../ui/fields';
import { Said } from '../../../ui/Said';
import { Segments } from '../../../ui/Segments';
import type { Sentence } from '../../../reasons';
import { KINDS, type ContentDraft } from './draft';
import { messages } from './messages';
import type { Mistakes } from './mistakes';

/** What a message says: its type, and the fields of that type. Texts may be templates, with `template`. */
export function ContentEditor({
  content,
  onChange,
  mistakes,
  beside,
}: {
  content: ContentDraft;
  onChange: (changes: Partial<ContentDraft>) => void;
  mistakes: Mistakes;
  /** Stands beside the types. */
  beside?: ReactNode;
}) {
  const t = useText(messages);
  return (
    <>
      <div className="compose-row compose-kinds">
        <Segments
          label={t('kind')}
          value={content.kind}
          onChange={(kind) => onChange({ kind })}
          options={KINDS.map((kind) => ({ value: kind, text: t(`kind.${kind}`) }))}
        />
        {beside}
      </div>
      <Fields content={content} onChange={onChange} mistakes={mistakes} />
    </>
  );
}

type Part = { content: ContentDraft; onChange: (changes: Partial<ContentDraft>) => void; mistakes: Mistakes };

function Fields(part: Part) {
  switch (part.content.kind) {
    case 'text':
      return <Body {...part} end="text.content" limit={5_000} advised={500} rows={6} />;
    case 'markdown':
      return (
        <>
          <Title {...part} end="markdown.title" limit={64} />
          <Body {...part} end="markdown.text" limit={5_000} markdown rows={8} />
        </>
      );
    case 'actionCard':
      return (
        <>
          <Title {...part} end="actionCard.title" limit={64} optional />
          <Body {...part} end="actionCard.markdown" limit={5_000} advised={1_000} markdown rows={8} />
          <Buttons {...part} />
        </>
      );
    case 'link':
      return (
        <>
          <Title {...part} end="link.title" limit={100} />
          <Body {...part} end="link.text" limit={5_000} advised={500} rows={3} />
          <Address {...part} end="link.messageUrl" />
          <Media {...part} end="link.picUrl" picture />
        </>
      );
    case 'oa':
      return <Form {...part} />;
    case 'image':
      return <Media {...part} end="image.mediaId" />;
    case 'file':
      return <Media {...part} end="file.mediaId" />;
    case 'voice':
      return (
        <>
          <Media {...part} end="voice.mediaId" />
          <Line {...part} name="seconds" end="voice.durationSeconds" numeric />
        </>
      );
  }
}

const said = (sentence: Sentence | null) => sentence && <Said sentence={sentence} />;

/** 14 / 64, and beside it what else there is to know. */
function Counter({ text, limit, children }: { text: string; limit: number; children?: ReactNode }) {
  const t = useText(messages);
  return (
    <span className="compose-counter">
      <span>{children}</span>
      <span className="num">{t('counter', { count: [...text].length, limit })}</span>
    </span>
  );
}

function Title({ content, onChange, mistakes, end, limit, optional }: Part & { end: string; limit: number; optional?: boolean }) {
  const t = useText(messages);
  return (
    <div className="compose-row">
      <TextField
        label={t('title.label')}
        value={content.title}
        onChange={(title) => onChange({ title })}
        error={said(mistakes.at(end))}
        hint={
          <Counter text={content.title} limit={limit}>
            {optional ? t('title.optional') : t('title.hint')}
          </Counter>
        }
      />
    </div>
  );
}

function Body({
  content,
  onChange,
  mistakes,
  end,
  limit,
  advised,
  markdown,
  rows,
}: Part & { end: string; limit: number; advised?: number; markdown?: boolean; rows: number }) {
  const t = useText(messages);
  const about = [markdown && t('body.markdown'), advised && t('body.advised', { count: advised })].filter(Boolean).join(' ');
  return (
    <div className="compose-row">
      <TextArea
        label={t('body')}
        rows={rows}
        value={content.text}
        onChange={(text) => onChange({ text })}
        error={said(mistakes.at(end))}
        hint={
          <Counter text={content.text} limit={limit}>
            {about}
          </Counter>
        }
      />
    </div>
  );
}

function Address({ content, onChange, mistakes, end }: Part & { end: string }) {
  const t = useText(messages);
  return (
    <div className="compose-row">
      <TextField
        label={t('url')}
        mono
        wraps
        value={content.url}
        onChange={(url) => onChange({ url })}
        error={said(mistakes.at(end))}
        hint={t('url.hint')}
      />
    </div>
  );
}

function Media({ content, onChange, mistakes, end, picture }: Part & { end: string; picture?: boolean }) {
  const t = useText(messages);
  return (
    <div className="compose-row">
      <TextField
        label={picture ? t('picture') : t('media')}
        mono
        value={content.mediaId}
        onChange={(mediaId) => onChange({ mediaId })}
        error={said(mistakes.at(end))}
        hint={t('media.hint')}
      />
    </div>
  );
}

type Hinted = 'seconds' | 'head' | 'colour' | 'desktopUrl' | 'status' | 'statusColour';
type Plain = 'number' | 'unit' | 'files' | 'author';
const PLAIN: readonly string[] = ['number', 'unit', 'files', 'author'] satisfies Plain[];

/** One line of text, whose label and hint go by its name. */
function Line({
  content,
  onChange,
  mistakes,
  name,
  end,
  numeric,
  mono,
}: Part & { name: Hinted | Plain; end: string; numeric?: boolean; mono?: boolean }) {
  const t = useText(messages);
  return (
    <div className="compose-row">
      <TextField
        label={t(name)}
        mono={mono}
        wraps={mono}
        inputMode={numeric ? 'numeric' : undefined}
        value={content[name]}
        onChange={(value) => onChange({ [name]: value })}
        error={said(mistakes.at(end))}
        hint={PLAIN.includes(name) ? undefined : t(`hint.${name as Hinted}`)}
      />
    </div>
  );
}

/** One button, or several; each says what it is called and where it leads. */
function Buttons({ content, onChange, mistakes }: Part) {
  const t = useText(messages);
  const { buttons, several, beside } = content;
  const shown = several ? buttons : buttons.slice(0, 1);
  const change = (index: number, changes: Partial<ContentDraft['buttons'][number]>) =>
    onChange({ buttons: buttons.map((button, at) => (at === index ? { ...button, ...changes } : button)) });
  return (
    <div className="compose-row">
      <fieldset className="field">
        <legend>{t('buttons')}</legend>
        <div className="col gap12">
          <RadioGroup
            label={t('buttons.how')}
            labelHidden
            row
            value={several ? 'several' : 'one'}
            onChange={(how) => onChange({ several: how === 'several' })}
            options={[
              { value: 'one', text: t('buttons.one') },
              { value: 'several', text: t('buttons.several') },
            ]}
          />
          {shown.map((button, index) => {
            const path = several ? `multi.buttons.${index}` : 'single';
            return (
              <div key={index} className="compose-button">
                <TextField
                  label={t('button.title', { number: index + 1 })}
                  labelHidden
                  placeholder={t('button.title.placeholder')}
                  value={button.title}
                  onChange={(title) => change(index, { title })}
                  error={said(mistakes.at(`${path}.title`))}
                />
                <TextField
                  label={t('button.url', { number: index + 1 })}
                  labelHidden
                  mono
                  placeholder={t('button.url.placeholder')}
                  value={button.url}
                  onChange={(url) => change(index, { url })}
                  error={said(mistakes.at(`${path}.url`, `${path}.actionUrl`))}
                />
                {several && buttons.length > 1 && (
                  <Button
                    kind="quiet"
                    icon="cross"
                    label={t('button.remove', { number: index + 1 })}
                    onClick={() => onChange({ buttons: buttons.filter((_, at) => at !== index) })}
                  />
                )}
              </div>
            );
          })}
          {several && (
            <div className="row wrap gap16">
              <Button small icon="plus" onClick={() => onChange({ buttons: [...buttons, { title: '', url: '' }] })}>
                {t('button.add')}
              </Button>
              <Checkbox checked={beside} onChange={(beside) => onChange({ beside })}>
                {t('buttons.beside')}
              </Checkbox>
            </div>
          )}
          {mistakes.at('multi.buttons') && <p className="small bad">{said(mistakes.at('multi.buttons'))}</p>}
        </div>
      </fieldset>
    </div>
  );
}

/** DingTalk's form: the head is asked for and not shown, six rows are. */
function Form(part: Part) {
  const t = useText(messages);
  const { content, onChange, mistakes } = part;
  const change = (index: number, changes: Partial<ContentDraft['rows'][number]>) =>
    onChange({ rows: content.rows.map((row, at) => (at === index ? { ...row, ...changes } : row)) });
  return (
    <>
      <Line {...part} name="head" end="oa.headText" />
      <Title {...part} end="body.title" limit={5_000} optional />
      <div className="compose-row">
        <fieldset className="field">
          <legend>{t('rows')}</legend>
          <div className="col gap8">
            {content.rows.map((row, index) => (
              <div key={index} className="compose-button even">
                <TextField
                  label={t('row.key', { number: index + 1 })}
                  labelHidden
                  placeholder={t('row.key.placeholder')}
                  value={row.key}
                  onChange={(key) => change(index, { key })}
                  error={said(mistakes.at(`form.${index}.key`))}
                />
                <TextField
                  label={t('row.value', { number: index + 1 })}
                  labelHidden
                  placeholder={t('row.value.placeholder')}
                  value={row.value}
                  onChange={(value) => change(index, { value })}
                  error={said(mistakes.at(`form.${index}.value`))}
                />
                <Button
                  kind="quiet"
                  icon="cross"
                  label={t('row.remove', { number: index + 1 })}
                  onClick={() => onChange({ rows: content.rows.filter((_, at) => at !== index) })}
                />
              </div>
            ))}
            <div>
              <Button small icon="plus" onClick={() => onChange({ rows: [...content.rows, { key: '', value: '' }] })}>
                {t('row.add')}
              </Button>
            </div>
            <p className="small t2">{t('rows.hint')}</p>
          </div>
        </fieldset>
      </div>
      <Body {...part} end="body.content" limit={5_000} rows={3} />
      <Address {...part} end="oa.messageUrl" />
      <details className="compose-more">
        <summary>{t('oa.more')}</summary>
        <Line {...part} name="desktopUrl" end="oa.pcMessageUrl" mono />
        <Line {...part} name="number" end="rich.num" />
        <Line {...part} name="unit" end="rich.unit" />
        <Media {...part} end="body.image" picture />
        <Line {...part} name="files" end="body.fileCount" numeric />
        <Line {...part} name="author" end="body.author" />
        <Line {...part} name="status" end="statusBar.statusValue" />
        <Line {...part} name="statusColour" end="statusBar.statusBg" />
        <Line {...part} name="colour" end="oa.headBgcolor" />
      </details>
    </>
  );
}
