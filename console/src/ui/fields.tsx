import './fields.css';
import {
  useEffect,
  useId,
  useRef,
  useState,
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
} from 'react';
import { useText } from '../i18n';
import { Button } from './Button';
import { classes } from './classes';
import { Icon } from './Icon';
import { messages } from './messages';

interface FieldLooks {
  label: ReactNode;
  /** The label is read and not shown: its column or a heading shows it. */
  labelHidden?: boolean;
  /** What the field is for. */
  hint?: ReactNode;
  /** What is wrong, and beside it the remedy. */
  error?: ReactNode;
  /** Beside the label: since when, by whom, 已改. */
  meta?: ReactNode;
}

/** What ties a control to its label, hint and error. */
export interface FieldIds {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

/** A label, a control, and below it what is wrong or what it is for. */
export function Field({ label, labelHidden, hint, error, meta, children }: FieldLooks & { children: (ids: FieldIds) => ReactNode }) {
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <div className={classes('row', labelHidden && 'unseen')}>
        <label htmlFor={id}>{label}</label>
        {meta && <span className="small t3">{meta}</span>}
      </div>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {error && (
        <div id={`${id}-error`} className="field-error bad" role="alert">
          <Icon name="warning" />
          <div className="grow">{error}</div>
        </div>
      )}
      {hint && (
        <p id={`${id}-hint`} className="small t2">
          {hint}
        </p>
      )}
    </div>
  );
}

type Native = Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange' | 'id'>;

/**
 * One line of text. `secret`: shown as dots, with an eye to see it. `wraps`: a long URL takes as many lines as it needs.
 * `end`: what stands within the box at its end.
 */
export function TextField({
  label,
  labelHidden,
  hint,
  error,
  meta,
  value,
  onChange,
  mono,
  secret,
  wraps,
  end,
  inputRef,
  ...rest
}: FieldLooks & {
  value: string;
  onChange: (value: string) => void;
  mono?: boolean;
  secret?: boolean;
  wraps?: boolean;
  end?: ReactNode;
  inputRef?: Ref<HTMLInputElement & HTMLTextAreaElement>;
} & Native) {
  const t = useText(messages);
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} labelHidden={labelHidden} hint={hint} error={error} meta={meta}>
      {(ids) => (
        <span className={classes('box', !!error && 'wrong')}>
          {wraps ? (
            <Wrapping {...ids} mono={mono} value={value} onChange={onChange} inputRef={inputRef} name={rest.name} />
          ) : (
            <input
              autoComplete="off"
              spellCheck={false}
              {...rest}
              {...ids}
              ref={inputRef}
              className={classes('input', mono && 'mono')}
              type={secret && !shown ? 'password' : (rest.type ?? 'text')}
              value={value}
              onChange={(event) => onChange(event.target.value)}
            />
          )}
          {end}
          {secret && (
            <Button
              kind="quiet"
              small
              icon="eye"
              label={shown ? t('secret.hide') : t('secret.show')}
              aria-pressed={shown}
              onClick={() => setShown(!shown)}
            />
          )}
        </span>
      )}
    </Field>
  );
}

/** A line that wraps: a text area without line breaks, as high as its text. */
function Wrapping({
  value,
  onChange,
  mono,
  inputRef,
  ...rest
}: FieldIds & {
  value: string;
  onChange: (value: string) => void;
  mono?: boolean;
  inputRef?: Ref<HTMLInputElement & HTMLTextAreaElement>;
  name?: string;
}) {
  return (
    <textarea
      {...rest}
      ref={inputRef}
      className={classes('input', 'wrapping', mono && 'mono')}
      rows={1}
      spellCheck={false}
      autoComplete="off"
      translate="no"
      value={value}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        event.currentTarget.form?.requestSubmit();
      }}
      onChange={(event) => onChange(event.target.value.replace(/[\r\n]+/g, ''))}
    />
  );
}

/** Several lines of text. */
export function TextArea({
  value,
  onChange,
  rows = 4,
  mono,
  placeholder,
  ...looks
}: FieldLooks & {
  value: string;
  onChange: (value: string) => void;
  rows?: number;
  mono?: boolean;
  placeholder?: string;
}) {
  return (
    <Field {...looks}>
      {(ids) => (
        <span className={classes('box', !!looks.error && 'wrong')}>
          <textarea
            {...ids}
            className={classes('input', 'area', mono && 'mono')}
            rows={rows}
            placeholder={placeholder}
            translate="no"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        </span>
      )}
    </Field>
  );
}

/** One of a few: the browser's own list, by keyboard and on a phone, too. */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  ...rest
}: FieldLooks & {
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; text: string }[];
} & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'value' | 'onChange' | 'id'>) {
  const { label, labelHidden, hint, error, meta, ...native } = rest;
  return (
    <Field label={label} labelHidden={labelHidden} hint={hint} error={error} meta={meta}>
      {(ids) => (
        <span className={classes('box', 'select', !!error && 'wrong')}>
          <select
            {...native}
            {...ids}
            className="input"
            value={value}
            onChange={(event) => onChange(event.target.value as Value)}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.text}
              </option>
            ))}
          </select>
          <Icon name="down" />
        </span>
      )}
    </Field>
  );
}

/** One of several, all in sight, each with a remark. */
export function RadioGroup<Value extends string>({
  label,
  labelHidden,
  value,
  onChange,
  options,
  row,
  error,
}: {
  label: ReactNode;
  labelHidden?: boolean;
  /** Null: none is chosen yet. */
  value: Value | null;
  onChange: (value: Value) => void;
  options: readonly { value: Value; text: ReactNode; remark?: ReactNode }[];
  /** Beside each other. */
  row?: boolean;
  error?: ReactNode;
}) {
  const name = useId();
  return (
    <fieldset className="field" aria-describedby={error ? `${name}-error` : undefined}>
      <legend className={labelHidden ? 'unseen' : undefined}>{label}</legend>
      <div className={row ? 'row wrap gap24' : 'col'}>
        {options.map((option) => (
          <label key={option.value} className="choice">
            <input
              type="radio"
              name={name}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              aria-describedby={option.remark ? `${name}-${option.value}` : undefined}
            />
            <span>
              {option.text}
              {option.remark && (
                <span id={`${name}-${option.value}`} className="remark small t2">
                  {option.remark}
                </span>
              )}
            </span>
          </label>
        ))}
      </div>
      {error && (
        <div id={`${name}-error`} className="field-error bad" role="alert">
          <Icon name="warning" />
          <div className="grow">{error}</div>
        </div>
      )}
    </fieldset>
  );
}

/** Yes or no. `mixed`: some of what it stands for. */
export function Checkbox({
  checked,
  mixed,
  onChange,
  label,
  children,
  remark,
}: {
  checked: boolean;
  mixed?: boolean;
  onChange: (checked: boolean) => void;
  /** Its name, where no text stands beside it. */
  label?: string;
  children?: ReactNode;
  remark?: ReactNode;
}) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    if (input.current) input.current.indeterminate = mixed ?? false;
  }, [mixed]);
  return (
    <label className="choice">
      <input
        ref={input}
        type="checkbox"
        checked={checked}
        aria-label={label}
        aria-describedby={remark ? id : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      {children && (
        <span>
          {children}
          {remark && (
            <span id={id} className="remark small t2">
              {remark}
            </span>
          )}
        </span>
      )}
    </label>
  );
}
