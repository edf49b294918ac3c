import { useState, type FormEvent } from 'react';
import { useFormats, useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { TextField } from '../../../ui/fields';
import { Popover } from '../../../ui/Popover';
import { messages } from '../messages';
import { dayOf, daysBefore, momentOf } from './moment';

/** Days that are one press away. */
const NEAR = [
  ['past.yesterday', 1],
  ['past.week', 7],
  ['past.month', 30],
] as const;

/** Chooses the day that is looked at. */
export function DayPicker({
  day,
  oldest,
  onDay,
}: {
  /** Null: now. */
  day: string | null;
  /** Before this moment nothing is known. */
  oldest: Date | null;
  onDay: (day: string | null) => void;
}) {
  const t = useText(messages);
  return (
    <Popover name={t('past.pick')} kind="quiet" small icon="calendar" text={t('past.button')} align="end">
      {(close) => (
        <Days
          day={day}
          oldest={oldest}
          onDay={(next) => {
            close();
            onDay(next);
          }}
        />
      )}
    </Popover>
  );
}

function Days({ day, oldest, onDay }: Parameters<typeof DayPicker>[0]) {
  const t = useText(messages);
  const formats = useFormats();
  const [text, setText] = useState(day ?? '');
  const [wrong, setWrong] = useState('');
  const now = new Date();
  const today = dayOf(now);
  const first = oldest === null ? undefined : dayOf(oldest);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text === '') setWrong(t('past.required'));
    else if (text > today) setWrong(t('past.future'));
    else if (oldest !== null && new Date(momentOf(text)) < oldest) setWrong(t('past.tooOld', { day: formats.day(oldest) }));
    else onDay(text === today ? null : text);
  };
  return (
    <form className="day-picker" noValidate onSubmit={submit}>
      <TextField
        label={t('past.pick')}
        type="date"
        value={text}
        min={first}
        max={today}
        data-autofocus
        onChange={(next) => {
          setText(next);
          setWrong('');
        }}
        error={wrong}
        hint={oldest === null ? undefined : t('past.since', { day: formats.day(oldest) })}
      />
      <div className="row wrap">
        {NEAR.filter(([, days]) => first === undefined || dayOf(daysBefore(now, days)) >= first).map(([key, days]) => (
          <Button key={key} small onClick={() => onDay(dayOf(daysBefore(now, days)))}>
            {t(key)}
          </Button>
        ))}
      </div>
      <div className="row">
        <Button kind="primary" type="submit">
          {t('past.show')}
        </Button>
        {day !== null && (
          <Button kind="quiet" onClick={() => onDay(null)}>
            {t('past.now')}
          </Button>
        )}
      </div>
    </form>
  );
}
