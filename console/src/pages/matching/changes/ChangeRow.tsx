import type { MatchChangeRowFragment, ResolutionStatus } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { useCause } from '../../../shared/changes';
import { classes } from '../../../ui/classes';
import { Icon } from '../../../ui/Icon';
import { RelativeTime } from '../../../ui/RelativeTime';
import { messages } from '../messages';
import { ConfluenceUser } from '../parts/ConfluenceUser';
import { Person } from '../parts/Person';
import { StatusPill } from '../parts/StatusPill';

/** A Confluence user who became somebody else: from whom, to whom, why, when. */
export function ChangeRow({ change, fresh }: { change: MatchChangeRowFragment; fresh?: boolean }) {
  const t = useText(messages);
  const cause = useCause();
  return (
    <li className={classes('change-row', fresh && 'fresh')}>
      <span className="change-who">
        {change.identity ? (
          <ConfluenceUser user={change.identity.identity} />
        ) : (
          <span className="t3">{t('changes.forgotten')}</span>
        )}
      </span>
      <span className="row wrap grow">
        <span className="unseen">{t('changes.before')}</span>
        <Side status={change.statusBefore} user={change.userBefore} userId={change.userIdBefore} />
        <Icon name="arrow" />
        <span className="unseen">{t('changes.after')}</span>
        <Side status={change.statusAfter} user={change.userAfter} userId={change.userIdAfter} />
      </span>
      <span className="small t3">
        {cause(change)} <RelativeTime at={change.at} />
      </span>
    </li>
  );
}

function Side({ status, user, userId }: {
  status: ResolutionStatus | null | undefined;
  user: MatchChangeRowFragment['userAfter'];
  userId: string | null | undefined;
}) {
  const t = useText(messages);
  if (user) {
    return (
      <>
        <Person person={user} />
        {status && status !== 'MATCHED' && <StatusPill status={status} />}
      </>
    );
  }
  if (userId) return <code translate="no">{userId}</code>;
  return status ? <StatusPill status={status} /> : <span className="t3">{t('changes.new')}</span>;
}
