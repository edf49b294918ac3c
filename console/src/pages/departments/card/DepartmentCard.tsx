import { useState } from 'react';
import { usePermission, type Asked } from '../../../data';
import type { DepartmentCardQuery as Answer } from '../../../generated/graphql';
import { useFormats, useText } from '../../../i18n';
import { Answer as Answered } from '../../../ui/Answer';
import { LinkButton } from '../../../ui/Button';
import { Icon } from '../../../ui/Icon';
import { Loading } from '../../../ui/Loading';
import { Menu } from '../../../ui/Menu';
import { Panel } from '../../../ui/Panel';
import { RecordPill } from '../../../ui/RecordPill';
import { RelativeTime } from '../../../ui/RelativeTime';
import type { Address } from '../address';
import { messages } from '../messages';
import { PlaceLink } from '../PlaceLink';
import { Changes } from './Changes';
import { History } from './History';
import { Pair, Verified } from './PersonCard';
import { RefreshDepartment } from './Refresh';
import { Standing } from './Standing';
import { useHeading } from './useHeading';

type Department = NonNullable<Answer['department']>;

/** The card of a department: where it is, how many are in it, who leads it, and what changed lately. */
export function DepartmentCard({
  asked,
  deptId,
  address,
  onShow,
}: {
  asked: Asked<Answer>;
  /** Null: not known yet. */
  deptId: string | null;
  address: Address;
  onShow: (deptId: string) => void;
}) {
  const t = useText(messages);
  return (
    <Answered asked={asked} what={t('department.failed')} lines={8}>
      {({ department }) =>
        department ? (
          // The former card stays until there is this one, and can't be used.
          <div inert={department.deptId !== deptId} className={department.deptId === deptId ? undefined : 'card-stale'}>
            <Filled key={department.deptId} department={department} asked={asked} address={address} onShow={onShow} />
          </div>
        ) : asked.refreshing ? (
          <Loading lines={8} />
        ) : (
          <Panel icon="question" title={t('department.missing')}>
            {t('department.missing.text')}
          </Panel>
        )
      }
    </Answered>
  );
}

function Filled({
  department,
  asked,
  address,
  onShow,
}: {
  department: Department;
  asked: Asked<Answer>;
  address: Address;
  onShow: (deptId: string) => void;
}) {
  const t = useText(messages);
  const { number } = useFormats();
  const past = address.place.asOf !== null;
  const maySend = usePermission('message:send');
  const [history, setHistory] = useState(false);
  const heading = useHeading();
  const { deptId, name, state, managers, changes } = department;

  return (
    <article aria-labelledby={heading.id}>
      <div className="card-part">
        <div className="row top card-head">
          <span className="card-tile">
            <Icon name="departments" size={24} />
          </span>
          <div className="grow">
            <div className="row wrap">
              <h2 {...heading} className="card-name" translate="no">
                {name}
              </h2>
              <RecordPill state={state} unlessActive />
            </div>
            <Above department={department} address={address} />
            <p className="small t3 num">{t.rich('department.number', { id: <span translate="no">{deptId}</span> })}</p>
          </div>
          <Menu
            name={t('department.more')}
            label={t('department.more')}
            kind="quiet"
            small
            icon="more"
            align="end"
            items={[
              { text: t('card.show'), icon: 'departments', onSelect: () => onShow(deptId) },
              { text: t('card.history'), icon: 'clock', onSelect: () => setHistory(true) },
              { text: t('card.copyLink'), icon: 'link', onSelect: () => void navigator.clipboard.writeText(location.href) },
              { text: t('department.copyId'), icon: 'copy', onSelect: () => void navigator.clipboard.writeText(deptId) },
            ]}
          />
        </div>
        <div className="row wrap card-actions">
          {state !== 'GONE' && maySend && !past && (
            <LinkButton small icon="messages" href={`/messages/new?toDepartment=${encodeURIComponent(deptId)}`}>
              {t('department.send')}
            </LinkButton>
          )}
          <RefreshDepartment deptId={deptId} past={past} onDone={asked.again}>
            <Verified at={department.lastVerifiedAt} past={past} />
          </RefreshDepartment>
        </div>
        <Standing state={state} cause={department.goneCause} lastSeen={department.lastSeen} entity="DEPARTMENT" />
      </div>

      <div className="card-part">
        <dl className="pairs">
          <Pair name={t('department.people')}>
            <span className="num">{t('people', { count: department.totalMemberCount })}</span>{' '}
            <span className="small t3">{t('department.people.direct', { count: department.memberCount })}</span>
          </Pair>
          <Pair name={t('department.children')}>
            <span className="num">
              {department.childCount === 0 ? (
                <span className="t3">{t('department.children.none')}</span>
              ) : (
                t('department.children.count', { count: department.childCount })
              )}
            </span>
          </Pair>
          <Pair name={t('department.managers')}>
            {managers.length === 0 ? (
              <span className="t3">{t('department.managers.none')}</span>
            ) : (
              <ul className="col gap4">
                {managers.map(({ userId, name: called, title }) => (
                  <li key={userId} className="beside">
                    <PlaceLink address={address} to={{ user: userId, about: false }}>
                      {called}
                    </PlaceLink>
                    {title && (
                      <span className="small t3" translate="no">
                        {title}
                      </span>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </Pair>
          {department.brief && (
            <Pair name={t('department.brief')}>
              <span translate="no">{department.brief}</span>
            </Pair>
          )}
          {department.sourceIdentifier && (
            <Pair name={t('department.source')}>
              <code translate="no">{department.sourceIdentifier}</code>
            </Pair>
          )}
          <Settings department={department} />
          <Pair name={t('card.firstSeen')}>
            <RelativeTime at={department.firstSeen} as="moment" />
          </Pair>
        </dl>
      </div>

      <section className="card-part">
        <div className="row">
          <h3 className="grow">{t('recent.changes')}</h3>
          <button type="button" className="text-button small" onClick={() => setHistory(true)}>
            {t('recent.history', { count: number(changes?.totalCount ?? 0) })}
          </button>
        </div>
        {changes && changes.nodes.length > 0 ? (
          <Changes changes={changes.nodes} />
        ) : (
          <p className="small t3">{t('history.empty')}</p>
        )}
      </section>
      <History open={history} onClose={() => setHistory(false)} name={name} deptId={deptId} />
    </article>
  );
}

/** The way down to it, each step a link. */
function Above({ department, address }: { department: Department; address: Address }) {
  return (
    <p className="small t3" translate="no">
      {department.ancestors.map(({ deptId, name }, index) => (
        <span key={deptId}>
          {index > 0 && ' / '}
          <PlaceLink address={address} to={{ deptId, user: null, q: '' }}>
            {name}
          </PlaceLink>
        </span>
      ))}
    </p>
  );
}

/** What of DingTalk's settings of a department isn't as usual. */
function Settings({ department }: { department: Department }) {
  const t = useText(messages);
  const { hideDept, outerDept, createDeptGroup, autoAddUser } = department;
  const said = [
    hideDept && t('department.hidden'),
    outerDept && t('department.outer'),
    createDeptGroup && t(autoAddUser ? 'department.group.auto' : 'department.group'),
  ].filter((each) => typeof each === 'string');
  if (said.length === 0) return null;
  return (
    <Pair name={t('department.settings')}>
      <ul>
        {said.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </Pair>
  );
}
