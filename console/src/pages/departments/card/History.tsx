import { useCallback } from 'react';
import { usePermission } from '../../../data';
import { useText } from '../../../i18n';
import type { ChangeFacts } from '../../../shared/changes';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { Loading } from '../../../ui/Loading';
import { Panel } from '../../../ui/Panel';
import { ProblemPanel } from '../../../ui/ProblemPanel';
import { useAsker } from '../asking';
import { usePages, type AskPage } from '../list/usePages';
import { messages } from '../messages';
import { HistoryQuery } from '../queries';
import { Changes } from './Changes';

/** All that happened to a person or department, as far back as it is kept. */
export function History({
  open,
  onClose,
  name,
  userId,
  deptId,
}: {
  open: boolean;
  onClose: () => void;
  name: string;
  userId?: string;
  deptId?: string;
}) {
  const t = useText(messages);
  return (
    <Dialog open={open} onClose={onClose} title={t.rich('history.title', { name: <span translate="no">{name}</span> })}>
      <List userId={userId} deptId={deptId} />
    </Dialog>
  );
}

const PAGE = 30;

function List({ userId, deptId }: { userId: string | undefined; deptId: string | undefined }) {
  const t = useText(messages);
  const ask = useAsker();
  const identities = usePermission('identity:read');
  const askPage = useCallback<AskPage<ChangeFacts>>(
    async (first, after, signal) => {
      const who = userId === undefined ? { deptIds: [deptId ?? ''] } : { userIds: [userId] };
      const answer = await ask(HistoryQuery, { ...who, first, after, identities }, signal);
      return answer === null || answer.problem ? answer : { data: answer.data.changes ?? null, problem: null };
    },
    [ask, userId, deptId, identities],
  );
  const pages = usePages(askPage, PAGE);

  if (pages.problem && !pages.items) return <ProblemPanel problem={pages.problem} what={t('history.failed')} again={pages.again} />;
  if (pages.items === undefined) return <Loading />;
  if (pages.items.length === 0) return <Panel title={t('history.empty')}>{t('history.empty.text')}</Panel>;
  return (
    <>
      <Changes changes={pages.items} />
      {pages.more && (
        <Button small busy={pages.loading} onClick={pages.next}>
          {t('card.more', { count: (pages.total ?? 0) - pages.items.length })}
        </Button>
      )}
    </>
  );
}
