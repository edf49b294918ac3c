import './popover.css';
import { useEffect, useId, useRef, useState, type ReactNode, type Ref, type ToggleEvent } from 'react';
import { Button, type ButtonKind } from './Button';
import { classes } from './classes';
import type { IconName } from './icons';
import { place } from './place';

interface Trigger {
  /** What stands on the button. */
  text?: ReactNode;
  /** Its name, where it has an icon alone. */
  label?: string;
  icon?: IconName;
  kind?: ButtonKind;
  small?: boolean;
  className?: string;
}

/**
 * A button that opens a popover. The browser closes it by Esc or a click beside it, and gives the focus back. Its content
 * is rendered while it is open.
 */
export function Popover({
  align,
  name,
  children,
  ...trigger
}: Trigger & {
  align?: 'start' | 'end';
  /** What a screen reader calls the popover. */
  name: string;
  children: (close: () => void) => ReactNode;
}) {
  const { open, anchor, popover, close, popoverProps } = usePopover(align);
  const id = useId();
  return (
    <>
      <PopoverButton {...trigger} ref={anchor} open={open} controls={id} popup="dialog" />
      <div {...popoverProps} ref={popover} id={id} className="popover pad" role="dialog" aria-label={name}>
        {open && children(close)}
      </div>
    </>
  );
}

/** The button of a popover or menu. */
export function PopoverButton({
  ref,
  open,
  controls,
  popup,
  text,
  className,
  ...looks
}: Trigger & {
  ref: Ref<HTMLButtonElement>;
  open: boolean;
  /** The popover, which the browser opens. */
  controls: string;
  popup: 'dialog' | 'menu';
}) {
  return (
    <Button
      {...looks}
      ref={ref}
      className={classes(className)}
      aria-haspopup={popup}
      aria-expanded={open}
      aria-controls={controls}
      popoverTarget={controls}
    >
      {text}
    </Button>
  );
}

/** A popover of the browser's top layer, placed beside its anchor. What has `data-autofocus` in it takes the focus. */
export function usePopover(align?: 'start' | 'end', stretch?: boolean) {
  const anchor = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  useEffect(() => {
    const element = popover.current;
    if (element === null) return undefined;
    if (!open) return undefined;
    const follow = () => {
      if (anchor.current) place(element, anchor.current, align, stretch);
    };
    // This runs before the browser shows it, the frame's callback before anybody sees it.
    const frame = requestAnimationFrame(() => {
      follow();
      element.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    });
    addEventListener('resize', follow);
    addEventListener('scroll', follow, { passive: true, capture: true });
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('resize', follow);
      removeEventListener('scroll', follow, { capture: true });
    };
  }, [open, align, stretch]);

  return {
    open,
    anchor,
    popover,
    close: () => popover.current?.hidePopover(),
    popoverProps: {
      popover: 'auto' as const,
      onBeforeToggle: (event: ToggleEvent) => {
        if (event.newState === 'open') setOpen(true);
      },
      // Not before: the browser gives the focus back only if it is still within.
      onToggle: (event: ToggleEvent) => {
        if (event.newState === 'closed') setOpen(false);
      },
    },
  };
}
