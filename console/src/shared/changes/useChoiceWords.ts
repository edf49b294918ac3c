import type { ChangeCause, ChangeKind, EntityKind } from '../../generated/graphql';
import { useText } from '../../i18n';
import { messages } from './messages';

/** What changes can be told apart by, in words: 人员, 内容改变, 钉钉事件. */
export function useChoiceWords() {
  const t = useText(messages);
  return {
    entity: (entity: EntityKind) => t(`entity.${entity}`),
    kind: (kind: ChangeKind) => t(`kind.${kind}`),
    cause: (cause: ChangeCause) => t(`cause.${cause}`),
  };
}
