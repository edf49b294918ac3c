import { Link } from 'wouter';
import type { MatchedPersonFragment } from '../../../generated/graphql';
import { personHref } from '../../../ui/addresses';
import { classes } from '../../../ui/classes';
import { RecordPill } from '../../../ui/RecordPill';

/** A person of DingTalk in a list: the name leads to their card, the department tells them from others of that name. */
export function Person({ person, alarming }: { person: MatchedPersonFragment; alarming?: boolean }) {
  return (
    <span className="matching-user">
      <Link href={personHref(person.userId)} className={classes('bold', alarming && 'bad')} translate="no">
        {person.name}
      </Link>
      {person.primaryDepartment && (
        <span className="small t2" translate="no">
          {person.primaryDepartment.name}
        </span>
      )}
      <RecordPill state={person.state} unlessActive />
    </span>
  );
}
