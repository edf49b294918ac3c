import './find.css';
import { useEffect, useRef, type ReactNode } from 'react';
import { classes } from '../../ui/classes';
import type { useCombobox } from '../../ui/useCombobox';

/** The suggestions of a field, below it. The field and this stand in an element of the class `found-place`. */
export function FoundList({
  combobox,
  open,
  options,
}: {
  combobox: ReturnType<typeof useCombobox>;
  open: boolean;
  options: readonly { key: string; content: ReactNode }[];
}) {
  const list = useRef<HTMLDivElement>(null);
  const shown = open && options.length > 0;

  // It lies over what follows: where that scrolls, or ends, its lower half would be cut off.
  useEffect(() => {
    if (shown) list.current?.scrollIntoView({ block: 'nearest' });
  }, [shown, options.length]);

  return (
    <div {...combobox.list} ref={list} className="found-list" hidden={!shown}>
      {options.map(({ key, content }, index) => (
        <div
          key={key}
          {...combobox.option(index)}
          className={classes('found-option', index === combobox.active && 'active')}
        >
          {content}
        </div>
      ))}
    </div>
  );
}
