import '../../../ui/fields.css';
import type { ClipboardEvent, KeyboardEvent } from 'react';
import { classes } from '../../../ui/classes';
import { isUrlField, type UrlField } from '../fields';
import { useRow } from '../useForm';
import { Changed } from './Changed';
import { Mistakes } from './Mistakes';
import { Row, useRowIds } from './Row';
import { Unused } from './Unused';

/** A row with a text: AgentId, AppKey, and the URLs, which take as many lines as they need. */
export function TextRow({ field, page, placeholder }: {
  field: 'agentId' | 'appKey' | UrlField;
  page?: string;
  placeholder?: string;
}) {
  const ids = useRowIds(field);
  const { value, set, undo, look, write, changed, mistakes, readOnly } = useRow(field);
  const wrong = mistakes.length > 0;
  const props = {
    id: ids.control,
    className: classes('input mono', isUrlField(field) && 'wrapping'),
    'aria-describedby': classes(wrong && ids.mistakes, ids.hint),
    'aria-invalid': wrong || undefined,
    autoComplete: 'off',
    spellCheck: false,
    translate: 'no' as const,
    readOnly,
    placeholder,
    value,
    onFocus: write,
    onBlur: look,
    // What is pasted is whole at once.
    onPaste: (_event: ClipboardEvent) => look(),
  };

  return (
    <Row field={field} ids={ids} page={page}>
      <span className={classes('box', wrong && 'wrong', readOnly && 'read-only')}>
        {isUrlField(field) ? (
          <textarea
            {...props}
            rows={1}
            onKeyDown={submitByEnter}
            onChange={(event) => set(event.target.value.replace(/[\r\n]+/g, ''))}
          />
        ) : (
          <input
            {...props}
            type="text"
            inputMode={field === 'agentId' ? 'numeric' : undefined}
            onChange={(event) => set(event.target.value)}
          />
        )}
        {changed && <Changed field={field} onUndo={undo} />}
      </span>
      <Mistakes id={ids.mistakes} mistakes={mistakes} value={value} onTake={readOnly ? undefined : set} />
      {!changed && <Unused field={field} />}
    </Row>
  );
}

/** A URL has no line breaks: Enter submits, as in a field of one line. */
function submitByEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
