import { useFormats, useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { Note } from '../../../ui/Note';
import { messages } from '../messages';

/** Says that it is the past that is shown, and what of it isn't exact. */
export function PastNote({ day, onNow }: { day: string; onNow: () => void }) {
  const t = useText(messages);
  const formats = useFormats();
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return (
    <div className="past-note">
      <Note tone="doubt" icon="clock">
        <div className="row wrap top">
          <div className="grow past-text">
            <p className="bold">{t('past.title', { day: formats.day(new Date(year, month - 1, date)) })}</p>
            <details>
              <summary className="small t2">{t('past.inexact')}</summary>
              <ul className="small t2 past-list">
                <li>{t('past.inexact.late')}</li>
                <li>{t('past.inexact.now')}</li>
                <li>{t('past.inexact.verified')}</li>
              </ul>
            </details>
          </div>
          <Button small icon="undo" onClick={onNow}>
            {t('past.now')}
          </Button>
        </div>
      </Note>
    </div>
  );
}
