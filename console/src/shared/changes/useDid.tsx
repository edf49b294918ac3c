import type { ReactNode } from 'react';
import { useFormats, useText } from '../../i18n';
import type { ChangeFacts } from './ids';
import { messages } from './messages';
import { useFieldWords } from './useFieldWords';
import type { Names } from './useNames';

/** 加入, 换部门, 改了职位和手机号, 现在对上王伟: what happened, behind the name. */
export function useDid(names: Names): (change: ChangeFacts) => ReactNode {
  const t = useText(messages);
  const { list } = useFormats();
  const words = useFieldWords(names);

  return ({ entity, kind, fields, cause }) => {
    if (entity === 'IDENTITY') {
      const fits = fields.find(({ field }) => field === 'status')?.after;
      if (fits === 'AMBIGUOUS') return t('did.IDENTITY.several');
      const other = fields.find(({ field, before, after }) => field === 'userId' && before !== after);
      if (!other) return t('did.IDENTITY.same');
      if (other.after == null) return t('did.IDENTITY.nobody');
      if (other.before != null) return t('did.IDENTITY');
      return t.rich('did.IDENTITY.found', { person: <span translate="no">{names.person(String(other.after))}</span> });
    }
    // A sync finds them; when they came nobody told.
    if (kind === 'CREATED' && cause === 'RUN') return t('did.seen');
    if (kind !== 'UPDATED') return t(`did.${entity}.${kind}`);
    const named = fields.map(({ field }) => words.name(entity, field));
    return t(`did.${entity}.UPDATED`, { fields: named.length > 0 ? list(named) : t('did.nothing') });
  };
}
