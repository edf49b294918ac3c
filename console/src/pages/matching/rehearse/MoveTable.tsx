import type { ReactNode } from 'react';
import type { MatchMoveRowFragment } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { useReasons } from '../../../reasons';
import { DataTable } from '../../../ui/DataTable';
import { useMedia } from '../../../ui/useMedia';
import { messages } from '../messages';
import { ConfluenceUser } from '../parts/ConfluenceUser';
import { Person } from '../parts/Person';
import { StatusPill } from '../parts/StatusPill';

/** Who gets the messages of a Confluence user now, and who would. */
export function MoveTable({ name, moves, tick }: {
  name: string;
  moves: readonly MatchMoveRowFragment[];
  /** A last column, say the check box; the first one in a narrow window, where the last is out of sight. */
  tick?: { title: ReactNode; cell: (move: MatchMoveRowFragment) => ReactNode };
}) {
  const t = useText(messages);
  const say = useReasons();
  const narrow = useMedia('(max-width: 767px)');
  const ticks = tick ? [{ ...tick, nowrap: true }] : [];
  return (
    <DataTable
      name={name}
      rows={moves}
      id={(move) => move.identity.id}
      columns={[
        ...(narrow ? ticks : []),
        { title: t('column.confluence'), cell: (move) => <ConfluenceUser user={move.identity.identity} /> },
        {
          title: t('rehearse.before'),
          cell: (move) => (move.userBefore ? <Person person={move.userBefore} /> : <StatusPill status={move.statusBefore} />),
        },
        {
          title: t('rehearse.after'),
          cell: (move) =>
            move.userAfter ? (
              <Person person={move.userAfter} alarming={move.userBefore != null} />
            ) : (
              <StatusPill status={move.statusAfter} />
            ),
        },
        {
          title: t('column.why'),
          cell: (move) => {
            const sentence = move.reasonAfterStatement && say(move.reasonAfterStatement);
            return (
              <span className="small t2 move-why" lang={sentence?.lang} translate={sentence?.translate}>
                {sentence?.text}
              </span>
            );
          },
        },
        ...(narrow ? [] : ticks),
      ]}
    />
  );
}
