import './button.css';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Link } from 'wouter';
import { classes } from './classes';
import { Icon } from './Icon';
import type { IconName } from './icons';

/** `primary`: the one that the page is for. `danger`: says verb and count. `quiet`: looks like a link. */
export type ButtonKind = 'primary' | 'danger' | 'quiet' | 'plain';

interface Looks {
  kind?: ButtonKind;
  small?: boolean;
  icon?: IconName;
  /** Where the text behind the icon is left out, the name that screen readers and the tooltip say. */
  label?: string;
  children?: ReactNode;
}

/**
 * A button. Never `disabled` for what is missing: pressed, it says what is. `busy`: what runs stands in the text, and
 * it can't be pressed again.
 */
export function Button({
  kind = 'plain',
  small,
  icon,
  label,
  busy,
  children,
  className,
  onClick,
  ref,
  ...rest
}: Looks & { busy?: boolean; ref?: Ref<HTMLButtonElement> } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      {...rest}
      ref={ref}
      className={classes('button', kind, small && 'small-button', !children && 'icon-only', className)}
      aria-label={label}
      title={label ?? rest.title}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest['aria-disabled'] || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A link that looks like a button; `href` is a path of the console (`/sync`) or, with `outside`, any address. */
export function LinkButton({
  kind = 'plain',
  small,
  icon,
  label,
  href,
  outside,
  children,
}: Looks & { href: string; outside?: boolean }) {
  const look = {
    className: classes('button', kind, small && 'small-button', !children && 'icon-only'),
    'aria-label': label,
    title: label,
  };
  const content = (
    <>
      {icon && <Icon name={icon} />}
      {children}
    </>
  );
  return outside ? (
    <a {...look} href={href} target="_blank" rel="noreferrer">
      {content}
    </a>
  ) : (
    <Link {...look} href={href}>
      {content}
    </Link>
  );
}
