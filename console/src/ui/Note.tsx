import './card.css';
import type { ReactNode } from 'react';
import { classes } from './classes';
import { Icon } from './Icon';
import type { IconName } from './icons';
import type { Tone } from './tone';

const ICONS: Record<Tone, IconName> = {
  ok: 'check',
  wait: 'info',
  doubt: 'question',
  warn: 'warning',
  bad: 'warning',
  idle: 'info',
};

/** A remark within a card or form. `alert`: said by a screen reader as soon as it appears. */
export function Note({
  tone,
  icon,
  alert,
  children,
}: {
  tone: Tone;
  icon?: IconName;
  alert?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={classes('note', tone)} role={alert ? 'alert' : undefined}>
      <Icon name={icon ?? ICONS[tone]} />
      <div className="grow">{children}</div>
    </div>
  );
}
