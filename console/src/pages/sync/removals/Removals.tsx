import './removals.css';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useShell } from '../../../app/shell/ShellContext';
import { useAsk, usePermission } from '../../../data';
import { useText } from '../../../i18n';
import { Card } from '../../../ui/Card';
import { CardAnswer } from '../../../ui/CardAnswer';
import { Checkbox } from '../../../ui/fields';
import { Panel } from '../../../ui/Panel';
import { Pill } from '../../../ui/Pill';
import { ReasonSentence } from '../../../ui/ReasonSentence';
import { RelativeTime } from '../../../ui/RelativeTime';
import { messages } from '../messages';
import { useWhenChanged } from '../useWhenChanged';
import { Decide, OutcomeNote, type Outcome } from './Decide';
import { groupsOf, sumsOfChosen, type Group } from './groups';
import { HeldRemovalGroupsQuery, RejectedCountQuery } from './queries';
import { RemovalGroup } from './RemovalGroup';
import { useChoice } from './useChoice';
import { useSumWords } from './useSumWords';

/** As many as are listed at once; what is decided makes room for the next. */
const FIRST = 200;

/** The removals that wait for somebody: by department or person, with what depends on them, to approve or to reject. */
export function Removals({ restart, whole }: { restart: string | undefined; whole?: boolean }) {
  const t = useText(messages);
  const links = usePermission('identity:read');
  const asked = useAsk(HeldRemovalGroupsQuery, { variables: { first: FIRST, links } });
  const rejected = useAsk(RejectedCountQuery);
  const { again } = asked;
  const rejectedAgain = rejected.again;
  const waiting = useShell().badges?.heldRemovals?.totalCount;
  useWhenChanged(restart, again);
  useWhenChanged(waiting?.toString(), again);

  const [decisions, setDecisions] = useState(0);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const shell = useShell();
  const note = useRef<HTMLDivElement>(null);
  const decided = (its: Outcome) => {
    setOutcome(its);
    setDecisions(decisions + 1);
    again();
    rejectedAgain();
    shell.again();
  };
  // What had the focus goes with its row.
  useEffect(() => {
    if (outcome) note.current?.focus();
  }, [outcome]);

  const counted = asked.data?.heldRemovalGroups;
  const groups = useMemo(() => groupsOf(counted?.nodes ?? []), [counted]);
  const rejections = rejected.data?.heldRemovals?.totalCount ?? 0;
  const rejectedLink = rejections > 0 && (
    <Link className="small" href="/sync/removals?state=rejected">
      {t('removals.rejected', { count: rejections })}
    </Link>
  );
  return (
    <CardAnswer asked={asked} title={t('removals')} what={t('removals.failed')}>
      {() => {
        const left = (counted?.totalCount ?? 0) - (counted?.nodes.length ?? 0);
        if (groups.length === 0 && !whole && !outcome) return null;
        return (
          <Card
            title={
              <span className="row wrap">
                {t('removals')}
                <Waiting groups={groups} left={left} />
              </span>
            }
            actions={rejectedLink}
          >
            {outcome && (
              <div className="removal-outcome" ref={note} tabIndex={-1} role="status">
                <OutcomeNote outcome={outcome} />
              </div>
            )}
            {groups.length === 0 ? (
              <Panel icon="check" tone="ok" title={t('removals.none')}>
                {t('removals.none.text')}
              </Panel>
            ) : (
              <Pending
                groups={groups}
                left={left}
                changed={`${decisions} ${waiting ?? ''} ${restart ?? ''}`}
                onDecided={decided}
              />
            )}
          </Card>
        );
      }}
    </CardAnswer>
  );
}

/** 38 人和 1 个部门 */
function Waiting({ groups, left }: { groups: readonly Group[]; left: number }) {
  const t = useText(messages);
  const words = useSumWords();
  if (groups.length === 0) return null;
  return (
    <Pill tone="warn" icon="clock">
      {left > 0 ? t('removals.groups', { count: groups.length + left }) : words.what(sumsOfChosen({ groups, removals: [] }))}
    </Pill>
  );
}

function Pending({ groups, left, changed, onDecided }: {
  groups: readonly Group[];
  /** Groups that aren't listed yet. */
  left: number;
  changed: string;
  onDecided: (outcome: Outcome) => void;
}) {
  const t = useText(messages);
  const words = useSumWords();
  const choice = useChoice(groups);
  const { chosen } = choice;
  const some = chosen.groups.length + chosen.removals.length > 0;
  const all = chosen.groups.length === groups.length;
  // Each held by its own numbers, in a sentence of its own: one of them tells why.
  const reason = groups[0]?.reason;
  const since = groups.map(({ oldestHeldAt }) => oldestHeldAt).sort()[0] ?? '';

  return (
    <>
      <div className="removal-why">
        <p className="small t2">{t.rich('removals.why', { when: <RelativeTime at={since} as="moment" /> })}</p>
        {reason && <ReasonSentence tone="warn" reason={reason} />}
      </div>
      <div className="removal-all">
        <Checkbox checked={all} mixed={some && !all} onChange={choice.chooseAll}>
          {t('choose.all')}
        </Checkbox>
        <span className="small t3 end">{some && t('choose.some', { what: words.what(sumsOfChosen(chosen)) })}</span>
      </div>
      <ul className="removal-groups">
        {groups.map((group, index) => (
          <RemovalGroup key={group.key} group={group} choice={choice} changed={changed} opened={index === 0} />
        ))}
      </ul>
      {left > 0 && <p className="pad small t2">{t('removals.more', { shown: groups.length, left })}</p>}
      <Decide
        chosen={chosen}
        onDecided={(outcome) => {
          choice.clear();
          onDecided(outcome);
        }}
      />
    </>
  );
}
