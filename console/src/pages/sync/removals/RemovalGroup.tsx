import { useId, useState } from 'react';
import { Link } from 'wouter';
import { useText } from '../../../i18n';
import { departmentHref, personHref } from '../../../ui/addresses';
import { Avatar } from '../../../ui/Avatar';
import { Button } from '../../../ui/Button';
import { Checkbox } from '../../../ui/fields';
import { Icon } from '../../../ui/Icon';
import { messages } from '../messages';
import { allOf, keyOf, sumsOf, type Group, type Removal } from './groups';
import { useSumWords } from './useSumWords';

/** So many people of a group are listed first, and with each step more. */
const FIRST = 4;
const STEP = 50;

/** A group of removals with its people; either can be chosen. */
export function RemovalGroup({
  group,
  chosen,
  onChoose,
  opened,
}: {
  group: Group;
  chosen: ReadonlySet<string>;
  onChoose: (removals: readonly Removal[], to: boolean) => void;
  opened: boolean;
}) {
  const t = useText(messages);
  const words = useSumWords();
  const id = useId();
  const [open, setOpen] = useState(opened);
  const [shown, setShown] = useState(FIRST);

  const all = allOf(group);
  const sums = sumsOf(all);
  const picked = all.filter((each) => chosen.has(keyOf(each))).length;
  const name = group.name ?? (group.deptId === null ? t('group.none') : group.deptId);
  const left = group.members.length - shown;

  return (
    <li>
      <div className="removal-group">
        <Checkbox
          label={t('choose', { name })}
          checked={picked === all.length}
          mixed={picked > 0 && picked < all.length}
          onChange={(to) => onChoose(all, to)}
        />
        <button type="button" className="removal-open" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'down' : 'right'} />
          <span className="removal-name">
            <span>
              <b translate={group.name === null ? undefined : 'no'}>{name}</b>{' '}
              <span className="small t2">{t(groupText(group), { count: sums.users })}</span>
            </span>
            <span className="small t3">{words.lost(sums)}</span>
          </span>
        </button>
        <b className="num nowrap">{words.what(sums)}</b>
      </div>
      <ul id={id} hidden={!open}>
        {open &&
          group.members.slice(0, shown).map((removal) => (
            <Member
              key={keyOf(removal)}
              removal={removal}
              chosen={chosen.has(keyOf(removal))}
              onChoose={(to) => onChoose([removal], to)}
            />
          ))}
        {open && left > 0 && (
          <li className="removal-more">
            <Button kind="quiet" small onClick={() => setShown(shown + STEP)}>
              {t('group.more', { count: left })}
            </Button>
          </li>
        )}
      </ul>
    </li>
  );
}

/** What became of a group, as DingTalk has it. */
function groupText(group: Group) {
  if (group.department) return `group.${group.department.cause}.department` as const;
  const causes = new Set(group.members.map(({ cause }) => cause));
  const [only] = causes;
  return causes.size === 1 && only ? (`group.${only}` as const) : 'group.mixed';
}

function Member({ removal, chosen, onChoose }: { removal: Removal; chosen: boolean; onChoose: (to: boolean) => void }) {
  const t = useText(messages);
  const words = useSumWords();
  const { user, department, entity, entityId } = removal;
  const name = user?.name ?? department?.name ?? entityId;
  const depends = words.depends(sumsOf([removal]));
  const href = entity === 'USER' ? personHref(entityId) : departmentHref(entityId);
  return (
    <li className="removal-member">
      <Checkbox label={t('choose', { name })} checked={chosen} onChange={onChoose} />
      {entity === 'USER' ? (
        <Avatar name={name} />
      ) : (
        <span className="removal-department">
          <Icon name="departments" />
        </span>
      )}
      <span className="removal-who">
        <Link className="bold" href={href} translate="no">
          {name}
        </Link>
        {user?.title && (
          <span className="small t2" translate="no">
            {user.title}
          </span>
        )}
      </span>
      {depends ? (
        <Link className="small warn" href={href}>
          {depends}
        </Link>
      ) : (
        <span className="small t3">{t('depends.nothing')}</span>
      )}
    </li>
  );
}
