import { useEffect, useId, useState, type KeyboardEvent } from 'react';

/**
 * The keys and roles of a text field with a list of suggestions, by the ARIA pattern with an active descendant: ↑ ↓ move,
 * Enter chooses, Esc closes the list and then empties the field. Spread `input` on the field, `list` on the list, and
 * `option(index)` on each option.
 */
export function useCombobox({
  count,
  open,
  onOpen,
  onChoose,
  onSubmit,
  onClear,
  name,
}: {
  /** How many options there are. */
  count: number;
  open: boolean;
  onOpen: (open: boolean) => void;
  /** `control`: Ctrl or ⌘ was held. */
  onChoose: (index: number, control: boolean) => void;
  /** Enter while no option is chosen. */
  onSubmit?: () => void;
  onClear?: () => void;
  /** What a screen reader calls the list. */
  name: string;
}) {
  const id = useId();
  const [active, setActive] = useState(-1);
  const shown = open && count > 0;
  const at = active < count ? active : -1;

  useEffect(() => {
    if (!open) setActive(-1);
  }, [open]);
  useEffect(() => {
    if (at >= 0) document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [at, id]);

  const onKeyDown = (event: KeyboardEvent) => {
    // While a syllable of pinyin is being put together, the keys belong to the input method.
    if (event.nativeEvent.isComposing) return;
    switch (event.key) {
      case 'ArrowDown':
        event.preventDefault();
        onOpen(true);
        if (count > 0) setActive((at + 1) % count);
        break;
      case 'ArrowUp':
        event.preventDefault();
        onOpen(true);
        if (count > 0) setActive(at <= 0 ? count - 1 : at - 1);
        break;
      case 'Enter':
        event.preventDefault();
        if (shown && at >= 0) onChoose(at, event.ctrlKey || event.metaKey);
        else onSubmit?.();
        break;
      case 'Escape':
        event.preventDefault();
        if (open) onOpen(false);
        else onClear?.();
        break;
    }
  };

  return {
    active: at,
    /** Another text has other options: none is chosen, or the first with `0`. */
    reset: (to = -1) => setActive(to),
    input: {
      role: 'combobox' as const,
      'aria-expanded': shown,
      'aria-controls': `${id}-list`,
      'aria-autocomplete': 'list' as const,
      'aria-activedescendant': shown && at >= 0 ? `${id}-${at}` : undefined,
      autoComplete: 'off',
      autoCapitalize: 'off',
      spellCheck: false,
      onKeyDown,
    },
    list: { id: `${id}-list`, role: 'listbox' as const, 'aria-label': name },
    option: (index: number) => ({
      id: `${id}-${index}`,
      role: 'option' as const,
      'aria-selected': index === at,
      // The field keeps the focus.
      onPointerDown: (event: React.PointerEvent) => event.preventDefault(),
      onPointerMove: () => {
        if (index !== at) setActive(index);
      },
      onClick: (event: React.MouseEvent) => onChoose(index, event.ctrlKey || event.metaKey),
    }),
  };
}
