import { useState, type ReactNode } from 'react';
import { usePermission, type Asked } from '../../../data';
import type { PersonCardQuery as Answer } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Answer as Answered } from '../../../ui/Answer';
import { Avatar } from '../../../ui/Avatar';
import { LinkButton } from '../../../ui/Button';
import { Loading } from '../../../ui/Loading';
import { Menu } from '../../../ui/Menu';
import { Panel } from '../../../ui/Panel';
import { Pill } from '../../../ui/Pill';
import { RecordPill } from '../../../ui/RecordPill';
import { RelativeTime } from '../../../ui/RelativeTime';
import type { Address } from '../address';
import { messages } from '../messages';
import { PlaceLink } from '../PlaceLink';
import { Contact } from './Contact';
import { History } from './History';
import { Identities } from './Identities';
import { Recent } from './Recent';
import { RefreshPerson } from './Refresh';
import { Reports } from './Reports';
import { Standing } from './Standing';
import { useHeading } from './useHeading';

/** A person as the server told of them. */
export type Person = NonNullable<Answer['user']>;

/** The card of a person: who they are, where, above and below whom, how to reach them, and what happened lately. */
export function PersonCard({
  asked,
  userId,
  address,
  onShow,
}: {
  asked: Asked<Answer>;
  userId: string;
  address: Address;
  onShow: (deptId: string) => void;
}) {
  const t = useText(messages);
  return (
    <Answered asked={asked} what={t('person.failed')} lines={8}>
      {(data) =>
        data.user ? (
          // The former card stays until there is this one, and can't be used.
          <div inert={data.user.userId !== userId} className={data.user.userId === userId ? undefined : 'card-stale'}>
            <Filled key={data.user.userId} data={data} person={data.user} asked={asked} address={address} onShow={onShow} />
          </div>
        ) : asked.refreshing ? (
          <Loading lines={8} />
        ) : (
          <Panel icon="question" title={t('person.missing')}>
            <p className="t2">{t(address.place.asOf === null ? 'person.missing.text' : 'person.missing.then')}</p>
            <p className="small t3">
              <code translate="no">{userId}</code>
            </p>
          </Panel>
        )
      }
    </Answered>
  );
}

function Filled({
  data,
  person,
  asked,
  address,
  onShow,
}: {
  data: Answer;
  person: Person;
  asked: Asked<Answer>;
  address: Address;
  onShow: (deptId: string) => void;
}) {
  const t = useText(messages);
  const past = address.place.asOf !== null;
  const maySend = usePermission('message:send');
  const [history, setHistory] = useState(false);
  const heading = useHeading();
  const { userId, name, title, jobNumber, state } = person;
  const primary = person.primaryDepartment?.deptId ?? null;

  return (
    <article aria-labelledby={heading.id}>
      <div className="card-part">
        <div className="row top card-head">
          <Avatar name={name} src={person.avatar} large />
          <div className="grow">
            <div className="row wrap">
              <h2 {...heading} className="card-name" translate="no">
                {name}
              </h2>
              <RecordPill state={state} />
              {person.active === false && <Pill tone="idle">{t('person.inactive')}</Pill>}
            </div>
            {title && (
              <p className="t2" translate="no">
                {title}
              </p>
            )}
            <p className="small t3 num">
              {jobNumber
                ? t.rich('person.number', { number: <span translate="no">{jobNumber}</span> })
                : t('person.number.none')}
            </p>
          </div>
          <Menu
            name={t('person.more')}
            label={t('person.more')}
            kind="quiet"
            small
            icon="more"
            align="end"
            items={[
              ...(primary === null ? [] : [{ text: t('card.show'), icon: 'departments' as const, onSelect: () => onShow(primary) }]),
              { text: t('card.history'), icon: 'clock', onSelect: () => setHistory(true) },
              { text: t('card.copyLink'), icon: 'link', onSelect: () => void navigator.clipboard.writeText(location.href) },
              { text: t('person.copyId'), icon: 'copy', onSelect: () => void navigator.clipboard.writeText(userId) },
            ]}
          />
        </div>
        <div className="row wrap card-actions">
          {state !== 'GONE' && maySend && !past && (
            <LinkButton small icon="messages" href={`/messages/new?to=${encodeURIComponent(userId)}`}>
              {t('person.send')}
            </LinkButton>
          )}
          <RefreshPerson userId={userId} past={past} onDone={asked.again}>
            <Verified at={person.lastVerifiedAt} past={past} />
          </RefreshPerson>
        </div>
        <Standing state={state} cause={person.goneCause} lastSeen={person.lastSeen} entity="USER" />
      </div>

      <div className="card-part">
        <dl className="pairs">
          <dt>{t('person.departments')}</dt>
          <dd>
            <Departments person={person} address={address} />
          </dd>
          <dt>{t('person.manager')}</dt>
          <dd>
            <Manager person={person} address={address} />
          </dd>
          {person.reportCount && (
            <>
              <dt>{t('person.reports')}</dt>
              <dd>
                <Reports person={person} address={address} />
              </dd>
            </>
          )}
          <Contact person={person} />
          {person.workPlace && (
            <Pair name={t('person.workPlace')}>
              <span translate="no">{person.workPlace}</span>
            </Pair>
          )}
          {person.hiredDate && (
            <Pair name={t('person.hired')}>
              <span className="num" translate="no">
                {person.hiredDate}
              </span>
            </Pair>
          )}
          <Roles person={person} />
        </dl>
      </div>

      <Identities identities={person.confluenceIdentities} name={name} past={past} />
      <Recent data={data} person={person} onHistory={() => setHistory(true)} />
      <History open={history} onClose={() => setHistory(false)} name={name} userId={userId} />
    </article>
  );
}

