import './panel.css';
import type { ReactNode } from 'react';
import { Icon } from './Icon';
import type { IconName } from './icons';
import type { Tone } from './tone';

/** What stands where there is nothing to show: a title, a sentence, and one button that remedies it. */
export function Panel({
  title,
  icon,
  tone,
  action,
  children,
}: {
  title: ReactNode;
  icon?: IconName;
  tone?: Tone;
  /** One button or link. */
  action?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="panel">
      <h3>
        {icon && (
          <span className={tone}>
            <Icon name={icon} />
          </span>
        )}
        {title}
      </h3>
      {typeof children === 'string' ? <p className="t2">{children}</p> : children}
      {action}
    </div>
  );
}
