import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useShell } from '../../../app/shell/ShellContext';
import type { ComposePreviewQuery, QuotaFragment, SendingFragment } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { useReasons } from '../../../reasons';
import { whoLink } from '../../../ui/addresses';
import { Icon } from '../../../ui/Icon';
import type { IconName } from '../../../ui/icons';
import { Said } from '../../../ui/Said';
import type { Tone } from '../../../ui/tone';
import { PER_CALL, PER_MINUTE } from '../delivery/limits';
import type { Draft } from './draft';
import { messages } from './messages';

/** A preview as the API answers it. */
export type Preview = NonNullable<ComposePreviewQuery['previewMessage']>;
type Person = Preview['recipients'][number];

/** What of a preview is said: how many would have it, be dropped, not be found, be left out. */
export function figuresOf(preview: Preview) {
  const count = (...states: string[]) =>
    preview.recipientCounts.filter(({ state }) => states.includes(state)).reduce((sum, each) => sum + each.count, 0);
  const people = (...states: string[]) => preview.recipients.filter(({ state }) => states.includes(state));
  const total = preview.recipientCounts.reduce((sum, each) => sum + each.count, 0);
  // Of a redirected message the one who waits is the tester, who is none of those that were asked for.
  const goes = count('REDIRECTED') || count('QUEUED', 'SHADOWED', 'SUPPRESSED');
  const predicted = preview.recipients.filter(({ prediction }) => prediction);
  return {
    total,
    /** Who would be sent to, whether or not sending is switched on. */
    goes,
    duplicates: predicted.filter(({ prediction, state }) => prediction === 'DUPLICATE' && state !== 'SKIPPED'),
    overQuota: predicted.filter(({ prediction }) => prediction === 'DAILY_QUOTA'),
    unmatched: people('UNMATCHED', 'INVALID', 'FAILED'),
    unmatchedCount: count('UNMATCHED', 'INVALID', 'FAILED'),
    left: people('EXCLUDED', 'DUPLICATE', 'SKIPPED'),
    leftCount: count('EXCLUDED', 'DUPLICATE', 'SKIPPED'),
    calls: Math.ceil(count('QUEUED') / PER_CALL),
    /** The preview names the first 500; of the others nothing is predicted here. */
    partly: total > preview.recipients.length,
  };
}

/** 发出去会怎样: counts first, then who; calls and what is left of the month's; what the server has to say besides. */
export function Outcome({
  preview,
  sending,
  quota,
  draft,
  change,
}: {
  preview: Preview;
  sending: SendingFragment | null | undefined;
  quota: QuotaFragment | null | undefined;
  draft: Draft;
  change: (changes: Partial<Draft>) => void;
}) {
  const t = useText(messages);
  const formats = useFormats();
  const say = useReasons();
  const { shell } = useShell();
  const figures = figuresOf(preview);
  const arrives = figures.goes - figures.duplicates.length - figures.overQuota.length;
  const mode = preview.deliveryMode ?? shell?.delivery?.mode ?? 'ON';
  const names = (list: readonly Person[]) => <Names people={list} />;
  const minutes = Math.ceil(figures.goes / PER_MINUTE);
  return (
    <>
      <ul className="outcome">
        <Item tone={mode === 'ON' && arrives > 0 ? 'ok' : 'idle'} icon={mode === 'ON' ? (arrives > 0 ? 'check' : 'minus') : 'pause'}>
          <b>{t(`outcome.${mode}`, { count: Math.max(0, arrives) })}</b>
          {minutes > 1 && mode === 'ON' && <p className="small">{t('outcome.minutes', { count: minutes })}</p>}
        </Item>
        {figures.duplicates.length > 0 && (
          <Item tone="warn" icon="copy">
            <b>{t('outcome.duplicates', { count: figures.duplicates.length })}</b>
            <p className="small">
              {names(figures.duplicates)}
              {t('outcome.duplicates.text')}{' '}
              {draft.onDuplicate === 'SEND' && (
                <button type="button" className="text-button" onClick={() => change({ onDuplicate: 'MARK' })}>
                  {t('outcome.mark')}
                </button>
              )}
            </p>
          </Item>
        )}
        {figures.overQuota.length > 0 && (
          <Item tone="warn" icon="warning">
            <b>{t('outcome.overQuota', { count: figures.overQuota.length })}</b>
            <p className="small">
              {names(figures.overQuota)}
              {t('outcome.overQuota.text')}
            </p>
          </Item>
        )}
        {figures.unmatchedCount > 0 && (
          <Item tone="bad" icon="person">
            <b>{t('outcome.unmatched', { count: figures.unmatchedCount })}</b>
            <Reasons people={figures.unmatched} />
          </Item>
        )}
        {figures.leftCount > 0 && (
          <Item tone="idle" icon="minus">
            <b>{t('outcome.left', { count: figures.leftCount })}</b>
            <Reasons people={figures.left} />
          </Item>
        )}
      </ul>
      {figures.partly && <p className="small t2 outcome-note">{t('outcome.partly', { count: preview.recipients.length })}</p>}
      {preview.noticeStatements.map((notice) => (
        <p key={notice.text} className="small t2 outcome-note">
          <Said sentence={say(notice)} />
        </p>
      ))}
      <p className="small t2 outcome-calls">
        {figures.calls > 0 ? t('outcome.calls', { calls: figures.calls }) : t('outcome.calls.none')}
        {quota && figures.calls > 0 && (
          <> {t('outcome.left.quota', { count: Math.max(0, quota.limit - quota.used), quota: quota.limit })}</>
        )}
        {sending?.stoppedUntil && (
          <span className="warn"> {t('outcome.stopped', { until: formats.moment(new Date(sending.stoppedUntil)) })}</span>
        )}
      </p>
    </>
  );
}

