import type { ReactNode } from 'react';
import { useText } from '../../../i18n';
import { rangesOf, type Match } from '../../../shared/find';
import { Avatar } from '../../../ui/Avatar';
import { Highlight, type Range } from '../../../ui/Highlight';
import { Icon } from '../../../ui/Icon';
import { Pill } from '../../../ui/Pill';
import { RecordPill } from '../../../ui/RecordPill';
import { messages } from '../messages';

/** What a row says of a person. */
export interface PersonFacts {
  userId: string;
  name: string;
  title?: string | null;
  jobNumber?: string | null;
  avatar?: string | null;
  state: 'ACTIVE' | 'HELD' | 'GONE';
}

const NONE: readonly Match[] = [];

/** A person in a list: name, title, and where they are or what of them matched. */
export function PersonRow({
  person,
  matches = NONE,
  path,
  extra,
  leads,
}: {
  person: PersonFacts;
  matches?: readonly Match[];
  /** Names of departments from the top down. */
  path?: readonly string[];
  /** A field that isn't shown otherwise, where it matched: an address, a number. */
  extra?: { text: string; ranges: readonly Range[] } | null;
  leads?: boolean;
}) {
  const t = useText(messages);
  const { name, title, jobNumber, avatar, state } = person;
  return (
    <>
      <Avatar name={name} src={avatar} />
      <span className="grow">
        <span className="row">
          <b className="clip list-name">
            <Highlight text={name} ranges={rangesOf(matches, 'NAME')} />
          </b>
          {title && (
            <span className="small t2 clip">
              <Highlight text={title} ranges={rangesOf(matches, 'TITLE')} />
            </span>
          )}
          {extra && (
            <span className="small t3 clip">
              <Highlight text={extra.text} ranges={extra.ranges} />
            </span>
          )}
        </span>
        <span className="row small t3">
          {path ? (
            <Path names={path} />
          ) : (
            jobNumber && (
              <span className="num clip" translate="no">
                {jobNumber}
              </span>
            )
          )}
        </span>
      </span>
      {leads && <Pill tone="idle">{t('person.leads')}</Pill>}
      <RecordPill state={state} unlessActive />
    </>
  );
}

/** A department among the results. */
export function DepartmentRow({
  name,
  state,
  people,
  matches = NONE,
  path,
}: {
  name: string;
  state: 'ACTIVE' | 'HELD' | 'GONE';
  people: number;
  matches?: readonly Match[];
  path: readonly string[];
}) {
  const t = useText(messages);
  return (
    <>
      <span className="list-tile">
        <Icon name="departments" />
      </span>
      <span className="grow">
        <b className="clip list-name">
          <Highlight text={name} ranges={rangesOf(matches, 'NAME')} />
        </b>
        <span className="row small t3">
          <Path names={path} />
        </span>
      </span>
      <RecordPill state={state} unlessActive />
      <span className="small t2 nowrap num">{t('people', { count: people })}</span>
    </>
  );
}

/** Where it is in the tree; the company itself goes without saying. The end is what tells, so it is cut at its beginning. */
export function Path({ names }: { names: readonly string[] }): ReactNode {
  const shown = (names.length > 1 ? names.slice(1) : names).join(' / ');
  return (
    <span className="clip" translate="no" title={shown}>
      {shown}
    </span>
  );
}
