import { useEffect, useRef, useState } from 'react';
import { useText } from '../../../i18n';
import { Icon } from '../../../ui/Icon';
import { URL_ROWS, defaultUrl } from '../fields';
import { messages } from '../messages';
import { useForm } from '../useForm';
import { differsFromDefault, valuesOf } from '../values';
import { TextRow } from './TextRow';

const ROWS = URL_ROWS.filter((row) => 'optional' in row);

/** The URLs without which everything works, if less well: folded, and open where one is special or wrong. */
export function OptionalUrls() {
  const t = useText(messages);
  const { base, mistakes } = useForm();
  const fold = useRef<HTMLDetailsElement>(null);
  const stored = valuesOf(base);
  const special = ROWS.filter(({ field }) => differsFromDefault(field, stored)).length;
  const wrong = ROWS.some(
    ({ field }) => mistakes.some((mistake) => mistake.field === field) || base.unused.some((each) => each.field === field),
  );
  const [open, setOpen] = useState(special > 0);
  useEffect(() => {
    if (wrong) setOpen(true);
  }, [wrong]);

  return (
    <details
      ref={fold}
      className="optional"
      open={open}
      onToggle={(event) => {
        if (event.target === fold.current) setOpen(fold.current?.open ?? false);
      }}
    >
      <summary>
        <Icon name="right" />
        <span>
          <span className="setting-name">{t('optional')}</span>{' '}
          <span className="small t2">
            {special === 0 ? t('optional.default', { count: ROWS.length }) : t('optional.special', { count: ROWS.length, special })}
          </span>
        </span>
      </summary>
      {ROWS.map(({ field, page }) => (
        <TextRow key={field} field={field} page={page} placeholder={t('optional.off', { url: defaultUrl(field) })} />
      ))}
    </details>
  );
}