function Item({ tone, icon, children }: { tone: Tone; icon: IconName; children: ReactNode }) {
  return (
    <li>
      <span className={tone}>
        <Icon name={icon} />
      </span>
      <div className="grow">{children}</div>
    </li>
  );
}

const SHOWN = 4;

function nameOf(person: Person): string {
  return person.user?.name ?? person.identity?.email ?? person.identity?.username ?? person.userId ?? '…';
}

/** The first few, and how many more. */
function Names({ people }: { people: readonly Person[] }) {
  const t = useText(messages);
  const { list } = useFormats();
  const names = people.slice(0, SHOWN).map(nameOf);
  const more = people.length - names.length;
  return (
    <>
      <span translate="no">{list(names)}</span>
      {more > 0 && t('outcome.more', { count: more })}
    </>
  );
}

/** Who and why, those of one reason together; of many reasons the first few, the others folded. */
function Reasons({ people }: { people: readonly Person[] }) {
  const t = useText(messages);
  const byReason = new Map<string, Person[]>();
  for (const person of people) byReason.set(whyOf(person), [...(byReason.get(whyOf(person)) ?? []), person]);
  const groups = [...byReason.values()];
  const rest = groups.slice(SHOWN);
  return (
    <>
      {groups.slice(0, SHOWN).map((group) => (
        <ReasonOf key={whyOf(group[0] as Person)} people={group} />
      ))}
      {rest.length > 0 && (
        <details className="small">
          <summary>{t('outcome.rest', { count: rest.reduce((sum, group) => sum + group.length, 0) })}</summary>
          {rest.map((group) => (
            <ReasonOf key={whyOf(group[0] as Person)} people={group} />
          ))}
        </details>
      )}
    </>
  );
}

/** What is the same of those who are told together: the server's sentence names each identity, and stays out. */
function whyOf({ state, resolutionStatus, reasonStatement }: Person): string {
  return `${state} ${resolutionStatus ?? ''} ${resolutionStatus ? '' : (reasonStatement?.text ?? '')}`;
}

function ReasonOf({ people }: { people: readonly Person[] }) {
  const t = useText(messages);
  const say = useReasons();
  const { state, resolutionStatus, reasonStatement } = people[0] as Person;
  const key = `why.${state}.${resolutionStatus}`;
  const plain = `why.${state}`;
  const said = reasonStatement ? say(reasonStatement) : null;
  const own = t.has(key) ? key : t.has(plain) ? plain : null;
  return (
    <p className="small outcome-reason">
      {t.rich('outcome.reason', {
        name: <Names people={people} />,
        reason: own ? t(own as 'why.EXCLUDED') : <Said sentence={said} />,
      })}{' '}
      {state === 'UNMATCHED' && (
        <Link {...(whoLink(people.flatMap(({ identity }) => identity ?? [])) ?? { href: '/matching/unmatched' })}>
          {t('outcome.resolve')}
        </Link>
      )}
    </p>
  );
}
