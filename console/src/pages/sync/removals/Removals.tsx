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
import { Decide, OutcomeNote, type Outcome } from './Decide';
import { groupsOf, keyOf, sumsOf, type Removal } from './groups';
import { HeldRemovalsQuery, RejectedCountQuery } from './queries';
import { RemovalGroup } from './RemovalGroup';
import { useWhenChanged } from '../useWhenChanged';
import { useSumWords } from './useSumWords';

/** As many as are listed at once; what is decided makes room for the next. */
const FIRST = 500;

/** The removals that wait for somebody: by department or person, with what depends on them, to approve or to reject. */
export function Removals({ restart, whole }: { restart: string | undefined; whole?: boolean }) {
  const t = useText(messages);
  const links = usePermission('identity:read');
  const asked = useAsk(HeldRemovalsQuery, { variables: { state: 'PENDING', first: FIRST, links } });
  const rejected = useAsk(RejectedCountQuery);
  const { again } = asked;
  const rejectedAgain = rejected.again;
  const waiting = useShell().badges?.heldRemovals?.totalCount;
  useWhenChanged(restart, again);
  useWhenChanged(waiting?.toString(), again);

  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const shell = useShell();
  const note = useRef<HTMLDivElement>(null);
  const decided = (its: Outcome) => {
    setOutcome(its);
    again();
    rejectedAgain();
    shell.again();
  };
  // What had the focus goes with its row.
  useEffect(() => {
    if (outcome) note.current?.focus();
  }, [outcome]);

  const count = rejected.data?.heldRemovals?.totalCount ?? 0;
  const rejectedLink = count > 0 && (
    <Link className="small" href="/sync/removals?state=rejected">
      {t('removals.rejected', { count })}
    </Link>
  );
  return (
    <CardAnswer asked={asked} title={t('removals')} what={t('removals.failed')}>
      {(data) => {
        const nodes = data.heldRemovals?.nodes ?? [];
        const total = data.heldRemovals?.totalCount ?? nodes.length;
        if (nodes.length === 0 && !whole && !outcome) return null;
        return (
          <Card
            title={
              <span className="row wrap">
                {t('removals')}
                <Waiting removals={nodes} total={total} />
              </span>
            }
            actions={rejectedLink}
          >
            {outcome && (
              <div className="removal-outcome" ref={note} tabIndex={-1} role="status">
                <OutcomeNote outcome={outcome} />
              </div>
            )}
            {nodes.length === 0 ? (
              <Panel icon="check" tone="ok" title={t('removals.none')}>
                {t('removals.none.text')}
              </Panel>
            ) : (
              <Pending removals={nodes} total={total} onDecided={decided} />
            )}
          </Card>
        );
      }}
    </CardAnswer>
  );
}

/** 38 人和 1 个部门 */
function Waiting({ removals, total }: { removals: readonly Removal[]; total: number }) {
  const t = useText(messages);
  const words = useSumWords();
  if (removals.length === 0) return null;
  return (
    <Pill tone="warn" icon="clock">
      {removals.length < total ? t('what.records', { count: total }) : words.what(sumsOf(removals))}
    </Pill>
  );
}

function Pending({
  removals,
  total,
  onDecided,
}: {
  removals: readonly Removal[];
  total: number;
  onDecided: (outcome: Outcome) => void;
}) {
  const t = useText(messages);
  const words = useSumWords();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const groups = useMemo(() => groupsOf(removals), [removals]);
  // Each held by its own numbers, in a sentence of its own: one of them tells why.
  const reason = removals[0]?.reason;
  // Whoever was decided about, or was seen again, is no longer chosen.
  const picked = useMemo(() => removals.filter((each) => chosen.has(keyOf(each))), [removals, chosen]);
  const since = removals.reduce((first, { heldAt }) => (heldAt < first ? heldAt : first), removals[0]?.heldAt ?? '');

  const choose = (which: readonly Removal[], to: boolean) => {
    const next = new Set(chosen);
    for (const removal of which) {
      if (to) next.add(keyOf(removal));
      else next.delete(keyOf(removal));
    }
    setChosen(next);
  };

  return (
    <>
      <div className="removal-why">
        <p className="small t2">{t.rich('removals.why', { when: <RelativeTime at={since} as="moment" /> })}</p>
        {reason && <ReasonSentence tone="warn" reason={{ text: reason }} />}
      </div>
      <div className="removal-all">
        <Checkbox
          checked={picked.length === removals.length}
          mixed={picked.length > 0 && picked.length < removals.length}
          onChange={(to) => choose(removals, to)}
        >
          {t('choose.all')}
        </Checkbox>
        <span className="small t3 end">{picked.length > 0 && t('choose.some', { what: words.what(sumsOf(picked)) })}</span>
      </div>
      <ul className="removal-groups">
        {groups.map((group, index) => (
          <RemovalGroup key={group.key} group={group} chosen={chosen} onChoose={choose} opened={index === 0} />
        ))}
      </ul>
      {removals.length < total && (
        <p className="pad small t2">{t('removals.more', { shown: removals.length, left: total - removals.length })}</p>
      )}
      <Decide chosen={picked} onDecided={onDecided} />
    </>
  );
}
