import './evidence.css';
import type { ReactNode } from 'react';
import { useFormats, useText } from '../../i18n';
import { classes } from '../../ui/classes';
import { Icon } from '../../ui/Icon';
import { messages } from './messages';
import type { Evidence, RunFacts } from './runFacts';

interface Picture {
  evidence: Evidence;
  counts: Pick<RunFacts['counts'], 'removed' | 'held'>;
  dry: boolean;
}

/**
 * What a verdict rests on: who was seen from which side, what DingTalk counts itself, what became of those who were not come
 * across, and the departments. The same as a table for screen readers.
 */
export function EvidencePicture({ run, evidence }: { run: RunFacts; evidence: Evidence }) {
  const picture = { evidence, counts: run.counts, dry: run.mode === 'DRY_RUN' };
  return (
    <div className="evidence">
      <Sides {...picture} />
      <Counted {...picture} />
      <Funnel {...picture} />
      <Departments {...picture} />
      <Withheld {...picture} />
      <EvidenceTable {...picture} />
    </div>
  );
}

/** How many people both sides have, and how many one of them alone. */
export function sidesOf({ usersByDepartments, usersRead, oneSidedUsers, usersOnlyInLists, usersOnlyInRecords }: Picture['evidence']) {
  const lists = usersOnlyInLists ?? null;
  const records = usersOnlyInRecords ?? null;
  if (lists !== null && records !== null) {
    const both = Math.max(0, usersByDepartments - lists);
    return { both, lists, records, unknown: 0, listed: usersByDepartments, recorded: both + records };
  }
  // Of runs from before, only how many in all have one side alone is known.
  const both = Math.max(0, Math.min(usersByDepartments, usersRead) - oneSidedUsers);
  return { both, lists: 0, records: 0, unknown: oneSidedUsers, listed: usersByDepartments, recorded: usersRead };
}

/** How wide a leftover is drawn: more than its share, so that one person is seen beside ten thousand. */
function stub(people: number): number {
  return people === 0 ? 0 : Math.round(14 + 10 * Math.log10(people));
}

/** Two bars: whom the departments' lists name, and whom the people's own records name. */
function Sides({ evidence }: Picture) {
  const t = useText(messages);
  const { number } = useFormats();
  const { both, lists, records, unknown, listed, recorded } = sidesOf(evidence);
  const left = stub(lists);
  const right = stub(records + unknown);
  const columns = { ['--left' as string]: `${left}px`, ['--right' as string]: `${right}px` };
  return (
    <section aria-hidden="true">
      <h3 className="row">
        {t('evidence.people')}
        {left + right > 0 && <span className="small t3 end evidence-scale">{t('evidence.scale')}</span>}
      </h3>
      <div className="sides small" style={columns}>
        <span>{t('evidence.lists')}</span>
        <i className={classes('side-left', left > 0 && 'fill-warn')} />
        <i className={classes('side-both', both > 0 && 'fill-wait')} />
        <i className="side-right" />
        <b className="num">{number(listed)}</b>

        <span>{t('evidence.records')}</span>
        <i className="side-left" />
        <i className={classes('side-both', both > 0 && 'fill-wait')} />
        <i className={classes('side-right', right > 0 && 'fill-warn')} />
        <b className="num">{number(recorded)}</b>

        <span />
        <span />
        <span className="bracket">
          <b className="num">{t('evidence.both', { count: both })}</b>
        </span>
        <span />
        <span />
      </div>
      {left + right > 0 && (
        <p className="row wrap small warn gap16">
          {lists > 0 && <span>{t('evidence.onlyLists', { count: lists })}</span>}
          {records > 0 && <span>{t('evidence.onlyRecords', { count: records })}</span>}
          {unknown > 0 && <span>{t('evidence.oneSided', { count: unknown })}</span>}
        </p>
      )}
      <People evidence={evidence} />
    </section>
  );
}

/** What else is to be said of people, where there is any. */
function People({ evidence }: { evidence: Evidence }) {
  const t = useText(messages);
  const { usersByListAlone, usersOutOfScope, usersUnreadable } = evidence;
  if (usersByListAlone + usersOutOfScope + usersUnreadable === 0) return null;
  return (
    <p className="row wrap small t2 gap16">
      {usersByListAlone > 0 && <span>{t('evidence.listAlone', { count: usersByListAlone })}</span>}
      {usersOutOfScope > 0 && <span className="warn">{t('evidence.outOfScope', { count: usersOutOfScope })}</span>}
      {usersUnreadable > 0 && <span className="warn">{t('evidence.unreadable', { count: usersUnreadable })}</span>}
    </p>
  );
}

