import { useEffect, useEffectEvent, useId, useState } from 'react';
import { Link } from 'wouter';
import { useAsk, usePermission } from '../../../data';
import { useText } from '../../../i18n';
import { departmentHref, personHref } from '../../../ui/addresses';
import { Answer } from '../../../ui/Answer';
import { Avatar } from '../../../ui/Avatar';
import { Button } from '../../../ui/Button';
import { Checkbox } from '../../../ui/fields';
import { Icon } from '../../../ui/Icon';
import { messages } from '../messages';
import { useWhenChanged } from '../useWhenChanged';
import { keyOf, sumsOf, type Group, type Removal } from './groups';
import { HeldRemovalsOfGroupQuery } from './queries';
import type { Choice } from './useChoice';
import { useSumWords } from './useSumWords';

/** So many of a group are read at once. */
const READ = 500;
/** So many of them are listed first, and with each step more. */
const FIRST = 4;
const STEP = 50;

/** A group of removals with its people; either can be chosen. `changed`: whenever it is another one, they are read again. */
export function RemovalGroup({ group, choice, changed, opened }: { group: Group; choice: Choice; changed: string; opened: boolean }) {
  const t = useText(messages);
  const words = useSumWords();
  const id = useId();
  const [open, setOpen] = useState(opened);
  const picked = choice.ofGroup(group.key);
  const name = group.name ?? (group.deptId === null ? t('group.none') : group.deptId);

  return (
    <li>
      <div className="removal-group">
        <Checkbox
          label={t('choose', { name })}
          checked={picked === true}
          mixed={picked === null}
          onChange={(to) => choice.chooseGroup(group.key, to)}
        />
        <button type="button" className="removal-open" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'down' : 'right'} />
          <span className="removal-name">
            <span>
              <b translate={group.name === null ? undefined : 'no'}>{name}</b>{' '}
              <span className="small t2">{t(groupText(group), { count: group.users })}</span>
            </span>
            <span className="small t3">{words.lost(group)}</span>
          </span>
        </button>
        <b className="num nowrap">{words.what(group)}</b>
      </div>
      <div id={id} hidden={!open}>
        {open && <Members group={group} choice={choice} changed={changed} />}
      </div>
    </li>
  );
}

/** What became of a group, as DingTalk has it. */
function groupText({ causes, ofDepartments }: Group) {
  if (ofDepartments) return `group.${ofDepartments}.department` as const;
  const [only] = causes;
  return causes.length === 1 && only ? (`group.${only}` as const) : 'group.mixed';
}

/** Who is in a group, a part of them at first. */
function Members({ group, choice, changed }: { group: Group; choice: Choice; changed: string }) {
  const t = useText(messages);
  const links = usePermission('identity:read');
  const [shown, setShown] = useState(FIRST);
  const asked = useAsk(HeldRemovalsOfGroupQuery, { variables: { group: { deptId: group.deptId }, first: READ, links } });
  useWhenChanged(changed, asked.again);

  const nodes = asked.data?.heldRemovals?.nodes;
  const know = useEffectEvent((its: readonly Removal[]) => choice.know(group.key, its));
  useEffect(() => {
    if (nodes) know(nodes);
  }, [nodes]);

  return (
    <Answer asked={asked} what={t('removals.failed')}>
      {({ heldRemovals }) => {
        const members = heldRemovals?.nodes ?? [];
        const next = Math.min(members.length, shown + STEP) - shown;
        const beyond = (heldRemovals?.totalCount ?? members.length) - members.length;
        return (
          <ul>
            {members.slice(0, shown).map((removal) => (
              <Member
                key={keyOf(removal)}
                removal={removal}
                chosen={choice.has(group.key, removal)}
                onChoose={(to) => choice.choose(group.key, removal, to, members)}
              />
            ))}
            {next > 0 && (
              <li className="removal-more">
                <Button kind="quiet" small onClick={() => setShown(shown + STEP)}>
                  {t('group.more', { count: members.length - shown })}
                </Button>
              </li>
            )}
            {next <= 0 && beyond > 0 && <li className="removal-more small t2">{t('group.beyond', { count: beyond })}</li>}
          </ul>
        );
      }}
    </Answer>
  );
}

function Member({ removal, chosen, onChoose }: { removal: Removal; chosen: boolean; onChoose: (to: boolean) => void }) {
  const t = useText(messages);
  const words = useSumWords();
  const { user, department, entity, entityId } = removal;
  const name = user?.name ?? department?.name ?? entityId;
  const depends = words.depends(sumsOf(removal));
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
