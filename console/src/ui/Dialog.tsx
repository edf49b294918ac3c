import './dialog.css';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useText } from '../i18n';
import { Button } from './Button';
import { messages } from './messages';
import { useScrolls } from './useScrolls';

/**
 * A dialog over the page, or, with `drawer`, at its side. The browser keeps the focus within, closes it by Esc and gives the
 * focus back to what opened it.
 */
export function Dialog({
  title,
  open,
  onClose,
  drawer,
  footer,
  children,
}: {
  title: ReactNode;
  open: boolean;
  onClose: () => void;
  drawer?: boolean;
  /** Buttons: the one that does it first. */
  footer?: ReactNode;
  children: ReactNode;
}) {
  const t = useText(messages);
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useEffect(() => {
    const element = dialog.current;
    if (element === null || element.open === open) return;
    if (open) element.showModal();
    else element.close();
  }, [open]);

  return (
    <dialog
      ref={dialog}
      className={drawer ? 'dialog drawer' : 'dialog'}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => {
        // The backdrop is the dialog's own, the content is in the element within.
        if (event.target === dialog.current) dialog.current.close();
      }}
    >
      {open && (
        <div className="dialog-box">
          <header>
            <h2 id={heading}>{title}</h2>
            <span className="grow" />
            <Button kind="quiet" small icon="cross" label={t('dialog.close')} onClick={() => dialog.current?.close()} />
          </header>
          <Body>{children}</Body>
          {footer && <footer className="row wrap">{footer}</footer>}
        </div>
      )}
    </dialog>
  );
}

function Body({ children }: { children: ReactNode }) {
  const { scrolls, ref } = useScrolls();
  return (
    <div ref={ref} className="dialog-body" tabIndex={scrolls ? 0 : undefined}>
      {children}
    </div>
  );
}