/** DingTalk's own count, and what the mirror had. */
function Counted({ evidence }: Picture) {
  const t = useText(messages);
  const { number } = useFormats();
  const { userCount, usersInMirror } = evidence;
  const { both } = sidesOf(evidence);
  const more = usersInMirror - both;
  return (
    <section aria-hidden="true" className="row wrap gap24 small">
      <span className="row">
        {t('evidence.own')}
        {userCount == null ? (
          <span className="t3">{t('evidence.unasked')}</span>
        ) : (
          <>
            <b className="num evidence-number">{number(userCount)}</b>
            {userCount === both ? (
              <span className="ok">{t('evidence.equal')}</span>
            ) : (
              <span className="warn">{t('evidence.differs', { count: Math.abs(userCount - both) })}</span>
            )}
          </>
        )}
      </span>
      <span className="row">
        {t('evidence.before')}
        <b className="num evidence-number">{number(usersInMirror)}</b>
        {more !== 0 && <span>{more > 0 ? t('evidence.more', { count: more }) : t('evidence.fewer', { count: -more })}</span>}
      </span>
    </section>
  );
}

/** Records that the run did not come across: asked for one by one, and what became of them. */
function Funnel({ evidence, counts, dry }: Picture) {
  const t = useText(messages);
  const what = useWhat();
  const { absent, confirmedGone } = evidence;
  const there = Math.max(0, absent - confirmedGone);
  // Held by an event or a run before, say.
  const rest = Math.max(0, confirmedGone - counts.removed - counts.held);
  return (
    <section aria-hidden="true">
      <h3>{t('evidence.absent')}</h3>
      {absent === 0 ? (
        <p className="small t2">{t('evidence.absent.none')}</p>
      ) : (
        <div className="funnel small">
          <div className="funnel-all">
            <b className="num evidence-number">{what(evidence.absentUsers, evidence.absentDepartments, absent)}</b>
            <span>{t('evidence.notMet')}</span>
          </div>
          <div className="funnel-asked t3">
            {t('evidence.asked')}
            <Icon name="arrow" />
          </div>
          <div className="funnel-ends">
            <span className="funnel-end fill-soft-warn warn">
              {t('evidence.gone', {
                what: what(evidence.confirmedGoneUsers, evidence.confirmedGoneDepartments, confirmedGone),
              })}
            </span>
            <b className="row num">
              <Icon name="arrow" />
              <span>
                {dry ? t('evidence.dry') : t('evidence.removed', { removed: counts.removed, held: counts.held })}
                {!dry && rest > 0 && t('evidence.rest', { count: rest })}
              </span>
            </b>
            <span className="funnel-end fill-soft-ok ok">{t('evidence.there', { count: there })}</span>
            <b className="row">
              <Icon name="arrow" />
              {t('evidence.kept')}
            </b>
          </div>
        </div>
      )}
    </section>
  );
}

/** 38 人、1 个部门; of runs from before records alone, whatever they are. */
function useWhat() {
  const t = useText(messages);
  return (users: number | null | undefined, departments: number | null | undefined, records: number): string => {
    if (users == null || departments == null) return t('what.records', { count: records });
    if (departments === 0) return t('what.users', { count: users });
    if (users === 0) return t('what.departments', { count: departments });
    return t('what.both', { users: t('what.users', { count: users }), departments: t('what.departments', { count: departments }) });
  };
}

