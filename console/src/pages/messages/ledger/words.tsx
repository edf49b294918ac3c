import type { ReactNode } from 'react';
import type { LedgerRowFragment } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { messages as components } from '../../../ui/messages';
import { countsByGroup, type RecipientGroup } from '../../../ui/recipientStates';
import { messages } from '../messages';

type Row = Pick<LedgerRowFragment, 'title' | 'erasedAt' | 'msgType' | 'recipientCounts' | 'state'>;

/** What a message is called: its title or first line, else what it is. */
export function useTitle(message: Row): ReactNode {
  const t = useText(messages);
  if (message.title) return <span translate="no">{message.title}</span>;
  if (message.erasedAt) return <span className="t2">{t('title.erased')}</span>;
  return t(`type.${message.msgType}`);
}

/** 38 人，30 已到: how many people, and how many of a group: the one that is looked for, or the most telling one. */
export function useOutcome(message: Row, of: RecipientGroup | null): string {
  const t = useText(messages);
  const ui = useText(components);
  const counts = message.recipientCounts ?? [];
  const people = counts.reduce((sum, { count }) => sum + count, 0);
  if (message.state === 'RECALLED' && of === null) return t('row.recalled', { people });

  const groups = countsByGroup(counts).filter(([, count]) => count > 0);
  const [group, count] = groups.find(([name]) => name === (of ?? 'arrived')) ?? groups.sort((a, b) => b[1] - a[1])[0] ?? [];
  if (group === undefined || count === undefined) return t('row.people', { people });
  if (count === people) return t('row.all', { people, group: ui(`group.${group}`) });
  return t('row.some', { people, count, group: ui(`group.${group}`) });
}
