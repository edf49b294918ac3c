import { useAsk, usePermission } from '../../../data';
import type { MatchingMethod } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { messages } from '../messages';
import { Pager, usePage } from '../parts/Pager';
import { MoveTable } from './MoveTable';
import { RehearsedMovesQuery } from './queries';

/** Who would not be found any more, or who would be. */
export function RehearsedMoves({ method, which }: { method: MatchingMethod; which: 'loses' | 'gains' }) {
  const t = useText(messages);
  const contact = usePermission('directory:contact');
  const page = usePage(50);
  const asked = useAsk(RehearsedMovesQuery, { variables: { method, contact, loses: which === 'loses', ...page } });
  return (
    <Answer asked={asked} what={t('rehearse.failed')} lines={6}>
      {(data) => {
        const moves = data.rehearseMatching?.[which];
        if (!moves) return null;
        if (moves.nodes.length === 0) return <p className="pad t2">{t(`rehearse.none.${which}`)}</p>;
        return (
          <>
            <MoveTable name={t(`rehearse.${which}`)} moves={moves.nodes} />
            <Pager info={moves.pageInfo} total={moves.totalCount} />
          </>
        );
      }}
    </Answer>
  );
}
