import { Link } from 'wouter';
import { useText } from '../../../i18n';
import { useReasons } from '../../../reasons';
import { personHref, whoLink } from '../../../ui/addresses';
import { Said } from '../../../ui/Said';
import { messages } from '../messages';
import type { RecipientOf } from './RecipientRow';

/** States of which the server may know more than can be said without its words. */
const TELLING = ['FAILED', 'EXPIRED', 'RECALLED'];

/**
 * Why somebody is in this state: in the reader's words where there are some, else in the server's, and the remedy. The
 * server's whole sentence stands among the details.
 */
export function RecipientReason({ row }: { row: Pick<RecipientOf, 'state' | 'reasonStatement' | 'resolutionStatus' | 'identity' | 'userId' | 'repeats'> }) {
  const t = useText(messages);
  const say = useReasons();
  // Where it was sent again, another line says so.
  const own = row.repeats > 0 ? null : sentenceOf(row, t.has);
  const server = row.reasonStatement ? say(row.reasonStatement) : null;
  if (!own && !server) return null;

  const foreign = server?.lang !== undefined;
  return (
    <p>
      {own && (!server || foreign) && <>{t(own)} </>}
      {server && (!own || !foreign || TELLING.includes(row.state)) && <Said sentence={server} />} <Remedy row={row} />
    </p>
  );
}

type Key = 'reason.ACCEPTED';

/** The text's key: by how the identity was resolved where nobody was found, else by the state. */
function sentenceOf(row: { state: string; resolutionStatus?: string | null }, has: (key: string) => boolean): Key | null {
  const keys = [`reason.${row.state}.${row.resolutionStatus}`, `reason.${row.state}`];
  return (keys.find(has) as Key | undefined) ?? null;
}

function Remedy({ row }: { row: Pick<RecipientOf, 'state' | 'resolutionStatus' | 'identity' | 'userId'> }) {
  const t = useText(messages);
  if (row.state === 'UNMATCHED' && row.resolutionStatus) {
    const list = row.resolutionStatus === 'AMBIGUOUS' ? '/matching/ambiguous' : '/matching/unmatched';
    return <Link {...(whoLink(row.identity ? [row.identity] : []) ?? { href: list })}>{t('remedy.unmatched')}</Link>;
  }
  if (row.state === 'INVALID' && row.userId) {
    return <Link href={personHref(row.userId)}>{t('remedy.invalid')}</Link>;
  }
  return null;
}
