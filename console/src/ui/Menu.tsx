import './popover.css';
import { useId, type KeyboardEvent, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { ButtonKind } from './Button';
import { classes } from './classes';
import { Icon } from './Icon';
import type { IconName } from './icons';
import { PopoverButton, usePopover } from './Popover';

/** A row of a menu: a link of the console, an outside address, or something to do. */
export type MenuItem =
  | 'line'
  | {
      text: ReactNode;
      icon?: IconName;
      danger?: boolean;
      href?: string;
      outside?: boolean;
      /** Of a choice: whether it is the one. */
      checked?: boolean;
      onSelect?: () => void;
    };

/** A button with a menu, by the keys that menus have: ↑ ↓ Home End, letters, Esc. */
export function Menu({
  items,
  head,
  align,
  name,
  ...trigger
}: {
  items: MenuItem[];
  /** What stands above the items, say who is signed in. */
  head?: ReactNode;
  align?: 'start' | 'end';
  /** What a screen reader calls the menu. */
  name: string;
  text?: ReactNode;
  label?: string;
  icon?: IconName;
  kind?: ButtonKind;
  small?: boolean;
  className?: string;
}) {
  const { open, anchor, popover, close, popoverProps } = usePopover(align);
  const id = useId();

  const first = items.findIndex((item) => item !== 'line');
  const rows = () => [...(popover.current?.querySelectorAll<HTMLElement>('.menu-item') ?? [])];
  const move = (event: KeyboardEvent) => {
    const all = rows();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = target(event.key, at, all);
    if (to === undefined) return;
    event.preventDefault();
    to.focus();
  };

  return (
    <>
      <PopoverButton {...trigger} ref={anchor} open={open} controls={id} popup="menu" />
      <div {...popoverProps} ref={popover} id={id} className="popover">
        {open && head && <div className="menu-head">{head}</div>}
        <div role="menu" aria-label={name} onKeyDown={move}>
          {open &&
            items.map((item, index) =>
              item === 'line' ? (
                <div key={index} className="menu-line" role="separator" />
              ) : (
                <Row key={index} item={item} first={index === first} close={close} />
              ),
            )}
        </div>
      </div>
    </>
  );
}

function target(key: string, at: number, all: HTMLElement[]): HTMLElement | undefined {
  if (key === 'ArrowDown') return all[(at + 1) % all.length];
  if (key === 'ArrowUp') return all[(at - 1 + all.length) % all.length];
  if (key === 'Home') return all[0];
  if (key === 'End') return all.at(-1);
  if (key.length !== 1) return undefined;
  const begins = (row: HTMLElement) => row.textContent?.trim().toLowerCase().startsWith(key.toLowerCase());
  return [...all.slice(at + 1), ...all.slice(0, at + 1)].find(begins);
}

function Row({ item, first, close }: { item: Exclude<MenuItem, 'line'>; first: boolean; close: () => void }) {
  const choice = item.checked !== undefined;
  const props = {
    className: classes('menu-item', item.danger && 'danger'),
    role: choice ? 'menuitemradio' : 'menuitem',
    'aria-checked': item.checked,
    'data-autofocus': first || undefined,
    tabIndex: -1,
    onClick: () => {
      close();
      item.onSelect?.();
    },
  };
  const content = (
    <>
      {item.icon && <Icon name={item.icon} />}
      <span className="grow">{item.text}</span>
      {item.checked && <Icon name="check" />}
    </>
  );
  if (item.href === undefined) {
    return (
      <button type="button" {...props}>
        {content}
      </button>
    );
  }
  return item.outside ? (
    <a {...props} href={item.href} target="_blank" rel="noreferrer">
      {content}
    </a>
  ) : (
    <Link {...props} href={item.href}>
      {content}
    </Link>
  );
}
