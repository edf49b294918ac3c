import { useEffect, useRef } from 'react';
import { useSearchParams } from 'wouter';
import { useAsk, usePermission } from '../../../data';
import type { Receiver } from './draft';
import { ReceiverDepartmentQuery, ReceiverPeopleQuery } from './queries';

/**
 * `?to=`, once or several times: `user:0113…`, `department:4711`, `email:…`, `username:…`. Without a word in front it is a
 * userId, or an address where there is an @ in it.
 */
function parse(text: string): Receiver | null {
  const [, kind = '', id = ''] = /^(?:(user|department|dept|email|username):)?(.*)$/s.exec(text.trim()) ?? [];
  if (id === '') return null;
  if (kind === 'department' || kind === 'dept') {
    return /^\d+$/.test(id) ? { kind: 'department', id, name: id, people: null, below: true } : null;
  }
  if (kind === 'email' || kind === 'username') return { kind, id };
  return kind === '' && id.includes('@') ? { kind: 'email', id } : { kind: 'user', id, name: id };
}

/** Whom the address names are the receivers, in place of those of an older draft; their names as soon as they are known. */
export function useReceiversOfAddress(to: readonly Receiver[], onChange: (to: Receiver[]) => void): void {
  const [params, setParams] = useSearchParams();
  const wanted = params.getAll('to');
  const taken = useRef('');

  useEffect(() => {
    const key = wanted.join('\n');
    if (key === '' || taken.current === key) return;
    taken.current = key;
    const found = wanted.map(parse).filter((each) => each !== null);
    onChange(found.filter((each, index) => found.findIndex((other) => other.kind === each.kind && other.id === each.id) === index));
    // A reload takes the draft; the address names nobody any more.
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        next.delete('to');
        return next;
      },
      { replace: true },
    );
  });

  const mayRead = usePermission('directory:read');
  const unnamed = to.filter((each) => each.kind === 'user' && each.name === each.id).map(({ id }) => id);
  const people = useAsk(ReceiverPeopleQuery, { variables: { userIds: unnamed }, pause: unnamed.length === 0 || !mayRead });
  const department = to.find((each) => each.kind === 'department' && each.people === null);
  const one = useAsk(ReceiverDepartmentQuery, { variables: { deptId: department?.id ?? '1' }, pause: !department || !mayRead });

  useEffect(() => {
    const names = new Map(people.data?.users?.nodes.map(({ userId, name }) => [userId, name]));
    const found = one.data?.department;
    let changed = false;
    const named = to.map((each): Receiver => {
      if (each.kind === 'user' && each.name === each.id && names.has(each.id)) {
        const name = names.get(each.id) as string;
        changed ||= name !== each.id;
        return { ...each, name };
      }
      if (each.kind === 'department' && each.people === null && found && found.deptId === each.id) {
        changed = true;
        return { ...each, name: found.name, people: found.totalMemberCount };
      }
      return each;
    });
    if (changed) onChange(named);
  });
}
