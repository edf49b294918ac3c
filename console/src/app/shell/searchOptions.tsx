import type { ReactNode } from 'react';
import type { SearchBoxQuery as Found } from '../../generated/graphql';
import { useText } from '../../i18n';
import { Avatar } from '../../ui/Avatar';
import { Highlight } from '../../ui/Highlight';
import { Icon } from '../../ui/Icon';
import { RecordPill } from '../../ui/RecordPill';
import { messages } from '../messages';

export type Hit = NonNullable<Found['search']>['nodes'][number];

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

/** What was found as rows, and what else the text may be. */
export function optionsOf(hits: readonly Hit[], text: string, messagesToo: boolean, t: SayShell): Option[] {
  const people = hits.flatMap((hit): Option[] => {
    if (hit.item.__typename !== 'User') return [];
    const { userId } = hit.item;
    const href = `/departments?user=${encodeURIComponent(userId)}`;
    return [{ key: `u${userId}`, group: 'people', href, content: <Person hit={hit} /> }];
  });
  const departments = hits.flatMap((hit): Option[] => {
    if (hit.item.__typename !== 'Department') return [];
    const { deptId } = hit.item;
    return [{ key: `d${deptId}`, group: 'departments', href: `/departments/${deptId}`, content: <Department hit={hit} /> }];
  });

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
  return [...people, ...departments, ...rest];
}

function rangesOf(hit: Hit, field: string) {
  return hit.matches.filter((match) => match.field === field);
}

function Person({ hit }: { hit: Hit }) {
  if (hit.item.__typename !== 'User') return null;
  const { name, title, jobNumber, state } = hit.item;
  const numberRanges = rangesOf(hit, 'JOB_NUMBER');
  return (
    <>
      <Avatar name={name} />
      <span className="grow">
        <span className="row">
          <b>
            <Highlight text={name} ranges={rangesOf(hit, 'NAME')} />
          </b>
          {title && (
            <span className="small t2 clip">
              <Highlight text={title} ranges={rangesOf(hit, 'TITLE')} />
            </span>
          )}
          {jobNumber && numberRanges.length > 0 && (
            <span className="small t2 num">
              <Highlight text={jobNumber} ranges={numberRanges} />
            </span>
          )}
        </span>
        <Path names={hit.departmentPath} />
      </span>
      <RecordPill state={state} unlessActive />
    </>
  );
}

function Department({ hit }: { hit: Hit }) {
  const t = useText(messages);
  if (hit.item.__typename !== 'Department') return null;
  const { name, state, totalMemberCount } = hit.item;
  return (
    <>
      <span className="search-tile">
        <Icon name="departments" />
      </span>
      <span className="grow">
        <b>
          <Highlight text={name} ranges={rangesOf(hit, 'NAME')} />
        </b>
        <Path names={hit.departmentPath} />
      </span>
      <RecordPill state={state} unlessActive />
      <span className="small t2 nowrap num">{t('search.count', { count: totalMemberCount })}</span>
    </>
  );
}

/** Where it is in the tree; the company itself goes without saying. */
function Path({ names }: { names: readonly string[] }) {
  const shown = names.length > 1 ? names.slice(1) : names;
  return (
    <span className="small t3 path" translate="no">
      {shown.join(' / ')}
    </span>
  );
}
