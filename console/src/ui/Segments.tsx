import './segments.css';
import { useId, type ReactNode } from 'react';
import { classes } from './classes';

/** One of a few short words beside each other: radio buttons that look like one control. */
export function Segments<Value extends string>({
  label,
  labelHidden,
  value,
  onChange,
  options,
  small,
}: {
  label: ReactNode;
  labelHidden?: boolean;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; text: ReactNode }[];
  small?: boolean;
}) {
  const name = useId();
  return (
    <fieldset className="field">
      <legend className={labelHidden ? 'unseen' : undefined}>{label}</legend>
      <div className={classes('segments', small && 'small')}>
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={name}
              className="unseen"
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
