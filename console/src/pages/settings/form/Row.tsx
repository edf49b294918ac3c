import './row.css';
import { useId, type ReactNode } from 'react';
import { LOCALES, useText } from '../../../i18n';
import { Icon } from '../../../ui/Icon';
import { documentUrl, type Field } from '../fields';
import { messages } from '../messages';
import { originalLabel } from './originals';

/** What ties a control to its row. */
export interface RowIds {
  control: string;
  label: string;
  hint: string;
  mistakes: string;
}

/** The ids of a row's parts. */
export function useRowIds(field: Field): RowIds {
  const id = useId();
  return { control: `${id}-${field}`, label: `${id}-label`, hint: `${id}-hint`, mistakes: `${id}-mistakes` };
}

/** A row of the form: what it is called here and in the original, its value, what it is for, DingTalk's page about it. */
export function Row({ field, ids, group, page, children }: {
  field: Field;
  ids: RowIds;
  /** Its value is several controls, which have labels of their own. */
  group?: boolean;
  /** The page of DingTalk's documentation. */
  page?: string;
  children: ReactNode;
}) {
  const t = useText(messages);
  const label = t(`field.${field}`);
  const original = originalLabel(field);
  return (
    <div className="setting" id={field}>
      <div className="setting-label">
        {group ? (
          <span id={ids.label} className="setting-name">
            {label}
          </span>
        ) : (
          <label id={ids.label} htmlFor={ids.control} className="setting-name">
            {label}
          </label>
        )}
        {original !== label && (
          <small className="small t3" lang={LOCALES.en} translate="no">
            {original}
          </small>
        )}
      </div>
      <div className="setting-value">{children}</div>
      <div className="setting-hint small t2">
        <p id={ids.hint}>
          {t(`hint.${field}`)}{' '}
          {page && <DocumentLink page={page}>{t.has(`page.${field}`) ? t(`page.${field}` as never) : t('page')}</DocumentLink>}
        </p>
      </div>
    </div>
  );
}

/** Leads to DingTalk's documentation. */
export function DocumentLink({ page, href, children }: { page?: string; href?: string; children: ReactNode }) {
  const t = useText(messages);
  return (
    <a className="document" href={href ?? documentUrl(page ?? '')} target="_blank" rel="noreferrer">
      {children} <Icon name="external" />
      <span className="unseen">{t('page.outside')}</span>
    </a>
  );
}
