import { Link } from 'wouter';
import { useText } from '../../../i18n';
import { useReasons } from '../../../reasons';
import { messages } from '../messages';
import type { RecipientOf } from './RecipientRow';

/** States whose sentence says all that there is to say. */
const PLAIN = ['ACCEPTED', 'UNKNOWN', 'DROPPED_DUPLICATE', 'EXCLUDED', 'DUPLICATE', 'SKIPPED', 'SUPPRESSED', 'SHADOWED', 'REDIRECTED', 'CANCELLED'];

/** Why somebody is in this state, in the reader's words where there are some, else in the server's; and the remedy. */
export function RecipientReason({ row }: { row: Pick<RecipientOf, 'state' | 'reason' | 'resolutionStatus' | 'userId'> }) {
  const t = useText(messages);
  const say = useReasons();
  const own = sentenceOf(row, t.has);
  const server = row.reason ? say({ text: row.reason }) : null;
  const both = server && !(own && PLAIN.includes(row.state));
  if (!own && !server) return null;
  return (
    <p>
      {own && (server?.lang !== undefined || !server || PLAIN.includes(row.state)) && <>{t(own)} </>}
      {both && <span lang={server.lang}>{server.text}</span>} <Remedy row={row} />
    </p>
  );
}

type Key = 'reason.ACCEPTED';

/** The text's key: by how the identity was resolved where nobody was found, else by the state. */
function sentenceOf(row: { state: string; resolutionStatus?: string | null }, has: (key: string) => boolean): Key | null {
  const keys = [`reason.${row.state}.${row.resolutionStatus}`, `reason.${row.state}`];
  return (keys.find(has) as Key | undefined) ?? null;
}

function Remedy({ row }: { row: { state: string; resolutionStatus?: string | null; userId?: string | null } }) {
  const t = useText(messages);
  if (row.state === 'UNMATCHED' && row.resolutionStatus === 'AMBIGUOUS') {
    return <Link href="/matching/ambiguous">{t('remedy.ambiguous')}</Link>;
  }
  if (row.state === 'UNMATCHED' && row.resolutionStatus) return <Link href="/matching/unmatched">{t('remedy.unmatched')}</Link>;
  if (row.state === 'INVALID' && row.userId) {
    return <Link href={`/departments?user=${encodeURIComponent(row.userId)}`}>{t('remedy.invalid')}</Link>;
  }
  return null;
}
