import { useText } from '../i18n';
import { messages } from './messages';
import { Pill } from './Pill';
import { groupOf, isKnownState, RECIPIENT_GROUPS, RECIPIENT_STATES } from './recipientStates';

/** A recipient's state. One that a newer server made up stands in grey under its own name. */
export function StatePill({ state }: { state: string }) {
  const t = useText(messages);
  if (!isKnownState(state)) {
    return (
      <Pill tone="idle">
        <span translate="no">{state}</span>
      </Pill>
    );
  }
  return (
    <Pill tone={RECIPIENT_GROUPS[groupOf(state)]} icon={RECIPIENT_STATES[state][1]}>
      {t(`state.${state}`)}
    </Pill>
  );
}
