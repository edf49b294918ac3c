import { useFormats, useText } from '../../../i18n';
import { messages } from '../messages';
import type { Sums } from './groups';

/** How many people and departments, and what depends on them. */
export function useSumWords() {
  const t = useText(messages);
  const { list } = useFormats();

  /** 38 人和 1 个部门 */
  const what = ({ users, departments }: Pick<Sums, 'users' | 'departments'>): string => {
    const parts = [
      ...(users > 0 || departments === 0 ? [t('what.users', { count: users })] : []),
      ...(departments > 0 ? [t('what.departments', { count: departments })] : []),
    ];
    return list(parts);
  };

  /** 2 条消息和 3 条人工关联; empty where nothing depends. */
  const depends = ({ messages: queued, links }: Pick<Sums, 'messages' | 'links'>): string => {
    const parts = [
      ...(queued > 0 ? [t('depends.messages', { count: queued })] : []),
      ...(links > 0 ? [t('depends.links', { count: links })] : []),
    ];
    return parts.length === 0 ? '' : list(parts);
  };

  /** 2 条排队的消息会失效，3 条人工关联会停用 */
  const lost = ({ messages: queued, links }: Pick<Sums, 'messages' | 'links'>): string => {
    if (queued > 0 && links > 0) return t('lost.both', { messages: queued, links });
    if (queued > 0) return t('lost.messages', { count: queued });
    return links > 0 ? t('lost.links', { count: links }) : t('lost.nothing');
  };

  return { what, depends, lost };
}
