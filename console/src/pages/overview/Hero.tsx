import { Link } from 'wouter';
import { useShell } from '../../app/shell/ShellContext';
import type { OverviewQuery } from '../../generated/graphql';
import { useFormats, useText } from '../../i18n';
import { useReasons } from '../../reasons';
import { syncMessages } from '../../shared/sync';
import { Count } from '../../ui/Count';
import { RelativeTime } from '../../ui/RelativeTime';
import { Said } from '../../ui/Said';
import { Sep } from '../../ui/Sep';
import { Verdict } from '../../ui/Verdict';
import { heldSums } from './held';
import { messages } from './messages';

/** Whether the mirror can be trusted, in a sentence, and the four numbers beside it. */
export function Hero({ data }: { data: OverviewQuery }) {
  const t = useText(messages);
  const { duration, moment } = useFormats();
  const { shell } = useShell();
  const { mirror, heldRemovalGroups } = data;
  if (!mirror) return null;

  const held = heldSums(heldRemovalGroups?.nodes ?? []);
  const pending = shell?.mirror?.pendingEvents;
  const cycle = shell?.mirror?.verificationCycleSeconds;
  return (
    <section className="card hero" aria-label={t('hero')}>
      <Sentence mirror={mirror} held={held.users + held.departments > 0} />
      <Figure name={t('hero.users')} value={<Count value={mirror.userCount} />}>
        {held.users > 0 ? t('hero.held', { count: held.users }) : t('hero.users.text')}
      </Figure>
      <Figure name={t('hero.departments')} value={<Count value={mirror.departmentCount} />}>
        {held.departments > 0 ? t('hero.heldDepartments', { count: held.departments }) : t('hero.departments.text')}
      </Figure>
      <Figure name={t('hero.events')} value={pending == null ? t('hero.unknown') : <Count value={pending} />}>
        <Events channels={mirror.eventChannels ?? []} />
      </Figure>
      <Figure name={t('hero.cycle')} value={cycle == null ? t('hero.never') : duration(cycle)}>
        {mirror.nextRunAt
          ? t('hero.next', { when: moment(new Date(mirror.nextRunAt)) })
          : cycle == null
            ? t('hero.noTimer')
            : t('hero.cycle.text')}
      </Figure>
    </section>
  );
}

/** How DingTalk's events come, and when the last one did. */
function Events({ channels }: { channels: NonNullable<NonNullable<OverviewQuery['mirror']>['eventChannels']> }) {
  const t = useText(messages);
  const say = useReasons();
  const stream = channels.find(({ kind }) => kind === 'STREAM');
  const last = channels.flatMap(({ lastEventAt }) => lastEventAt ?? []).sort().at(-1);
  if (channels.length === 0) return t('hero.events.none');
  if (stream?.problemStatement) {
    return (
      <span className="warn">
        {t('hero.events.closed')} <Said sentence={say(stream.problemStatement)} />
      </span>
    );
  }
  return (
    <>
      {t(stream ? (stream.connectedSince ? 'hero.events.STREAM' : 'hero.events.opening') : 'hero.events.HTTP')}
      {last && (
        <>
          <Sep />
          {t.rich('hero.events.last', { when: <RelativeTime at={last} /> })}
        </>
      )}
    </>
  );
}

/** 镜像与钉钉一致，核对于 2 分钟前. */
function Sentence({ mirror, held }: { mirror: NonNullable<OverviewQuery['mirror']>; held: boolean }) {
  const t = useText(messages);
  const say = useText(syncMessages);
  const { shell } = useShell();
  const run = mirror.lastRun;
  const verdict = shell?.mirror?.verdict ?? run?.verdict;
  const asOf = shell?.mirror?.asOf;
  const when = asOf ? <RelativeTime at={asOf} /> : null;
  // Whoever is gone and not decided about yet is still in the mirror: it doesn't agree with DingTalk.
  const name = (verdict: NonNullable<typeof run>['verdict'] & string) =>
    verdict === 'COMPLETE' && held ? 'hero.COMPLETE.held' : (`hero.${verdict}` as const);
  return (
    <div className="hero-verdict">
      <div className="row wrap">
        <Verdict verdict={verdict} />
        {run?.finishedAt && (
          <span className="small t3">
            {say(`mode.${run.mode}`)}
            {run.number != null && <span translate="no"> #{run.number}</span>}
            <Sep />
            {t.rich('hero.ended', { when: <RelativeTime at={run.finishedAt} as="moment" /> })}
          </span>
        )}
      </div>
      <p className="hero-sentence">{verdict && when ? t.rich(name(verdict), { when }) : t('hero.NONE')}</p>
      {run?.evidence ? (
        <p className="small t2">
          {verdict === 'COMPLETE' && run.evidence.oneSidedUsers === 0 && run.evidence.departmentsSeen === run.evidence.departmentsReadable
            ? t('hero.both', { users: run.evidence.usersByDepartments, departments: run.evidence.departmentsSeen })
            : t('hero.seen', { users: run.evidence.usersByDepartments, departments: run.evidence.departmentsSeen })}
          <Sep />
          <Link className="nowrap in-text" href={`/sync/${run.id}`}>
            {t('hero.evidence')}
          </Link>
        </p>
      ) : (
        <p className="small t2">{t('hero.NONE.text')}</p>
      )}
    </div>
  );
}

function Figure({ name, value, children }: { name: string; value: React.ReactNode; children: React.ReactNode }) {
  return (
    <div>
      <p className="small t2">{name}</p>
      <p className="figure">{value}</p>
      <p className="small t3">{children}</p>
    </div>
  );
}
