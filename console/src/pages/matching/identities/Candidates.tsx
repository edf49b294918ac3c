import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { usePermission } from '../../../data';
import { useText } from '../../../i18n';
import { personHref } from '../../../ui/addresses';
import { Avatar } from '../../../ui/Avatar';
import { classes } from '../../../ui/classes';
import { RecordPill } from '../../../ui/RecordPill';
import { messages } from '../messages';
import type { Known } from './IdentityPane';

type Candidate = Known['candidates'][number];

/** A line of the comparison: its value as text, to see where they differ. */
interface Line {
  key: 'department' | 'title' | 'jobNumber' | 'email' | 'orgEmail' | 'workPlace' | 'hired' | 'active';
  of: (person: Candidate) => string | null;
  /** Missing: there is none, or this app may not see it. DingTalk doesn't tell which, and an empty one is neither. */
  hides?: boolean;
}

/** Everybody who has the key, side by side: what is the same for all is grey, what tells them apart is not. */
export function Candidates({ known }: { known: Known }) {
  const t = useText(messages);
  const contact = usePermission('directory:contact');
  const { candidates } = known;
  const lines: Line[] = [
    { key: 'department', of: pathsOf },
    { key: 'title', of: (person) => person.title ?? '' },
    { key: 'jobNumber', of: (person) => person.jobNumber ?? null, hides: true },
    ...(contact
      ? ([
          { key: 'email', of: (person) => person.email ?? null, hides: true },
          { key: 'orgEmail', of: (person) => person.orgEmail ?? null, hides: true },
        ] satisfies Line[])
      : []),
    { key: 'workPlace', of: (person) => person.workPlace ?? '' },
    { key: 'hired', of: (person) => person.hiredDate ?? '' },
    { key: 'active', of: (person) => (person.active == null ? null : String(person.active)), hides: true },
  ];

  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={t('candidates.name')}>
      <table className="candidates">
        <thead>
          <tr>
            <td />
            {candidates.map((person) => (
              <th key={person.userId} scope="col">
                <span className="row">
                  <Avatar name={person.name} />
                  <span className="col">
                    <Link href={personHref(person.userId)} className="bold" translate="no">
                      {person.name}
                    </Link>
                    <span className="small t3 mono" translate="no">
                      {person.userId}
                    </span>
                  </span>
                  <RecordPill state={person.state} unlessActive />
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(({ key, of, hides }) => {
            const values = candidates.map(of);
            const same = candidates.length > 1 && values.every((value) => value === values[0]);
            return (
              <tr key={key}>
                <th scope="row">{t(`candidates.${key}`)}</th>
                {candidates.map((person, index) => (
                  <td key={person.userId} className={classes(same && 't3')}>
                    <Value of={key} value={values[index] ?? null} hides={hides} />
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Value({ of, value, hides }: { of: Line['key']; value: string | null; hides?: boolean }): ReactNode {
  const t = useText(messages);
  if (value === null && hides) return <span className="t3">{t('value.untold')}</span>;
  if (!value) return <span className="t3">{t('value.empty')}</span>;
  if (of === 'active') return value === 'true' ? t('value.yes') : <span className="warn">{t('value.no')}</span>;
  // An address breaks before its @, if it must.
  const at = value.includes('@') ? value.lastIndexOf('@') : value.length;
  return (
    <span translate="no">
      {value.slice(0, at)}
      <wbr />
      {value.slice(at)}
    </span>
  );
}

/** All departments of a person, each from the top down, without the company itself. */
function pathsOf(person: Candidate): string {
  const paths = (person.departments ?? []).map(({ path }) => {
    const names = path.map(({ name }) => name);
    return (names.length > 1 ? names.slice(1) : names).join(' / ');
  });
  return paths.join('\n');
}

/** What a person is told by. */
export function departmentOf(person: Candidate): string {
  return person.primaryDepartment?.name ?? '';
}
