import '../../../ui/reason.css';
import { Link } from 'wouter';
import { useMissing } from '../../../data';
import type { PersonCardQuery as Answer } from '../../../generated/graphql';
import { useText } from '../../../i18n';
import { classes } from '../../../ui/classes';
import { Icon } from '../../../ui/Icon';
import type { IconName } from '../../../ui/icons';
import { Pill } from '../../../ui/Pill';
import type { Tone } from '../../../ui/tone';
import { messages } from '../messages';

type Identities = NonNullable<Answer['user']>['confluenceIdentities'];
type Known = NonNullable<Identities>['nodes'][number];

const LOOKS = {
  MATCHED: ['ok', 'check'],
  INACTIVE: ['idle', 'minus'],
  HELD: ['warn', 'clock'],
  AMBIGUOUS: ['warn', 'question'],
  UNMATCHED: ['bad', 'cross'],
} as const satisfies Record<Known['status'], readonly [Tone, IconName]>;

/** The Confluence users that are this person, and by which rule. */
export function Identities({ identities, name, past }: { identities: Identities; name: string; past: boolean }) {
  const t = useText(messages);
  const missing = useMissing(['identity:read']);
  return (
    <section className="card-part">
      <h3>{t('identities')}</h3>
      {missing.length > 0 ? (
        <p className="row top t2">
          <Icon name="lock" />
          <span>
            {t('identities.locked')}{' '}
            <code className="small" translate="no">
              {missing.join(', ')}
            </code>
          </span>
        </p>
      ) : (
        <List identities={identities} name={name} />
      )}
      {past && missing.length === 0 && <p className="small t3 card-remark">{t('past.nowHere')}</p>}
    </section>
  );
}

function List({ identities, name }: { identities: Identities; name: string }) {
  const t = useText(messages);
  const nodes = identities?.nodes ?? [];
  if (nodes.length === 0) {
    return (
      <>
        <p className="t2">{t('identities.none')}</p>
        <p className="small">
          <Link href="/matching/who">{t('identities.who')}</Link>
        </p>
      </>
    );
  }
  const rest = (identities?.totalCount ?? 0) - nodes.length;
  return (
    <ul className="col gap12">
      {nodes.map((known) => (
        <li key={known.id}>
          <Identity known={known} name={name} />
        </li>
      ))}
      {rest > 0 && <li className="small t3">{t('identities.more', { count: rest })}</li>}
    </ul>
  );
}

/** The rule says why; what the server says of it in English isn't needed for that. */
function Identity({ known, name }: { known: Known; name: string }) {
  const t = useText(messages);
  const [tone, icon] = LOOKS[known.status];
  const { displayName, username, email } = known.identity;
  const called = username ?? email ?? displayName ?? name;
  const key = known.rule === 'EMAIL' || known.rule === 'ORG_EMAIL' ? email : known.rule === 'JOB_NUMBER' ? username : null;
  return (
    <div className={classes('reason', `reason-${tone}`)}>
      <p className="row wrap">
        <Pill tone={tone} icon={icon}>
          {t(`identity.${known.status}`)}
        </Pill>
        <span className="mono identity-name" translate="no">
          {called}
        </span>
      </p>
      <p className="small t2 identity-rule">
        {known.rule ? t(`rule.${known.rule}`) : t('rule.NONE')}
        {key && key !== called && (
          <>
            {t('colon')}
            <span translate="no">{key}</span>
          </>
        )}
      </p>
    </div>
  );
}
