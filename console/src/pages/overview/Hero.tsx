import { Link } from 'wouter';
import { useShell } from '../../app/shell/ShellContext';
import type { OverviewQuery } from '../../generated/graphql';
import { useFormats, useText } from '../../i18n';
import { syncMessages } from '../../shared/sync';
import { Count } from '../../ui/Count';
import { RelativeTime } from '../../ui/RelativeTime';
import { Sep } from '../../ui/Sep';
import { Verdict } from '../../ui/Verdict';
import { messages } from './messages';

/** Whether the mirror can be trusted, in a sentence, and the four numbers beside it. */
export function Hero({ data }: { data: OverviewQuery }) {
  const t = useText(messages);
  const { duration } = useFormats();
  const { shell } = useShell();
  const { mirror, heldRemovals } = data;
  if (!mirror) return null;

  const held = heldRemovals?.nodes ?? [];
  const users = held.filter(({ entity }) => entity === 'USER').length;
  const all = (heldRemovals?.totalCount ?? 0) <= held.length;
  const pending = shell?.mirror?.pendingEvents;
  const cycle = shell?.mirror?.verificationCycleSeconds;
  return (
    <section className="card hero" aria-label={t('hero')}>
      <Sentence mirror={mirror} />
      <Figure name={t('hero.users')} value={<Count value={mirror.userCount} />}>
        {all && users > 0 ? t('hero.held', { count: users }) : t('hero.users.text')}
      </Figure>
      <Figure name={t('hero.departments')} value={<Count value={mirror.departmentCount} />}>
        {all && held.length > users ? t('hero.heldDepartments', { count: held.length - users }) : t('hero.departments.text')}
      </Figure>
      <Figure name={t('hero.events')} value={pending == null ? t('hero.unknown') : <Count value={pending} />}>
        {t('hero.events.text')}
      </Figure>
      <Figure name={t('hero.cycle')} value={cycle == null ? t('hero.never') : duration(cycle)}>
        {cycle == null ? t('hero.noTimer') : t('hero.cycle.text')}
      </Figure>
    </section>
  );
}

/** 镜像与钉钉一致，核对于 2 分钟前. */
function Sentence({ mirror }: { mirror: NonNullable<OverviewQuery['mirror']> }) {
  const t = useText(messages);
  const say = useText(syncMessages);
  const { shell } = useShell();
  const run = mirror.lastRun;
  const verdict = shell?.mirror?.verdict ?? run?.verdict;
  const asOf = shell?.mirror?.asOf;
  const when = asOf ? <RelativeTime at={asOf} /> : null;
  return (
    <div className="hero-verdict">
      <div className="row wrap">
        <Verdict verdict={verdict} />
        {run?.finishedAt && (
          <span className="small t3">
            {say(`mode.${run.mode}`)}
            <Sep />
            {t.rich('hero.ended', { when: <RelativeTime at={run.finishedAt} as="moment" /> })}
          </span>
        )}
      </div>
      <p className="hero-sentence">{verdict && when ? t.rich(`hero.${verdict}`, { when }) : t('hero.NONE')}</p>
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
