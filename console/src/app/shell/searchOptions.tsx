import type { ReactNode } from 'react';
import type { useText } from '../../i18n';
import { FoundRow, keyOf, type Hit } from '../../shared/find';
import { departmentHref, personHref } from '../../ui/addresses';
import { Icon } from '../../ui/Icon';

/** A message's global id, as other systems log it. */
const MESSAGE_ID = /^[A-Za-z0-9_-]{16,}={0,2}$/;

/** What the search box leads to. */
export interface Option {
  key: string;
  group: 'people' | 'departments' | null;
  href: string;
  content: ReactNode;
}

type SayShell = ReturnType<typeof useText<typeof import('../messages.zh').default>>;

/** What was found as rows, people first, and what else the text may be. */
export function optionsOf(hits: readonly Hit[], text: string, messagesToo: boolean, t: SayShell): Option[] {
  const found = hits.map((hit): Option => {
    const { item } = hit;
    const isPerson = item.__typename === 'User';
    return {
      key: keyOf(hit),
      group: isPerson ? 'people' : 'departments',
      href: isPerson ? personHref(item.userId) : departmentHref(item.deptId),
      content: <FoundRow hit={hit} />,
    };
  });
  const of = (group: Option['group']) => found.filter((option) => option.group === group);

  const data = <span translate="no">{text}</span>;
  const rest: Option[] = [];
  if (messagesToo && hits.length === 0 && MESSAGE_ID.test(text)) {
    rest.push({
      key: 'message',
      group: null,
      href: `/messages/${encodeURIComponent(text)}`,
      content: (
        <>
          <Icon name="messages" />
          <span className="clip">{t.rich('search.message', { id: data })}</span>
        </>
      ),
    });
  }
  if (hits.length > 0) {
    rest.push({
      key: 'all',
      group: null,
      href: `/departments?q=${encodeURIComponent(text)}`,
      content: (
        <>
          <Icon name="search" />
          <span className="clip">{t.rich('search.all', { query: data })}</span>
        </>
      ),
    });
  }
  return [...of('people'), ...of('departments'), ...rest];
}
