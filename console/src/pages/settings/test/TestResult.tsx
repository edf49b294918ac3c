import './test.css';
import type { CheckState } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { useSaid } from '../../../reasons/settings';
import { Button } from '../../../ui/Button';
import { Icon } from '../../../ui/Icon';
import type { IconName } from '../../../ui/icons';
import { Pill } from '../../../ui/Pill';
import { RelativeTime } from '../../../ui/RelativeTime';
import type { Tone } from '../../../ui/tone';
import { isUrlField, rowOf } from '../fields';
import { focusRow } from '../form/focus';
import { DocumentLink } from '../form/Row';
import { useForm } from '../useForm';
import { messages as rows } from '../messages';
import { countsOf, rowOfCheck, sorted, type SettingsCheck, type TestReport } from './checks';
import { messages } from './messages';

const LOOKS: Record<CheckState, readonly [Tone, IconName]> = {
  PASSED: ['ok', 'check'],
  LIMITED: ['warn', 'warning'],
  FAILED: ['bad', 'cross'],
  SKIPPED: ['idle', 'minus'],
};

/** What the test found, in product words: what is wrong with the way to mend it, then what is well. */
export function TestResult({ report, outdated }: { report: TestReport; outdated: boolean }) {
  const t = useText(messages);
  const { wrong, waiting, passed, skipped } = sorted(report.checks);
  return (
    <section className="card test-result" aria-labelledby="test-result" id="settings-test" tabIndex={-1}>
      <header>
        <h2 id="test-result">{t('result')}</h2>
        {outdated ? (
          <Pill tone="warn" icon="clock">
            {t('outdated')}
          </Pill>
        ) : (
          countsOf(report.checks).map(({ state, count }) => (
            <Pill key={state} tone={LOOKS[state][0]} icon={LOOKS[state][1]}>
              {t(`count.${state}`, { count })}
            </Pill>
          ))
        )}
        <span className="grow" />
        <span className="small t3">
          <RelativeTime at={report.at} as="time" /> {t(report.unsubmitted ? 'with.unsubmitted' : 'with.stored')}
        </span>
      </header>
      <ul className="rows">
        {wrong.map((check) => (
          <Line key={check.check} check={check} />
        ))}
        {waiting.length > 0 && <Together checks={waiting} state="LIMITED" />}
        {passed.length > 0 && <Together checks={passed} state="PASSED" />}
        {skipped.length > 0 && <Together checks={skipped} state="SKIPPED" />}
      </ul>
    </section>
  );
}

/** One check that needs somebody, with the remedy beside it. */
function Line({ check }: { check: SettingsCheck }) {
  const t = useText(messages);
  const say = useSaid();
  const form = useForm();
  const [tone, icon] = LOOKS[check.state];
  const found = say(check.statement);
  const remedy = check.remedyStatement && say(check.remedyStatement);
  const row = check.field ? rowOf(check.field) : null;
  const { suggestion } = check;

  return (
    <li className="test-line">
      <span className={tone}>
        <Icon name={icon} />
        <span className="unseen">{t(`state.${check.state}`)}</span>
      </span>
      <div>
        <Name check={check} />{' '}
        <span className="t2" lang={found.lang}>
          {found.text}
        </span>
        {remedy && (
          <p className="t2" lang={remedy.lang}>
            {remedy.text} {suggestion && <code translate="no">{suggestion}</code>}
          </p>
        )}
        {check.dingtalkCode && (
          <span className="small t3">
            {t.rich('code', { code: <code translate="no">{check.dingtalkCode}</code> })}
          </span>
        )}
      </div>
      <span className="row wrap">
        {row && isUrlField(row) && suggestion && !form.readOnly ? (
          <Button
            kind="quiet"
            small
            onClick={() => {
              form.set(row, suggestion);
              focusRow(row);
            }}
          >
            {t('take')}
          </Button>
        ) : (
          row && (
            <Button kind="quiet" small onClick={() => focusRow(row)}>
              {t(check.state === 'FAILED' ? 'mend' : 'show')}
            </Button>
          )
        )}
        {check.document && <DocumentLink href={check.document}>{t('how')}</DocumentLink>}
      </span>
    </li>
  );
}

/** What was checked; a row of the form is called as it is there. */
function Name({ check }: { check: SettingsCheck }) {
  const t = useText(messages);
  const form = useText(rows);
  const row = rowOfCheck(check);
  if (row) return <b>{form(`field.${row}`)}</b>;
  const key = `check.${check.check}`;
  return t.has(key) ? <b>{t(key as 'check.TOKEN')}</b> : <b translate="no">{check.check}</b>;
}

/** What nobody has to do anything about stands in one line. */
function Together({ checks, state }: { checks: readonly SettingsCheck[]; state: CheckState }) {
  const t = useText(messages);
  const say = useSaid();
  const [tone, icon] = LOOKS[state];
  return (
    <li className="test-line">
      <span className={tone}>
        <Icon name={icon} />
        <span className="unseen">{t(`state.${state}`)}</span>
      </span>
      <details>
        <summary className="t2">{t(`together.${state}` as 'together.PASSED', { count: checks.length })}</summary>
        <ul className="small">
          {checks.map((check) => {
            const found = say(check.statement);
            return (
              <li key={check.check}>
                <Name check={check} />{' '}
                <span className="t2" lang={found.lang}>
                  {found.text}
                </span>
              </li>
            );
          })}
        </ul>
      </details>
      <span />
    </li>
  );
}
