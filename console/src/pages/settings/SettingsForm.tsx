import './settings.css';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useMissing } from '../../data';
import { useText } from '../../i18n';
import { Loading } from '../../ui/Loading';
import { Note } from '../../ui/Note';
import { ConflictPanel } from './conflict/ConflictPanel';
import { defaultUrl, rowOf, URL_ROWS } from './fields';
import { DeliveryRow } from './form/DeliveryRow';
import { DepartmentsRow } from './form/DepartmentsRow';
import { focusRow } from './form/focus';
import { MethodRow } from './form/MethodRow';
import { OptionalUrls } from './form/OptionalUrls';
import { SecretRow } from './form/SecretRow';
import { SubmitBar } from './form/SubmitBar';
import { TextRow } from './form/TextRow';
import { useSubmit } from './form/useSubmit';
import { messages } from './messages';
import { TestButton, TestInvitation, TestTold } from './test/TestButton';
import { TestResult } from './test/TestResult';
import { useTest } from './test/useTest';
import { FormProvider, useFormState } from './useForm';
import type { Stored } from './values';

const ResetDialog = lazy(() => import('./reset/ResetDialog'));
const NEEDED = URL_ROWS.filter((row) => !('optional' in row));

/** The form: every row in the original's order, what is missing, who wrote at the same time, Submit and Reset. */
export function SettingsForm({ stored, again }: { stored: Stored; again: () => void }) {
  const t = useText(messages);
  const missing = useMissing(['settings:write']);
  const form = useFormState(stored, missing.length > 0);
  const { submit, submitting, outcome } = useSubmit(form, again);
  const { test, testing, report, outdated, untested } = useTest();
  const [search] = useSearchParams();
  const [resetting, setResetting] = useState(false);
  useUnsavedWarning((form?.changed.length ?? 0) > 0);
  useRowOfAddress(form !== null);

  if (form === null) return <Loading lines={8} />;
  return (
    <FormProvider value={form}>
      <form
        className="settings"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          // A dialog's own form would bubble up to here.
          if (event.target === event.currentTarget) void submit();
        }}
      >
        {form.readOnly && (
          <Note tone="idle" icon="lock">
            {t.rich('readOnly', { permission: <code translate="no">{missing.join(', ')}</code> })}
          </Note>
        )}
        <ConflictPanel />
        <Missing stored={form.base} />
        {search.has('test') && !report && !form.readOnly && <TestInvitation testing={testing} onTest={() => void test()} />}
        {report && <TestResult report={report} outdated={outdated} />}
        <section className="card settings-form" aria-label={t('title')}>
          <div className="settings-columns small" aria-hidden="true">
            <span>{t('column.field')}</span>
            <span>{t('column.value')}</span>
            <span>{t('column.hint')}</span>
          </div>
          <h2 className="setting-group">{t('group.app')}</h2>
          <TextRow field="agentId" page="asynchronous-sending-of-enterprise-session-messages" />
          <TextRow field="appKey" page="obtain-orgapp-token" />
          <SecretRow />
          <h2 className="setting-group">{t('group.urls')}</h2>
          {NEEDED.map(({ field, page }) => (
            <TextRow key={field} field={field} page={page} placeholder={defaultUrl(field)} />
          ))}
          <OptionalUrls />
          <h2 className="setting-group">{t('group.people')}</h2>
          <MethodRow />
          <DeliveryRow />
          <DepartmentsRow />
        </section>
        <TestTold testing={testing} untested={untested} />
        {!form.readOnly && (
          <SubmitBar outcome={outcome} submitting={submitting} onReset={() => setResetting(true)}>
            <TestButton testing={testing} onTest={() => void test()} />
          </SubmitBar>
        )}
      </form>
      {resetting && (
        <Suspense>
          <ResetDialog onClose={() => setResetting(false)} again={again} />
        </Suspense>
      )}
    </FormProvider>
  );
}

/** What has to be filled in before anything works, each one a click away. */
function Missing({ stored }: { stored: Stored }) {
  const t = useText(messages);
  if (stored.missing.length === 0) return null;
  return (
    <Note tone="warn">
      {t('missing', { count: stored.missing.length })}{' '}
      {stored.missing.map((name, index) => {
        const row = rowOf(name);
        return (
          <span key={name}>
            {index > 0 && t('missing.and')}
            <a
              href={`#${row ?? name}`}
              onClick={(event) => {
                event.preventDefault();
                focusRow(row ?? name);
              }}
            >
              {row ? t(`field.${row}`) : <code translate="no">{name}</code>}
            </a>
          </span>
        );
      })}
    </Note>
  );
}

/** The browser asks before a reload or another site takes what isn't submitted; other pages of the console keep it. */
function useUnsavedWarning(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [unsaved]);
}

/** `#asyncSendUrl` leads to the row. */
function useRowOfAddress(ready: boolean): void {
  useEffect(() => {
    if (!ready) return undefined;
    const go = () => {
      const name = decodeURIComponent(location.hash.slice(1));
      const row = rowOf(name);
      // The rows of this moment are on the page with the next frame.
      if (row) requestAnimationFrame(() => focusRow(row));
    };
    go();
    // Links of the console push an address, which the browser doesn't tell.
    addEventListener('pushState', go);
    addEventListener('hashchange', go);
    return () => {
      removeEventListener('pushState', go);
      removeEventListener('hashchange', go);
    };
  }, [ready]);
}
