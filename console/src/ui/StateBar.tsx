import './statebar.css';
import { useFormats, useText } from '../i18n';
import { messages } from './messages';
import { countsByGroup, RECIPIENT_GROUPS } from './recipientStates';

/** What became of recipients, as shares of a bar in the groups' colours. Words and numbers stand beside it, or in its name. */
export function StateBar({
  name,
  counts,
  thin,
}: {
  /** What is counted: 今日投递. */
  name: string;
  counts: readonly { state: string; count: number }[];
  thin?: boolean;
}) {
  const t = useText(messages);
  const { number } = useFormats();
  const groups = countsByGroup(counts).filter(([, count]) => count > 0);
  const told = groups.map(([group, count]) => `${t(`group.${group}`)} ${number(count)}`).join(', ');
  return (
    <div className={thin ? 'state-bar thin' : 'state-bar'} role="img" aria-label={`${name}: ${told}`}>
      {groups.map(([group, count]) => (
        <i key={group} className={`fill-${RECIPIENT_GROUPS[group]}`} style={{ flexGrow: count }} />
      ))}
    </div>
  );
}