/** A label and what it is, within `dl`. */
export function Pair({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** When DingTalk last said so; of the past: when it had changed last by then. */
export function Verified({ at, past }: { at: string; past: boolean }) {
  const t = useText(messages);
  return (
    <span className="small t3">
      {t.rich(past ? 'card.changedThen' : 'card.verified', { when: <RelativeTime at={at} as={past ? 'moment' : 'relative'} /> })}
    </span>
  );
}

function Departments({ person, address }: { person: Person; address: Address }) {
  const t = useText(messages);
  const memberships = person.memberships?.nodes ?? [];
  if (memberships.length === 0) return <span className="t3">{t('person.departments.none')}</span>;

  const primary = person.primaryDepartment?.deptId;
  const sorted = [...memberships].sort(
    (a, b) => Number(b.department.deptId === primary) - Number(a.department.deptId === primary),
  );
  return (
    <ul className="col gap4">
      {sorted.map(({ leader, department }) => (
        <li key={department.deptId}>
          <span className="beside">
            <PlaceLink address={address} to={{ deptId: department.deptId, q: '', about: false }}>
              {department.name}
            </PlaceLink>
            {leader && <span className="small t2">{t('person.leads')}</span>}
            <RecordPill state={department.state} unlessActive />
          </span>
          {department.ancestors.length > 1 && (
            <p className="small t3" translate="no">
              {department.ancestors
                .slice(1)
                .map(({ name }) => name)
                .join(' / ')}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

function Manager({ person, address }: { person: Person; address: Address }) {
  const t = useText(messages);
  const { manager } = person;
  if (!manager) return <span className="t3">{t('person.manager.none')}</span>;
  const where = [manager.title, manager.primaryDepartment?.name].filter(Boolean);
  return (
    <>
      <span className="beside">
        <PlaceLink address={address} to={{ user: manager.userId, about: false }}>
          {manager.name}
        </PlaceLink>
        {where.length > 0 && (
          <span className="small t3" translate="no">
            {where.join(' · ')}
          </span>
        )}
        <RecordPill state={manager.state} unlessActive />
      </span>
      {person.managementIsCircular && <p className="small warn">{t('person.manager.circular')}</p>}
    </>
  );
}

function Roles({ person }: { person: Person }) {
  const t = useText(messages);
  const roles = [
    person.boss && t('role.boss'),
    person.admin && t('role.admin'),
    person.senior && t('role.senior'),
  ].filter((role) => typeof role === 'string');
  if (roles.length === 0) return null;
  return (
    <Pair name={t('person.roles')}>
      <span className="row wrap">
        {roles.map((role) => (
          <span key={role} className="pill idle bare">
            {role}
          </span>
        ))}
      </span>
    </Pair>
  );
}
