import './changes.css';
import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { useText } from '../../i18n';
import { departmentHref, personHref } from '../../ui/addresses';
import { classes } from '../../ui/classes';
import { DiffRow } from '../../ui/DiffRow';
import { Icon } from '../../ui/Icon';
import type { IconName } from '../../ui/icons';
import { RelativeTime } from '../../ui/RelativeTime';
import { Sep } from '../../ui/Sep';
import type { Tone } from '../../ui/tone';
import type { ChangeFacts } from './ids';
import { messages } from './messages';
import { useCause } from './useCause';
import { useDid } from './useDid';
import { useFieldWords } from './useFieldWords';
import type { Names } from './useNames';

const LOOKS = {
  CREATED: ['ok', 'plus'],
  RESTORED: ['ok', 'undo'],
  MOVED: ['wait', 'arrow'],
  UPDATED: ['idle', 'settings'],
  HELD: ['warn', 'clock'],
  REMOVED: ['bad', 'minus'],
} as const satisfies Record<string, readonly [Tone, IconName]>;

/** So many fields are shown at once. */
const SHOWN = 3;

/** A change as a row: when, who, what, from what to what, and what made it. `brief`: the values are left out. */
export function ChangeRow({
  change,
  names,
  brief,
  fresh,
}: {
  change: ChangeFacts;
  names: Names;
  brief?: boolean;
  /** It came in while somebody looked: its background fades once. */
  fresh?: boolean;
}) {
  const [tone, icon] = change.entity === 'IDENTITY' ? (['idle', 'matching'] as const) : LOOKS[change.kind];
  const cause = useCause()(change);
  return (
    <li className={classes('change', fresh && 'fresh')}>
      {change.at && (
        <span className="small t3 change-time">
          <RelativeTime at={change.at} as="time" />
        </span>
      )}
      <span className={classes('change-icon', tone)}>
        <Icon name={icon} />
      </span>
      <div className="change-body">
        <p>
          <Who change={change} names={names} /> <Did change={change} names={names} />
          {cause && !brief && (
            <span className="small t3 nowrap">
              <Sep />
              {cause}
            </span>
          )}
        </p>
        {cause && brief && <p className="small t3">{cause}</p>}
        {!brief && <Fields change={change} names={names} />}
      </div>
    </li>
  );
}

/** Who or what changed; it leads to their card. */
function Who({ change, names }: { change: ChangeFacts; names: Names }) {
  const t = useText(messages);
  const { entity, entityId, user, department, matchChange } = change;
  if (entity === 'USER') {
    return (
      <Link className="bold" href={personHref(entityId)} translate="no">
        {user?.name ?? names.person(entityId)}
      </Link>
    );
  }
  if (entity === 'DEPARTMENT') {
    return (
      <Link className="bold" href={departmentHref(entityId)} translate="no">
        {department?.name ?? names.department(entityId)}
      </Link>
    );
  }
  const named = matchChange?.identity?.identity;
  const name = named?.displayName ?? named?.username ?? named?.email ?? named?.userKey ?? named?.accountId;
  return name ? <b translate="no">{name}</b> : <b>{t('identity.unnamed')}</b>;
}

/** What happened, and of somebody who is new, where. */
function Did({ change, names }: { change: ChangeFacts; names: Names }): ReactNode {
  const t = useText(messages);
  const did = useDid(names)(change);
  const { kind, user } = change;
  const place = kind === 'CREATED' || kind === 'RESTORED' ? user?.primaryDepartment : null;
  return (
    <>
      {did}
      {place && (
        <span className="t2">
          <Sep />
          {t.rich('did.in', {
            place: (
              <Link className="in-text" href={departmentHref(place.deptId)} translate="no">
                {place.name}
              </Link>
            ),
          })}
        </span>
      )}
    </>
  );
}

/** Each field before and after; the first few, and the others when somebody asks. */
function Fields({ change, names }: { change: ChangeFacts; names: Names }) {
  const t = useText(messages);
  const words = useFieldWords(names);
  const [all, setAll] = useState(false);
  const { entity } = change;
  // Of an identity both fields are told, whichever of them changed; hidden ones are told as null.
  const fields = change.fields.filter(({ before, after }) => entity !== 'IDENTITY' || before !== after);
  if (fields.length === 0) return null;

  const shown = all ? fields : fields.slice(0, SHOWN);
  const more = fields.length - SHOWN;
  return (
    <div className="change-fields">
      {shown.map((field) => {
        const [before, after] = words.values(entity, field);
        return <DiffRow key={field.field} field={words.name(entity, field.field)} before={before} after={after} />;
      })}
      {more > 0 && (
        <button type="button" className="text-button small" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t('fields.less') : t('fields.more', { count: more })}
        </button>
      )}
    </div>
  );
}
