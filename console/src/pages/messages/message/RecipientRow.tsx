import { memo, useId, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { usePermission } from '../../../data';
import { useFormats, useText } from '../../../i18n';
import { useReasons } from '../../../reasons';
import { personHref } from '../../../ui/addresses';
import { Avatar } from '../../../ui/Avatar';
import { Button } from '../../../ui/Button';
import { Icon } from '../../../ui/Icon';
import { dateOf, RelativeTime } from '../../../ui/RelativeTime';
import { Said } from '../../../ui/Said';
import { StatePill } from '../../../ui/StatePill';
import { dayText } from '../ledger/filter';
import { messages } from '../messages';
import type { OpenMessage } from './MessagePane';
import { RecipientReason } from './RecipientReason';

/** A recipient as the page has them. */
export type RecipientOf = NonNullable<OpenMessage['recipients']>['nodes'][number];

/** Who, where they stand in the company, what became of it, and why. */
export const RecipientRow = memo(function RecipientRow({ row, message }: { row: RecipientOf; message: OpenMessage }) {
  const t = useText(messages);
  const mayRead = usePermission('directory:read');
  const today = dayText(dateOf(row.updatedAt)) === dayText(new Date());
  const { user, identity, userId } = row;
  const asked = identity ? (identity.email ?? identity.username ?? identity.displayName) : null;
  const name = user?.name ?? asked ?? userId;
  const path = user?.primaryDepartment?.path.slice(1).map((each) => each.name) ?? [];
  const [open, setOpen] = useState(false);
  const details = useId();
  const attempt = row.taskId ? message.attempts?.nodes.find(({ taskId }) => taskId === row.taskId) : undefined;
  return (
    <li className="recipient">
      {user || userId ? (
        <Avatar name={name ?? ''} />
      ) : (
        <span className="recipient-nobody" aria-hidden="true">
          <Icon name="question" />
        </span>
      )}
      <p className="clip">
        {user && mayRead ? (
          <Link className="recipient-name" href={personHref(user.userId)} translate="no">
            {name}
          </Link>
        ) : (
          <span className="recipient-name" translate="no">
            {name ?? t('recipients.hidden')}
          </span>
        )}
        <span className="small t3" translate="no" title={path.join(' / ')}>
          {path.slice(-2).join(' / ')}
        </span>
      </p>
      <span className="row recipient-state">
        <StatePill state={row.state} />
        <span className="small t3">
          <RelativeTime at={row.updatedAt} as={today ? 'time' : 'moment'} />
        </span>
        <Button
          kind="quiet"
          small
          icon="down"
          className={open ? 'recipient-open' : undefined}
          label={open ? t('recipients.less') : t('recipients.details')}
          aria-expanded={open}
          aria-controls={details}
          onClick={() => setOpen(!open)}
        />
      </span>
      <div className="recipient-why small t2" id={details}>
        <RecipientReason row={row} />
        {row.repeats > 0 && <p className="warn">{t('recipients.repeats', { count: row.repeats })}</p>}
        {open && <Details row={row} attempt={attempt} asked={user ? asked : null} />}
      </div>
    </li>
  );
});

/** By what the person was named and found, by which send it went, and how often. */
function Details({
  row,
  attempt,
  asked,
}: {
  row: RecipientOf;
  attempt: { startedAt: string; code?: string | null } | undefined;
  asked: string | null | undefined;
}) {
  const t = useText(messages);
  const formats = useFormats();
  const parts: ReactNode[] = [];
  if (row.department) {
    parts.push(t.rich('recipients.through', { department: <span translate="no">{row.department.name}</span> }));
  }
  if (asked) parts.push(t.rich('recipients.as', { name: <span translate="no">{asked}</span> }));
  if (row.rule) parts.push(t(`rule.${row.rule}`));
  if (row.taskId) {
    const id = <code translate="no">{row.taskId}</code>;
    parts.push(
      attempt
        ? t.rich('recipients.sent', { when: formats.time(new Date(attempt.startedAt)), id })
        : t.rich('recipients.task', { id }),
    );
  }
  const say = useReasons();
  if (row.repeatUntil) parts.push(t('recipients.repeatUntil', { when: formats.moment(new Date(row.repeatUntil)) }));
  if (row.reasonStatement) parts.push(<Said sentence={say(row.reasonStatement)} />);
  parts.push(t.rich('recipients.at', { when: formats.exact(new Date(row.updatedAt)) }));
  return parts.map((part, index) => <p key={index}>{part}</p>);
}
