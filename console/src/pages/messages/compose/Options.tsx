import type { LinkTarget, OnDuplicate, OnUnknown } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Checkbox, RadioGroup, Select, TextField } from '../../../ui/fields';
import { Said } from '../../../ui/Said';
import type { Draft } from './draft';
import { messages } from './messages';
import type { Mistakes } from './mistakes';

const TARGETS: readonly LinkTarget[] = ['AS_GIVEN', 'SIDEBAR', 'BROWSER', 'BROWSER_EVERYWHERE'];
const DUPLICATES: readonly OnDuplicate[] = ['SEND', 'SKIP', 'MARK'];
const UNKNOWNS: readonly OnUnknown[] = ['HOLD', 'REPEAT_SAME_DAY'];

/** Where links open; folded, what else can be asked for. The line says what stands there while it is folded. */
export function Options({
  draft,
  change,
  mistakes,
}: {
  draft: Draft;
  change: (changes: Partial<Draft>) => void;
  mistakes: Mistakes;
}) {
  const t = useText(messages);
  const { kind } = draft.content;
  const hasLinks = draft.template !== null || ['markdown', 'actionCard', 'link', 'oa'].includes(kind);
  const hasMarkdown = draft.template !== null || kind === 'markdown' || kind === 'actionCard';
  const expires = mistakes.at('expiresInSeconds');
  return (
    <>
      {hasLinks && (
        <div className="compose-row">
          <RadioGroup
            label={t('links')}
            row
            value={draft.openLinksIn}
            onChange={(openLinksIn) => change({ openLinksIn })}
            options={TARGETS.map((value) => ({ value, text: t(`links.${value}`) }))}
          />
        </div>
      )}
      <details className="compose-more">
        <summary>
          {t('more', {
            hours: draft.expires,
            duplicate: t(`onDuplicate.${draft.onDuplicate}`),
            unknown: t(`onUnknown.${draft.onUnknown}`),
          })}
        </summary>
        {hasMarkdown && (
          <div className="compose-row">
            <Checkbox
              checked={draft.keepLineBreaks}
              onChange={(keepLineBreaks) => change({ keepLineBreaks })}
              remark={t('keepLineBreaks.remark')}
            >
              {t('keepLineBreaks')}
            </Checkbox>
          </div>
        )}
        <div className="compose-row">
          <Select
            label={t('onDuplicate')}
            value={draft.onDuplicate}
            onChange={(onDuplicate) => change({ onDuplicate })}
            options={DUPLICATES.map((value) => ({ value, text: t(`onDuplicate.${value}`) }))}
            hint={t('onDuplicate.hint')}
          />
        </div>
        <div className="compose-row">
          <Select
            label={t('onUnknown')}
            value={draft.onUnknown}
            onChange={(onUnknown) => change({ onUnknown })}
            options={UNKNOWNS.map((value) => ({ value, text: t(`onUnknown.${value}`) }))}
            hint={t('onUnknown.hint')}
          />
        </div>
        <div className="compose-row">
          <TextField
            label={t('expires')}
            inputMode="decimal"
            value={draft.expires}
            onChange={(value) => change({ expires: value })}
            hint={t('expires.hint')}
            error={expires && <Said sentence={expires} />}
          />
        </div>
        <div className="compose-row">
          <Checkbox
            checked={draft.requireAllMatched}
            onChange={(requireAllMatched) => change({ requireAllMatched })}
            remark={t('requireAll.remark')}
          >
            {t('requireAll')}
          </Checkbox>
        </div>
      </details>
    </>
  );
}
