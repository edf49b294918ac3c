import './pill.css';
import type { ReactNode } from 'react';
import { classes } from './classes';
import { Icon } from './Icon';
import type { IconName } from './icons';
import type { Tone } from './tone';

/** A state in a word, with its colour and icon. */
export function Pill({ tone, icon, children }: { tone: Tone; icon?: IconName; children: ReactNode }) {
  return (
    <span className={classes('pill', tone, !icon && 'bare')}>
      {icon && <Icon name={icon} size={14} />}
      {children}
    </span>
  );
}