/** Departments that were seen, and how many of them could be listed. */
function Departments({ evidence }: Picture) {
  const t = useText(messages);
  const { departmentsSeen, departmentsReadable, departmentsInMirror, orphanDepartments, homeSchoolDepartments } = evidence;
  const unreadable = Math.max(0, departmentsSeen - departmentsReadable);
  const more = departmentsInMirror - departmentsSeen;
  return (
    <section aria-hidden="true">
      <h3 className="row wrap">
        {t('evidence.departments')}
        <span className="small t2 end evidence-scale">
          {unreadable === 0
            ? t('evidence.allReadable', { count: departmentsSeen })
            : t('evidence.seen', { count: departmentsSeen, unreadable })}
        </span>
      </h3>
      <div className="readable">
        {departmentsReadable > 0 && <i className="fill-ok" style={{ flexGrow: departmentsReadable }} />}
        {unreadable > 0 && <i className="fill-bad" style={{ flexGrow: unreadable }} />}
      </div>
      <p className="row wrap small t2 gap16 readable-facts">
        <span className={orphanDepartments > 0 ? 'warn' : undefined}>{t('evidence.orphans', { count: orphanDepartments })}</span>
        <span className={unreadable > 0 ? 'bad' : undefined}>{t('evidence.unlisted', { count: unreadable })}</span>
        {evidence.departmentsUnreadable.map(({ code, departments }) => (
          <span key={code} className="bad">
            {t.rich('evidence.code', { code: <code translate="no">{code}</code>, count: departments })}
          </span>
        ))}
        <span>{t('evidence.homeSchool', { count: homeSchoolDepartments })}</span>
        <span className="t3">
          {t('evidence.departmentsBefore', { count: departmentsInMirror })}
          {more !== 0 && (more > 0 ? t('evidence.moreThen', { count: more }) : t('evidence.fewerThen', { count: -more }))}
        </span>
      </p>
    </section>
  );
}

/** Permissions that DingTalk no longer gives, and how many people that is about. */
function Withheld({ evidence }: Picture) {
  const t = useText(messages);
  const named: readonly { permission: string; users: number | null }[] =
    evidence.withheld ?? evidence.fieldsWithheld.map((permission) => ({ permission, users: null }));
  if (named.length === 0) return null;
  return (
    <section className="small warn">
      {named.map(({ permission, users }) => {
        const name = (
          <span lang="zh-CN" translate="no">
            {permission}
          </span>
        );
        return (
          <p key={permission}>
            {users === null
              ? t.rich('evidence.withheld', { permission: name })
              : t.rich('evidence.withheld.of', { permission: name, count: users })}
          </p>
        );
      })}
    </section>
  );
}

/** The picture as a table: what is counted, how many. */
function EvidenceTable({ evidence, counts, dry }: Picture) {
  const t = useText(messages);
  const { number } = useFormats();
  const what = useWhat();
  const { both, lists, records, unknown, listed, recorded } = sidesOf(evidence);
  const unreadable = Math.max(0, evidence.departmentsSeen - evidence.departmentsReadable);
  const rows: [string, ReactNode][] = [
    [t('evidence.lists'), number(listed)],
    [t('evidence.records'), number(recorded)],
    [t('table.both'), number(both)],
    ...(unknown > 0
      ? ([[t('table.oneSided'), number(unknown)]] as [string, ReactNode][])
      : ([
          [t('table.onlyLists'), number(lists)],
          [t('table.onlyRecords'), number(records)],
        ] as [string, ReactNode][])),
    [t('table.listAlone'), number(evidence.usersByListAlone)],
    [t('table.outOfScope'), number(evidence.usersOutOfScope)],
    [t('table.unreadable'), number(evidence.usersUnreadable)],
    [t('evidence.own'), evidence.userCount == null ? t('evidence.unasked') : number(evidence.userCount)],
    [t('evidence.before'), number(evidence.usersInMirror)],
    [t('evidence.absent'), what(evidence.absentUsers, evidence.absentDepartments, evidence.absent)],
    [t('table.gone'), what(evidence.confirmedGoneUsers, evidence.confirmedGoneDepartments, evidence.confirmedGone)],
    ...(dry ? [] : ([[t('table.removed'), number(counts.removed)], [t('table.held'), number(counts.held)]] as [string, ReactNode][])),
    [t('table.departmentsSeen'), number(evidence.departmentsSeen)],
    [t('table.departmentsUnlisted'), number(unreadable)],
    [t('table.orphans'), number(evidence.orphanDepartments)],
    [t('table.homeSchool'), number(evidence.homeSchoolDepartments)],
    [t('table.departmentsBefore'), number(evidence.departmentsInMirror)],
  ];
  return (
    <div className="unseen">
      <table>
        <caption>{t('table.caption')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('table.what')}</th>
            <th scope="col">{t('table.howMany')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
