import { LinkButton } from '../../../ui/Button';
import type { ResolutionStatus } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { Panel } from '../../../ui/Panel';
import { useMatching } from '../context';
import { messages } from '../messages';

/** Nobody has this status: what that says depends on whether anybody is known at all. */
export function Nobody({ status }: { status: ResolutionStatus }) {
  const t = useText(messages);
  const { now } = useMatching();
  const known = now.data?.matchingCensus?.knownIdentities ?? 0;
  if (known === 0) {
    return (
      <Panel icon="info" title={t('nobody.known')} action={<LinkButton href="/matching/who">{t('who.tab')}</LinkButton>}>
        {t('nobody.knownText')}
      </Panel>
    );
  }
  return (
    <Panel icon="check" tone="ok" title={t(`nobody.${status}`)}>
      {t('nobody.text', { count: known })}
    </Panel>
  );
}
