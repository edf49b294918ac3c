import './find.css';
import type { ReactNode } from 'react';
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
  return (
    <div {...combobox.list} className="found-list" hidden={!open || options.length === 0}>
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
