import './find.css';
import { useText } from '../../i18n';
import { Avatar } from '../../ui/Avatar';
import { Highlight } from '../../ui/Highlight';
import { Icon } from '../../ui/Icon';
import { messages } from '../../ui/messages';
import { RecordPill } from '../../ui/RecordPill';
import { rangesOf } from './rangesOf';
import type { Hit } from './useFind';

/** A hit as a row: who, what tells them from others of that name, and what of it was looked for. */
export function FoundRow({
  hit,
  numbered,
}: {
  hit: Hit;
  /** A person's job number is shown, whether it was looked for or not. */
  numbered?: boolean;
}) {
  const { item } = hit;
  return (
    <>
      {item.__typename === 'User' ? <Avatar name={item.name} /> : <Tile icon="departments" />}
      <span className="grow found-text">
        <span className="row">
          <b>
            <Highlight text={item.name} ranges={rangesOf(hit.matches, 'NAME')} />
          </b>
          {item.__typename === 'User' && <About hit={hit} person={item} numbered={numbered} />}
        </span>
        <Path names={hit.departmentPath} />
      </span>
      <RecordPill state={item.state} unlessActive />
      {item.__typename === 'Department' && <People count={item.totalMemberCount} />}
    </>
  );
}

type Person = Extract<Hit['item'], { __typename: 'User' }>;

function About({ hit, person, numbered }: { hit: Hit; person: Person; numbered?: boolean }) {
  const { title, jobNumber } = person;
  const ranges = rangesOf(hit.matches, 'JOB_NUMBER');
  return (
    <>
      {title && (
        <span className="small t2 clip">
          <Highlight text={title} ranges={rangesOf(hit.matches, 'TITLE')} />
        </span>
      )}
      {jobNumber && (numbered || ranges.length > 0) && (
        <span className="small t2 num">
          <Highlight text={jobNumber} ranges={ranges} />
        </span>
      )}
    </>
  );
}

function People({ count }: { count: number }) {
  const t = useText(messages);
  return <span className="small t2 nowrap num">{t('found.people', { count })}</span>;
}

/** What stands in the place of a picture. */
export function Tile({ icon }: { icon: 'departments' | 'matching' }) {
  return (
    <span className="found-tile" aria-hidden="true">
      <Icon name={icon} />
    </span>
  );
}

/** Where it is in the tree; the company itself goes without saying. */
function Path({ names }: { names: readonly string[] }) {
  const shown = names.length > 1 ? names.slice(1) : names;
  return (
    <span className="small t3 found-path" translate="no">
      {shown.join(' / ')}
    </span>
  );
}
